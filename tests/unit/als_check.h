/* als_check.h - trainings beside the dense oracle. */
#ifndef ALS_CHECK_H
#define ALS_CHECK_H

#include "mf/als.h"

/* Fail unless got is within 2e-4 of want, in shares of scale. */
void check_close(double got, double want, double scale, const char *what);

/* Train for four sweeps: each step agrees with the oracle, and L never rises. */
void check_cells(const mf_als_params *params, const mf_csr *train);

/* Train for six sweeps: L never rises. */
void check_losses(const mf_als_params *params, const mf_csr *train);

#endif
