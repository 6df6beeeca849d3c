/* Whatever a file says is held against what came before it; arrays grow with what
 * comes, so that a lie about a number reserves nothing. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "data/ids.h"
#include "data/shard.h"
#include "jobs/evaluate/part.h"
#include "jobs/evaluate/part_wire.h"
#include "jobs/evaluate/slices.h"
#include "jobs/evaluate/subject.h"
#include "wire/frame.h"
#include "wire/map.h"

typedef struct reader {
    mf_frame_reader *frames;
    const char *name;
    mf_frame frame;
    wire_map map;
    evaluation_part *part;
    uint32_t users; /* that the head announces */
} reader;

static int bad(const reader *r, const char *why, mf_err *err)
{
    if (strcmp(why, WIRE_NO_MEMORY) == 0)
        return mf__nomem(err);
    return mf__frame_fail(r->frames, err, "%c: %s", r->frame.tag, why);
}

/* The next frame, which must have this tag. */
static int next(reader *r, char tag, mf_err *err)
{
    int code = mf__frame_next(r->frames, &r->frame, err);
    if (code == 0)
        return mf_fail(err, MF_EFORMAT, "%s: the partial result is cut short", r->name);
    if (code < 0)
        return code;
    if (r->frame.tag != tag)
        return bad(r, "the frame is out of order", err);
    const char *why = mf__map_parse(&r->map, r->frame.payload, r->frame.size);
    return why ? bad(r, why, err) : MF_OK;
}

/* --- the head --- */

static const char *read_options(reader *r, mf_evaluate_params *p)
{
    char metrics[PART_METRICS];
    uint64_t by = 0;
    uint32_t baselines = 0, slices = 0;
    double relevant = NAN;
    mf_err err = {0};
    wire_map *m = &r->map;
    const char *why;
    if ((why = mf__map_word(m, "metrics", true, metrics, sizeof metrics)) ||
        (why = mf__map_f64(m, "relevant", false, &relevant)) ||
        (why = mf__map_u32(m, "baselines", true, &baselines)) ||
        (why = mf__map_u64(m, "by", MF_BY_POPULARITY, true, &by)) ||
        (why = mf__map_u32(m, "slices", true, &slices)) ||
        (why = mf__map_bool(m, "different_splits", &p->different_splits)) ||
        (why = mf__map_u32(m, "bootstrap", true, &p->replicates)) ||
        (why = mf__map_u64(m, "seed", UINT64_MAX, true, &p->seed)) ||
        (why = mf__map_u32(m, "shard", true, &p->shard)) ||
        (why = mf__map_u32(m, "shards", true, &p->shards)))
        return why;
    p->by = (mf_by)by;
    p->relevant = (float)relevant;
    p->baselines = baselines;
    if (p->by != MF_BY_NOTHING)
        p->slices = slices;
    if (mf_metrics_parse(&p->metrics, metrics, &err) < 0 ||
        mf_evaluate_check(p, &err) < 0 || p->shards > MF_SHARDS_MAX ||
        p->replicates > 1000000 || (p->by == MF_BY_NOTHING && slices != 0))
        return "the options are none of mf-eval";
    return NULL;
}

/* The slices: their names follow from the options, their bounds do not. */
static const char *read_slices(reader *r)
{
    evaluation_part *part = r->part;
    wire_span bounds = {0};
    uint32_t bound[2 * MF_SLICES_MAX];
    const char *why = mf__map_bin(&r->map, "bounds", true, &bounds);
    if (why)
        return why;
    if (bounds.size != 2 * part->slices * sizeof *bound)
        return "key 'bounds' has not two numbers for each slice";
    if (bounds.size)
        memcpy(bound, bounds.data, bounds.size);
    mf__slices_name(&part->e, part->by, part->slices);
    for (size_t i = 1; i < part->e.slices; i++) {
        part->e.slice[i].low = bound[2 * i - 2];
        part->e.slice[i].high = bound[2 * i - 1];
    }
    return NULL;
}

