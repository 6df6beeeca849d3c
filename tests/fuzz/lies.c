#include "lies.h"

#include <math.h>
#include <string.h>

#include <msgpack.h>
#include <xxhash.h>

#include "fuzz.h"

enum { FRAMES = 64, CHANGE = 5, CHANGES = 16, LONG = 70000 };

typedef struct frame {
    char tag;
    msgpack_object payload;
} frame;

typedef struct doc {
    size_t n;
    frame at[FRAMES];
    msgpack_zone zone;
} doc;

static const char *const BASE[] = {
    "persona-model.mf", "bias-model.mf", "popularity-model.mf", "timed.mf",
    "note.mf",          "long-rows.mf",  "foreign.mf",          "plain-model.mf",
    "values.mf",        "split.mf"};
enum { BASES = sizeof BASE / sizeof *BASE };

/* --- what is put into its place --- */

static const uint64_t WHOLE[] = {
    0,          1,          2,          3,         127,        128,       255,
    256,        65535,      65536,      16384,     16385,      1u << 28,  1u << 31,
    UINT32_MAX, 1ull << 32, 1ull << 62, INT64_MAX, 1ull << 63, UINT64_MAX};
static const int64_t BELOW[] = {-1, -128, INT32_MIN, INT64_MIN, -62167219201};
static const double REAL[] = {0,         -0.0, .5,     1,      1 + 1e-12,
                              -1e-300,   2,    1e38,   3.5e38, INFINITY,
                              -INFINITY, NAN,  5e-324, 1e308};
static const char *const TEXT[] = {"",
                                   "a",
                                   "mfpipe",
                                   "implicit",
                                   "explicit",
                                   "wrmf+pop",
                                   "study",
                                   "user",
                                   "item",
                                   "u32",
                                   "f32",
                                   "cluster",
                                   "log2:1",
                                   "ndcg@100",
                                   "a\nmf-als: forged",
                                   "\033[2J\033]0;x\007",
                                   "\xc2\x9b"
                                   "31m",
                                   "\xe2\x80\xae"
                                   "txt",
                                   "\xff\xfe",
                                   "\xed\xa0\x80",
                                   "a\tb",
                                   "implicit+popular+too+long"};
#define COUNT(array) (sizeof(array) / sizeof *(array))

static msgpack_object str(const char *text, size_t n)
{
    msgpack_object o = {.type = MSGPACK_OBJECT_STR};
    o.via.str.ptr = text;
    o.via.str.size = (uint32_t)n;
    return o;
}

static msgpack_object *place(doc *d, size_t n)
{
    msgpack_object *o = msgpack_zone_malloc(&d->zone, (n + 1) * sizeof *o);
    PROMISE(o);
    memset(o, 0, (n + 1) * sizeof *o);
    return o;
}

static msgpack_object hostile(doc *d, size_t arg)
{
    msgpack_object o = {.type = MSGPACK_OBJECT_NIL};
    if (arg < COUNT(WHOLE)) {
        o.type = MSGPACK_OBJECT_POSITIVE_INTEGER;
        o.via.u64 = WHOLE[arg];
        return o;
    }
    arg -= COUNT(WHOLE);
    if (arg < COUNT(BELOW)) {
        o.type = MSGPACK_OBJECT_NEGATIVE_INTEGER;
        o.via.i64 = BELOW[arg];
        return o;
    }
    arg -= COUNT(BELOW);
    if (arg < 2 * COUNT(REAL)) {
        o.type = arg & 1 ? MSGPACK_OBJECT_FLOAT32 : MSGPACK_OBJECT_FLOAT64;
        o.via.f64 = REAL[arg / 2];
        return o;
    }
    arg -= 2 * COUNT(REAL);
    if (arg < COUNT(TEXT))
        return str(TEXT[arg], strlen(TEXT[arg]));
    arg -= COUNT(TEXT);
    switch (arg % 8) {
    case 0: return o;
    case 1:
    case 2:
        o.type = MSGPACK_OBJECT_BOOLEAN;
        o.via.boolean = arg % 8 == 1;
        return o;
    case 3: return str("\0", 1);
    case 4: { /* at a limit of lengths, or one past it */
        static const size_t limit[] = {7, 15, 23, 63, 255, 65535, 65536, 15};
        size_t n = limit[arg / 16 % COUNT(limit)] + (arg / 8 & 1);
        char *text = msgpack_zone_malloc(&d->zone, LONG);
        PROMISE(text && n < LONG);
        memset(text, 'x', n);
        return str(text, n);
    }
    case 5:
        o.type = arg & 8 ? MSGPACK_OBJECT_ARRAY : MSGPACK_OBJECT_MAP;
        return o; /* empty */
    case 6:
        o.type = MSGPACK_OBJECT_BIN;
        o.via.bin.ptr = "";
        return o;
    default: /* nested, as deep as may be or deeper */
        for (size_t depth = 6 + arg / 8 % 4; depth > 0; depth--) {
            msgpack_object *in = place(d, 1);
            *in = o;
            o.type = MSGPACK_OBJECT_ARRAY;
            o.via.array.size = 1;
            o.via.array.ptr = in;
        }
        return o;
    }
}

