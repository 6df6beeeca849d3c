#include "wire/wire.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "mf/ratings.h"

void mf__wire_free(wire_buffer *b)
{
    free(b->data);
    *b = (wire_buffer){0};
}

void mf__wire_clear(wire_buffer *b)
{
    b->size = 0;
    b->failed = false;
}

void mf__wire_append(wire_buffer *b, const void *data, size_t size)
{
    if (b->failed || size > SIZE_MAX - b->size ||
        mf__reserve(&b->data, &b->cap, b->size + size, 1, NULL) < 0) {
        b->failed = true;
        return;
    }
    if (size)
        memcpy(b->data + b->size, data, size);
    b->size += size;
}

static int write_to_buffer(void *b, const char *data, size_t size)
{
    mf__wire_append(b, data, size);
    return 0;
}

msgpack_packer mf__wire_packer(wire_buffer *b)
{
    msgpack_packer pack;
    msgpack_packer_init(&pack, b, write_to_buffer);
    return pack;
}

void mf__wire_put_text(msgpack_packer *pack, const char *text, size_t len)
{
    msgpack_pack_str(pack, len);
    msgpack_pack_str_body(pack, text, len);
}

void mf__wire_put_str(msgpack_packer *pack, const char *text)
{
    mf__wire_put_text(pack, text, strlen(text));
}

void mf__wire_put_bin(msgpack_packer *pack, const void *data, size_t n, size_t size)
{
    msgpack_pack_bin(pack, n * size);
    msgpack_pack_bin_body(pack, data, n * size);
}

void mf__wire_put_f64(msgpack_packer *pack, double x)
{
    if (isnan(x))
        msgpack_pack_nil(pack);
    else
        msgpack_pack_double(pack, x);
}

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

/* What follows the first byte of each msgpack format: `width` bytes of length
 * or value, then by kind. */
typedef struct head {
    enum { SCALAR, BYTES, EXT, ARRAY, MAP, BAD } kind;
    uint64_t n; /* bytes of a scalar or str or bin or ext, elements, pairs */
} head;

