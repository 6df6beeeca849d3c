/* Read, group, filter, write: one pass over the text, the rest in memory. */
#include "mf/aggregate.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "counts.h"
#include "mf/bundle.h"
#include "mf/mem.h"
#include "tracks.h"

static const char *const LEVELS[] = {"artist", "song"};
static const char *const KEYS[] = {"fold", "exact", "ascii"};

mf_aggregate_params mf_aggregate_defaults(void)
{
    return (mf_aggregate_params){
        .min_artists = 2, .min_listeners = 1, .shard = 1, .shards = 1};
}

int mf_aggregate_check(const mf_aggregate_params *p, mf_err *err)
{
    if (p->min_artists < 1 || p->min_listeners < 1)
        return mf_fail(err, MF_EINVAL, "a minimum is less than 1");
    if (p->shards < 1 || p->shard < 1 || p->shard > p->shards)
        return mf_fail(err, MF_EINVAL, "shard %u/%u: there is none", p->shard,
                       p->shards);
    if (p->shards > 1 && (p->core || p->min_listeners > 1))
        return mf_fail(
            err, MF_EINVAL,
            "a shard does not know all listeners of an artist: --shard goes with "
            "neither --core nor --min-listeners");
    return MF_OK;
}

/* The account: lines == kept + unknown + mismatch + filtered. */
typedef struct account {
    uint64_t lines, kept, unknown, mismatch, filtered;
    uint64_t other_shards; /* lines that are not in `lines` */
    uint64_t cells, plays;
    uint32_t users, items;
    uint32_t users_filtered, items_filtered;
} account;

typedef struct job {
    const mf_aggregate_io *io;
    const mf_aggregate_params *params;
    const mf_report *report;
    tracks tracks;
    mf_intern *users;
    mf_field last_user; /* of the line before, a copy: users come in blocks */
    size_t last_cap;
    char *last_text;
    uint32_t last_number; /* or UINT32_MAX: not a user of ours yet */
    bool last_in_shard;
    counts cells;
    uint32_t *item_order; /* number of the item of each rank */
    account account;
} job;

/* --- reading --- */

static int quoted(mf_field field)
{
    return (int)(field.len < 60 ? field.len : 60);
}

/* Make `user` the last user: is its id sound, is it in our shard? */
static int turn_to_user(job *j, const mf_lines *lines, mf_field user, mf_err *err)
{
    const char *fault = mf_id_fault(user.text, user.len);
    if (fault)
        return mf_lines_fail(lines, err, "user id %s", fault);
    if (mf_reserve(&j->last_text, &j->last_cap, user.len, 1, err) < 0)
        return MF_ENOMEM;
    memcpy(j->last_text, user.text, user.len);
    j->last_user = (mf_field){j->last_text, user.len};
    j->last_number = UINT32_MAX;
    j->last_in_shard =
        mf_id_in_shard(user.text, user.len, j->params->shard, j->params->shards);
    return MF_OK;
}

static bool same(mf_field a, mf_field b)
{
    return a.len == b.len && memcmp(a.text, b.text, a.len) == 0;
}

static int read_line(job *j, const mf_lines *lines, mf_field line, mf_err *err)
{
    int code;
    mf_field field[4]; /* user, song, count, and what must not be there */
    if (mf_text_split(line, "\t", field, 4) != 3)
        return mf_lines_fail(lines, err,
                             "line has not the three fields user TAB song TAB "
                             "count");
    mf_field user = field[0], song = field[1];
    uint32_t count;
    if (!mf_text_u32(field[2], &count) || count == 0)
        return mf_lines_fail(lines, err,
                             "count '%.*s' is not a whole number from 1 to 4294967295",
                             quoted(field[2]), field[2].text);
    if (song.len == 0 || song.len > MF_ID_MAX)
        return mf_lines_fail(lines, err, "song id %s",
                             mf_id_fault(song.text, song.len));
    if (user.len == 0 || !same(user, j->last_user))
        if ((code = turn_to_user(j, lines, user, err)) < 0)
            return code;
    if (!j->last_in_shard) {
        j->account.other_shards++;
        return MF_OK;
    }
    j->account.lines++;
    int64_t item;
    if ((code = tracks_find(&j->tracks, song, &item, err)) < 0)
        return code;
    if (item == TRACKS_MISMATCH) {
        j->account.mismatch++;
        return MF_OK;
    }
    if (item == TRACKS_UNKNOWN) {
        j->account.unknown++;
        return !j->params->unknown_is_error
                   ? MF_OK
                   : mf_lines_fail(
                         lines, err,
                         "song '%.*s' is not in the track list; leave such lines "
                         "out with --unknown=drop",
                         quoted(song), song.text);
    }
    if (j->last_number == UINT32_MAX &&
        (code = mf_intern_put(j->users, user.text, user.len, &j->last_number, err)) < 0)
        return code;
    return counts_add(&j->cells, j->last_number, (uint32_t)item, count, err);
}

