#include "aid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xxhash.h>

#include "mf/model.h"
#include "wire/frame.h"
#include "wire/map.h"
#include "wire/writer.h"

static void stop(const char *why)
{
    fprintf(stderr, "# aid: %s\n", why);
    abort();
}

void aid_add(aid_bytes *b, const void *data, size_t size)
{
    if (b->size + size > b->cap) {
        b->cap = 2 * (b->size + size) + 64;
        b->data = realloc(b->data, b->cap);
        if (!b->data)
            stop("out of memory");
    }
    if (size)
        memcpy(b->data + b->size, data, size);
    b->size += size;
}

void aid_free(aid_bytes *b)
{
    free(b->data);
    *b = (aid_bytes){0};
}

/* Two scratch files serve all inputs and outputs: a test makes thousands. */
static int scratch(int i)
{
    static int fd[2] = {-1, -1};
    if (fd[i] < 0 && (fd[i] = memfd_create("aid", 0)) < 0)
        stop("no memfd");
    if (ftruncate(fd[i], 0) < 0 || lseek(fd[i], 0, SEEK_SET) < 0)
        stop("no scratch file");
    return fd[i];
}

mf_in *aid_in(const void *data, size_t size)
{
    mf_in *in;
    int fd = scratch(0);
    if (size && pwrite(fd, data, size, 0) != (ssize_t)size)
        stop("cannot write to memory");
    if (mf_in_open(&in, fd, "test", NULL) < 0)
        stop("no input");
    return in;
}

void aid_in_close(mf_in *in)
{
    mf_in_close(in);
}

mf_out *aid_out(int *fd)
{
    mf_out *out;
    *fd = scratch(1);
    if (mf_out_open(&out, *fd, "test", NULL) < 0)
        stop("no output");
    return out;
}

aid_bytes aid_out_close(mf_out *out, int fd)
{
    aid_bytes b = {0};
    uint8_t piece[4096];
    if (mf_out_flush(out, NULL) < 0)
        stop("cannot flush");
    mf_out_close(out);
    off_t at = 0;
    for (ssize_t got; (got = pread(fd, piece, sizeof piece, at)) > 0; at += got)
        aid_add(&b, piece, (size_t)got);
    return b;
}

size_t aid_head(uint8_t to[AID_VALUE], uint8_t kind, uint32_t n)
{
    to[0] = kind;
    for (int i = 0; i < 4; i++)
        to[1 + i] = (uint8_t)(n >> (24 - 8 * i));
    return 5;
}

size_t aid_u64(uint8_t to[AID_VALUE], uint64_t x)
{
    to[0] = 0xcf;
    for (int i = 0; i < 8; i++)
        to[1 + i] = (uint8_t)(x >> (56 - 8 * i));
    return 9;
}

size_t aid_f64(uint8_t to[AID_VALUE], double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    aid_u64(to, bits);
    to[0] = 0xcb;
    return 9;
}

void aid_frame(aid_frames *f, char tag, const void *payload, size_t size)
{
    uint8_t head[AID_VALUE], start[3] = {0x93, 0xa1, (uint8_t)tag};
    aid_bytes hashed = {0};
    aid_add(&hashed, &tag, 1);
    aid_add(&hashed, payload, size);
    f->check = XXH3_64bits_withSeed(hashed.data, hashed.size, f->check);
    aid_free(&hashed);
    aid_add(&f->bytes, start, sizeof start);
    aid_add(&f->bytes, head, aid_head(head, 0xc6, (uint32_t)size));
    aid_add(&f->bytes, payload, size);
    aid_add(&f->bytes, head, aid_u64(head, f->check));
}

aid_doc *aid_doc_read(const void *data, size_t size)
{
    aid_doc *doc = calloc(1, sizeof *doc);
    mf_in *in = aid_in(data, size);
    mf_frame_reader *r = NULL;
    mf_frame frame;
    static wire_map map;
    if (!doc || mf__frame_reader_open(&r, in, NULL) < 0)
        stop("out of memory");
    while (mf__frame_next(r, &frame, NULL) == 1) {
        if (doc->n == AID_FRAMES || mf__map_parse(&map, frame.payload, frame.size))
            stop("the bundle cannot be taken apart");
        doc->part[doc->n++].tag = frame.tag;
        for (size_t i = 0; i < map.n; i++) {
            char key[32];
            snprintf(key, sizeof key, "%.*s", (int)map.entry[i].key_len,
                     map.entry[i].key);
            aid_doc_set(doc, doc->n - 1, key, map.entry[i].value.data,
                        map.entry[i].value.size);
        }
    }
    mf__frame_reader_close(r);
    aid_in_close(in);
    return doc;
}

