/* data/ids.h - more of ids than callers need. */
#ifndef DATA_IDS_H
#define DATA_IDS_H

#include <stdbool.h>

#include "mf/ratings.h"

/* Append n ids that stand one after the other in `text`, as in a frame of ids.
 * Returns what mf_ids_append does. */
int mf__ids_append_run(mf_ids *ids, uint32_t n, const uint32_t len[], const char *text,
                       mf_err *err) MF_MUST_USE;

/* Order of two ids: by bytes, a prefix first; the order of both axes. */
int mf__id_compare(const char *a, size_t a_len, const char *b, size_t b_len);

/* NULL if `text` can be an id, else what is wrong with it. */
const char *mf__id_fault(const char *text, size_t len);

/* Sort ids by bytes: (*order)[r] is the index in `ids` of the r-th id in byte
 * order. *order, of ids->n, is the caller's to free. */
int mf__ids_sort(const mf_ids *ids, uint32_t **order, mf_err *err) MF_MUST_USE;

/* Append ids in byte order to *out: id i becomes the (*rank)[i]-th of them. *rank, of
 * ids->n, is the caller's to free. */
int mf__ids_append_sorted(mf_ids *out, const mf_ids *ids, uint32_t **rank,
                          mf_err *err) MF_MUST_USE;

#endif