/* --- places in a payload, in the order in which they are written --- */

static size_t places(const msgpack_object *o)
{
    size_t n = 1;
    if (o->type == MSGPACK_OBJECT_ARRAY)
        for (uint32_t i = 0; i < o->via.array.size; i++)
            n += places(&o->via.array.ptr[i]);
    else if (o->type == MSGPACK_OBJECT_MAP)
        for (uint32_t i = 0; i < o->via.map.size; i++)
            n += places(&o->via.map.ptr[i].key) + places(&o->via.map.ptr[i].val);
    return n;
}

static msgpack_object *find(msgpack_object *o, size_t *left)
{
    msgpack_object *found = NULL;
    if ((*left)-- == 0)
        return o;
    if (o->type == MSGPACK_OBJECT_ARRAY)
        for (uint32_t i = 0; i < o->via.array.size && !found; i++)
            found = find(&o->via.array.ptr[i], left);
    else if (o->type == MSGPACK_OBJECT_MAP)
        for (uint32_t i = 0; i < o->via.map.size && !found; i++) {
            found = find(&o->via.map.ptr[i].key, left);
            if (!found)
                found = find(&o->via.map.ptr[i].val, left);
        }
    return found;
}

/* --- changes --- */

/* Bytes of a text or of numbers: others, more or fewer. */
static void change_bytes(doc *d, msgpack_object *o, unsigned what, unsigned arg)
{
    static const uint32_t word[] = {0,        1,          2,          UINT32_MAX,
                                    1u << 31, 0x7f800000, 0x7fc00000, 0x3f800000};
    uint32_t n = o->via.bin.size, to = n; /* str and bin are laid out alike */
    if (what == 1)
        to = n + (arg & 1 ? 1 : 4);
    else if (what == 2)
        to = n > (arg & 1 ? 1u : 4u) ? n - (arg & 1 ? 1 : 4) : 0;
    char *data = msgpack_zone_malloc(&d->zone, (size_t)to + 8);
    PROMISE(data);
    memset(data, 0, (size_t)to + 8);
    memcpy(data, o->via.bin.ptr, n < to ? n : to);
    if (what == 0 && n >= 4 && arg & 1) /* one of the numbers */
        memcpy(data + arg / 16 % (n / 4) * 4, &word[arg / 2 % 8], 4);
    else if (what == 0 && n >= 8 && arg & 2) /* two of them change places */
        for (size_t i = 0, a = arg / 4 % (n / 4) * 4, b = arg / 32 % (n / 4) * 4; i < 4;
             i++) {
            char kept = data[a + i];
            data[a + i] = data[b + i];
            data[b + i] = kept;
        }
    else if (what == 0 && n)
        data[arg / 4 % n] = (char)(arg & 8 ? '\n' : data[arg / 4 % n] + 1);
    o->via.bin.ptr = data;
    o->via.bin.size = to;
}