aid_bytes aid_doc_write(const aid_doc *doc)
{
    aid_frames out = {0};
    for (size_t i = 0; i < doc->n; i++) {
        const aid_part *part = &doc->part[i];
        aid_bytes payload = {0};
        uint8_t head[AID_VALUE];
        aid_add(&payload, head, aid_head(head, 0xdf, (uint32_t)part->n));
        for (size_t j = 0; j < part->n; j++) {
            size_t len = strlen(part->field[j].key);
            aid_add(&payload, head, aid_head(head, 0xdb, (uint32_t)len));
            aid_add(&payload, part->field[j].key, len);
            aid_add(&payload, part->field[j].value.data, part->field[j].value.size);
        }
        aid_frame(&out, part->tag, payload.data, payload.size);
        aid_free(&payload);
    }
    return out.bytes;
}

static void free_part(aid_part *part)
{
    for (size_t i = 0; i < part->n; i++)
        aid_free(&part->field[i].value);
    part->n = 0;
}

void aid_doc_free(aid_doc *doc)
{
    for (size_t i = 0; i < doc->n; i++)
        free_part(&doc->part[i]);
    free(doc);
}

void aid_doc_set(aid_doc *doc, size_t i, const char *key, const void *value,
                 size_t size)
{
    aid_part *part = &doc->part[i];
    size_t at = 0;
    while (at < part->n && strcmp(part->field[at].key, key) != 0)
        at++;
    aid_bytes old = at < part->n ? part->field[at].value : (aid_bytes){0};
    if (size == 0) {
        if (at < part->n) {
            memmove(&part->field[at], &part->field[at + 1],
                    (part->n - at - 1) * sizeof *part->field);
            part->n--;
        }
    } else {
        aid_bytes fresh = {0};
        if (at == AID_FIELDS)
            stop("too many fields");
        aid_add(&fresh, value, size); /* value may lie in what is replaced */
        if (at == part->n)
            snprintf(part->field[part->n++].key, sizeof part->field->key, "%s", key);
        part->field[at].value = fresh;
    }
    aid_free(&old);
}

void aid_doc_set_u64(aid_doc *doc, size_t i, const char *key, uint64_t value)
{
    uint8_t v[AID_VALUE];
    aid_doc_set(doc, i, key, v, aid_u64(v, value));
}

void aid_doc_set_bin(aid_doc *doc, size_t i, const char *key, const void *data,
                     size_t size)
{
    uint8_t head[AID_VALUE];
    aid_bytes v = {0};
    aid_add(&v, head, aid_head(head, 0xc6, (uint32_t)size));
    aid_add(&v, data, size);
    aid_doc_set(doc, i, key, v.data, v.size);
    aid_free(&v);
}

void aid_doc_insert(aid_doc *doc, size_t i, char tag)
{
    if (doc->n == AID_FRAMES)
        stop("too many frames");
    memmove(&doc->part[i + 1], &doc->part[i], (doc->n - i) * sizeof *doc->part);
    doc->n++;
    memset(&doc->part[i], 0, sizeof doc->part[i]);
    doc->part[i].tag = tag;
}

void aid_doc_remove(aid_doc *doc, size_t i)
{
    free_part(&doc->part[i]);
    memmove(&doc->part[i], &doc->part[i + 1], (doc->n - i - 1) * sizeof *doc->part);
    doc->n--;
}

void aid_doc_count(aid_doc *doc)
{
    uint64_t count[128] = {0};
    uint32_t kinds = 0;
    uint8_t v[AID_VALUE];
    aid_bytes sections = {0};
    for (size_t i = 0; i + 1 < doc->n; i++)
        kinds += count[(unsigned char)doc->part[i].tag & 127]++ == 0;
    aid_add(&sections, v, aid_head(v, 0xdf, kinds));
    for (int tag = 0; tag < 128; tag++)
        if (count[tag]) {
            const uint8_t key[2] = {0xa1, (uint8_t)tag};
            aid_add(&sections, key, sizeof key);
            aid_add(&sections, v, aid_u64(v, count[tag]));
        }
    aid_doc_set_u64(doc, doc->n - 1, "frames", doc->n - 1);
    aid_doc_set(doc, doc->n - 1, "sections", sections.data, sections.size);
    aid_free(&sections);
}

