#include "wire/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "mf/ratings.h"

typedef struct walker {
    const uint8_t *p, *end;
    size_t objects;
} walker;

static bool take(walker *w, size_t n, uint64_t *number)
{
    if ((size_t)(w->end - w->p) < n)
        return false;
    uint64_t x = 0;
    for (size_t i = 0; i < n; i++)
        x = x << 8 | *w->p++;
    *number = x;
    return true;
}

static bool step(walker *w, uint64_t n)
{
    if (n > (uint64_t)(w->end - w->p))
        return false;
    w->p += n;
    return true;
}

/* What the first byte of a value says, and the length that may follow it. */
typedef struct head {
    enum { SCALAR, BYTES, EXT, ARRAY, MAP } kind;
    uint64_t n; /* bytes of a scalar, str, bin or ext; elements; pairs */
} head;

/* A length of `width` bytes. */
static bool read_length(walker *w, head *h, size_t width)
{
    if (!take(w, width, &h->n))
        return false;
    if (h->kind == EXT)
        h->n++; /* its type */
    return true;
}

static bool read_head(walker *w, head *h)
{
    uint64_t c = 0;
    *h = (head){SCALAR, 0};
    if (!take(w, 1, &c))
        return false;
    if (c <= 0x7f || c >= 0xe0)
        return true;
    if (c <= 0xbf) {
        *h = c <= 0x8f   ? (head){MAP, c & 15}
             : c <= 0x9f ? (head){ARRAY, c & 15}
                         : (head){BYTES, c & 31};
        return true;
    }
    switch (c) {
    case 0xc0:
    case 0xc2:
    case 0xc3: return true;
    case 0xc4:
    case 0xd9: h->kind = BYTES; return read_length(w, h, 1);
    case 0xc5:
    case 0xda: h->kind = BYTES; return read_length(w, h, 2);
    case 0xc6:
    case 0xdb: h->kind = BYTES; return read_length(w, h, 4);
    case 0xc7: h->kind = EXT; return read_length(w, h, 1);
    case 0xc8: h->kind = EXT; return read_length(w, h, 2);
    case 0xc9: h->kind = EXT; return read_length(w, h, 4);
    case 0xcc:
    case 0xd0: h->n = 1; return true;
    case 0xcd:
    case 0xd1: h->n = 2; return true;
    case 0xca:
    case 0xce:
    case 0xd2: h->n = 4; return true;
    case 0xcb:
    case 0xcf:
    case 0xd3: h->n = 8; return true;
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8: h->n = 1 + (1u << (c - 0xd4)); return true;
    case 0xdc: h->kind = ARRAY; return read_length(w, h, 2);
    case 0xdd: h->kind = ARRAY; return read_length(w, h, 4);
    case 0xde: h->kind = MAP; return read_length(w, h, 2);
    case 0xdf: h->kind = MAP; return read_length(w, h, 4);
    default: return false; /* 0xc1 is never used */
    }
}

/* Read the head of a str. */
static bool read_str(walker *w, const char **text, size_t *len)
{
    if (w->p == w->end)
        return false;
    uint8_t c = *w->p;
    bool str = (c >= 0xa0 && c <= 0xbf) || (c >= 0xd9 && c <= 0xdb);
    head h;
    if (!str || !read_head(w, &h))
        return false;
    *text = (const char *)w->p;
    *len = (size_t)h.n;
    return step(w, h.n);
}

/* Walk over one value of any kind. Maps below the top have str keys too. */
static bool walk(walker *w, int depth)
{
    head h;
    if (depth > WIRE_DEPTH_MAX || ++w->objects > WIRE_OBJECTS_MAX || !read_head(w, &h))
        return false;
    if (h.kind != ARRAY && h.kind != MAP)
        return step(w, h.n);
    for (uint64_t i = 0; i < h.n; i++) {
        const char *key;
        size_t len;
        if (h.kind == MAP && !read_str(w, &key, &len))
            return false;
        if (!walk(w, depth + 1))
            return false;
    }
    return true;
}

