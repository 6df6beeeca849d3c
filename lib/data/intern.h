/* data/intern.h - a table that gives ids numbers. */
#ifndef DATA_INTERN_H
#define DATA_INTERN_H

#include "mf/ratings.h"

/* A hash table from id to a number in order of first appearance. Hashes are
 * XXH3 under a secret drawn for each table, so nobody can choose ids that collide. */
typedef struct mf_intern mf_intern;

int mf__intern_open(mf_intern **out, mf_err *err) MF_MUST_USE;
void mf__intern_close(mf_intern *table);

/* The number of an id, given the next one if it is new. Any bytes will do.
 * Returns MF_OK, MF_ENOMEM or MF_ERANGE. */
int mf__intern_put(mf_intern *table, const char *text, size_t len, uint32_t *number,
                   mf_err *err) MF_MUST_USE;

bool mf__intern_find(const mf_intern *table, const char *text, size_t len,
                     uint32_t *number);

/* What has been put, in order of number; borrowed until the next put. */
const mf_ids *mf__intern_ids(const mf_intern *table);

#endif
