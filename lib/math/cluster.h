/* math/cluster.h - spherical k-means++ of a user's history. */
#ifndef MATH_CLUSTER_H
#define MATH_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/kernel.h"
#include "math/whitened.h"
#include "mf/err.h"

typedef struct mf_cluster_part {
    size_t n;      /* its cells */
    double square; /* |s|^2, s being the sum of its cells or the center it began with */
    bool summed;   /* s is the sum of its cells */
} mf_cluster_part;

/* The workspace of one thread, and the history that it clusters. */
typedef struct mf_cluster {
    uint32_t personas; /* there is room for */
    uint32_t parts;    /* of a history, 1 .. personas; mf__cluster_open sets it to
                              personas */
    uint32_t restarts; /* attempts, 1 or more; mf__cluster_open sets it to 1 */
    const mf_whitened *space; /* borrowed */
    const mf_kernel *kernel;
    size_t longest;    /* cells that there is room for */
    float *score;      /* [personas * stride], <cell, s of the part> */
    float *scale;      /* [longest], those of the cells in the space */
    float *distance;   /* [longest], 1 - cosine to the nearest center */
    uint8_t *initial;  /* [longest], the z that every attempt starts with */
    uint8_t *previous; /* [longest], z before the last round */
    uint8_t *z;        /* [longest], z of this attempt */
    uint8_t *best;     /* [longest], the z of the best attempt so far */
    uint16_t *moved; /* [2 * personas * stride], where rows are copied: cells that come
                          to each part, and those that leave it */
    float *panel;    /* vectors of the cells, unless the history is too long, ... */
    float *transposed; /* ... their transpose ... */
    float *products;   /* ... and of a short one the inner products of any two */
    float *center;    /* [personas * k, padded], the sum of the vectors of each part; of
                          a long history before dimensions are scaled ... */
    float *direction; /* [personas * k], ... and with their scales squared */
    double *sum;      /* [k] */
    mf_cluster_part part[MF_PERSONAS_MAX];
    uint32_t come[MF_PERSONAS_MAX], leave[MF_PERSONAS_MAX]; /* lengths of those lists */
    size_t n;
    const uint32_t *item; /* [n], borrowed */
    bool has_rows;        /* in `panel` and `transposed` */
    bool has_products;    /* in `products` */
    size_t stride;        /* of scores and of products */
} mf_cluster;

/* Workspace to cluster histories of up to `longest` cells in a space, which is
 * borrowed. On failure *out is empty. Returns MF_OK or MF_ENOMEM. */
int mf__cluster_open(mf_cluster *out, const mf_whitened *space, uint32_t personas,
                     size_t longest, mf_err *err) MF_MUST_USE;
void mf__cluster_close(mf_cluster *c);

/* Make room for histories of `longest` cells. Returns MF_OK or MF_ENOMEM. */
int mf__cluster_reserve(mf_cluster *c, size_t longest, mf_err *err) MF_MUST_USE;

/* Set z of n cells by spherical k-means++: of c->restarts attempts, the one with the
 * largest sum of cosines of cells to their centers. With no more cells than c->parts,
 * each cell is a part of its own. (seed, index) names the random generator. */
void mf__cluster_history(mf_cluster *c, size_t n, const uint32_t item[], uint64_t seed,
                         uint64_t index, uint8_t z[]);

/* The same, where z already divides the cells into `have` parts: the first centers are
 * those of these parts. */
void mf__cluster_history_from(mf_cluster *c, uint32_t have, size_t n,
                              const uint32_t item[], uint64_t seed, uint64_t index,
                              uint8_t z[]);

/* The direction of the center of part q among n items, which are in z: with
 * direction[k], k that of the space, the cosine of item i to the center is its scale in
 * the space times <direction, row of i>. 0 if they cancel out. */
void mf__cluster_center(mf_cluster *c, uint32_t q, size_t n, const uint32_t item[],
                        const uint8_t z[], float direction[]);

#endif
