/* The account of the lines, provenance, and the bundle. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/report.h"
#include "data/intern.h"
#include "jobs/aggregate/job.h"
#include "jobs/shared/json.h"
#include "mf/bundle.h"

static void note_account(const aggregate *a)
{
    const char *level = mf_level_names[a->params->level];
    const line_counts *l = &a->lines;
    const counts *c = &a->counts;
    mf__report_note(
        a->report,
        "%llu line%s = %llu kept + %llu unknown song + %llu mismatch + %llu filtered",
        (unsigned long long)l->read, mf__plural(l->read), (unsigned long long)a->kept,
        (unsigned long long)l->unknown, (unsigned long long)l->mismatch,
        (unsigned long long)a->filtered);
    if (a->params->shards > 1)
        mf__report_note(a->report, "%llu line%s of other shards",
                        (unsigned long long)l->other_shards,
                        mf__plural(l->other_shards));
    mf__report_note(a->report, "%u user%s, %u %s%s, %llu cell%s, %llu play%s",
                    a->users_left, mf__plural(a->users_left), a->items_left, level,
                    mf__plural(a->items_left), (unsigned long long)c->left.cells,
                    mf__plural(c->left.cells), (unsigned long long)c->left.plays,
                    mf__plural(c->left.plays));
    uint32_t users = c->users_present - a->users_left,
             items = c->items_present - a->items_left;
    mf__report_note(a->report, "filtered: %u user%s, %u %s%s", users, mf__plural(users),
                    items, level, mf__plural(items));
}

static int write_stats(const aggregate *a, mf_err *err)
{
    const tracks *t = &a->tracks;
    const counts *c = &a->counts;
    json_t *json = json_pack(
        "{s:I s:I s:I s:I s:I s:I s:I s:I s:I s:I s:{s:I s:I} s:{s:I s:I s:I s:I}}",
        "lines", (json_int_t)a->lines.read, "kept", (json_int_t)a->kept, "unknown",
        (json_int_t)a->lines.unknown, "mismatch", (json_int_t)a->lines.mismatch,
        "filtered", (json_int_t)a->filtered, "other_shards",
        (json_int_t)a->lines.other_shards, "users", (json_int_t)a->users_left, "items",
        (json_int_t)a->items_left, "cells", (json_int_t)c->left.cells, "plays",
        (json_int_t)c->left.plays, "dropped", "users",
        (json_int_t)(c->users_present - a->users_left), "items",
        (json_int_t)(c->items_present - a->items_left), "tracks", "lines",
        (json_int_t)t->lines, "repeated", (json_int_t)t->repeated, "spellings",
        (json_int_t)mf__intern_ids(t->spellings)->n, "artists",
        (json_int_t)mf__intern_ids(t->keys)->n);
    char *text =
        json ? mf__json_dumps(json, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
    json_decref(json);
    int code = text ? mf_out_printf(a->io->stats, err, "%s\n", text) : mf__nomem(err);
    free(text);
    return code < 0 ? code : mf_out_flush(a->io->stats, err);
}

static mf_stage provenance(const aggregate *a)
{
    const mf_aggregate_params *p = a->params;
    const mf_aggregate_io *io = a->io;
    mf_stage stage = mf_stage_make("msd-aggregate");
    mf_stage_option(&stage, "level", "%s", mf_level_names[p->level]);
    if (p->level == MF_LEVEL_ARTIST)
        mf_stage_option(&stage, "artist-key", "%s",
                        mf_artist_rule_names[p->artist_key]);
    mf_stage_option(&stage, "min-artists", "%u", p->min_artists);
    mf_stage_option(&stage, "min-listeners", "%u", p->min_listeners);
    if (p->core)
        mf_stage_option(&stage, "core", "true");
    if (p->shards > 1)
        mf_stage_option(&stage, "shard", "%u/%u", p->shard, p->shards);
    mf_stage_input(&stage, "triplets", mf__blocks_digest(&a->triplets.blocks));
    if (io->tracks)
        mf_stage_input(&stage, "tracks", mf__blocks_digest(&a->tracks.list));
    if (io->mismatches)
        mf_stage_input(&stage, "mismatches", mf_lines_digest(io->mismatches));
    if (io->accepted)
        mf_stage_input(&stage, "accepted", mf_lines_digest(io->accepted));
    return stage;
}

/* Room for the ids that are left, and no more. */
static int reserve_ids(mf_ids *ids, size_t n, size_t bytes, mf_err *err)
{
    if (mf__reserve(&ids->off, &ids->off_cap, n + 1, sizeof *ids->off, err) < 0 ||
        mf__reserve(&ids->text, &ids->text_cap, bytes + 1, 1, err) < 0)
        return MF_ENOMEM;
    return MF_OK;
}

static int put_users(mf_bundle_writer *w, const aggregate *a, mf_err *err)
{
    const counts *c = &a->counts;
    mf_ids kept = {0};
    size_t bytes = 0;
    for (uint32_t u = 0; u < c->rows.n; u++)
        if (c->kept[u] > 0)
            bytes += a->users[u]->len;
    int code = reserve_ids(&kept, a->users_left, bytes, err);
    for (uint32_t u = 0; u < c->rows.n && code == MF_OK; u++)
        if (c->kept[u] > 0)
            code = mf_ids_append(&kept, a->users[u]->text, a->users[u]->len, err);
    if (code == MF_OK)
        code = mf_bundle_put_ids(w, MF_USER, &kept, err);
    mf_ids_free(&kept);
    return code;
}

