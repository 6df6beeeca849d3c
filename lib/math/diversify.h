/* math/diversify.h - lists whose items differ.
 *
 * Two ways to choose `want` items from candidates: by what each adds to those chosen
 * before it, or by turns among a user's personas. Neither changes the scores, and both
 * are deterministic: of equals the first item is chosen. */
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

/* Choose `want` of n candidates, which are in the order of a ranking (math/rank.h), to
 * list[min(want, n)]. nearest[n] is scratch. Returns how many there are.
 * O(want n k). */
uint32_t mf__mmr_choose(const mf_mmr *mmr, double relevance, uint32_t n,
                        const mf_ranked candidate[], uint32_t want, float nearest[],
                        mf_ranked list[]);

/* --- personas by turns ---
 *
 * Places go to the personas as seats go to parties of w_q votes, by the divisors
 * of Sainte-Lague: the next one to the persona of the largest w_q / (2 c_q + 1),
 * where c_q places are its own already, the first of equals; it fills the place with
 * the best of its candidates that are left. A persona without any is passed over; if no
 * persona has weight, all weigh alike. */
typedef struct mf_turns {
    uint32_t personas;
    const uint64_t *weight; /* [personas], w, below 2^32 */
    const uint32_t *n;      /* [personas], candidates of each, */
    mf_ranked *const
        *list;       /* [personas], in the order of a ranking; no item is in two */
    uint32_t *given; /* [personas], c: how many were chosen */
} mf_turns;

/* To list[want]. Returns how many there are. O(want personas). */
uint32_t mf__turns_choose(const mf_turns *turns, uint32_t want, mf_ranked list[]);

#endif
