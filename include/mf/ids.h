/* mf/ids.h - the names of one axis, and a table that gives names numbers.
 *
 * An id is 1 to MF_ID_MAX bytes of UTF-8 without NUL, TAB or newline. Both
 * axes of a bundle are sorted by the bytes of the id, so that an index means
 * the same in every run and a lookup is a binary search. */
#ifndef MF_IDS_H
#define MF_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/err.h"

enum { MF_ID_MAX = 65535 };

typedef struct mf_ids {
    uint32_t n;
    size_t *off; /* [n + 1], byte offsets into text; owned; NULL while n == 0 */
    char *text;  /* [off[n]], concatenated, no terminators; owned */
    size_t off_cap, text_cap;
} mf_ids;

void mf_ids_free(mf_ids *ids);

/* Id i and its length; borrowed, not terminated. */
const char *mf_ids_get(const mf_ids *ids, uint32_t i, size_t *len);

/* Append one id. Order is the caller's business. Returns MF_OK, MF_ENOMEM or
 * MF_ERANGE (2^32 - 1 ids are there). */
int mf_ids_append(mf_ids *ids, const char *text, size_t len, mf_err *err) MF_MUST_USE;

/* Append n ids that stand one after the other in `text`, as in a frame of ids.
 * Returns what mf_ids_append does. */
int mf_ids_append_run(mf_ids *ids, uint32_t n, const uint32_t len[], const char *text,
                      mf_err *err) MF_MUST_USE;

/* The index of an id in sorted ids. O(log n). False if it is not there. */
bool mf_ids_find(const mf_ids *ids, const char *text, size_t len, uint32_t *index);

/* Order of two ids: by bytes, a prefix first; the order of both axes. */
int mf_id_compare(const char *a, size_t a_len, const char *b, size_t b_len);

/* NULL if `text` can be an id, else what is wrong with it. */
const char *mf_id_fault(const char *text, size_t len);

/* True if the bytes are UTF-8. */
bool mf_utf8_valid(const char *text, size_t len);

/* Does a user's id belong to shard `shard` of 1 .. shards? By XXH3-64 of the id
 * modulo shards, the same for every tool. */
bool mf_id_in_shard(const char *text, size_t len, uint32_t shard, uint32_t shards);

/* A hash table from id to a number in order of first appearance. Hashes are
 * XXH3 under a secret drawn for each table, so nobody can choose ids that collide. */
typedef struct mf_intern mf_intern;

int mf_intern_open(mf_intern **out, mf_err *err) MF_MUST_USE;
void mf_intern_close(mf_intern *table);

/* The number of an id, given the next one if it is new. Any bytes will do.
 * Returns MF_OK, MF_ENOMEM or MF_ERANGE. */
int mf_intern_put(mf_intern *table, const char *text, size_t len, uint32_t *number,
                  mf_err *err) MF_MUST_USE;

bool mf_intern_find(const mf_intern *table, const char *text, size_t len,
                    uint32_t *number);

/* What has been put, in order of number; borrowed until the next put. */
const mf_ids *mf_intern_ids(const mf_intern *table);

/* Sort ids by bytes: (*order)[r] is the index in `ids` of the r-th id in byte
 * order. *order, of ids->n, is the caller's to free. */
int mf_ids_sort(const mf_ids *ids, uint32_t **order, mf_err *err) MF_MUST_USE;

#endif
