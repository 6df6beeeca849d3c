/* wire/history.h - entries of the training history, packed and read, in bundles and in
 * the checkpoints of training. */
#ifndef WIRE_HISTORY_H
#define WIRE_HISTORY_H

#include "mf/bundle.h"
#include "wire/map.h"
#include "wire/pack.h"

enum { HISTORY_MAX = 256 }; /* entries in a frame that we write */

/* Pack the one key of a payload, with n entries. */
void mf__history_pack(msgpack_packer *pack, size_t n, const mf_history_entry entry[]);

/* Append the entries of a payload to (*entry)[*n], which grows; *cap is its room.
 * Returns NULL, or what is wrong with them. */
const char *mf__history_unpack(wire_map *payload, mf_history_entry **entry, size_t *n,
                               size_t *cap);

#endif
