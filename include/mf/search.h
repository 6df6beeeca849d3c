/* mf/search.h - the best items for many users, exactly, without most of the scores.
 *
 * The score of an item is s(u,i) of mf/als.h, to the bit what scoring all items gives,
 * and so is the order: by score, highest first, and by index where scores are equal.
 * Items are visited by the length of their vectors, longest first, tile by tile. A user
 * is done when no item of a tile can reach the N-th best score so far, by
 * Cauchy-Schwarz:
 *
 *     s(u,i) <= mu + b_u + max b_i + max_q |U[u][q]| |V[i]|
 *
 * and of several personas only those are multiplied that can still reach it. */
#ifndef MF_SEARCH_H
#define MF_SEARCH_H

#include <stdint.h>

#include "mf/err.h"
#include "mf/matrix.h"

MF_BEGIN_DECLS

enum {
    MF_SEARCH_USERS = 64,      /* users of one call */
    MF_SEARCH_ITEMS = 1 << 26, /* at most in a catalogue */
    MF_SEARCH_TOP = 4096       /* at most in a list */
};

/* Make sure that no score can leave the range of float: by Cauchy-Schwarz, if the
 * length of the longest user vector times that of the longest item vector, with mu and
 * the largest biases, does not. O((users x personas + items) x k). Returns MF_OK or
 * MF_ERANGE. */
int mf_search_check(const mf_tensor *users, const mf_tensor *items, double mu,
                    mf_err *err) MF_MUST_USE;

/* The items that may be recommended to anybody: read by all threads. */
typedef struct mf_catalogue mf_catalogue;

/* Arrange the items [items x 1 x k], with their biases if they have them, for
 * search; those with barred[i] != 0 (NULL: none) are left out. `items` is borrowed
 * until the close. Factors must have passed mf_search_check. O(items (k + log
 * items)). Returns MF_OK, MF_EINVAL (more than MF_SEARCH_ITEMS) or MF_ENOMEM. */
int mf_catalogue_open(mf_catalogue **out, const mf_tensor *items,
                      const uint8_t barred[], mf_err *err) MF_MUST_USE;
void mf_catalogue_close(mf_catalogue *catalogue);

/* A user. */
typedef struct mf_query {
    const float *vectors; /* [personas x k]; borrowed, as what follows */
    uint64_t active;      /* the active personas, as bits; not 0 */
    double base;          /* mu + b_u */
    uint32_t hidden;
    const uint32_t *hide; /* [hidden], items that must not be listed, each < items; one
                             may be named twice */
} mf_query;

/* An item of a list. */
typedef struct mf_hit {
    uint32_t item;
    float score;
    uint8_t persona; /* the one that gives the score, from 0; the first of equals */
} mf_hit;

/* The workspace of one thread. */
typedef struct mf_search mf_search;

/* Room to find lists of `top` items, 1 .. MF_SEARCH_TOP, for users of `personas`
 * personas. Returns MF_OK, MF_EINVAL or MF_ENOMEM. */
int mf_search_open(mf_search **out, const mf_catalogue *catalogue, uint32_t personas,
                   uint32_t top, mf_err *err) MF_MUST_USE;
void mf_search_close(mf_search *search);

/* Find the lists of n <= MF_SEARCH_USERS users: found[j] items, at most `top`, in
 * hit[j * top ...]. A list depends on its user alone, not on the others. */
void mf_search_users(mf_search *search, uint32_t n, const mf_query query[],
                     mf_hit hit[], uint32_t found[]);

/* The products of a persona and a tile that were computed so far, and those that there
 * would have been without pruning: users times personas times tiles. */
void mf_search_work(const mf_search *search, uint64_t *done, uint64_t *all);

MF_END_DECLS

#endif
