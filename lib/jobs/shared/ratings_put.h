/* jobs/shared/ratings_put.h - ratings in memory as the sections of a bundle. */
#ifndef JOBS_SHARED_RATINGS_PUT_H
#define JOBS_SHARED_RATINGS_PUT_H

#include "mf/bundle.h"

/* Put header, note (NULL: none), ids and rows. `nnz_known`: as the header shall say.
 * Returns MF_OK, MF_EIO, MF_ENOMEM or MF_ERANGE. */
int mf__ratings_put(mf_bundle_writer *w, const mf_ratings *ratings, mf_value value,
                    bool nnz_known, const char *note, mf_err *err) MF_MUST_USE;

#endif
