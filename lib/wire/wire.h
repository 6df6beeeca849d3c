/* wire/wire.h - msgpack maps, bounded. Private to the wire layer.
 *
 * msgpack-c writes. It does not read: it trusts declared lengths, and a 5-byte
 * input can make it reserve gigabytes. Here a payload is first walked with every
 * length held against the bytes that are there; only then are single values
 * decoded, where they lie. */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <msgpack.h>

#include "mf/err.h"

/* --- writing: a buffer that msgpack packs into; a failure sticks --- */

typedef struct wire_buffer {
    uint8_t *data;
    size_t size, cap;
    bool failed; /* memory ran out; what follows is ignored */
} wire_buffer;

void mf__wire_free(wire_buffer *b);
void mf__wire_clear(wire_buffer *b);
void mf__wire_append(wire_buffer *b, const void *data, size_t size);
msgpack_packer mf__wire_packer(wire_buffer *b);

void mf__wire_put_str(msgpack_packer *pack, const char *text);
void mf__wire_put_text(msgpack_packer *pack, const char *text, size_t len);
void mf__wire_put_bin(msgpack_packer *pack, const void *data, size_t n, size_t size);
void mf__wire_put_f64(msgpack_packer *pack, double x); /* nil if x is not a number */

/* --- reading: a walked map, its values as spans of the payload --- */

enum { WIRE_KEYS_MAX = 128, WIRE_DEPTH_MAX = 8, WIRE_OBJECTS_MAX = 1 << 17 };

/* What getters say when memory runs out; any other words blame the input. */
#define WIRE_NO_MEMORY "out of memory"

typedef struct wire_span {
    const uint8_t *data;
    size_t size;
} wire_span;

typedef struct wire_map {
    size_t n;
    struct {
        const char *key;
        size_t key_len;
        wire_span pair, value; /* both keys and value; value alone */
        bool known;            /* somebody asked for it */
    } entry[WIRE_KEYS_MAX];
    char words[96]; /* the words of the last getter that failed */
} wire_map;

/* Walk a payload that must be one map and nothing else. Returns NULL, or what
 * is wrong with it. Everything borrows from `data`. */
const char *mf__wire_map_parse(wire_map *map, const uint8_t *data, size_t size);

/* Getters. Each marks its key as known and returns NULL if the value is there
 * with the right type, else words for the error. `need` false: a missing key
 * or nil leaves *out as it was. */
const char *mf__wire_get_u64(wire_map *map, const char *key, uint64_t max, bool need,
                             uint64_t *out);
const char *mf__wire_get_u32(wire_map *map, const char *key, bool need, uint32_t *out);
const char *mf__wire_get_f64(wire_map *map, const char *key, bool need, double *out);
const char *mf__wire_get_bool(wire_map *map, const char *key, bool *out);
const char *mf__wire_get_str(wire_map *map, const char *key, bool need,
                             const char **text, size_t *len);
/* A str of at most size - 1 bytes of UTF-8 without NUL, terminated. */
const char *mf__wire_get_name(wire_map *map, const char *key, bool need, char *text,
                              size_t size);
const char *mf__wire_get_bin(wire_map *map, const char *key, bool need, wire_span *out);
/* The elements of an array, as spans; *list is malloced. */
const char *mf__wire_get_array(wire_map *map, const char *key, bool need,
                               wire_span **list, size_t *n);
/* True if the span is one integer that is not negative. */
bool mf__wire_span_u64(wire_span span, uint64_t *out);
/* The whole value of a key as a span, whatever its type; empty if not there. */
wire_span mf__wire_get_raw(wire_map *map, const char *key);

/* The number of keys that nobody asked for, and their bytes appended to b. */
size_t mf__wire_unknown(const wire_map *map);
void mf__wire_put_unknown(wire_buffer *b, const wire_map *map);

#endif
