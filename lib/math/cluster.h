/* math/cluster.h - the division of a history into parts. */
#ifndef MATH_CLUSTER_H
#define MATH_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/kernel.h"
#include "mf/err.h"
#include "mf/matrix.h"

typedef struct als_part {
    size_t n;      /* its cells */
    double square; /* |s|^2, s being their sum, or the vector that it began with */
    bool summed;   /* s is their sum */
} als_part;

/* Work space of one thread, and the history at hand. */
typedef struct als_cluster {
    uint32_t personas;
    uint32_t restarts;     /* attempts, 1 or more; mf__als_cluster_open makes it 1 */
    const mf_tensor *unit; /* of mf__als_cluster_space */
    const mf_kernel *kernel;
    size_t longest;  /* cells that there is room for */
    float *score;    /* [personas * stride], <cell, s of the part> */
    float *far;      /* [longest], 1 - cosine to the nearest center */
    uint8_t *given;  /* [longest], the z that every attempt starts with */
    uint8_t *was;    /* [longest], z before the cells went to the nearest */
    uint8_t *kept;   /* [longest], the best z so far */
    float *panel;    /* a short history's vectors, ... */
    float *turned;   /* ... their transpose ... */
    float *products; /* ... and the inner products of any two */
    float *center;   /* [personas * k], sums of the vectors of a long one's parts */
    double *sum;     /* [k] */
    als_part part[MF_PERSONAS_MAX];
    size_t n;
    const uint32_t *item; /* [n], borrowed */
    uint8_t *z;           /* [n], borrowed */
    bool brief;           /* it is short */
    size_t stride;        /* of scores and of products */
} als_cluster;

/* Where histories are clustered: V (V'V)^-1/2, each vector of length 1, or 0. In it no
 * direction counts more than another because all items vary along it. Returns MF_OK,
 * MF_ENOMEM or MF_EMATH (V is not finite). */
int mf__als_cluster_space(mf_tensor *unit, const mf_tensor *items, int threads,
                          mf_err *err) MF_MUST_USE;

/* Room to cluster histories of up to `longest` cells in `unit`, which is borrowed.
 * Returns MF_OK or MF_ENOMEM, and then *out is empty. */
int mf__als_cluster_open(als_cluster *out, const mf_tensor *unit, uint32_t personas,
                         size_t longest, mf_err *err) MF_MUST_USE;
void mf__als_cluster_close(als_cluster *c);

/* More room, if it takes more. Returns MF_OK or MF_ENOMEM. */
int mf__als_cluster_reserve(als_cluster *c, size_t longest, mf_err *err) MF_MUST_USE;

/* z of n cells by spherical k-means++, the attempt whose cells are nearest to their
 * centers; with no more cells than personas, each cell has a persona of its own. The
 * generator is that of (seed, index). */
void mf__als_cluster_history(als_cluster *c, size_t n, const uint32_t item[],
                             uint64_t seed, uint64_t index, uint8_t z[]);

/* The same where z names `have` parts already: these are the first centers. */
void mf__als_cluster_split(als_cluster *c, uint32_t have, size_t n,
                           const uint32_t item[], uint64_t seed, uint64_t index,
                           uint8_t z[]);

/* center[k] = the sum of the vectors of the n items whose z is q, made 1 long, or 0. */
void mf__als_cluster_center(als_cluster *c, uint32_t q, size_t n, const uint32_t item[],
                            const uint8_t z[], float center[]);

#endif
