/* rank_oracle.h - scores, rankings and metrics, dense, slow and obviously right: in
 * double precision, with one full sort for each user, and metrics position by
 * position. */
#ifndef RANK_ORACLE_H
#define RANK_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

#include "mf/matrix.h"

enum { ORACLE_ITEMS = 64 };

/* The score of user u and item i, and whose it is (the first of equals). */
double oracle_score(const mf_tensor *users, const mf_tensor *items, double mu,
                    uint64_t active, uint32_t u, uint32_t i, uint32_t *persona);

/* Sort the items that are not out[] into order[]: higher scores first, lower
 * indices first among equals. Returns how many there are. */
uint32_t oracle_sort(const double score[], uint32_t n, const bool out[],
                     uint32_t order[]);

/* Metric `name` ("ndcg@N" without "@N") of a sorted list of n items at cut N. */
double oracle_metric(const char *name, uint32_t cut, uint32_t n, const uint32_t order[],
                     const bool relevant[]);

#endif