static const char *read_counts(reader *r, char judge[PART_NAME])
{
    evaluation_part *part = r->part;
    wire_map *m = &r->map;
    uint32_t splits = 0;
    const char *why;
    if ((why = mf__map_u32(m, "first", true, &part->first)) ||
        (why = mf__map_u32(m, "all", true, &part->all)) ||
        (why = mf__map_u32(m, "users", true, &r->users)) ||
        (why = mf__map_u32(m, "left_out", true, &part->e.left_out)) ||
        (why = mf__map_bool(m, "has_ratings", &part->has_ratings)) ||
        (why = mf__map_u64(m, "ratings", UINT64_MAX, true, &part->ratings)) ||
        (why = mf__map_word(m, "truth", true, judge, PART_NAME)) ||
        (why = mf__map_u32(m, "models", true, &part->models)) ||
        (why = mf__map_u32(m, "lists", true, &part->lists)) ||
        (why = mf__map_u32(m, "splits", true, &splits)))
        return why;
    size_t first = mf__shard_begin(part->all, part->shard, part->shards);
    size_t end = mf__shard_begin(part->all, part->shard + 1, part->shards);
    if (part->all == 0 || part->first != first || r->users != end - first)
        return "the users are not those of the shard";
    if (part->models == 0 && (part->lists == 0 || !part->has_ratings))
        return "there is no model and no list";
    if (splits == 0 || splits > (part->models ? part->models : 1) ||
        (splits > 1 && !part->different_splits))
        return "key 'splits' has a wrong type or range";
    part->e.splits = splits;
    return read_slices(r);
}

static int read_head(reader *r, mf_err *err)
{
    char magic[32] = "", judge[PART_NAME] = "";
    uint64_t format = 0;
    evaluation_part *part = r->part;
    mf_evaluate_params p = mf_evaluate_defaults();
    int code = mf__frame_next(r->frames, &r->frame, err);
    if (code < 0)
        return code;
    if (code == 0 || r->frame.tag != 'P' ||
        mf__map_parse(&r->map, r->frame.payload, r->frame.size) ||
        mf__map_name(&r->map, "magic", true, magic, sizeof magic) ||
        strcmp(magic, PART_MAGIC) != 0)
        return mf_fail(err, MF_EFORMAT,
                       "%s: no partial result of mf-eval; mf-eval --partial writes one",
                       r->name);
    const char *why = mf__map_u64(&r->map, "version", UINT64_MAX, true, &format);
    if (why)
        return bad(r, why, err);
    if (format != PART_FORMAT)
        return mf_fail(err, MF_EFORMAT,
                       "%s: a partial result in format %llu, this mf-eval reads %d; "
                       "make it with this one",
                       r->name, (unsigned long long)format, PART_FORMAT);
    if ((why = read_options(r, &p)))
        return bad(r, why, err);
    mf__part_set(part, &p);
    part->e.metrics = p.metrics;
    part->e.relevant = p.relevant;
    part->e.parts = p.by == MF_BY_POPULARITY ? 1 + (size_t)p.slices : 1;
    size_t splits;
    why = mf__map_word(&r->map, "program", true, part->version, PART_VERSION);
    if (!why)
        why = read_counts(r, judge);
    splits = part->e.splits;
    part->e.splits = 0; /* of none is there room so far */
    if (why)
        return bad(r, why, err);
    part->e.truth = mf__printable(judge);
    part->e.cells = mf__new0(splits, sizeof *part->e.cells);
    if (!part->e.truth || !part->e.cells)
        return mf__nomem(err);
    part->e.splits = splits;
    return MF_OK;
}

/* --- subjects --- */

static const char *read_list_counts(wire_map *m, mf_list_counts *c)
{
    uint64_t items = 0;
    const char *why;
    if ((why = mf__map_u32(m, "listed", true, &c->lists)) ||
        (why = mf__map_u32(m, "missing", true, &c->missing)) ||
        (why = mf__map_u32(m, "shortest", true, &c->shortest)) ||
        (why = mf__map_u32(m, "longest", true, &c->longest)) ||
        (why = mf__map_u32(m, "unknown_users", true, &c->unknown_users)) ||
        (why = mf__map_u64(m, "unknown_items", UINT32_MAX, true, &items)) ||
        (why = mf__map_u64(m, "unknown_places", INT64_MAX, true, &c->unknown_places)) ||
        (why = mf__map_u64(m, "known_places", INT64_MAX, true, &c->known)) ||
        (why = mf__map_u64(m, "validation_places", INT64_MAX, true, &c->known_valid)) ||
        (why = mf__map_u64(m, "repeated_places", INT64_MAX, true, &c->twice)) ||
        (why = mf__map_u32(m, "tied_lists", true, &c->tied_lists)) ||
        (why = mf__map_u64(m, "tied_places", INT64_MAX, true, &c->tied)) ||
        (why = mf__map_bool(m, "are_ranks", &c->ranked)) ||
        (why = mf__map_bool(m, "taken_as_ranks", &c->taken_as_ranks)) ||
        (why = mf__map_bool(m, "from_zero", &c->from_zero)) ||
        (why = mf__map_word(m, "user", true, c->user, sizeof c->user)) ||
        (why = mf__map_word(m, "item", true, c->item, sizeof c->item)))
        return why;
    c->unknown_items = (size_t)items;
    return NULL;
}

