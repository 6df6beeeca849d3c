/* als/wide.h - half-steps of trainings with many factors.
 *
 * Both sides lie in one basis, and stay in it: L does not change when both are turned.
 * Each half-step turns them, in place, into the basis in which the Gram matrix of the
 * side held fixed is diagonal. Then each row is a small system: see als/wide_row.h. The
 * memory beyond the factors is O(k^2) and O(k) for each thread, or O(k^2) for those
 * that solve a row in double. */
#ifndef ALS_WIDE_H
#define ALS_WIDE_H

#include "als/context.h"

/* True if a training by these parameters goes this way. */
bool mf__als_is_wide(const mf_als_params *p);

/* Make als->wide. Returns MF_OK or MF_ENOMEM. */
int mf__als_wide_open(mf_als *als, mf_err *err) MF_MUST_USE;
void mf__als_wide_close(mf_als *als);

/* Free what half-steps work with; the next one makes it again. */
void mf__als_wide_rest(mf_als *als);

/* Add how systems were solved by als->wide, if there is one, in all half-steps. */
void mf__als_wide_count(const mf_als *als, mf_als_solves *sum);

/* The half-steps. Where a and b of all cells are 1, they set gain, or user_terms.
 * *failed becomes the first row whose system cannot be solved; else it is left as it
 * is. Return MF_OK, MF_ENOMEM or MF_EMATH (factors are not finite). */
int mf__als_wide_items(mf_als *als, uint32_t *failed, mf_err *err) MF_MUST_USE;
int mf__als_wide_users(mf_als *als, uint32_t *failed, mf_err *err) MF_MUST_USE;

#endif