static int read_triplets(job *j, mf_lines *lines, mf_err *err)
{
    int code;
    mf_field line;
    while ((code = mf_lines_next(lines, &line, err)) == 1) {
        if ((code = read_line(j, lines, line, err)) < 0)
            return code;
        if (mf_lines_number(lines) % 65536 == 0)
            mf_report_progress(j->report, "lines",
                               j->account.lines + j->account.other_shards, 0);
    }
    return code;
}

static int read_all(job *j, mf_err *err)
{
    int code = tracks_open(&j->tracks, j->params, err);
    if (code == MF_OK && j->io->accepted)
        code = tracks_read_accepted(&j->tracks, j->io->accepted, err);
    if (code == MF_OK && j->io->mismatches)
        code = tracks_read_mismatches(&j->tracks, j->io->mismatches, err);
    if (code == MF_OK && j->io->tracks)
        code = tracks_read_list(&j->tracks, j->io->tracks, err);
    if (code == MF_OK)
        code = mf_intern_open(&j->users, err);
    for (size_t i = 0; i < j->io->files && code == MF_OK; i++)
        code = read_triplets(j, j->io->triplets[i], err);
    return code;
}

/* --- what is left --- */

static void count_left(job *j)
{
    const counts *c = &j->cells;
    account *a = &j->account;
    for (uint32_t u = 0; u < c->users; u++) {
        const cell *row = c->cell + c->ptr[u];
        a->users += c->kept[u] > 0;
        for (uint32_t t = 0; t < c->len[u]; t++)
            if (c->kept[u] > 0 && c->listeners[row[t].item] > 0) {
                a->cells++;
                a->plays += row[t].count;
                a->kept += row[t].lines;
            } else {
                a->filtered += row[t].lines;
            }
    }
    for (uint32_t i = 0; i < c->items; i++)
        a->items += c->listeners[i] > 0;
    a->users_filtered = c->users - a->users;
    a->items_filtered = c->heard - a->items;
}

static int check_account(const job *j, mf_err *err)
{
    const account *a = &j->account;
    unsigned long long lines = a->lines, unknown = a->unknown, mismatch = a->mismatch,
                       filtered = a->filtered;
    if (a->lines != a->kept + a->unknown + a->mismatch + a->filtered)
        return mf_fail(err, MF_EFORMAT, "%llu lines do not add up; this is a bug",
                       lines);
    if (a->users == 0 && j->params->shards == 1)
        return mf_fail(
            err, MF_EFORMAT,
            "nothing is left of %llu lines: %llu of unknown songs, %llu of "
            "mismatched ones, %llu filtered; check the files and the minimums",
            lines, unknown, mismatch, filtered);
    return MF_OK;
}

static int filter_all(job *j, mf_err *err)
{
    const mf_ids *users = mf_intern_ids(j->users), *items = tracks_items(&j->tracks);
    int code = mf_ids_sort(items, &j->item_order, err);
    if (code == MF_OK)
        code = counts_group(&j->cells, users, items, j->item_order, err);
    if (code == MF_OK)
        code = counts_filter(&j->cells, j->params, err);
    if (code < 0)
        return code;
    count_left(j);
    return check_account(j, err);
}

