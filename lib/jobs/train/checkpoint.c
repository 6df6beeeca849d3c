#include "jobs/train/checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/finite.h"
#include "wire/frame.h"
#include "wire/history.h"
#include "wire/pack_stage.h"
#include "wire/stage.h"

enum {
    VERSION = 2,
    PIECE = 4 << 20 /* bytes of factors in a frame */
};
static const char MAGIC[] = "mfpipe checkpoint";

void mf__checkpoint_free(checkpoint *c)
{
    free(c->history);
    mf_als_factors_free(&c->now);
    mf_als_factors_free(&c->best);
    *c = (checkpoint){0};
}

/* The arrays of a set of factors, in their order in the stream. */
enum { ARRAYS = 6, FLOATS = 4 };
typedef struct array {
    void *data;
    size_t bytes;
} array;

static void list_arrays(array list[ARRAYS], const mf_tensor *users,
                        const mf_tensor *items, const uint8_t *z, const uint8_t *owners,
                        size_t cells)
{
    union {
        const uint8_t *in;
        void *out;
    } persona = {z}, owner = {owners}; /* written from, or read into what the caller
                                          owns */
    list[0] = (array){users->data,
                      (size_t)users->n * users->personas * users->k * sizeof(float)};
    list[1] = (array){items->data, (size_t)items->n * items->k * sizeof(float)};
    list[2] = (array){users->bias, users->bias ? users->n * sizeof(float) : 0};
    list[3] = (array){items->bias, items->bias ? items->n * sizeof(float) : 0};
    list[4] = (array){persona.out, cells};
    list[5] = (array){owner.out, owners ? cells : 0};
}

/* --- writing --- */

typedef struct writer {
    mf_frame_writer *frames;
    wire_buffer payload;
    msgpack_packer pack;
} writer;

static msgpack_packer *begin(writer *w, size_t keys)
{
    mf__pack_clear(&w->payload);
    msgpack_pack_map(&w->pack, keys);
    return &w->pack;
}

static int put(writer *w, char tag, mf_err *err)
{
    if (w->payload.failed)
        return mf__nomem(err);
    return mf__frame_put(w->frames, tag, w->payload.data, w->payload.size, err);
}

static int put_head(writer *w, const checkpoint_of *of, uint32_t iteration,
                    const checkpoint_state *now, bool best, mf_err *err)
{
    msgpack_packer *pack = begin(w, 8);
    mf__pack_key_str(pack, "magic", MAGIC);
    mf__pack_key_u64(pack, "version", VERSION);
    mf__pack_str(pack, "stage");
    mf__stage_pack(pack, &of->stage);
    mf__pack_key_digest(pack, "ratings", of->ratings);
    mf__pack_key_u64(pack, "iteration", iteration);
    mf__pack_key_u64(pack, "personas", now->users->personas);
    mf__pack_key_bool(pack, "owners", now->next_z != NULL);
    mf__pack_key_bool(pack, "best", best);
    return put(w, 'C', err);
}

static int put_history(writer *w, size_t n, const mf_history_entry *entry, mf_err *err)
{
    int code = MF_OK;
    for (size_t first = 0, count; code == MF_OK && first < n; first += count) {
        count = n - first < HISTORY_MAX ? n - first : HISTORY_MAX;
        mf__history_pack(begin(w, 1), count, entry + first);
        code = put(w, 'h', err);
    }
    return code;
}

static int put_factors(writer *w, const checkpoint_state *s, size_t cells, mf_err *err)
{
    array list[ARRAYS];
    list_arrays(list, s->users, s->items, s->z, s->next_z, cells);
    for (int a = 0; a < ARRAYS; a++)
        for (size_t at = 0, n; at < list[a].bytes; at += n) {
            n = list[a].bytes - at < PIECE ? list[a].bytes - at : PIECE;
            mf__pack_key_bin(begin(w, 1), "data", (const uint8_t *)list[a].data + at, n,
                             1);
            int code = put(w, 'F', err);
            if (code < 0)
                return code;
        }
    return MF_OK;
}

int mf__checkpoint_write(mf_out *out, const checkpoint_of *of, uint32_t iteration,
                         const checkpoint_state *now, size_t n,
                         const mf_history_entry history[], const checkpoint_state *best,
                         mf_err *err)
{
    writer w = {0};
    int code = mf__frame_writer_open(&w.frames, out, err);
    if (code < 0)
        return code;
    w.pack = mf__packer(&w.payload);
    if ((code = put_head(&w, of, iteration, now, best != NULL, err)) == MF_OK &&
        (code = put_history(&w, n, history, err)) == MF_OK)
        code = put_factors(&w, now, of->cells, err);
    if (code == MF_OK && best)
        code = put_factors(&w, best, of->cells, err);
    if (code == MF_OK) {
        begin(&w, 0);
        code = put(&w, 'E', err);
    }
    mf__frame_writer_close(w.frames);
    mf__pack_free(&w.payload);
    return code;
}

