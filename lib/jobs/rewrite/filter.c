/* Where the axes stay and nothing is counted, rows stream. Else a first pass counts
 * what is left of each user and item, and a second one writes it: what a cell is kept
 * for is looked at again instead of being held. A shard counts what is left of all
 * users, and writes its own. */
#include "mf/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/report.h"
#include "data/few.h"
#include "data/ids.h"
#include "data/list_hint.h"
#include "data/shard.h"
#include "jobs/rewrite/filter_params.h"
#include "jobs/rewrite/passes.h"
#include "jobs/rewrite/peel.h"
#include "jobs/shared/conditions.h"
#include "wire/stage.h"

/* Why a cell goes; the first that is true. */
typedef enum reason { KEPT, OF_USERS, OF_ITEMS, OF_VALUE, OF_TIME, REASONS } reason;

typedef struct filter {
    mf_filter_params p; /* numbers rounded as the values of the bundle are */
    const mf_filter_lists *lists;
    const mf_report *report;
    const char *name;     /* of the input */
    const mf_ids *ids[2]; /* by axis, as far as they came */
    bool ready;           /* the lists were read */
    uint8_t *unwanted[2]; /* by axis, [ids]: cells of these go; NULL: of none */
    uint64_t cells[REASONS], written;
    /* of the first pass: */
    uint32_t *left[2]; /* by axis, [ids]: cells that are kept */
    size_t *ptr;       /* [users + 1] and */
    uint32_t *item;    /* the items of cells that are kept, where some go again */
    uint64_t left_all; /* cells that are kept, of all shards */
    uint8_t *other;    /* [users], 1: is in another shard; NULL: there is none */
    size_t ptr_cap, item_cap;
    uint32_t next_user;
    uint32_t *place; /* [items]: the number of each in the result */
    /* a row of the result: */
    uint32_t *row, *value;
    uint8_t *fold;
    int64_t *time;
    size_t row_cap, value_cap, fold_cap, time_cap;
} filter;

static bool has_minimums(const filter *f)
{
    return f->p.min_items > 1 || f->p.min_users > 1;
}

/* Is the whole filtered row by row? */
static bool streams(const filter *f)
{
    return f->p.keep_empty && !has_minimums(f);
}

/* May cells that are kept by themselves go? */
static bool holds_cells(const filter *f)
{
    return has_minimums(f) || f->p.shards > 1;
}

/* --- before the first row --- */

static bool is_id(const void *ids, mf_field text)
{
    uint32_t at;
    return mf_ids_find(ids, text.text, text.len, &at);
}

/* Fail at a line that is no id. */
static int bad_line(mf_lines *lines, const mf_list_ids *ids, mf_field line,
                    const char *why, mf_err *err)
{
    char text[MF_LIST_HINT];
    unsigned long long number = mf_lines_number(lines);
    mf__list_hint_look(lines, ids, line, text);
    return mf_fail(err, MF_EFORMAT, "%s:%llu: the id %s; write one id a line%s",
                   mf_lines_name(lines), number, why, text);
}

/* Take in a list of ids; mark[i] becomes `listed` for those that are there. */
static int read_list(filter *f, mf_lines *lines, mf_axis axis, uint8_t *mark,
                     uint8_t listed, mf_err *err)
{
    const mf_list_ids ids = {.has = is_id, .self = f->ids[axis]};
    mf_list_hint hint = {0};
    mf_few unknown = {0};
    char text[MF_LIST_HINT];
    mf_field line;
    uint32_t at;
    int code;
    if (!lines)
        return MF_OK;
    while ((code = mf_lines_next(lines, &line, err)) == 1) {
        const char *why = mf__id_fault(line.text, line.len);
        if (why)
            return line.len ? bad_line(lines, &ids, line, why, err)
                            : mf__list_empty(lines, err);
        if (mf_ids_find(f->ids[axis], line.text, line.len, &at)) {
            mark[at] = listed;
            continue;
        }
        mf__few_add(&unknown, line.text, line.len);
        mf__list_hint_see(&hint, &ids, line, mf_lines_number(lines) == 1);
    }
    mf__list_hint_say(&hint, text);
    if (code == 0 && unknown.n)
        mf__report_warn(f->report, "%s: ids that are no %s of %s: %llu (%s%s)%s",
                        mf_lines_name(lines), axis == MF_USER ? "user" : "item",
                        f->name, (unsigned long long)unknown.n, unknown.text,
                        mf__few_more(&unknown), text);
    return code < 0 ? code : mf__list_some(lines, err);
}

