/* math/beyond.h - what lists say beyond accuracy.
 *
 * The list of a user holds the first N items of the ranking, fewer where the
 * catalogue, less what the user has seen, is smaller. For a list of n items:
 *
 *     novelty    mean of -log2 (listeners(i) / users), over the users and cells of
 *                training; an item without listeners counts as one with one
 *     diversity  mean of 1 - cosine over the n (n - 1) / 2 pairs of vectors in V
 *     variety    the same on the map of mf/taste.h, which is one for all models
 *     tastes     how many tastes of the user's history it meets (mf/taste.h)
 *     entropy    of the shares of its items by the persona that active, in bits
 *
 * The zero vector has cosine 0 to all. Diversity and variety are not defined for
 * fewer than two items. And for the lists of all users together, where item i is
 * in times(i) lists and the catalogue has n items, those that no model was
 * trained on among them:
 *
 *     coverage   share of the items with times(i) > 0
 *     gini       sum_j (2 j - n - 1) times_(j) / (n sum_j times_(j)), times_(1) <= times_(2) ...;
 *                0 is even, 1 - 1/n all lists of one item, the same for all */
#ifndef MATH_BEYOND_H
#define MATH_BEYOND_H

#include <stddef.h>
#include <stdint.h>

#include "math/rank.h"
#include "mf/err.h"
#include "mf/matrix.h"

/* -log2 of the share of the users of `train` who have each item: [cols], the
 * caller's to free. Returns MF_OK or MF_ENOMEM. */
int mf__self_information(double **out, const mf_csr *train, mf_err *err) MF_MUST_USE;

/* The mean of information[item]; NaN for none. */
double mf__list_novelty(const double information[], uint32_t n, const mf_ranked list[]);

/* The mean of 1 - cosine over pairs, `unit` being vectors of length 1 or 0; NaN
 * for fewer than two. O(n k): it is the length of their sum that says it. */
double mf__list_diversity(const mf_tensor *unit, uint32_t n, const mf_ranked list[]);

/* times[items] is in how many lists each item is; mf__gini sorts it. NaN without
 * items and, for gini, lists. */
double mf__coverage(const uint32_t times[], uint32_t items);
double mf__gini(uint32_t times[], uint32_t items);

/* The entropy of the shares of count[n], in bits; NaN where all are 0. */
double mf__entropy(const size_t count[], uint32_t n);

/* The sum of the cosines of the pairs of a row's vectors among the personas in
 * `who`, as bits, zero vectors left out. Returns the number of pairs. */
uint32_t mf__persona_cosines(const mf_tensor *t, uint32_t row, uint64_t who,
                             double *sum);

#endif
