/* data/idtable.h - a table of ids that several threads fill and search at once.
 *
 * An id gets a number in order of arrival, which depends on the threads:
 * nothing that is written may depend on it. The table is cut into IDTABLE_SHARDS
 * by hash, and an id's code is its number in the shard and the shard.
 *
 * A lookup takes no lock: the slots of a shard are read and written as atoms, and
 * those that it outgrew are kept until the table is closed. Hashes are XXH3 under
 * a secret of the table, so nobody can choose ids that collide. */
#ifndef DATA_IDTABLE_H
#define DATA_IDTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/err.h"

enum { IDTABLE_SHARDS = 256 };

/* An id; it stays where it is until the table is closed. */
typedef struct name {
    uint32_t code;  /* number * IDTABLE_SHARDS + shard */
    uint32_t value; /* the caller's; set when the name is put */
    uint32_t len;
    char text[]; /* [len] */
} name;

typedef struct idtable idtable;

int mf__idtable_open(idtable **out, mf_err *err) MF_MUST_USE;
void mf__idtable_close(idtable *table);

/* What the calls below take as `hash`. */
uint64_t mf__idtable_hash(const idtable *table, const char *text, size_t len);

/* An id that is looked for. */
typedef struct lookup {
    const char *text; /* borrowed */
    size_t len;
    uint64_t hash;     /* set by mf__idtable_find_all, */
    const name *found; /* like this: what mf__idtable_find returns */
} lookup;

/* Look for n ids at once, so that their waits for memory overlap. */
void mf__idtable_find_all(const idtable *table, lookup ids[], size_t n);

/* The id, or NULL if it was not there when it was asked for. */
const name *mf__idtable_find(const idtable *table, const char *text, size_t len,
                             uint64_t hash);

/* The id, put with this value if it was not there. At most 65535 bytes. Returns
 * MF_OK, MF_ENOMEM or MF_ERANGE. */
int mf__idtable_put(idtable *table, const char *text, size_t len, uint64_t hash,
                    uint32_t value, const name **put, mf_err *err) MF_MUST_USE;

/* How many ids there are, and the bytes of memory. */
size_t mf__idtable_count(const idtable *table);
size_t mf__idtable_bytes(const idtable *table);

/* While no other thread puts: how many ids a shard has; codes are less than
 * mf__idtable_codes. */
uint32_t mf__idtable_in_shard(const idtable *table, unsigned shard);
size_t mf__idtable_codes(const idtable *table);

/* The value v of every id becomes to[v], or to[its code]; UINT32_MAX stays. */
void mf__idtable_map(idtable *table, const uint32_t to[], bool by_code);

/* For tests: how many slots would be read to find every id once. */
size_t mf__idtable_probes(const idtable *table);

/* Names one by one: call with *at 0 first; NULL after the last. */
const name *mf__idtable_next(const idtable *table, uint64_t *at);

/* The ids in order of their bytes: (*order)[r] is the name of rank r and, if
 * `rank` is not NULL, (*rank)[code] its rank. Both are the caller's to free. */
int mf__idtable_sort(const idtable *table, const name ***order, uint32_t **rank,
                     mf_err *err) MF_MUST_USE;

#endif