/* The ids are all there: see which cells of them are wanted. */
static int get_ready(filter *f, mf_err *err)
{
    mf_lines *only[2] = {f->lists->users, f->lists->items},
             *not [2] = {f->lists->not_users, f->lists->not_items};
    f->ready = true;
    for (mf_axis axis = MF_USER; axis <= MF_ITEM; axis++) {
        uint32_t n = f->ids[axis]->n;
        if (!only[axis] && !not [axis])
            continue;
        uint8_t *mark = f->unwanted[axis] = mf__new(n, 1);
        if (!mark)
            return mf__nomem(err);
        memset(mark, only[axis] != NULL, n);
        int code = read_list(f, only[axis], axis, mark, 0, err);
        if (code == MF_OK)
            code = read_list(f, not [axis], axis, mark, 1, err);
        if (code < 0)
            return code;
    }
    return MF_OK;
}

static int see_header(filter *f, const mf_record *rec, mf_err *err)
{
    if (!rec->header.time && (f->p.has_since || f->p.has_until))
        return mf_bundle_fail(rec->from, err,
                              "the cells have no times, which %s needs; read them in "
                              "with mf-convert --columns U,I,V,F,T",
                              f->p.has_since ? "--since" : "--until");
    for (size_t i = 0; rec->header.value == MF_F32 && i < f->p.conditions; i++)
        f->p.condition[i].value = (double)(float)f->p.condition[i].value;
    return MF_OK;
}

/* --- cells --- */

/* Whether a cell by itself is kept. */
static reason judge(const filter *f, const mf_row_block *b, uint32_t user, size_t t)
{
    if (f->unwanted[MF_USER] && f->unwanted[MF_USER][user])
        return OF_USERS;
    if (f->unwanted[MF_ITEM] && f->unwanted[MF_ITEM][b->item[t]])
        return OF_ITEMS;
    if (f->p.conditions &&
        !mf__conditions_hold(f->p.conditions, f->p.condition,
                             b->u32 ? (double)b->u32[t] : (double)b->f32[t]))
        return OF_VALUE;
    if ((f->p.has_since && b->time[t] < f->p.since) ||
        (f->p.has_until && b->time[t] >= f->p.until))
        return OF_TIME;
    return KEPT;
}

/* The first pass. */
static int count_rows(filter *f, const mf_row_block *b, mf_err *err)
{
    size_t n = f->ptr ? f->ptr[f->next_user] : 0;
    if (holds_cells(f) &&
        mf__reserve(&f->item, &f->item_cap, n + b->cells, sizeof *f->item, err) < 0)
        return MF_ENOMEM;
    for (size_t i = 0, t = 0; i < b->n; i++) {
        uint32_t user = b->first + (uint32_t)i;
        for (size_t end = t + b->len[i]; t < end; t++) {
            reason why = judge(f, b, user, t);
            f->cells[why]++;
            if (why != KEPT)
                continue;
            f->left[MF_USER][user]++;
            f->left[MF_ITEM][b->item[t]]++;
            if (f->ptr)
                f->item[n++] = b->item[t];
        }
        if (f->ptr)
            f->ptr[user + 1] = n;
    }
    f->next_user = b->first + b->n;
    return MF_OK;
}

static int reserve_row(filter *f, size_t n, mf_err *err)
{
    if (mf__reserve(&f->row, &f->row_cap, n + 1, sizeof *f->row, err) < 0 ||
        mf__reserve(&f->value, &f->value_cap, n + 1, sizeof *f->value, err) < 0 ||
        mf__reserve(&f->fold, &f->fold_cap, n + 1, 1, err) < 0 ||
        mf__reserve(&f->time, &f->time_cap, n + 1, sizeof *f->time, err) < 0)
        return MF_ENOMEM;
    return MF_OK;
}

