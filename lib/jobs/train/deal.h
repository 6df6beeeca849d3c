/* jobs/train/deal.h - ratings and factors, dealt out to ranks and collected again.
 *
 * All ranks make these calls; what is whole is with rank 0, and the users of a rank
 * follow those of the rank before. With one rank what is whole is its own. */
#ifndef JOBS_TRAIN_DEAL_H
#define JOBS_TRAIN_DEAL_H

#include "base/ranks.h"
#include "mf/als.h"
#include "mf/ratings.h"

/* Deal *x, whose users go to the ranks in runs of about as many cells each: of rank 0
 * the whole, of the others empty, it becomes each rank's part, with all items. Returns
 * MF_OK or MF_ENOMEM. */
int mf__deal_ratings(mf_ranks *ranks, mf_ratings *x, mf_err *err) MF_MUST_USE;

/* The other way round: each rank has read ratings of its own, with items of its own.
 * Give all the items of all. Returns MF_OK, MF_ENOMEM, or MF_EFORMAT: two have the same
 * user. */
int mf__deal_items(mf_ranks *ranks, mf_ratings *x, mf_err *err) MF_MUST_USE;

/* Rank 0 gets *all, the rows of all ranks, elsewhere empty. Returns MF_OK or
 * MF_ENOMEM. */
int mf__collect_tensor(mf_ranks *ranks, mf_tensor *all, const mf_tensor *mine,
                       mf_err *err) MF_MUST_USE;

/* The same of `bytes` bytes, or of the lengths of rows as the ptr of a matrix. *all is
 * the caller's to free; NULL but with rank 0. */
int mf__collect_bytes(mf_ranks *ranks, uint8_t **all, const uint8_t mine[],
                      size_t bytes, mf_err *err) MF_MUST_USE;
int mf__collect_rows(mf_ranks *ranks, size_t **ptr, const mf_csr *mine,
                     mf_err *err) MF_MUST_USE;

/* Deal factors whose state is whole with rank 0: each rank gets `rows` of the users,
 * `cells` of the cells, and the items. Returns MF_OK or MF_ENOMEM. */
int mf__deal_factors(mf_ranks *ranks, mf_als_factors *f, uint32_t rows, size_t cells,
                     mf_err *err) MF_MUST_USE;

#endif
