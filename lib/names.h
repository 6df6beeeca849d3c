/* names.h - a table of ids that several threads fill and ask at once.
 *
 * An id gets a number in order of arrival, which depends on the threads:
 * nothing that is written may depend on it. The table is cut into NAMES_SHARDS
 * by hash, and an id's code is its number in the shard and the shard.
 *
 * A lookup is in two steps, each of which a caller who has many ids at hand can
 * prefetch, so that the memory's latency is paid once for all of them. It takes
 * no lock: the slots of a shard are read and written as atoms, and those that
 * it outgrew are kept until the table is closed. Hashes are XXH3 under a secret
 * of the table, so nobody can choose ids that collide. */
#ifndef NAMES_H
#define NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "mf/err.h"

enum { NAMES_SHARDS = 256 };

/* An id; it stays where it is until the table is closed. */
typedef struct name {
    uint32_t code;  /* number * NAMES_SHARDS + shard */
    uint32_t value; /* the caller's; set when the name is put */
    uint32_t len;
    char text[]; /* [len] */
} name;

typedef struct names names;

int names_open(names **out, mf_err *err) MF_MUST_USE;
void names_close(names *table);

/* What the calls below take as `hash`. */
uint64_t names_hash(const names *table, const char *text, size_t len);

/* First and second step of a lookup to come; the first returns the hash. */
uint64_t names_expect(const names *table, const char *text, size_t len);
void names_expect_text(const names *table, uint64_t hash);

/* The id, or NULL if it was not there when it was asked for. */
const name *names_find(const names *table, const char *text, size_t len, uint64_t hash);

/* The id, put with this value if it was not there. At most 65535 bytes. Returns
 * MF_OK, MF_ENOMEM or MF_ERANGE. */
int names_put(names *table, const char *text, size_t len, uint64_t hash, uint32_t value,
              const name **put, mf_err *err) MF_MUST_USE;

/* How many ids there are, and the bytes of memory. */
size_t names_count(const names *table);
size_t names_bytes(const names *table);

/* While no other thread puts: how many ids a shard has; codes are less than
 * names_codes. */
uint32_t names_in_shard(const names *table, unsigned shard);
size_t names_codes(const names *table);

/* Names one by one: call with *at 0 first; NULL after the last. */
const name *names_next(const names *table, uint64_t *at);

/* The ids in order of their bytes: (*order)[r] is the name of rank r and, if
 * `rank` is not NULL, (*rank)[code] its rank. Both are the caller's to free. */
int names_sort(const names *table, const name ***order, uint32_t **rank,
               mf_err *err) MF_MUST_USE;

#endif