/* Write what is left of the rows of a block. */
static int put_rows(filter *f, mf_bundle_writer *w, const mf_row_block *b, mf_err *err)
{
    bool counted = f->left[MF_USER] != NULL;
    size_t end = 0;
    for (uint32_t i = 0; i < b->n; i++) {
        uint32_t user = b->first + i, n = 0;
        size_t t = end;
        end += b->len[i];
        if (f->other && f->other[user])
            continue;
        if (counted && f->left[MF_USER][user] == 0 && !f->p.keep_empty)
            continue;
        if (reserve_row(f, b->len[i], err) < 0)
            return MF_ENOMEM;
        for (; t < end; t++) {
            reason why = judge(f, b, user, t);
            if (!counted)
                f->cells[why]++;
            if (why != KEPT || (counted && (f->left[MF_USER][user] == 0 ||
                                            f->left[MF_ITEM][b->item[t]] == 0)))
                continue;
            f->row[n] = f->place ? f->place[b->item[t]] : b->item[t];
            if (b->u32)
                f->value[n] = b->u32[t];
            else
                memcpy(&f->value[n], &b->f32[t], sizeof *f->value);
            f->fold[n] = b->fold[t];
            if (b->time)
                f->time[n] = b->time[t];
            n++;
        }
        f->written += n;
        int code = mf_bundle_put_row_time(w, n, f->row, f->value, f->fold,
                                          b->time ? f->time : NULL, err);
        if (code < 0)
            return code;
    }
    return MF_OK;
}

/* --- the whole --- */

static uint64_t read_cells(const filter *f)
{
    uint64_t all = 0;
    for (int i = 0; i < REASONS; i++)
        all += f->cells[i];
    return all;
}

/* Say what is left of what; nothing is an error, but in a shard. */
static int account(const filter *f, mf_err *err)
{
    char what[400];
    uint64_t left = holds_cells(f) ? f->left_all : f->cells[KEPT];
    size_t n = (size_t)snprintf(
        what, sizeof what,
        "%llu of users and %llu of items that are not wanted, %llu by value, %llu "
        "by time, %llu by the minimums",
        (unsigned long long)f->cells[OF_USERS], (unsigned long long)f->cells[OF_ITEMS],
        (unsigned long long)f->cells[OF_VALUE], (unsigned long long)f->cells[OF_TIME],
        (unsigned long long)(f->cells[KEPT] - left));
    if (f->other)
        snprintf(what + n, sizeof what - n, ", %llu of other shards",
                 (unsigned long long)(left - f->written));
    if (left == 0)
        return mf_fail(
            err, MF_EFORMAT, "nothing is left of %llu cell%s: %s; check the options",
            (unsigned long long)read_cells(f), mf__plural(read_cells(f)), what);
    mf__report_note(f->report, "kept %llu of %llu cell%s; gone: %s",
                    (unsigned long long)f->written, (unsigned long long)read_cells(f),
                    mf__plural(read_cells(f)), what);
    return MF_OK;
}

static int stream(filter *f, mf_in *in, mf_out *out, mf_err *err)
{
    rewrite io;
    const mf_record *rec;
    int code = mf__rewrite_open(&io, in, out, true, f->report, err);
    f->ids[MF_USER] = &io.users;
    f->ids[MF_ITEM] = &io.items;
    while (code >= 0 && (code = mf__rewrite_next(&io, &rec, err)) == 1) {
        if (rec->kind == MF_REC_HEADER) {
            mf_header h = rec->header;
            h.nnz_known = false;
            code = see_header(f, rec, err);
            if (code == MF_OK)
                code = mf_bundle_put_header(io.out, &h, rec, err);
            continue;
        }
        if (!f->ready)
            code = get_ready(f, err);
        if (code >= 0)
            code = put_rows(f, io.out, &rec->rows, err);
        mf__report_count(f->report, "filtering", "users",
                         rec->rows.first + (uint64_t)rec->rows.n,
                         mf_bundle_header(io.in)->users);
    }
    if (code == 0 && !f->ready)
        code = get_ready(f, err);
    if (code == 0)
        code = account(f, err);
    mf_stage stage = mf__filter_stage(&f->p, f->lists);
    if (code == 0)
        code = mf_bundle_put_end(io.out, io.in, &stage, err);
    mf__rewrite_close(&io);
    return code;
}