static bool read_head(walker *w, head *h)
{
    uint64_t c = 0;
    size_t width = 0;
    if (!take(w, 1, &c))
        return false;
    if (c <= 0x7f || c >= 0xe0)
        *h = (head){SCALAR, 0};
    else if (c <= 0x8f)
        *h = (head){MAP, c & 15};
    else if (c <= 0x9f)
        *h = (head){ARRAY, c & 15};
    else if (c <= 0xbf)
        *h = (head){BYTES, c & 31};
    else
        switch (c) {
        case 0xc0:
        case 0xc2:
        case 0xc3: *h = (head){SCALAR, 0}; break;
        case 0xc4:
        case 0xd9:
            *h = (head){BYTES, 0};
            width = 1;
            break;
        case 0xc5:
        case 0xda:
            *h = (head){BYTES, 0};
            width = 2;
            break;
        case 0xc6:
        case 0xdb:
            *h = (head){BYTES, 0};
            width = 4;
            break;
        case 0xc7:
            *h = (head){EXT, 0};
            width = 1;
            break;
        case 0xc8:
            *h = (head){EXT, 0};
            width = 2;
            break;
        case 0xc9:
            *h = (head){EXT, 0};
            width = 4;
            break;
        case 0xca:
        case 0xce:
        case 0xd2: *h = (head){SCALAR, 4}; break;
        case 0xcb:
        case 0xcf:
        case 0xd3: *h = (head){SCALAR, 8}; break;
        case 0xcc:
        case 0xd0: *h = (head){SCALAR, 1}; break;
        case 0xcd:
        case 0xd1: *h = (head){SCALAR, 2}; break;
        case 0xd4:
        case 0xd5:
        case 0xd6:
        case 0xd7:
        case 0xd8: *h = (head){SCALAR, 1 + (1u << (c - 0xd4))}; break;
        case 0xdc:
            *h = (head){ARRAY, 0};
            width = 2;
            break;
        case 0xdd:
            *h = (head){ARRAY, 0};
            width = 4;
            break;
        case 0xde:
            *h = (head){MAP, 0};
            width = 2;
            break;
        case 0xdf:
            *h = (head){MAP, 0};
            width = 4;
            break;
        default: return false; /* 0xc1 is never used */
        }
    if (width && !take(w, width, &h->n))
        return false;
    if (h->kind == EXT)
        h->n++; /* its type */
    return true;
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

const char *mf__wire_map_parse(wire_map *map, const uint8_t *data, size_t size)
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

wire_span mf__wire_get_raw(wire_map *map, const char *key)
{
    size_t len = strlen(key);
    for (size_t i = 0; i < map->n; i++)
        if (map->entry[i].key_len == len && memcmp(map->entry[i].key, key, len) == 0) {
            map->entry[i].known = true;
            return map->entry[i].value;
        }
    return (wire_span){NULL, 0};
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

/* Returns NULL with *found false if the key is missing or nil and that is
 * allowed. */
static const char *get(wire_map *map, const char *key, bool need, scalar *value,
                       bool *found)
{
    wire_span span = mf__wire_get_raw(map, key);
    *found = false;
    if (!span.data || span.data[0] == 0xc0)
        return need ? missing(map, key) : NULL;
    if (!decode(span, value))
        return mistyped(map, key);
    *found = true;
    return NULL;
}

bool mf__wire_span_u64(wire_span span, uint64_t *out)
{
    scalar value;
    if (!decode(span, &value) || value.type != UINT)
        return false;
    *out = value.u64;
    return true;
}

const char *mf__wire_get_u64(wire_map *map, const char *key, uint64_t max, bool need,
                             uint64_t *out)
{
    scalar value;
    bool found;
    const char *why = get(map, key, need, &value, &found);
    if (why || !found)
        return why;
    if (value.type != UINT || value.u64 > max)
        return mistyped(map, key);
    *out = value.u64;
    return NULL;
}

const char *mf__wire_get_u32(wire_map *map, const char *key, bool need, uint32_t *out)
{
    uint64_t wide = *out;
    const char *why = mf__wire_get_u64(map, key, UINT32_MAX, need, &wide);
    *out = (uint32_t)wide;
    return why;
}

const char *mf__wire_get_f64(wire_map *map, const char *key, bool need, double *out)
{
    scalar value;
    bool found;
    const char *why = get(map, key, need, &value, &found);
    if (why || !found)
        return why;
    switch (value.type) {
    case REAL:
    case NEGATIVE: *out = value.f64; return NULL;
    case UINT: *out = (double)value.u64; return NULL;
    default: return mistyped(map, key);
    }
}

const char *mf__wire_get_bool(wire_map *map, const char *key, bool *out)
{
    scalar value;
    bool found;
    const char *why = get(map, key, false, &value, &found);
    if (why || !found)
        return why;
    if (value.type != BOOL)
        return mistyped(map, key);
    *out = value.u64;
    return NULL;
}

const char *mf__wire_get_str(wire_map *map, const char *key, bool need,
                             const char **text, size_t *len)
{
    scalar value;
    bool found;
    const char *why = get(map, key, need, &value, &found);
    if (why || !found)
        return why;
    if (value.type != STR)
        return mistyped(map, key);
    *text = (const char *)value.bytes.data;
    *len = value.bytes.size;
    return NULL;
}

const char *mf__wire_get_name(wire_map *map, const char *key, bool need, char *text,
                              size_t size)
{
    const char *found = NULL;
    size_t len = 0;
    const char *why = mf__wire_get_str(map, key, need, &found, &len);
    if (why || !found)
        return why;
    if (len >= size || memchr(found, 0, len) || !mf__utf8_valid(found, len))
        return mistyped(map, key);
    memcpy(text, found, len);
    text[len] = '\0';
    return NULL;
}

const char *mf__wire_get_bin(wire_map *map, const char *key, bool need, wire_span *out)
{
    scalar value;
    bool found;
    const char *why = get(map, key, need, &value, &found);
    if (why || !found)
        return why;
    if (value.type != BIN)
        return mistyped(map, key);
    *out = value.bytes;
    return NULL;
}

const char *mf__wire_get_array(wire_map *map, const char *key, bool need,
                               wire_span **list, size_t *n)
{
    *list = NULL;
    *n = 0;
    wire_span span = mf__wire_get_raw(map, key);
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

size_t mf__wire_unknown(const wire_map *map)
{
    size_t n = 0;
    for (size_t i = 0; i < map->n; i++)
        n += !map->entry[i].known;
    return n;
}

void mf__wire_put_unknown(wire_buffer *b, const wire_map *map)
{
    for (size_t i = 0; i < map->n; i++)
        if (!map->entry[i].known)
            mf__wire_append(b, map->entry[i].pair.data, map->entry[i].pair.size);
}