/* --- reading --- */

typedef struct reader {
    mf_frame_reader *frames;
    const char *name;
    mf_frame frame;
    wire_map map;
} reader;

/* The next frame, which must be there. */
static int next(reader *r, mf_err *err)
{
    int code = mf__frame_next(r->frames, &r->frame, err);
    if (code == 0)
        return mf_fail(err, MF_EFORMAT, "%s: the checkpoint is cut short", r->name);
    if (code < 0)
        return code;
    const char *why = mf__map_parse(&r->map, r->frame.payload, r->frame.size);
    return why ? mf__frame_fail(r->frames, err, "%c: %s", r->frame.tag, why) : MF_OK;
}

static int bad(const reader *r, const char *why, mf_err *err)
{
    if (strcmp(why, WIRE_NO_MEMORY) == 0)
        return mf__nomem(err);
    return mf__frame_fail(r->frames, err, "%c: %s", r->frame.tag, why);
}

static const char *value_of(const mf_stage *s, const char *name)
{
    const char *value = mf__stage_value(s, name);
    return value ? value : "nothing";
}

static bool same_inputs(const mf_stage *a, const mf_stage *b)
{
    bool same = a->inputs == b->inputs;
    for (size_t i = 0; same && i < a->inputs; i++)
        same = a->input[i].digest == b->input[i].digest;
    return same;
}

/* What to type where an option that was not given follows from -n. */
static const char *hint(const char *name)
{
    return strcmp(name, "patience") == 0
               ? ", and --patience depends on it: give both (0 for nothing)"
               : "";
}

/* Fail where the run that wrote the checkpoint was another one. */
static int compare(const reader *r, const mf_stage *was, const mf_stage *is,
                   mf_err *err)
{
    if (strcmp(was->version, is->version) != 0)
        return mf_fail(err, MF_EFORMAT,
                       "%s: the checkpoint is of version %s, this is %s; train anew",
                       r->name, was->version, is->version);
    for (int way = 0; way < 2; way++) {
        const mf_stage *all = way ? is : was;
        for (size_t i = 0; i < all->options; i++) {
            const char *name = all->option[i].name;
            const char *a = value_of(was, name), *b = value_of(is, name);
            if (strcmp(a, b) != 0)
                return mf_fail(
                    err, MF_EFORMAT,
                    "%s: the checkpoint was made with %s %s, not %s; only -n may "
                    "differ%s",
                    r->name, name, a, b, hint(name));
        }
    }
    if (was->seed != is->seed)
        return mf_fail(err, MF_EFORMAT,
                       "%s: the checkpoint was made with seed %llu, not %llu", r->name,
                       (unsigned long long)was->seed, (unsigned long long)is->seed);
    if (!same_inputs(was, is))
        return mf_fail(err, MF_EFORMAT,
                       "%s: the checkpoint started from another --init model", r->name);
    return MF_OK;
}

static int read_head(reader *r, checkpoint *c, const checkpoint_of *of,
                     uint32_t *personas, bool *owners, mf_err *err)
{
    char magic[32] = "";
    mf_stage was;
    uint64_t ratings = 0, version = 0;
    const char *why;
    int code = mf__frame_next(r->frames, &r->frame, err);
    if (code < 0)
        return code;
    if (code == 0 || r->frame.tag != 'C' ||
        mf__map_parse(&r->map, r->frame.payload, r->frame.size) ||
        mf__map_name(&r->map, "magic", true, magic, sizeof magic) ||
        strcmp(magic, MAGIC) != 0)
        return mf_fail(err, MF_EFORMAT, "%s: not a checkpoint of mf-als", r->name);
    if ((why = mf__map_u64(&r->map, "version", UINT64_MAX, true, &version)))
        return bad(r, why, err);
    if (version != VERSION)
        return mf_fail(err, MF_EFORMAT,
                       "%s: a checkpoint of another version; train anew", r->name);
    wire_span stage = mf__map_raw(&r->map, "stage");
    if ((why = stage.data ? mf__stage_unpack(stage, &was) : "key 'stage' is missing") ||
        (why = mf__map_u64(&r->map, "ratings", UINT64_MAX, true, &ratings)) ||
        (why = mf__map_u32(&r->map, "iteration", true, &c->iteration)) ||
        (why = mf__map_u32(&r->map, "personas", true, personas)) ||
        (why = mf__map_bool(&r->map, "owners", owners)) ||
        (why = mf__map_bool(&r->map, "best", &c->has_best)))
        return bad(r, why, err);
    if ((code = compare(r, &was, &of->stage, err)) < 0)
        return code;
    if (ratings != of->ratings)
        return mf_fail(err, MF_EFORMAT,
                       "%s: the checkpoint was made from other ratings", r->name);
    if (*personas != 1 && *personas != of->personas)
        return bad(r, "key 'personas' has a wrong type or range", err);
    return MF_OK;
}