/* An element, or a key with its value, is dropped or there twice. */
static void change_count(doc *d, msgpack_object *o, bool more, unsigned arg)
{
    uint32_t n = o->via.array.size, width = o->type == MSGPACK_OBJECT_MAP ? 2 : 1;
    if (n == 0)
        return;
    msgpack_object *to = place(d, (size_t)width * (n + 1));
    const msgpack_object *from =
        width == 2 ? (const msgpack_object *)o->via.map.ptr : o->via.array.ptr;
    uint32_t at = arg % n, rest = more ? at : at + 1, put = more ? at + 1 : at;
    memcpy(to, from, (size_t)width * put * sizeof *to);
    memcpy(to + width * put, from + width * rest,
           (size_t)width * (n - rest) * sizeof *to);
    if (width == 2)
        o->via.map.ptr = (msgpack_object_kv *)to;
    else
        o->via.array.ptr = to;
    o->via.array.size = put + n - rest;
}

static void change_value(doc *d, size_t f, size_t where, unsigned how, unsigned arg)
{
    size_t left = where % places(&d->at[f].payload);
    msgpack_object *o = find(&d->at[f].payload, &left);
    bool bytes = o->type == MSGPACK_OBJECT_STR || o->type == MSGPACK_OBJECT_BIN;
    bool many = o->type == MSGPACK_OBJECT_ARRAY || o->type == MSGPACK_OBJECT_MAP;
    if (how < 3 && bytes)
        change_bytes(d, o, how, arg);
    else if (how < 3 && many)
        change_count(d, o, how == 1, arg);
    else if (how < 3 && (o->type == MSGPACK_OBJECT_POSITIVE_INTEGER ||
                         o->type == MSGPACK_OBJECT_NEGATIVE_INTEGER))
        o->via.u64 += how == 0 ? 1 : how == 1 ? UINT64_MAX : arg;
    else if (how == 3) { /* what stands elsewhere */
        size_t from = arg % d->n, at = where * 7 + arg;
        at %= places(&d->at[from].payload);
        msgpack_object other = *find(&d->at[from].payload, &at);
        /* not what it would itself be a part of */
        if (other.type != MSGPACK_OBJECT_MAP && other.type != MSGPACK_OBJECT_ARRAY)
            *o = other;
    } else
        *o = hostile(d, arg);
}

static void change_frames(doc *d, size_t f, unsigned how, unsigned arg)
{
    if (how == 0 && d->n > 1) {
        memmove(d->at + f, d->at + f + 1, (d->n - f - 1) * sizeof *d->at);
        d->n--;
    } else if (how == 1 && d->n < FRAMES) {
        memmove(d->at + f + 1, d->at + f, (d->n - f) * sizeof *d->at);
        d->n++;
        if (arg & 1) /* one that nobody knows */
            d->at[f].tag = "xXyhnq"[arg / 2 % 6];
    } else if (how == 2) {
        size_t to = arg % d->n;
        frame kept = d->at[f];
        d->at[f] = d->at[to];
        d->at[to] = kept;
    } else
        d->at[f].tag = "HIRMFhnEzZ"[arg % 10];
}

/* --- reading and writing --- */

static void read_frames(doc *d, const uint8_t *bytes, size_t size)
{
    msgpack_object whole;
    for (size_t at = 0; at < size; d->n++) {
        PROMISE(d->n < FRAMES);
        PROMISE(msgpack_unpack((const char *)bytes, size, &at, &d->zone, &whole) >= 0);
        size_t in = 0;
        const msgpack_object *part = whole.via.array.ptr;
        d->at[d->n].tag = part[0].via.str.ptr[0];
        msgpack_unpack(part[1].via.bin.ptr, part[1].via.bin.size, &in, &d->zone,
                       &d->at[d->n].payload);
    }
}

static const uint8_t *base(size_t which, size_t *bytes)
{
    static uint8_t data[BASES][1 << 13];
    static size_t size[BASES];
    if (size[which] == 0) {
        char path[64];
        snprintf(path, sizeof path, "tests/golden/%s", BASE[which]);
        FILE *f = fopen(path, "rb");
        size[which] = f ? fread(data[which], 1, sizeof data[which], f) : 0;
        PROMISE(f && size[which] > 0 && size[which] < sizeof data[which]);
        fclose(f);
    }
    *bytes = size[which];
    return data[which];
}