/* Room for counts, as much as ids came. */
static int get_counting(filter *f, mf_err *err)
{
    for (mf_axis axis = MF_USER; axis <= MF_ITEM; axis++)
        if (!(f->left[axis] = mf__new0(f->ids[axis]->n, sizeof *f->left[axis])))
            return mf__nomem(err);
    if (holds_cells(f) &&
        !(f->ptr = mf__new0((size_t)f->ids[MF_USER]->n + 1, sizeof *f->ptr)))
        return mf__nomem(err);
    return get_ready(f, err);
}

/* Refuse a shard where all users must be there. */
static int check_whole(const filter *f, const mf_bundle_reader *in, mf_err *err)
{
    mf_stage stage;
    int code = MF_OK;
    if (f->p.min_users <= 1 && f->p.shards <= 1)
        return MF_OK;
    for (size_t i = 0; code == MF_OK && i < mf_bundle_stages(in); i++) {
        code = mf_bundle_stage(in, i, &stage, err);
        const char *shard = code == MF_OK ? mf__stage_value(&stage, "shard") : NULL;
        if (shard)
            code = mf_fail(err, MF_EFORMAT,
                           "%s: holds shard %.20s of the users, and %s needs all: join "
                           "the shards with mf-convert --join first",
                           f->name, shard, f->p.shards > 1 ? "--shard" : "--min-users");
    }
    return code;
}

/* What is left of users of other shards, and of items that only they have, goes. */
static int keep_shard(filter *f, const peel_cells *c, mf_err *err)
{
    uint32_t *of_user = f->left[MF_USER], *of_item = f->left[MF_ITEM];
    for (uint32_t u = 0; u < c->users; u++)
        f->left_all += of_user[u];
    if (f->p.shards <= 1)
        return MF_OK;
    uint32_t *own = mf__new0(c->items, sizeof *own);
    f->other = mf__new(c->users, 1);
    if (!own || !f->other) {
        free(own);
        return mf__nomem(err);
    }
    for (uint32_t u = 0; u < c->users; u++) {
        size_t len;
        const char *id = mf_ids_get(f->ids[MF_USER], u, &len);
        f->other[u] = !mf__shard_has_id(id, len, f->p.shard, f->p.shards);
        of_user[u] = f->other[u] ? 0 : of_user[u];
        for (size_t t = c->ptr[u]; of_user[u] && t < c->ptr[u + 1]; t++)
            own[c->item[t]] += of_item[c->item[t]] > 0;
    }
    free(of_item);
    f->left[MF_ITEM] = own;
    return MF_OK;
}

static int count(filter *f, passes *p, mf_err *err)
{
    const mf_record *rec;
    int code;
    while ((code = mf__passes_next(p, &rec, err)) == 1) {
        if (rec->kind == MF_REC_HEADER)
            code = see_header(f, rec, err);
        else if (!f->ready)
            code = get_counting(f, err);
        if (code >= 0 && rec->kind == MF_REC_ROWS)
            code = count_rows(f, &rec->rows, err);
        if (code < 0)
            return code;
    }
    if (code == 0 && !f->ready)
        code = get_counting(f, err);
    if (code == 0)
        code = check_whole(f, p->first.in, err);
    if (code < 0 || !holds_cells(f))
        return code;
    const peel_cells cells = {f->ids[MF_USER]->n, f->ids[MF_ITEM]->n, f->ptr, f->item};
    code = mf__peel(&cells, f->p.min_items, f->p.min_users, f->p.core, f->left[MF_USER],
                    f->left[MF_ITEM], err);
    if (code == MF_OK)
        code = keep_shard(f, &cells, err);
    free(f->item);
    free(f->ptr);
    f->item = NULL;
    f->ptr = NULL;
    return code;
}

/* Is this user or item in the result? */
static bool is_left(const filter *f, mf_axis axis, uint32_t i)
{
    if (axis == MF_USER && f->other && f->other[i])
        return false;
    return f->p.keep_empty || f->left[axis][i] > 0;
}

/* The ids of an axis that are left. */
static int put_ids(const filter *f, mf_bundle_writer *w, mf_axis axis, mf_err *err)
{
    const mf_ids *all = f->ids[axis];
    mf_ids some = {0};
    size_t len;
    int code = MF_OK;
    if (f->p.keep_empty && (axis == MF_ITEM || !f->other))
        return mf_bundle_put_ids(w, axis, all, err);
    for (uint32_t i = 0; code == MF_OK && i < all->n; i++)
        if (is_left(f, axis, i)) {
            const char *id = mf_ids_get(all, i, &len);
            code = mf_ids_append(&some, id, len, err);
        }
    if (code == MF_OK)
        code = mf_bundle_put_ids(w, axis, &some, err);
    mf_ids_free(&some);
    return code;
}