/* --- writing --- */

static void tell(const job *j)
{
    const account *a = &j->account;
    mf_report_note(
        j->report,
        "%llu lines = %llu kept + %llu unknown song + %llu mismatch + %llu filtered",
        (unsigned long long)a->lines, (unsigned long long)a->kept,
        (unsigned long long)a->unknown, (unsigned long long)a->mismatch,
        (unsigned long long)a->filtered);
    if (j->params->shards > 1)
        mf_report_note(j->report, "%llu lines of other shards",
                       (unsigned long long)a->other_shards);
    mf_report_note(j->report, "%u users, %u %ss, %llu cells, %llu plays", a->users,
                   a->items, LEVELS[j->params->level], (unsigned long long)a->cells,
                   (unsigned long long)a->plays);
    mf_report_note(j->report, "filtered: %u users, %u %ss", a->users_filtered,
                   a->items_filtered, LEVELS[j->params->level]);
}

static int write_stats(const job *j, mf_err *err)
{
    const account *a = &j->account;
    const tracks *t = &j->tracks;
    json_t *json = json_pack(
        "{s:I s:I s:I s:I s:I s:I s:I s:I s:I s:I s:{s:I s:I} s:{s:I s:I s:I s:I}}",
        "lines", (json_int_t)a->lines, "kept", (json_int_t)a->kept, "unknown",
        (json_int_t)a->unknown, "mismatch", (json_int_t)a->mismatch, "filtered",
        (json_int_t)a->filtered, "other_shards", (json_int_t)a->other_shards, "users",
        (json_int_t)a->users, "items", (json_int_t)a->items, "cells",
        (json_int_t)a->cells, "plays", (json_int_t)a->plays, "dropped", "users",
        (json_int_t)a->users_filtered, "items", (json_int_t)a->items_filtered, "tracks",
        "lines", (json_int_t)t->lines, "repeated", (json_int_t)t->repeated, "spellings",
        (json_int_t)mf_intern_ids(t->spellings)->n, "artists",
        (json_int_t)mf_intern_ids(t->keys)->n);
    char *text = json ? json_dumps(json, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
    json_decref(json);
    int code = text ? mf_out_printf(j->io->stats, err, "%s\n", text) : mf_nomem(err);
    free(text);
    return code < 0 ? code : mf_out_flush(j->io->stats, err);
}

static mf_stage provenance(const job *j)
{
    const mf_aggregate_params *p = j->params;
    const mf_aggregate_io *io = j->io;
    mf_stage stage = mf_stage_make("msd-aggregate");
    mf_stage_option(&stage, "level", "%s", LEVELS[p->level]);
    if (p->level == MF_LEVEL_ARTIST)
        mf_stage_option(&stage, "artist-key", "%s", KEYS[p->artist_key]);
    mf_stage_option(&stage, "min-artists", "%u", p->min_artists);
    mf_stage_option(&stage, "min-listeners", "%u", p->min_listeners);
    if (p->core)
        mf_stage_option(&stage, "core", "true");
    if (p->shards > 1)
        mf_stage_option(&stage, "shard", "%u/%u", p->shard, p->shards);
    uint64_t triplets = 0;
    for (size_t i = 0; i < io->files; i++)
        triplets += mf_lines_digest(io->triplets[i]);
    mf_stage_input(&stage, "triplets", triplets);
    if (io->tracks)
        mf_stage_input(&stage, "tracks", mf_lines_digest(io->tracks));
    if (io->mismatches)
        mf_stage_input(&stage, "mismatches", mf_lines_digest(io->mismatches));
    if (io->accepted)
        mf_stage_input(&stage, "accepted", mf_lines_digest(io->accepted));
    return stage;
}

/* The ids in this order that have a number other than 0. */
static int put_axis(mf_bundle_writer *w, mf_axis axis, const mf_ids *ids,
                    const uint32_t order[], const uint32_t left[], bool left_by_rank,
                    mf_err *err)
{
    mf_ids kept = {0};
    int code = MF_OK;
    for (uint32_t r = 0; r < ids->n && code == MF_OK; r++) {
        size_t len;
        const char *id = mf_ids_get(ids, order[r], &len);
        if (left[left_by_rank ? r : order[r]] > 0)
            code = mf_ids_append(&kept, id, len, err);
    }
    if (code == MF_OK)
        code = mf_bundle_put_ids(w, axis, &kept, err);
    mf_ids_free(&kept);
    return code;
}

/* The rows in the order of users. `index` is that of the item of each rank. */
static int put_rows(mf_bundle_writer *w, const counts *c, const uint32_t user_order[],
                    const uint32_t index[], mf_err *err)
{
    uint32_t longest = 0;
    for (uint32_t u = 0; u < c->users; u++)
        longest = c->kept[u] > longest ? c->kept[u] : longest;
    uint32_t *item = mf_new(longest, sizeof *item),
             *count = mf_new(longest, sizeof *count);
    int code = item && count ? MF_OK : mf_nomem(err);
    for (uint32_t r = 0; r < c->users && code == MF_OK; r++) {
        uint32_t u = user_order[r], n = 0;
        const cell *row = c->cell + c->ptr[u];
        if (c->kept[u] == 0)
            continue;
        for (uint32_t t = 0; t < c->len[u]; t++)
            if (c->listeners[row[t].item] > 0) {
                item[n] = index[row[t].item];
                count[n++] = row[t].count;
            }
        code = mf_bundle_put_row(w, n, item, count, NULL, err);
    }
    free(item);
    free(count);
    return code;
}

static int put_bundle(job *j, mf_bundle_writer *w, mf_err *err)
{
    const mf_ids *users = mf_intern_ids(j->users), *items = tracks_items(&j->tracks);
    const counts *c = &j->cells;
    const mf_header header = {.users = j->account.users,
                              .items = j->account.items,
                              .nnz = j->account.cells,
                              .nnz_known = true,
                              .value = MF_U32};
    uint32_t *user_order = NULL, *index = mf_new(c->items, sizeof *index);
    int code = index ? mf_ids_sort(users, &user_order, err) : mf_nomem(err);
    if (code == MF_OK)
        code = mf_bundle_put_header(w, &header, NULL, err);
    if (code == MF_OK)
        code = put_axis(w, MF_USER, users, user_order, c->kept, false, err);
    if (code == MF_OK)
        code = put_axis(w, MF_ITEM, items, j->item_order, c->listeners, true, err);
    if (code == MF_OK) {
        for (uint32_t r = 0, n = 0; r < c->items; r++)
            index[r] = c->listeners[r] > 0 ? n++ : 0;
        code = put_rows(w, c, user_order, index, err);
    }
    if (code == MF_OK) {
        mf_stage stage = provenance(j);
        code = mf_bundle_put_end(w, NULL, &stage, err);
    }
    free(user_order);
    free(index);
    return code;
}

static int write_all(job *j, mf_err *err)
{
    mf_bundle_writer *w;
    int code = j->io->stats ? write_stats(j, err) : MF_OK;
    if (code == MF_OK)
        code = mf_bundle_writer_open(&w, j->io->out, err);
    if (code < 0)
        return code;
    code = put_bundle(j, w, err);
    mf_bundle_writer_close(w);
    return code;
}

int mf_aggregate_run(const mf_aggregate_io *io, const mf_aggregate_params *params,
                     const mf_report *report, mf_err *err)
{
    job j = {.io = io, .params = params, .report = report};
    int code = mf_aggregate_check(params, err);
    if (code == MF_OK && !io->tracks && params->level == MF_LEVEL_ARTIST)
        code = mf_fail(err, MF_EINVAL, "artists need a track list");
    if (code == MF_OK)
        code = read_all(&j, err);
    if (code == MF_OK)
        code = filter_all(&j, err);
    if (code == MF_OK) {
        tell(&j);
        code = write_all(&j, err);
    }
    tracks_close(&j.tracks);
    mf_intern_close(j.users);
    counts_free(&j.cells);
    free(j.item_order);
    free(j.last_text);
    return code;
}