size_t aid_doc_find(const aid_doc *doc, char tag, size_t n)
{
    for (size_t i = 0; i < doc->n; i++)
        if (doc->part[i].tag == tag && n-- == 0)
            return i;
    stop("no such frame");
    return 0;
}

static void must(int code)
{
    if (code < 0)
        stop("the sample cannot be written");
}

enum { USERS = 5, ITEMS = 6, NNZ = 13, TRAIN = 9 };

static void put_names(mf_bundle_writer *w, mf_axis axis, const char *const names[],
                      uint32_t n)
{
    mf_ids ids = {0};
    for (uint32_t i = 0; i < n; i++)
        must(mf_ids_append(&ids, names[i], strlen(names[i]), NULL));
    must(mf_bundle_put_ids(w, axis, &ids, NULL));
    mf_ids_free(&ids);
}

/* The digests of the sample's cells, as they stand in a model card. */
static void digest_cells(mf_value value, uint64_t *train, uint64_t *held_out)
{
    aid_bytes b = aid_sample(0, value);
    mf_in *in = aid_in(b.data, b.size);
    mf_model m;
    must(mf_model_load(&m, in, MF_WANT_RATINGS, NULL, NULL, NULL));
    must(mf_ratings_digest(&m.ratings, 1u << MF_TRAIN, true, train, NULL));
    must(mf_ratings_digest(&m.ratings, 1u << MF_VALID | 1u << MF_TEST, false, held_out,
                           NULL));
    mf_model_free(&m);
    aid_in_close(in);
    aid_free(&b);
}

static void put_model(mf_bundle_writer *w, uint32_t personas, uint64_t train,
                      uint64_t held_out)
{
    static const size_t zptr[USERS + 1] = {0, 5, 7, 7, 8, TRAIN};
    static const uint8_t z[TRAIN] = {0, 1, 2, 1, 0, 1, 1, 0, 2};
    mf_card card = {.k = 2,
                    .personas = personas,
                    .preset = "implicit",
                    .init = "cluster",
                    .overlap = 0.5,
                    .unobserved = 0.1,
                    .lambda_users = 0.01,
                    .lambda_items = 0.02,
                    .nu = 1,
                    .iterations = 2,
                    .warmup = 1,
                    .seed = 7,
                    .train = train,
                    .held_out = held_out};
    const mf_history_entry history[3] = {
        {.iteration = 0,
         .half = "start",
         .loss = 12.5,
         .prediction = 12,
         .users = 0.25,
         .items = 0.25,
         .rmse = 0.5,
         .valid = 0.125,
         .moved = (double)NAN},
        {.iteration = 1,
         .half = "items",
         .loss = 11,
         .prediction = 10.5,
         .users = 0.25,
         .items = 0.25,
         .rmse = 0.25,
         .valid = (double)NAN,
         .moved = 0.5},
        {.iteration = 1,
         .half = "users",
         .loss = 10,
         .prediction = 9.5,
         .users = 0.25,
         .items = 0.25,
         .rmse = 0.125,
         .valid = 0.25,
         .moved = 0},
    };
    mf_tensor users, items;
    must(mf_tensor_alloc(&users, USERS, personas, 2, NULL));
    must(mf_tensor_alloc(&items, ITEMS, 1, 2, NULL));
    for (uint32_t i = 0; i < USERS * personas * 2; i++)
        users.data[i] = (float)i / 8 - 1;
    for (uint32_t i = 0; i < ITEMS * 2; i++)
        items.data[i] = 1 - (float)i / 4;
    must(mf_bundle_put_card(w, &card, NULL));
    must(mf_bundle_put_factors(w, MF_ITEM, &items, NULL, NULL, NULL));
    must(mf_bundle_put_factors(w, MF_USER, &users, zptr, z, NULL));
    must(mf_bundle_put_history(w, 3, history, NULL));
    mf_tensor_free(&users);
    mf_tensor_free(&items);
}

