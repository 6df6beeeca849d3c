/* als_aid.h - small problems to train on. */
#ifndef ALS_AID_H
#define ALS_AID_H

#include <stdbool.h>

#include "mf/als.h"

enum { AID_PRESETS = 4 };

/* A random problem; user 0 and item 1 have no cell. Values are 1 to 5; with `dislikes`,
 * some are negative. */
void aid_cells(mf_csr *x, uint32_t m, uint32_t n, uint64_t seed, bool dislikes);

/* The same cells, some of value 0 and some negative. User 2 dislikes all of his, those
 * of user 3 and of item 2 are 0. */
void aid_mixed_cells(mf_csr *x, uint32_t m, uint32_t n, uint64_t seed);

/* The cells of x whose value is not 0. */
void aid_said_cells(mf_csr *said, const mf_csr *x);

/* The preset's defaults, with numbers where these are left to the cells. */
mf_als_params aid_numbers(mf_preset preset);

/* The same, k = 5, few sweeps, one thread. */
mf_als_params aid_params(mf_preset preset, uint32_t p, double overlap);

/* Train; any failure fails the test. */
void aid_train(mf_als **als, const mf_csr *train, const mf_als_params *params);

#endif
