/* A part as frames: a head P, a frame S for each subject, frames I of ids, frames V of
 * the arrays, one after the other, and an end E. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jobs/evaluate/part.h"
#include "jobs/evaluate/part_wire.h"
#include "wire/frame.h"
#include "wire/pack.h"

typedef struct writer {
    mf_frame_writer *frames;
    wire_buffer payload;
    msgpack_packer pack;
    uint8_t *room; /* [PART_PIECE] */
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

static void pack_metrics(msgpack_packer *pack, const mf_metric_list *list)
{
    char text[PART_METRICS] = "";
    size_t n = 0;
    for (size_t m = 0; m < list->n; m++) {
        size_t len = strlen(list->metric[m].name);
        if (m > 0)
            text[n++] = ',';
        memcpy(text + n, list->metric[m].name, len);
        n += len;
    }
    mf__pack_key_text(pack, "metrics", text, n);
}

static void pack_bounds(msgpack_packer *pack, const mf_evaluation *e)
{
    uint32_t bound[2 * MF_SLICES_MAX];
    for (size_t i = 1; i < e->slices; i++) {
        bound[2 * i - 2] = e->slice[i].low;
        bound[2 * i - 1] = e->slice[i].high;
    }
    mf__pack_key_bin(pack, "bounds", bound, 2 * (e->slices - 1), sizeof *bound);
}

static int put_head(writer *w, const evaluation_part *part, mf_err *err)
{
    const mf_evaluation *e = &part->e;
    msgpack_packer *pack = begin(w, PART_HEAD_KEYS);
    mf__pack_key_str(pack, "magic", PART_MAGIC);
    mf__pack_key_u64(pack, "version", PART_FORMAT);
    mf__pack_key_str(pack, "program", part->version);
    mf__pack_key_u64(pack, "shard", part->shard);
    mf__pack_key_u64(pack, "shards", part->shards);
    mf__pack_key_u64(pack, "first", part->first);
    mf__pack_key_u64(pack, "all", part->all);
    mf__pack_key_u64(pack, "users", e->ids.n);
    mf__pack_key_u64(pack, "left_out", e->left_out);
    pack_metrics(pack, &e->metrics);
    mf__pack_key_f64(pack, "relevant", (double)e->relevant);
    mf__pack_key_u64(pack, "baselines", part->baselines);
    mf__pack_key_u64(pack, "by", part->by);
    mf__pack_key_u64(pack, "slices", part->slices);
    mf__pack_key_bool(pack, "different_splits", part->different_splits);
    mf__pack_key_u64(pack, "bootstrap", part->replicates);
    mf__pack_key_digest(pack, "seed", part->seed);
    mf__pack_key_bool(pack, "has_ratings", part->has_ratings);
    mf__pack_key_digest(pack, "ratings", part->ratings);
    mf__pack_key_str(pack, "truth", e->truth);
    mf__pack_key_u64(pack, "models", part->models);
    mf__pack_key_u64(pack, "lists", part->lists);
    mf__pack_key_u64(pack, "splits", e->splits);
    pack_bounds(pack, e);
    return put(w, 'P', err);
}

static int put_subject(writer *w, const mf_subject *s, mf_err *err)
{
    msgpack_packer *pack =
        begin(w, PART_SUBJECT_KEYS + (s->listed ? PART_LIST_KEYS : 0));
    mf__pack_key_str(pack, "name", s->name);
    mf__pack_key_digest(pack, "digest", s->digest);
    mf__pack_key_u64(pack, "target", s->target);
    mf__pack_key_bool(pack, "own_values", s->own_values);
    mf__pack_key_bool(pack, "own_scale", s->own_scale);
    mf__pack_key_bool(pack, "ranks", s->ranks);
    mf__pack_key_u64(pack, "personas", s->personas);
    mf__pack_key_digest(pack, "known", s->known);
    mf__pack_key_u64(pack, "cells", s->cells);
    mf__pack_key_bool(pack, "by_bias", s->by_bias);
    mf__pack_key_u64(pack, "items", s->items);
    const mf_list_counts *c = &s->list;
    if (s->listed) {
        mf__pack_key_u64(pack, "listed", c->lists);
        mf__pack_key_u64(pack, "missing", c->missing);
        mf__pack_key_u64(pack, "shortest", c->shortest);
        mf__pack_key_u64(pack, "longest", c->longest);
        mf__pack_key_u64(pack, "unknown_users", c->unknown_users);
        mf__pack_key_u64(pack, "unknown_items", c->unknown_items);
        mf__pack_key_u64(pack, "unknown_places", c->unknown_places);
        mf__pack_key_u64(pack, "known_places", c->known);
        mf__pack_key_u64(pack, "validation_places", c->known_valid);
        mf__pack_key_u64(pack, "repeated_places", c->twice);
        mf__pack_key_u64(pack, "tied_lists", c->tied_lists);
        mf__pack_key_u64(pack, "tied_places", c->tied);
        mf__pack_key_bool(pack, "are_ranks", c->ranked);
        mf__pack_key_bool(pack, "taken_as_ranks", c->taken_as_ranks);
        mf__pack_key_bool(pack, "from_zero", c->from_zero);
        mf__pack_key_str(pack, "user", c->user);
        mf__pack_key_str(pack, "item", c->item);
    }
    return put(w, 'S', err);
}