aid_bytes aid_sample(uint32_t personas, mf_value value)
{
    static const char *const users[USERS] = {"anna", "bob", "j\xc3\xb6rg", "zo\xc3\xab",
                                             "\xe5\xb1\xb1\xe7\x94\xb0"};
    static const char *const items[ITEMS] = {
        "ABBA", "Bj\xc3\xb6rk", "Can",
        "Neu!", "Sun Ra",       "\xd0\x9a\xd0\xb8\xd0\xbd\xd0\xbe"};
    static const uint32_t len[USERS] = {6, 3, 1, 1, 2};
    static const uint32_t item[NNZ] = {0, 1, 2, 3, 4, 5, 1, 3, 5, 0, 2, 0, 5};
    static const uint32_t count[NNZ] = {1, 2, 3, 4, 5,        4294967295, 7,
                                        8, 9, 1, 1, 16777217, 2};
    static const float real[NNZ] = {1, -2, 0.5f, 4, 5, 3e38f, 7, 8, 1e-40f, 1, 1, 0, 2};
    static const uint8_t fold[NNZ] = {0, 0, 0, 2, 0, 0, 0, 1, 0, 3, 0, 0, 2};
    mf_header header = {
        .users = USERS, .items = ITEMS, .nnz = NNZ, .nnz_known = true, .value = value};
    mf_stage stage = mf_stage_make("sample");
    mf_bundle_writer *w;
    uint64_t train = 0, held_out = 0;
    if (personas)
        digest_cells(value, &train, &held_out);
    int fd;
    mf_out *out = aid_out(&fd);
    must(mf_bundle_writer_open(&w, out, NULL));
    mf__writer_row_cells(w, 4);
    must(mf_bundle_put_header(w, &header, NULL, NULL));
    put_names(w, MF_USER, users, USERS);
    put_names(w, MF_ITEM, items, ITEMS);
    for (size_t u = 0, at = 0; u < USERS; at += len[u++])
        must(mf_bundle_put_row(w, len[u], item + at,
                               value == MF_U32 ? (const void *)(count + at) : real + at,
                               fold + at, NULL));
    if (personas)
        put_model(w, personas, train, held_out);
    mf_stage_seed(&stage, 7);
    mf_stage_option(&stage, "test", "%s", "0.15");
    mf_stage_number(&stage, "lambda", 0.01);
    mf_stage_input(&stage, "triplets", 0x0123456789abcdef);
    must(mf_bundle_put_end(w, NULL, &stage, NULL));
    mf_bundle_writer_close(w);
    return aid_out_close(out, fd);
}

aid_bytes aid_sample_foreign(void)
{
    static const uint8_t yes[] = {0xc3}, note[] = {0xa5, 'h', 'e', 'l', 'l', 'o'},
                         nested[] = {0x82, 0xa1, 'a', 0x93, 1, 2, 3, 0xa1, 'b', 0xc0};
    aid_bytes plain = aid_sample(3, MF_U32);
    aid_doc *doc = aid_doc_read(plain.data, plain.size);
    for (size_t i = 0; i < doc->n; i++)
        aid_doc_set(doc, i, "x_note", note, sizeof note);
    aid_doc_set(doc, 0, "x_nested", nested, sizeof nested);
    aid_doc_insert(doc, aid_doc_find(doc, 'M', 0), 'x');
    aid_doc_set(doc, aid_doc_find(doc, 'x', 0), "safe", yes, 1);
    aid_doc_set(doc, aid_doc_find(doc, 'x', 0), "names", nested, sizeof nested);
    aid_doc_insert(doc, doc->n - 1, 'y');
    aid_doc_set(doc, aid_doc_find(doc, 'y', 0), "clusters", nested, sizeof nested);
    aid_doc_count(doc);
    aid_bytes result = aid_doc_write(doc);
    aid_doc_free(doc);
    aid_free(&plain);
    return result;
}

void aid_doc_note(aid_doc *doc, size_t i, const char *text)
{
    static const uint8_t yes[] = {0xc3};
    aid_bytes v = {0};
    uint8_t head[AID_VALUE];
    aid_add(&v, head, aid_head(head, 0xdb, (uint32_t)strlen(text)));
    aid_add(&v, text, strlen(text));
    aid_doc_insert(doc, i, 'n');
    aid_doc_set(doc, i, "safe", yes, sizeof yes);
    aid_doc_set(doc, i, "text", v.data, v.size);
    aid_doc_count(doc);
    aid_free(&v);
}

static uint64_t mix(uint64_t sum, const void *data, size_t size)
{
    return data ? XXH3_64bits_withSeed(data, size, sum) : sum;
}

