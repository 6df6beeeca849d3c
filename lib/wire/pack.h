/* wire/pack.h - msgpack, packed into a buffer that grows.
 *
 * A failure sticks: what follows it is ignored, and `failed` is looked at once, when
 * everything is packed. */
#ifndef WIRE_PACK_H
#define WIRE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <msgpack.h>

typedef struct wire_buffer {
    uint8_t *data; /* [size]; owned */
    size_t size, cap;
    bool failed; /* memory ran out */
} wire_buffer;

void mf__pack_free(wire_buffer *b);
void mf__pack_clear(wire_buffer *b);

/* Append bytes that are msgpack already. */
void mf__pack_append(wire_buffer *b, const void *data, size_t size);

/* What msgpack-c packs with; borrows the buffer. */
msgpack_packer mf__packer(wire_buffer *b);

/* A str: a key whose value the caller packs. */
void mf__pack_str(msgpack_packer *pack, const char *text);

/* A key of a map and its value. A digest takes 9 bytes whatever it is; NaN is nil; a
 * bin holds n elements of `size` bytes. */
void mf__pack_key_u64(msgpack_packer *pack, const char *key, uint64_t value);
void mf__pack_key_digest(msgpack_packer *pack, const char *key, uint64_t value);
void mf__pack_key_f64(msgpack_packer *pack, const char *key, double value);
void mf__pack_key_bool(msgpack_packer *pack, const char *key, bool value);
void mf__pack_key_str(msgpack_packer *pack, const char *key, const char *value);
void mf__pack_key_text(msgpack_packer *pack, const char *key, const char *text,
                       size_t len);
void mf__pack_key_bin(msgpack_packer *pack, const char *key, const void *data, size_t n,
                      size_t size);

#endif