static int put_ids(writer *w, const mf_ids *ids, mf_err *err)
{
    int code = MF_OK;
    uint32_t *length = mf__new(PART_IDS, sizeof *length);
    if (!length)
        return mf__nomem(err);
    for (uint32_t first = 0, n; code == MF_OK && first < ids->n; first += n) {
        size_t base = ids->off[first];
        for (n = 0; n < PART_IDS && n < ids->n - first; n++) {
            if (n > 0 && ids->off[first + n + 1] - base > PART_PIECE)
                break;
            length[n] = (uint32_t)(ids->off[first + n + 1] - ids->off[first + n]);
        }
        msgpack_packer *pack = begin(w, 2);
        mf__pack_key_bin(pack, "len", length, n, sizeof *length);
        mf__pack_key_text(pack, "text", ids->text + base, ids->off[first + n] - base);
        code = put(w, 'I', err);
    }
    free(length);
    return code;
}

/* n elements from `at` on, as they are stored. */
static const void *stored(writer *w, const part_array *a, size_t at, size_t n)
{
    const uint8_t *data = mf__part_data(a);
    const size_t size = mf__part_stored(a->type);
    if (data && mf__part_size(a->type) == size)
        return data + at * size;
    memset(w->room, 0, n * size);
    for (size_t i = 0; data && i < n; i++) {
        double x;
        memcpy(&x, data + (at + i) * sizeof x, sizeof x);
        const uint32_t whole = (uint32_t)x;
        if (a->type == PART_FLAG)
            w->room[i] = (uint8_t)whole;
        else
            memcpy(w->room + i * size, &whole, size);
    }
    return w->room;
}

static int put_array(writer *w, const part_array *a, mf_err *err)
{
    const size_t size = mf__part_stored(a->type), all = a->blocks * a->of;
    int code = MF_OK;
    for (size_t at = 0, n; code == MF_OK && at < all; at += n) {
        n = all - at < PART_PIECE / size ? all - at : PART_PIECE / size;
        mf__pack_key_bin(begin(w, 1), "data", stored(w, a, at, n), n, size);
        code = put(w, 'V', err);
    }
    return code;
}

static int check_names(const mf_evaluation *e, mf_err *err)
{
    const char *name = e->truth;
    for (size_t s = 0; s < e->subjects && strlen(name) < PART_NAME; s++)
        name = e->subject[s].name;
    if (strlen(name) < PART_NAME)
        return MF_OK;
    return mf_fail(err, MF_ERANGE, "%.60s...: a name of %d bytes or more", name,
                   PART_NAME);
}

static int put_all(writer *w, const evaluation_part *part, mf_err *err)
{
    evaluation_part listed = *part; /* of which slots are, for arrays that stay */
    part_array *array;
    size_t n;
    int code = check_names(&part->e, err);
    if (code == MF_OK)
        code = put_head(w, part, err);
    for (size_t s = 0; code == MF_OK && s < part->e.subjects; s++)
        code = put_subject(w, &part->e.subject[s], err);
    if (code == MF_OK)
        code = put_ids(w, &part->e.ids, err);
    if (code == MF_OK)
        code = mf__part_arrays(&array, &n, &listed, err);
    if (code < 0)
        return code;
    for (size_t i = 0; code == MF_OK && i < n; i++)
        code = put_array(w, &array[i], err);
    free(array);
    if (code < 0)
        return code;
    begin(w, 0);
    return put(w, 'E', err);
}

int mf__part_write(const evaluation_part *part, mf_out *out, mf_err *err)
{
    writer w = {.room = mf__new(PART_PIECE, 1)};
    if (!w.room)
        return mf__nomem(err);
    int code = mf__frame_writer_open(&w.frames, out, err);
    if (code == MF_OK) {
        w.pack = mf__packer(&w.payload);
        code = put_all(&w, part, err);
        mf__frame_writer_close(w.frames);
    }
    mf__pack_free(&w.payload);
    free(w.room);
    return code;
}