static uint64_t look(uint64_t sum, const mf_record *rec)
{
    const mf_row_block *r = &rec->rows;
    const mf_factor_block *f = &rec->factors;
    size_t bytes = 0;
    sum = mix(sum, &rec->tag, 1);
    switch (rec->kind) {
    case MF_REC_HEADER:
        return sum + rec->header.nnz + rec->header.users + rec->header.items;
    case MF_REC_IDS:
        for (uint32_t i = 0; i < rec->ids.n; i++)
            bytes += rec->ids.len[i];
        return mix(sum, rec->ids.text, bytes);
    case MF_REC_ROWS:
        sum = mix(mix(sum, r->len, 4 * (size_t)r->n), r->item, 4 * r->cells);
        sum = mix(mix(mix(sum, r->u32, 4 * r->cells), r->f32, 4 * r->cells), r->fold,
                  r->cells);
        return mix(sum, r->time, sizeof *r->time * r->cells);
    case MF_REC_CARD: return sum + rec->card.train + rec->card.k;
    case MF_REC_FACTORS:
        sum = mix(sum, f->data, sizeof(float) * f->n * f->personas * f->k);
        return mix(mix(sum, f->len, 4 * (size_t)f->n), f->z, f->z_size);
    case MF_REC_HISTORY:
        for (size_t i = 0; i < rec->history.n; i++)
            sum = mix(sum, &rec->history.entry[i].loss, sizeof(double));
        return sum;
    case MF_REC_NOTE: return mix(sum, rec->note.text, rec->note.len) + rec->safe;
    default: return sum + rec->safe;
    }
}

int aid_read(const void *data, size_t size, uint64_t *sum, mf_err *err)
{
    mf_in *in = aid_in(data, size);
    mf_bundle_reader *r;
    const mf_record *rec;
    uint64_t all = 0;
    int code = mf_bundle_reader_open(&r, in, err);
    if (code == MF_OK) {
        while ((code = mf_bundle_next(r, &rec, err)) == 1)
            all = look(all, rec);
        mf_stage stage;
        for (size_t i = 0; code == 0 && i < mf_bundle_stages(r); i++)
            if ((code = mf_bundle_stage(r, i, &stage, err)) == 0)
                all = mix(all, stage.tool, strlen(stage.tool));
        mf_bundle_reader_close(r);
    }
    aid_in_close(in);
    if (sum)
        *sum = all;
    return code;
}

int aid_pass_stream(mf_in *in, mf_out *out, bool rewrite, mf_err *err)
{
    mf_bundle_reader *r = NULL;
    mf_bundle_writer *w = NULL;
    const mf_record *rec;
    mf_stage stage = mf_stage_make("aid");
    int code = mf_bundle_reader_open(&r, in, err);
    if (code == MF_OK)
        code = mf_bundle_writer_open(&w, out, err);
    while (code >= 0 && (code = mf_bundle_next(r, &rec, err)) == 1) {
        if (rewrite && rec->kind == MF_REC_HEADER)
            code = mf_bundle_put_header(w, &rec->header, rec, err);
        else if (rewrite && rec->kind == MF_REC_ROWS)
            code = mf_bundle_put_rows_like(w, rec, rec->rows.u32 ? MF_U32 : MF_F32,
                                           NULL, NULL, err);
        else
            code = mf_bundle_pass(w, rec, err);
    }
    if (code == 0)
        code = mf_bundle_put_end(w, r, &stage, err);
    mf_bundle_writer_close(w);
    mf_bundle_reader_close(r);
    return code;
}

int aid_pass(const void *data, size_t size, bool rewrite, aid_bytes *result,
             mf_err *err)
{
    int fd;
    mf_in *in = aid_in(data, size);
    mf_out *out = aid_out(&fd);
    int code = aid_pass_stream(in, out, rewrite, err);
    aid_in_close(in);
    *result = aid_out_close(out, fd);
    if (code < 0)
        aid_free(result);
    return code;
}

static bool same_field(const aid_field *f, const aid_field in[], size_t n)
{
    size_t at = 0;
    while (at < n && strcmp(in[at].key, f->key) != 0)
        at++;
    return at < n && f->value.size == in[at].value.size &&
           (f->value.size == 0 ||
            memcmp(f->value.data, in[at].value.data, f->value.size) == 0);
}

bool aid_same_but_end(const aid_bytes *a, const aid_bytes *b)
{
    aid_doc *x = aid_doc_read(a->data, a->size), *y = aid_doc_read(b->data, b->size);
    bool same = x->n == y->n;
    for (size_t i = 0; same && i + 1 < x->n; i++) {
        same = x->part[i].tag == y->part[i].tag && x->part[i].n == y->part[i].n;
        for (size_t j = 0; same && j < x->part[i].n; j++)
            same = same_field(&x->part[i].field[j], y->part[i].field, y->part[i].n);
    }
    aid_doc_free(x);
    aid_doc_free(y);
    return same;
}