static int read_history(reader *r, checkpoint *c, mf_err *err)
{
    const char *why =
        mf__history_unpack(&r->map, &c->history, &c->history_n, &c->history_cap);
    return why ? bad(r, why, err) : MF_OK;
}

static int make_room(mf_als_factors *f, const checkpoint_of *of, uint32_t personas,
                     bool owners, mf_err *err)
{
    int code = mf_tensor_alloc(&f->users, of->users, personas, of->k, err);
    if (code == MF_OK)
        code = mf_tensor_alloc(&f->items, of->items, 1, of->k, err);
    if (code == MF_OK && of->bias)
        code = mf_tensor_add_bias(&f->users, err);
    if (code == MF_OK && of->bias)
        code = mf_tensor_add_bias(&f->items, err);
    if (code == MF_OK && !(f->z = mf__new(of->cells, 1)))
        code = mf__nomem(err);
    if (code == MF_OK && owners && !(f->next_z = mf__new(of->cells, 1)))
        code = mf__nomem(err);
    return code;
}

/* The frame at hand is the first; on return it is what follows the last. */
static int read_factors(reader *r, mf_als_factors *f, const checkpoint_of *of,
                        uint32_t personas, bool owners, mf_err *err)
{
    array list[ARRAYS];
    int code = make_room(f, of, personas, owners, err);
    if (code < 0)
        return code;
    list_arrays(list, &f->users, &f->items, f->z, f->next_z, of->cells);
    for (int a = 0; a < ARRAYS; a++)
        for (size_t at = 0; at < list[a].bytes;) {
            wire_span data = {0};
            const char *why = mf__map_bin(&r->map, "data", true, &data);
            if (r->frame.tag != 'F' || why || data.size == 0 ||
                data.size > list[a].bytes - at)
                return bad(r, why ? why : "the frames of factors do not fit", err);
            memcpy((uint8_t *)list[a].data + at, data.data, data.size);
            at += data.size;
            if ((code = next(r, err)) < 0)
                return code;
        }
    for (int a = 0; a < FLOATS; a++)
        if (!mf__floats_finite(list[a].data, list[a].bytes / sizeof(float)))
            return bad(r, "a factor before it is not finite", err);
    for (size_t t = 0; t < of->cells; t++)
        if (f->z[t] >= personas || (owners && f->next_z[t] >= personas))
            return bad(r, "a cell belongs to a persona that is not there", err);
    return MF_OK;
}

static int read_all(reader *r, checkpoint *c, const checkpoint_of *of, mf_err *err)
{
    uint32_t personas = 0;
    bool owners = false;
    int code = read_head(r, c, of, &personas, &owners, err);
    if (code == MF_OK)
        code = next(r, err);
    while (code == MF_OK && r->frame.tag == 'h') {
        code = read_history(r, c, err);
        if (code == MF_OK)
            code = next(r, err);
    }
    if (code == MF_OK)
        code = read_factors(r, &c->now, of, personas, owners, err);
    if (code == MF_OK && c->has_best)
        code = read_factors(r, &c->best, of, of->personas, false, err);
    if (code == MF_OK && r->frame.tag != 'E')
        code = bad(r, "the frame is out of order", err);
    if (code == MF_OK && (code = mf__frame_next(r->frames, &r->frame, err)) == 1)
        code = mf__frame_fail(r->frames, err, "a frame follows the end frame");
    return code;
}

int mf__checkpoint_read(checkpoint *c, mf_in *in, const checkpoint_of *of, mf_err *err)
{
    reader r = {.name = mf_in_name(in)};
    *c = (checkpoint){0};
    int code = mf__frame_reader_open(&r.frames, in, err);
    if (code < 0)
        return code;
    code = read_all(&r, c, of, err);
    mf__frame_reader_close(r.frames);
    if (code < 0)
        mf__checkpoint_free(c);
    return code;
}
