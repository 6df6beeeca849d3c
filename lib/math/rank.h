/* math/rank.h - scores, top lists and ranks.
 *
 * The score of user u and item i is that of the persona that likes the item most
 * (Weston, Weiss, Yee 2013):
 *
 *     s(u,i) = mu + b_u + b_i + max_q <U[u][q], V[i]>,  q over the active personas
 *
 * where b_u and b_i are 0 unless the factors have biases.
 *
 * Users are scored a block at a time, in a workspace whose size depends on the number
 * of items and not on the number of users. A score has the same bits whatever users
 * share its block, wherever in the block it stands, and whatever thread computes it.
 * The order of items is by score, highest first, and by index where scores are equal;
 * an item whose score is -infinity is left out. */
#ifndef MATH_RANK_H
#define MATH_RANK_H

#include <stddef.h>
#include <stdint.h>

#include "base/disk.h"
#include "math/panels.h"
#include "mf/err.h"
#include "mf/matrix.h"

enum {
    MF_RANK_USERS = 32 /* users in a block */
};

/* The workspace of one thread: 5 bytes for each of MF_RANK_USERS x items. */
typedef struct mf_rank_block {
    uint32_t items, personas, k;
    float *score;         /* [MF_RANK_USERS x items]; owned, as what follows */
    uint8_t *persona;     /* [MF_RANK_USERS x items], whose score it is, from 0 */
    const float **vector; /* persona vectors that are scored together */
    float *tile;          /* their products with a tile of items */
} mf_rank_block;

/* An item of a ranking. */
typedef struct mf_ranked {
    uint32_t item;
    float score;
} mf_ranked;

/* A workspace for users and items of these shapes. On failure *out is empty. Returns
 * MF_OK or MF_ENOMEM. */
int mf__rank_block_alloc(mf_rank_block *out, uint32_t items, uint32_t personas,
                         uint32_t k, mf_err *err) MF_MUST_USE;
void mf__rank_block_free(mf_rank_block *block);

/* Score all items, whose vectors are arranged in `panels` in their order, for n <=
 * MF_RANK_USERS users: the scores of user[j] become row j of block->score, and
 * block->persona says whose they are, the first of the personas with equal scores.
 * active[j] holds the active personas of that user as bits; not 0. Factors must have
 * passed mf_search_check. */
void mf__rank_score(mf_rank_block *block, const mf_tensor *users,
                    const mf_tensor *items, const mf_panels *panels, double mu,
                    uint32_t n, const uint32_t user[], const uint64_t active[]);

/* Row j of a block. */
static inline float *mf_rank_row(const mf_rank_block *block, uint32_t j)
{
    return block->score + (size_t)j * block->items;
}

static inline const uint8_t *mf_rank_personas(const mf_rank_block *block, uint32_t j)
{
    return block->persona + (size_t)j * block->items;
}

/* The first n items of a row of scores, in order, to top[n]. Returns how many there
 * are: fewer than n where too many are left out. O(items + n log n log(items / n)) on
 * scores in random order. */
uint32_t mf__rank_top(const float score[], uint32_t items, uint32_t n, mf_ranked top[]);

/* The ranks of m given items among all that are not left out; the first rank is 1.
 * No given item may be left out or given twice. On return rank[] ascends and
 * found[r] is the item of rank[r]. O(items m) for few given items,
 * O((items + m) log m) for many. */
void mf__rank_of(const float score[], uint32_t items, uint32_t m,
                 const uint32_t given[], uint32_t rank[], mf_ranked found[]);

/* mf_search_check, of users who may be on disk. */
int mf__rank_check(const mf_tensor *users, const mf_tensor *items, double mu,
                   mf_disk *disk, mf_err *err) MF_MUST_USE;

#endif