const char *mf__map_parse(wire_map *map, const uint8_t *data, size_t size)
{
    walker w = {data, data + size, 0};
    head h;
    map->n = 0;
    if (!read_head(&w, &h) || h.kind != MAP)
        return "the payload is not a map";
    if (h.n > WIRE_KEYS_MAX)
        return "the map has too many keys";
    for (uint64_t i = 0; i < h.n; i++) {
        const uint8_t *pair = w.p, *value;
        const char *key;
        size_t len;
        if (!read_str(&w, &key, &len))
            return "a key of the map is no str, or is cut short";
        value = w.p;
        if (!walk(&w, 1))
            return "a value of the map is cut short, too deep or too large";
        for (size_t j = 0; j < map->n; j++)
            if (map->entry[j].key_len == len &&
                memcmp(map->entry[j].key, key, len) == 0)
                return "a key of the map stands twice";
        map->entry[map->n].key = key;
        map->entry[map->n].key_len = len;
        map->entry[map->n].pair = (wire_span){pair, (size_t)(w.p - pair)};
        map->entry[map->n].value = (wire_span){value, (size_t)(w.p - value)};
        map->entry[map->n].known = false;
        map->n++;
    }
    return w.p == w.end ? NULL : "bytes follow the map";
}

wire_span mf__map_raw(wire_map *map, const char *key)
{
    size_t len = strlen(key);
    for (size_t i = 0; i < map->n; i++)
        if (map->entry[i].key_len == len && memcmp(map->entry[i].key, key, len) == 0) {
            map->entry[i].known = true;
            return map->entry[i].value;
        }
    return (wire_span){NULL, 0};
}

void mf__map_know(wire_map *map, const char *const keys[])
{
    for (size_t i = 0; keys[i]; i++)
        mf__map_raw(map, keys[i]);
}

static const char *complain(wire_map *map, const char *key, const char *what)
{
    snprintf(map->words, sizeof map->words, "key '%s' %s", key, what);
    return map->words;
}

static const char *missing(wire_map *map, const char *key)
{
    return complain(map, key, "is missing");
}

static const char *mistyped(wire_map *map, const char *key)
{
    return complain(map, key, "has a wrong type or range");
}

/* One value that is no array, map or ext. */
typedef struct scalar {
    enum { UINT, NEGATIVE, REAL, BOOL, STR, BIN } type;
    uint64_t u64; /* UINT, BOOL */
    double f64;   /* NEGATIVE, REAL */
    wire_span bytes;
} scalar;

/* Decode a span that was walked. msgpack-c could, but it would take memory for
 * every value, and trust lengths. */
static bool decode(wire_span span, scalar *v)
{
    head h;
    walker w = {span.data, span.data + span.size, 0};
    if (span.size == 0 || !read_head(&w, &h))
        return false;
    uint8_t c = span.data[0];
    uint64_t bits = 0;
    *v = (scalar){0};
    if (h.kind == BYTES) {
        v->type = c >= 0xc4 && c <= 0xc6 ? BIN : STR;
        v->bytes = (wire_span){w.p, (size_t)h.n};
        return true;
    }
    if (h.kind != SCALAR || !take(&w, (size_t)(h.n <= 8 ? h.n : 0), &bits))
        return false;
    if (c <= 0x7f || (c >= 0xcc && c <= 0xcf)) {
        v->type = UINT;
        v->u64 = c <= 0x7f ? c : bits;
    } else if (c == 0xc2 || c == 0xc3) {
        v->type = BOOL;
        v->u64 = c & 1;
    } else if (c == 0xca) {
        uint32_t low = (uint32_t)bits;
        float x;
        memcpy(&x, &low, sizeof x);
        v->type = REAL;
        v->f64 = (double)x;
    } else if (c == 0xcb) {
        v->type = REAL;
        memcpy(&v->f64, &bits, sizeof v->f64);
    } else if (c >= 0xe0 || (c >= 0xd0 && c <= 0xd3)) {
        unsigned unused = c >= 0xe0 ? 56 : 64 - 8 * (unsigned)h.n;
        int64_t x = (int64_t)((c >= 0xe0 ? c : bits) << unused) >> unused;
        v->type = x < 0 ? NEGATIVE : UINT;
        v->u64 = (uint64_t)x;
        v->f64 = (double)x;
    } else {
        return false; /* nil, ext */
    }
    return true;
}

/* The value of a key, of one of these types. Returns NULL with *found false if the
 * key is missing or nil and that is allowed. */
static const char *get(wire_map *map, const char *key, bool need, unsigned types,
                       scalar *value, bool *found)
{
    wire_span span = mf__map_raw(map, key);
    *found = false;
    if (!span.data || span.data[0] == 0xc0)
        return need ? missing(map, key) : NULL;
    if (!decode(span, value) || !(types >> value->type & 1))
        return mistyped(map, key);
    *found = true;
    return NULL;
}

