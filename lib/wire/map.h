/* wire/map.h - msgpack maps, read within bounds.
 *
 * msgpack-c writes. It does not read: it trusts declared lengths, and a 5-byte
 * input can make it reserve gigabytes. Here a payload is first walked with every
 * length held against the bytes that are there; only then are single values
 * decoded, where they lie. */
#ifndef WIRE_MAP_H
#define WIRE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/pack.h"

enum { WIRE_KEYS_MAX = 128, WIRE_DEPTH_MAX = 8, WIRE_OBJECTS_MAX = 1 << 17 };

/* What getters say when memory runs out; any other words blame the input. */
#define WIRE_NO_MEMORY "out of memory"

/* Bytes of a payload; borrowed from it. */
typedef struct wire_span {
    const uint8_t *data;
    size_t size;
} wire_span;

typedef struct wire_map {
    size_t n;
    struct {
        const char *key;
        size_t key_len;
        wire_span pair, value; /* the key with its value; the value alone */
        bool known;            /* somebody asked for it */
    } entry[WIRE_KEYS_MAX];
    char words[96]; /* of the last getter that failed */
} wire_map;

/* Walk a payload that must be one map and nothing else. Returns NULL, or what
 * is wrong with it. Everything borrows from `data`. */
const char *mf__map_parse(wire_map *map, const uint8_t *data, size_t size);

/* Getters. Each marks its key as known and returns NULL if the value is there
 * with the right type, else words for the error. Unless it is needed, a key that is
 * missing or nil leaves *out as it was. */
const char *mf__map_u64(wire_map *map, const char *key, uint64_t max, bool need,
                        uint64_t *out);
const char *mf__map_u32(wire_map *map, const char *key, bool need, uint32_t *out);
const char *mf__map_f64(wire_map *map, const char *key, bool need, double *out);
const char *mf__map_bool(wire_map *map, const char *key, bool *out);
const char *mf__map_str(wire_map *map, const char *key, bool need, const char **text,
                        size_t *len);
/* A str of at most size - 1 bytes of UTF-8 without NUL, terminated. */
const char *mf__map_name(wire_map *map, const char *key, bool need, char *text,
                         size_t size);
/* The same, of what is shown to people and put into tables: without characters that act
 * on a terminal, tabs and line feeds among them. */
const char *mf__map_word(wire_map *map, const char *key, bool need, char *text,
                         size_t size);
const char *mf__map_bin(wire_map *map, const char *key, bool need, wire_span *out);
/* The elements of an array, as spans; *list is malloced. */
const char *mf__map_array(wire_map *map, const char *key, bool need, wire_span **list,
                          size_t *n);
/* The value of a key, whatever its type; empty if the key is missing. */
wire_span mf__map_raw(wire_map *map, const char *key);

/* Mark keys, a list ended by NULL, as known. */
void mf__map_know(wire_map *map, const char *const keys[]);

/* True if the span is one integer that is not negative. */
bool mf__span_u64(wire_span span, uint64_t *out);

/* The number of keys that nobody asked for; append them and their values to b. */
size_t mf__map_unknown(const wire_map *map);
void mf__pack_unknown(wire_buffer *b, const wire_map *map);

#endif