/* index[i] becomes the index of item i among those that are left. */
static int put_items(mf_bundle_writer *w, const aggregate *a, uint32_t index[],
                     mf_err *err)
{
    mf_ids kept = {0};
    int code = MF_OK;
    for (uint32_t i = 0; i < a->items.n && code == MF_OK; i++) {
        size_t len;
        const char *id = mf_ids_get(&a->items, i, &len);
        index[i] = kept.n;
        if (a->counts.left.listeners[i] > 0)
            code = mf_ids_append(&kept, id, len, err);
    }
    if (code == MF_OK)
        code = mf_bundle_put_ids(w, MF_ITEM, &kept, err);
    mf_ids_free(&kept);
    return code;
}

/* Rows as the bundle has them. One batch is written while the next is filled. */
typedef struct batch {
    uint32_t lo, n; /* users lo .. lo + n - 1; those who are dropped have no cells */
    size_t *start;  /* [n + 1] */
    uint32_t *item, *count; /* [start[n]] */
    size_t start_cap, item_cap, count_cap;
} batch;

enum { BATCH_CELLS = 1 << 18, BATCH_ROWS = 1 << 15 };

/* As many users as go into a batch, from user *at of the window on. */
static int plan_batch(batch *b, const counts *c, uint32_t *at, mf_err *err)
{
    size_t cells = 0;
    if (mf__reserve(&b->start, &b->start_cap, BATCH_ROWS + 1, sizeof *b->start, err) <
        0)
        return MF_ENOMEM;
    b->lo = *at;
    for (b->n = 0; *at < c->rows.hi && b->n < BATCH_ROWS && cells < BATCH_CELLS;
         ++*at) {
        b->start[b->n++] = cells;
        cells += c->kept[*at];
    }
    b->start[b->n] = cells;
    if (mf__reserve(&b->item, &b->item_cap, cells, sizeof *b->item, err) < 0 ||
        mf__reserve(&b->count, &b->count_cap, cells, sizeof *b->count, err) < 0)
        return MF_ENOMEM;
    return MF_OK;
}

static void fill_row(batch *b, uint32_t i, const counts *c, const uint32_t index[])
{
    uint32_t u = b->lo + i;
    const item_sum *row = rows_row(&c->rows, u);
    size_t n = b->start[i], end = b->start[i + 1];
    for (uint32_t t = 0; n < end; t++)
        if (c->left.listeners[row[t].item] > 0) {
            b->item[n] = index[row[t].item];
            b->count[n++] = row[t].count;
        }
}

static int put_batch(mf_bundle_writer *w, const batch *b, mf_err *err)
{
    int code = MF_OK;
    for (uint32_t i = 0; i < b->n && code == MF_OK; i++) {
        size_t begin = b->start[i], n = b->start[i + 1] - begin;
        if (n > 0) /* a user who is left has a cell */
            code = mf_bundle_put_row(w, (uint32_t)n, b->item + begin, b->count + begin,
                                     NULL, err);
    }
    return code;
}

static void free_batch(batch *b)
{
    free(b->start);
    free(b->item);
    free(b->count);
}

/* One thread writes a batch, and then helps the others to fill the next. */
static int put_rows(mf_bundle_writer *w, counts *c, const uint32_t index[], mf_err *err)
{
    batch two[2] = {0};
    batch *full = &two[0], *next = &two[1];
    int code = mf__rows_rewind(&c->rows, err), more;
    uint32_t at = 0;
    do {
        more = 1;
        if (code == MF_OK && at == c->rows.hi)
            code = more = mf__rows_window(&c->rows, err);
        next->n = 0;
        if (code >= 0 && more)
            code = plan_batch(next, c, &at, err);
        if (code < 0)
            break;
#pragma omp parallel num_threads(c->threads)
        {
#pragma omp single nowait
            code = put_batch(w, full, err);
#pragma omp for schedule(dynamic, 64)
            for (uint32_t i = 0; i < next->n; i++)
                fill_row(next, i, c, index);
        }
        batch *other = full;
        full = next;
        next = other;
    } while (code == MF_OK && more);
    free_batch(&two[0]);
    free_batch(&two[1]);
    return code;
}

static int put_bundle(aggregate *a, mf_bundle_writer *w, mf_err *err)
{
    const mf_header header = {.users = a->users_left,
                              .items = a->items_left,
                              .nnz = a->counts.left.cells,
                              .nnz_known = true,
                              .value = MF_U32};
    uint32_t *index = mf__new(a->items.n, sizeof *index);
    int code = index ? mf_bundle_put_header(w, &header, NULL, err) : mf__nomem(err);
    if (code == MF_OK)
        code = put_users(w, a, err);
    if (code == MF_OK)
        code = put_items(w, a, index, err);
    if (code == MF_OK)
        code = put_rows(w, &a->counts, index, err);
    if (code == MF_OK) {
        mf_stage stage = provenance(a);
        code = mf_bundle_put_end(w, NULL, &stage, err);
    }
    free(index);
    return code;
}

int mf__aggregate_write(aggregate *a, mf_err *err)
{
    mf_bundle_writer *w;
    note_account(a);
    int code = a->io->stats ? write_stats(a, err) : MF_OK;
    if (code == MF_OK)
        code = mf_bundle_writer_open(&w, a->io->out, err);
    if (code < 0)
        return code;
    code = put_bundle(a, w, err);
    mf_bundle_writer_close(w);
    return code;
}
