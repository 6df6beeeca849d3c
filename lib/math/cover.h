/* math/cover.h - lists that say something of each of many aspects.
 *
 * A candidate i says the part m(i,a), 0 .. 1, of aspect a, which weighs w_a. For
 * place t = 1, 2, ... the candidate of the largest
 *
 *     L rel(i) / log2(t + 1)
 *         + (1 - L) sum_a w_a m(i,a) prod_{j chosen} (1 - m(j,a))
 *
 * is chosen, rel(i) being the score taken to 0 .. 1 over the candidates as in
 * math/diversify.h: what was said is not worth saying again (xQuAD: Santos, Macdonald,
 * Ounis, WWW 2010), and relevance is worth what ndcg gives for it at that place. What
 * is chosen is then listed in the order of the scores, which costs no aspect and least
 * ndcg. L = 1 gives the list by score. Of equals the first item is chosen. */
#ifndef MATH_COVER_H
#define MATH_COVER_H

#include <stddef.h>
#include <stdint.h>

#include "math/rank.h"

/* Candidates, and what each says: entries ptr[c] .. ptr[c + 1] - 1 are those of
 * candidate c. All is borrowed. */
typedef struct mf_cover {
    uint32_t n;                 /* candidates */
    const mf_ranked *candidate; /* [n], in the order of a ranking (math/rank.h) */
    const size_t *ptr;          /* [n + 1], ptr[0] == 0, non-decreasing */
    const uint32_t *aspect;     /* [ptr[n]] */
    const float *part;          /* [ptr[n]], m, 0 .. 1 */
    double *weight; /* [aspects], w, 0 or more; becomes what is left of it */
    double *gain;   /* [n], scratch; below 0: chosen */
} mf_cover;

/* Candidates for a list of `want` items: the best 5 want, and at least 100. */
uint32_t mf__cover_candidates(uint32_t want);

/* Choose `want` of the candidates, with L = relevance, to list[min(want, n)]. Returns
 * how many there are. O(want ptr[n]) at most; mostly far less, since a candidate is
 * looked at again only where what it gained before would do. */
uint32_t mf__cover_choose(const mf_cover *cover, double relevance, uint32_t want,
                          mf_ranked list[]);

#endif
