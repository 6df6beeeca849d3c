/* math/diversify.h - lists whose items differ.
 *
 * `want` items are chosen from candidates by what each adds to those chosen before it.
 * The scores stay what they are; of equals the first item is chosen. math/cover.h has
 * lists that show all of a history. */
#ifndef MATH_DIVERSIFY_H
#define MATH_DIVERSIFY_H

#include <stdint.h>

#include "math/rank.h"
#include "mf/err.h"
#include "mf/matrix.h"

/* --- maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998) ---
 *
 * The next item is the candidate of the largest
 *
 *     L rel(i) - (1 - L) max_{j chosen} cos(V[i], V[j])
 *
 * where rel(i) is the score taken to 0 .. 1 over the candidates: (s(i) - s_last)
 * / (s_first - s_last), or 0 if all are equal; the cosine of a zero vector is 0.
 * The first item is the best one. With L = 1 the list is that of the scores. */
typedef struct mf_mmr {
    const mf_tensor *items; /* [n x 1 x k]; borrowed */
    float *inverse;         /* [n], 1 over the length of V[i], or 0; owned */
} mf_mmr;

/* O(n k). Returns MF_OK or MF_ENOMEM. */
int mf__mmr_open(mf_mmr *out, const mf_tensor *items, mf_err *err) MF_MUST_USE;
void mf__mmr_close(mf_mmr *mmr);

/* Candidates for a list of `want` items: the best 10 want, and at least 100. */
uint32_t mf__mmr_candidates(uint32_t want);

/* The cosine of V[i] and V[j]. */
float mf__mmr_cosine(const mf_mmr *mmr, uint32_t i, uint32_t j);

/* Choose `want` of n candidates, which are in the order of a ranking (math/rank.h), to
 * list[min(want, n)]. nearest[n] is scratch. Returns how many there are.
 * O(want n k). */
uint32_t mf__mmr_choose(const mf_mmr *mmr, double relevance, uint32_t n,
                        const mf_ranked candidate[], uint32_t want, float nearest[],
                        mf_ranked list[]);

#endif