/* The header of the result; its ids are put before the first row, so that what stands
 * between keeps its place. */
static int put_header(filter *f, mf_bundle_writer *w, const mf_record *rec, mf_err *err)
{
    mf_header h = rec->header;
    uint32_t *size[2] = {&h.users, &h.items};
    h.nnz = 0;
    h.nnz_known = !streams(f); /* as the whole, which a shard is a part of */
    for (uint32_t u = 0; u < f->ids[MF_USER]->n; u++)
        h.nnz += f->left[MF_USER][u];
    if (!f->p.keep_empty && !(f->place = mf__new(f->ids[MF_ITEM]->n, sizeof *f->place)))
        return mf__nomem(err);
    for (mf_axis axis = MF_USER; axis <= MF_ITEM; axis++) {
        *size[axis] = 0;
        for (uint32_t i = 0; i < f->ids[axis]->n; i++) {
            if (axis == MF_ITEM && f->place)
                f->place[i] = *size[axis];
            *size[axis] += is_left(f, axis, i);
        }
    }
    return mf_bundle_put_header(w, &h, rec, err);
}

static int put_axes(const filter *f, mf_bundle_writer *w, mf_err *err)
{
    int code = put_ids(f, w, MF_USER, err);
    return code < 0 ? code : put_ids(f, w, MF_ITEM, err);
}

static int write(filter *f, passes *p, mf_out *out, mf_err *err)
{
    rewrite io;
    const mf_record *rec;
    bool axes = false;
    int code = mf__passes_again(p, &io, out, err);
    io.own_ids = true;
    while (code >= 0 && (code = mf__rewrite_next(&io, &rec, err)) == 1) {
        if (rec->kind == MF_REC_HEADER) {
            code = put_header(f, io.out, rec, err);
            continue;
        }
        if (!axes)
            code = put_axes(f, io.out, err);
        axes = true;
        if (code >= 0)
            code = put_rows(f, io.out, &rec->rows, err);
        mf__report_count(f->report, "filtering", "users",
                         rec->rows.first + (uint64_t)rec->rows.n,
                         mf_bundle_header(io.in)->users);
    }
    if (code == 0)
        code = mf__passes_same(p, &io, err);
    if (code == 0 && !axes)
        code = put_axes(f, io.out, err);
    if (code == 0)
        code = account(f, err);
    mf_stage stage = mf__filter_stage(&f->p, f->lists);
    if (code == 0)
        code = mf_bundle_put_end(io.out, p->first.in, &stage, err);
    mf__rewrite_close(&io);
    return code;
}

static int run_twice(filter *f, mf_in *in, mf_out *out, mf_err *err)
{
    passes p;
    int code = mf__passes_open(&p, in, true, f->report, err);
    f->ids[MF_USER] = &p.first.users;
    f->ids[MF_ITEM] = &p.first.items;
    if (code == MF_OK)
        code = count(f, &p, err);
    if (code == MF_OK)
        code = write(f, &p, out, err);
    mf__passes_close(&p);
    return code;
}

int mf_filter_run(mf_in *in, mf_out *out, const mf_filter_params *params,
                  const mf_filter_lists *lists, const mf_report *report, mf_err *err)
{
    int code = mf_filter_check(params, err);
    if (code < 0)
        return code;
    filter f = {.p = *params, .lists = lists, .report = report, .name = mf_in_name(in)};
    f.p.min_items = f.p.min_items ? f.p.min_items : 1;
    f.p.min_users = f.p.min_users ? f.p.min_users : 1;
    code = streams(&f) && f.p.shards <= 1 ? stream(&f, in, out, err)
                                          : run_twice(&f, in, out, err);
    for (int axis = 0; axis < 2; axis++) {
        free(f.unwanted[axis]);
        free(f.left[axis]);
    }
    free(f.ptr);
    free(f.item);
    free(f.place);
    free(f.other);
    free(f.row);
    free(f.value);
    free(f.fold);
    free(f.time);
    return code;
}