bool mf__span_u64(wire_span span, uint64_t *out)
{
    scalar value;
    if (!decode(span, &value) || value.type != UINT)
        return false;
    *out = value.u64;
    return true;
}

const char *mf__map_u64(wire_map *map, const char *key, uint64_t max, bool need,
                        uint64_t *out)
{
    scalar value;
    bool found;
    const char *why = get(map, key, need, 1u << UINT, &value, &found);
    if (why || !found)
        return why;
    if (value.u64 > max)
        return mistyped(map, key);
    *out = value.u64;
    return NULL;
}

const char *mf__map_u32(wire_map *map, const char *key, bool need, uint32_t *out)
{
    uint64_t wide = *out;
    const char *why = mf__map_u64(map, key, UINT32_MAX, need, &wide);
    *out = (uint32_t)wide;
    return why;
}

const char *mf__map_f64(wire_map *map, const char *key, bool need, double *out)
{
    scalar value;
    bool found;
    const char *why =
        get(map, key, need, 1u << UINT | 1u << NEGATIVE | 1u << REAL, &value, &found);
    if (found)
        *out = value.type == UINT ? (double)value.u64 : value.f64;
    return why;
}

const char *mf__map_bool(wire_map *map, const char *key, bool *out)
{
    scalar value;
    bool found;
    const char *why = get(map, key, false, 1u << BOOL, &value, &found);
    if (found)
        *out = value.u64;
    return why;
}

const char *mf__map_str(wire_map *map, const char *key, bool need, const char **text,
                        size_t *len)
{
    scalar value;
    bool found;
    const char *why = get(map, key, need, 1u << STR, &value, &found);
    if (found) {
        *text = (const char *)value.bytes.data;
        *len = value.bytes.size;
    }
    return why;
}

const char *mf__map_name(wire_map *map, const char *key, bool need, char *text,
                         size_t size)
{
    const char *found = NULL;
    size_t len = 0;
    const char *why = mf__map_str(map, key, need, &found, &len);
    if (why || !found)
        return why;
    if (len >= size || memchr(found, 0, len) || !mf__utf8_valid(found, len))
        return mistyped(map, key);
    memcpy(text, found, len);
    text[len] = '\0';
    return NULL;
}

const char *mf__map_word(wire_map *map, const char *key, bool need, char *text,
                         size_t size)
{
    const char *why = mf__map_name(map, key, need, text, size);
    return why || mf__utf8_harmless(text, strlen(text))
               ? why
               : complain(map, key, "holds a control character");
}

const char *mf__map_bin(wire_map *map, const char *key, bool need, wire_span *out)
{
    scalar value;
    bool found;
    const char *why = get(map, key, need, 1u << BIN, &value, &found);
    if (found)
        *out = value.bytes;
    return why;
}

const char *mf__map_array(wire_map *map, const char *key, bool need, wire_span **list,
                          size_t *n)
{
    *list = NULL;
    *n = 0;
    wire_span span = mf__map_raw(map, key);
    if (!span.data || span.data[0] == 0xc0)
        return need ? missing(map, key) : NULL;
    walker w = {span.data, span.data + span.size, 0};
    head h;
    if (!read_head(&w, &h) || h.kind != ARRAY)
        return mistyped(map, key);
    /* h.n elements were walked, each at least a byte: h.n <= span.size. */
    wire_span *result = mf__new((size_t)h.n, sizeof *result);
    if (!result)
        return WIRE_NO_MEMORY;
    for (size_t i = 0; i < h.n; i++) {
        const uint8_t *begin = w.p;
        if (!walk(&w, 1)) {
            free(result);
            return mistyped(map, key);
        }
        result[i] = (wire_span){begin, (size_t)(w.p - begin)};
    }
    *list = result;
    *n = (size_t)h.n;
    return NULL;
}

size_t mf__map_unknown(const wire_map *map)
{
    size_t n = 0;
    for (size_t i = 0; i < map->n; i++)
        n += !map->entry[i].known;
    return n;
}

void mf__pack_unknown(wire_buffer *b, const wire_map *map)
{
    for (size_t i = 0; i < map->n; i++)
        if (!map->entry[i].known)
            mf__pack_append(b, map->entry[i].pair.data, map->entry[i].pair.size);
}