static const char *read_facts(wire_map *m, mf_subject *s, char name[PART_NAME])
{
    uint64_t target = 0, cells = 0;
    const char *why;
    if ((why = mf__map_word(m, "name", true, name, PART_NAME)) ||
        (why = mf__map_u64(m, "digest", UINT64_MAX, true, &s->digest)) ||
        (why = mf__map_u64(m, "target", MF_TARGET_ONE, true, &target)) ||
        (why = mf__map_bool(m, "own_values", &s->own_values)) ||
        (why = mf__map_bool(m, "own_scale", &s->own_scale)) ||
        (why = mf__map_bool(m, "ranks", &s->ranks)) ||
        (why = mf__map_u32(m, "personas", true, &s->personas)) ||
        (why = mf__map_u64(m, "known", UINT64_MAX, true, &s->known)) ||
        (why = mf__map_u64(m, "cells", UINT32_MAX, true, &cells)) ||
        (why = mf__map_bool(m, "by_bias", &s->by_bias)) ||
        (why = mf__map_u32(m, "items", true, &s->items)))
        return why;
    s->target = (mf_target)target;
    s->cells = (size_t)cells;
    return s->listed ? read_list_counts(m, &s->list) : NULL;
}

static int read_subject(reader *r, size_t at, mf_err *err)
{
    char name[PART_NAME] = "";
    mf_evaluation *e = &r->part->e;
    mf_subject *s = &e->subject[at];
    int code = next(r, 'S', err);
    if (code < 0)
        return code;
    s->model = at < r->part->models;
    s->listed = !s->model && at < (size_t)r->part->models + r->part->lists;
    const char *why = read_facts(&r->map, s, name);
    if (!why && s->cells >= e->splits)
        why = "key 'cells' has a wrong type or range";
    if (!why && (s->listed && (!s->ranks || s->target != MF_TARGET_NONE)))
        why = "lists that do not rank, or predict";
    if (why)
        return bad(r, why, err);
    s->name = mf__printable(name);
    s->measure = mf__new0(e->metrics.n, sizeof *s->measure);
    return s->name && s->measure ? MF_OK : mf__nomem(err);
}

static int read_subjects(reader *r, mf_err *err)
{
    const evaluation_part *part = r->part;
    mf_evaluation *e = &r->part->e;
    uint64_t n = (uint64_t)part->models + part->lists;
    size_t cap = 0;
    for (unsigned left = part->baselines; left; left &= left - 1)
        n++;
    int code = MF_OK;
    for (size_t s = 0; code == MF_OK && s < n; s++) {
        code = mf__reserve(&e->subject, &cap, s + 1, sizeof *e->subject, err);
        if (code < 0)
            return code;
        e->subject[s] = (mf_subject){0};
        e->subjects = s + 1;
        code = read_subject(r, s, err);
    }
    return code;
}

/* --- users --- */

static int read_ids(reader *r, mf_err *err)
{
    mf_ids *ids = &r->part->e.ids;
    wire_span length = {0};
    const char *text = NULL, *why;
    size_t bytes = 0, at = 0;
    int code = next(r, 'I', err);
    if (code < 0)
        return code;
    if ((why = mf__map_bin(&r->map, "len", true, &length)) ||
        (why = mf__map_str(&r->map, "text", true, &text, &bytes)))
        return bad(r, why, err);
    if (length.size == 0 || length.size % sizeof(uint32_t) ||
        length.size / sizeof(uint32_t) > r->users - ids->n)
        return bad(r, "the ids are not as many as the head says", err);
    for (size_t i = 0; i < length.size; i += sizeof(uint32_t)) {
        uint32_t len;
        size_t before_len = 0;
        memcpy(&len, length.data + i, sizeof len);
        if (len > bytes - at)
            return bad(r, "the lengths of the ids are not those of the text", err);
        const char *fault = mf__id_fault(text + at, len);
        if (fault)
            return mf__frame_fail(r->frames, err, "I: an id %s", fault);
        const char *before = ids->n ? mf_ids_get(ids, ids->n - 1, &before_len) : NULL;
        if (before && mf__id_compare(before, before_len, text + at, len) >= 0)
            return bad(r, "an id is not after the one before it in byte order", err);
        code = mf_ids_append(ids, text + at, len, err);
        if (code < 0)
            return code;
        at += len;
    }
    return at == bytes
               ? MF_OK
               : bad(r, "the lengths of the ids are not those of the text", err);
}

