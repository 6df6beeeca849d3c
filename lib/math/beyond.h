/* math/beyond.h - what lists say beyond accuracy.
 *
 * The list of a user holds the first N items of the ranking, fewer where the
 * catalogue, less what the user has seen, is smaller. For a list of n items:
 *
 *     novelty    mean of -log2 (listeners(i) / users), over the users and cells of
 *                training that are liked, whose value is above 0; an item without
 *                listeners counts as one with one
 *     popularity mean of listeners(i) / users (average recommendation popularity: Yin,
 *                Cui, Li, Yao, Chen, Challenging the long tail recommendation, PVLDB
 *                5(9), 2012; Abdollahpouri, Burke, Mobasher, Managing popularity bias
 *                in recommender systems with personalized re-ranking, FLAIRS 2019)
 *     diversity  mean of 1 - cosine over the n (n - 1) / 2 pairs of vectors in V
 *     variety    the same on the map of math/taste.h, which is one for all models
 *     tastes     how many tastes of the user's history it meets (math/taste.h)
 *     entropy    of the shares of its items by the persona that scores them, in bits
 *
 * The zero vector has cosine 0 to all. Diversity and variety are not defined for
 * fewer than two items. And for the lists of all users together, where item i is
 * in times(i) lists and the catalogue has n items, those without training cells
 * among them:
 *
 *     coverage   share of the items with times(i) > 0
 *     gini       sum_j (2 j - n - 1) times_(j) / (n sum_j times_(j)), with
 *                times_(1) <= times_(2) ...; 0 is even, 1 - 1/n all lists of one item,
 *                the same for all */
#ifndef MATH_BEYOND_H
#define MATH_BEYOND_H

#include <stddef.h>
#include <stdint.h>

#include "math/rank.h"
#include "math/taste.h"
#include "mf/err.h"
#include "mf/matrix.h"
#include "mf/ratings.h"

/* What a metric needs to know of the items or of the user, as bits. */
enum {
    MF_NEEDS_LISTENERS = 1, /* mf_list_data.share and information */
    MF_NEEDS_MAP = 2,       /* mf_list_data.map */
    MF_NEEDS_TASTES = 4,    /* the map, and mf_user_list.taste */
    MF_NEEDS_VECTORS = 8    /* mf_list_data.unit */
};

/* What metrics need to know of the items, made once; what none needs is empty. */
typedef struct mf_list_data {
    double *share;       /* [items], of the training users, those who have it; owned */
    double *information; /* [items], -log2 of it, of an item without listeners as with
                            one; owned */
    mf_tensor map;       /* [items x 1 x MF_TASTE_RANK], see mf__taste_map; owned */
    mf_tensor unit;      /* [items x 1 x k], vectors of length 1 or 0; owned */
} mf_list_data;

/* Make what `needs` asks for, from the training cells of `r` that are liked and the
 * factors of the items. threads: 0 is all. On failure *out holds what was made: free it
 * in any case. Returns MF_OK, MF_EMATH or MF_ENOMEM. */
int mf__list_data_open(mf_list_data *out, unsigned needs, const mf_ratings *r,
                       const mf_tensor *items, int threads, mf_err *err) MF_MUST_USE;
void mf__list_data_free(mf_list_data *data);

/* A user's list; all borrowed. */
typedef struct mf_user_list {
    uint32_t n;
    const mf_ranked *top;  /* [n] */
    const mf_taste *taste; /* of this user; NULL where no metric needs it */
    uint32_t personas;
    const uint8_t
        *persona; /* [items], the persona that gives each item its score; NULL:
                               none does */
} mf_user_list;

/* A metric of one list; NaN where it is not defined. O(n), those that look at vectors
 * O(n k): the mean over pairs follows from the length of the sum. */
typedef double mf_list_metric(const mf_list_data *data, const mf_user_list *list);
mf_list_metric mf__list_novelty, mf__list_popularity, mf__list_diversity,
    mf__list_variety, mf__list_tastes, mf__list_entropy;

/* A metric of the lists of all users: times[items] is in how many lists each item is;
 * it may be sorted. NaN without items and, for gini, lists. */
typedef double mf_all_lists_metric(uint32_t times[], uint32_t items);
mf_all_lists_metric mf__coverage, mf__gini;

/* The entropy of the shares of count[n], in bits; NaN where all are 0. */
double mf__entropy(const size_t count[], uint32_t n);

/* The sum of the cosines of the pairs of a row's vectors among the personas in
 * `active`, as bits, zero vectors left out. Returns the number of pairs. */
uint32_t mf__persona_cosines(const mf_tensor *t, uint32_t row, uint64_t active,
                             double *sum);

#endif