/* Let the end frame tell the number of frames that there are. */
static void mend_end(doc *d, msgpack_object *end)
{
    for (uint32_t i = 0; end->type == MSGPACK_OBJECT_MAP && i < end->via.map.size;
         i++) {
        msgpack_object_kv *kv = &end->via.map.ptr[i];
        if (kv->key.type != MSGPACK_OBJECT_STR)
            continue;
        if (kv->key.via.str.size == 6 &&
            memcmp(kv->key.via.str.ptr, "frames", 6) == 0 &&
            kv->val.type == MSGPACK_OBJECT_POSITIVE_INTEGER)
            kv->val.via.u64 = d->n - 1;
        if (kv->key.via.str.size != 8 ||
            memcmp(kv->key.via.str.ptr, "sections", 8) != 0 ||
            kv->val.type != MSGPACK_OBJECT_MAP)
            continue;
        for (uint32_t j = 0; j < kv->val.via.map.size; j++) {
            msgpack_object_kv *count = &kv->val.via.map.ptr[j];
            uint64_t n = 0;
            if (count->key.type != MSGPACK_OBJECT_STR || count->key.via.str.size != 1 ||
                count->val.type != MSGPACK_OBJECT_POSITIVE_INTEGER)
                continue;
            for (size_t f = 0; f + 1 < d->n; f++)
                n += d->at[f].tag == count->key.via.str.ptr[0];
            count->val.via.u64 = n;
        }
    }
}

static uint8_t *write_all(const doc *d, size_t *size)
{
    msgpack_sbuffer all, one;
    msgpack_packer to, payload;
    uint64_t check = 0;
    msgpack_sbuffer_init(&all);
    msgpack_sbuffer_init(&one);
    msgpack_packer_init(&to, &all, msgpack_sbuffer_write);
    msgpack_packer_init(&payload, &one, msgpack_sbuffer_write);
    for (size_t f = 0; f < d->n; f++) {
        one.size = 0;
        msgpack_sbuffer_write(&one, &d->at[f].tag, 1);
        PROMISE(msgpack_pack_object(&payload, d->at[f].payload) == 0);
        check = XXH3_64bits_withSeed(one.data, one.size, check);
        msgpack_pack_array(&to, 3);
        msgpack_pack_str_with_body(&to, &d->at[f].tag, 1);
        msgpack_pack_bin_with_body(&to, one.data + 1, one.size - 1);
        msgpack_pack_fix_uint64(&to, check);
    }
    msgpack_sbuffer_destroy(&one);
    *size = all.size;
    return (uint8_t *)all.data; /* malloc'ed */
}

uint8_t *lies_make(const uint8_t *script, size_t n, size_t *size)
{
    size_t bytes;
    const uint8_t *frames = base(n ? script[0] % BASES : 0, &bytes);
    return lies_of(frames, bytes, script, n, size);
}

uint8_t *lies_of(const uint8_t *frames, size_t bytes, const uint8_t *script, size_t n,
                 size_t *size)
{
    doc d = {0};
    PROMISE(msgpack_zone_init(&d.zone, 1 << 14));
    read_frames(&d, frames, bytes);
    size_t changes = n ? (n - 1) / CHANGE : 0;
    for (size_t i = 0; i < changes && i < CHANGES; i++) {
        const uint8_t *c = script + 1 + CHANGE * i;
        size_t f = c[0] % d.n, where = (size_t)c[1] << 8 | c[2];
        if (c[3] < 200)
            change_value(&d, f, where, c[3] % 6, c[4]);
        else
            change_frames(&d, f, c[3] % 4, c[4]);
    }
    if (n < 2 || script[1] < 224)
        mend_end(&d, &d.at[d.n - 1].payload);
    uint8_t *data = write_all(&d, size);
    msgpack_zone_destroy(&d.zone);
    return data;
}
