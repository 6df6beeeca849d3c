/* data/shard.h - what a shard is: one part of a work that is cut into parts, each of
 * which is done by a run of its own.
 *
 * Parts that become bundles are of users, told by their ids alone, so that a text of
 * lines in any order, or in pieces, can be cut, and the same user is in the same shard
 * of every bundle. Parts that become lists or values are of users in their order, so
 * that what they write, one part after the other, is what one run would have written.
 */
#ifndef DATA_SHARD_H
#define DATA_SHARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MF_SHARDS_MAX = 65536 };

/* Does a user's id belong to shard `shard` of 1 .. shards? By XXH3-64 of the id
 * modulo shards, the same for every tool. */
bool mf__shard_has_id(const char *text, size_t len, uint32_t shard, uint32_t shards);

/* Where the part `shard` of 1 .. shards begins among n things in order, and where part
 * shard - 1 ends: n (shard - 1) / shards; with shards + 1, n. Parts differ by one thing
 * at most. */
size_t mf__shard_begin(size_t n, uint32_t shard, uint32_t shards);

#endif