/* --- arrays --- */

/* Take n elements as they are stored. False if one is out of range. */
static bool take(const part_array *a, uint8_t *to, const uint8_t *from, size_t n)
{
    const size_t size = mf__part_size(a->type), stored = mf__part_stored(a->type);
    bool sound = true;
    for (size_t i = 0; i < n; i++, to += size, from += stored) {
        uint32_t whole = 0;
        double x = 0;
        if (a->type == PART_F64) {
            memcpy(&x, from, sizeof x);
            sound &= !isnan(x);
        } else {
            if (stored == 1)
                whole = *from;
            else
                memcpy(&whole, from, sizeof whole);
            sound &= whole <= a->most;
            x = whole;
        }
        if (size == sizeof x)
            memcpy(to, &x, sizeof x);
        else
            memcpy(to, from, stored);
    }
    return sound;
}

static int read_array(reader *r, const part_array *a, mf_err *err)
{
    const size_t stored = mf__part_stored(a->type), all = a->blocks * a->of;
    uint8_t *data = NULL;
    size_t cap = 0, at = 0;
    int code = mf__reserve(&data, &cap, 1, mf__part_size(a->type), err);
    mf__part_set_data(a, data);
    while (code == MF_OK && at < all) {
        wire_span span = {0};
        code = next(r, 'V', err);
        if (code < 0)
            return code;
        const char *why = mf__map_bin(&r->map, "data", true, &span);
        size_t n = span.size / stored;
        if (why || n == 0 || span.size % stored || n > all - at)
            return bad(r, why ? why : "the numbers are not as many as the head says",
                       err);
        code = mf__reserve(&data, &cap, at + n, mf__part_size(a->type), err);
        if (code < 0)
            return code;
        mf__part_set_data(a, data);
        if (!take(a, data + at * mf__part_size(a->type), span.data, n))
            return bad(r, "a number is out of range", err);
        at += n;
    }
    return code;
}

static int read_arrays(reader *r, mf_err *err)
{
    part_array *array;
    size_t n;
    int code = mf__part_arrays(&array, &n, r->part, err);
    for (size_t i = 0; code == MF_OK && i < n; i++)
        code = read_array(r, &array[i], err);
    if (array)
        free(array);
    return code;
}

/* Every user has test cells in the first model, and those of the parts are all of
 * them; where none is, none is relevant. */
static const char *check_cells(const mf_evaluation *e)
{
    const size_t users = e->ids.n;
    for (size_t c = 0; c < e->splits; c++)
        for (size_t u = 0; u < users; u++) {
            double sum = 0;
            for (size_t p = 0; p < e->parts; p++) {
                size_t at = p * users + u;
                sum += p > 0 ? e->cells[c].n[at] : 0;
                if (e->cells[c].ranked[at] > e->cells[c].n[at])
                    return "a test cell is relevant, and there is none";
            }
            if ((c == 0 && e->cells[c].n[u] == 0) ||
                (e->parts > 1 && sum != e->cells[c].n[u]))
                return "the numbers of test cells do not fit together";
        }
    return NULL;
}

static int read_all(reader *r, mf_err *err)
{
    int code = read_head(r, err);
    if (code == MF_OK)
        code = read_subjects(r, err);
    while (code == MF_OK && r->part->e.ids.n < r->users)
        code = read_ids(r, err);
    if (code == MF_OK)
        code = read_arrays(r, err);
    const char *why = code == MF_OK ? check_cells(&r->part->e) : NULL;
    if (why)
        code = mf_fail(err, MF_EFORMAT, "%s: %s", r->name, why);
    if (code == MF_OK)
        code = next(r, 'E', err);
    if (code == MF_OK && (code = mf__frame_next(r->frames, &r->frame, err)) == 1)
        code = mf__frame_fail(r->frames, err, "a frame follows the end frame");
    return code;
}

int mf__part_read(evaluation_part *part, mf_in *in, mf_err *err)
{
    reader r = {.name = mf_in_name(in), .part = part};
    *part = (evaluation_part){0};
    int code = mf__frame_reader_open(&r.frames, in, err);
    if (code < 0)
        return code;
    code = read_all(&r, err);
    mf__frame_reader_close(r.frames);
    if (code < 0)
        mf__part_free(part);
    return code;
}
