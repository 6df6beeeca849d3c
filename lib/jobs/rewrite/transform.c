/* Operations that look at one row are applied as it streams by. tfidf and bm25 need
 * statistics of all rows: then the input is read once for each of them, and once more
 * to write the result. Starting over from the values of the input each time, instead of
 * storing what the operations made of them, keeps counts exact and rounds once. */
#include "mf/transform.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/report.h"
#include "jobs/rewrite/passes.h"
#include "jobs/shared/transform_ops.h"

typedef struct transform {
    const mf_transform_params *p;
    const mf_report *report;
    op_stats stats[MF_TRANSFORM_OPS];
    const char *name;            /* of the input */
    const mf_ids *users, *items; /* for messages */
    double *x;                   /* [cells] of the block at hand */
    float *value;
    size_t x_cap, value_cap;
    uint64_t above, zeroed; /* cells written that were above 0, and are 0 now */
} transform;

int mf_transform_check(const mf_transform_params *p, mf_err *err)
{
    mf_stage room;
    size_t used = 0;
    char text[MF_TRANSFORM_TEXT];
    if (p->n == 0)
        return mf_fail(err, MF_EINVAL, "--op: say what to do, like --op=log2:0.8");
    for (size_t i = 0; i < p->n && i < MF_TRANSFORM_OPS; i++) {
        mf_transform_format(&p->op[i], text);
        used += strlen(text) + 1;
    }
    if (p->n > MF_TRANSFORM_OPS || used > sizeof room.option->value)
        return mf_fail(err, MF_EINVAL,
                       "--op: too many operations for one stage; use two");
    return MF_OK;
}

/* The words of an error at a cell, with the ids of both sides. */
static int bad_cell(const transform *t, mf_err *err, uint32_t user,
                    const uint32_t *item, const char *why)
{
    size_t user_len, item_len = 0;
    const char *user_id = mf_ids_get(t->users, user, &user_len);
    const char *item_id = item ? mf_ids_get(t->items, *item, &item_len) : "";
    return mf_fail(err, MF_ERANGE, "%s: user '%.*s'%s%.*s%s: %s", t->name,
                   user_len > 100 ? 100 : (int)user_len, user_id,
                   item ? ", item '" : "", item_len > 100 ? 100 : (int)item_len,
                   item_id, item ? "'" : "", why);
}

/* True if a float can hold each. */
static bool all_finite(const double x[], size_t n)
{
    unsigned wrong = 0;
    for (size_t t = 0; t < n; t++)
        wrong |= !(fabsf((float)x[t]) <= FLT_MAX);
    return !wrong;
}

/* Apply the first `ops` operations to a row; each result is finite, or it is
 * an error that says where and by what. */
static int apply(const transform *t, size_t ops, const op_row *row, mf_err *err)
{
    char text[MF_TRANSFORM_TEXT], why[MF_TRANSFORM_TEXT + 80];
    for (size_t i = 0; i < ops; i++) {
        const mf_transform_op *op = &t->p->op[i];
        if (!mf__op_apply(op, &t->stats[i], row))
            return bad_cell(
                t, err, row->user, NULL,
                "user-mean: the mean of the training and fold-in values is 0");
        bool finite = all_finite(row->x, row->n);
        for (size_t c = 0; !finite && c < row->n; c++)
            if (!isfinite((float)row->x[c])) {
                mf_transform_format(op, text);
                mf__snprintf(why, sizeof why, "%s gives %g, which f32 cannot hold",
                             text, row->x[c]);
                return bad_cell(t, err, row->user, &row->item[c], why);
            }
    }
    return MF_OK;
}

/* Apply the first `ops` operations to a block of rows, into t->x; add each row
 * to `stats` of the operation that follows unless that is NULL. */
static int apply_block(transform *t, size_t ops, const mf_row_block *b, op_stats *stats,
                       mf_err *err)
{
    if (mf__reserve(&t->x, &t->x_cap, b->cells, sizeof *t->x, err) < 0)
        return MF_ENOMEM;
    if (b->u32)
        for (size_t c = 0; c < b->cells; c++)
            t->x[c] = (double)b->u32[c];
    else
        for (size_t c = 0; c < b->cells; c++)
            t->x[c] = (double)b->f32[c];
    size_t at = 0;
    for (uint32_t i = 0; i < b->n; i++) {
        op_row row = {b->first + i, b->len[i], b->item + at, b->fold + at, t->x + at};
        int code = apply(t, ops, &row, err);
        if (code < 0)
            return code;
        if (stats)
            mf__op_stats_add(stats, &t->p->op[ops], &row);
        at += b->len[i];
    }
    return MF_OK;
}

/* Take a header or rows for the statistics of operation `op`. */
static int gather(transform *t, const rewrite *io, size_t op, const mf_record *rec,
                  mf_err *err)
{
    op_stats *stats = &t->stats[op];
    if (rec->kind != MF_REC_ROWS)
        return MF_OK;
    if (!stats->of_item) { /* the ids came, so the header's sizes are true */
        const mf_header *h = mf_bundle_header(io->in);
        int code = mf__op_stats_open(stats, h->users, h->items, err);
        if (code < 0)
            return code;
    }
    return apply_block(t, op, &rec->rows, stats, err);
}

/* Statistics of operation `op`, all rows taken. */
static void settle(transform *t, size_t op)
{
    if (t->stats[op].of_item)
        mf__op_stats_settle(&t->stats[op], &t->p->op[op]);
}

/* Count a cell that is written. */
static void count_cell(transform *t, const mf_row_block *b, size_t c)
{
    bool above = b->u32 ? b->u32[c] > 0 : b->f32[c] > 0;
    t->above += above;
    t->zeroed += above && t->value[c] == 0;
}

/* A cell of value 0 says nothing, which few who write log2:0 think of. */
static void say_zeroed(const transform *t)
{
    unsigned long long n = t->zeroed, of = t->above;
    if (n > 0 && n == of)
        mf__report_warn(t->report,
                        "%s: all values above 0 (%llu) are 0 now, which says nothing: a "
                        "model learns nothing from them",
                        t->name, n);
    else if (n > 0)
        mf__report_note(t->report,
                        "of %llu values above 0, %llu became 0, which says nothing", of,
                        n);
}

/* Read all of `io` and write it with the new values, without the end. */
static int convert(transform *t, rewrite *io, mf_err *err)
{
    const mf_record *rec;
    int code;
    while ((code = mf__rewrite_next(io, &rec, err)) == 1) {
        if (rec->kind == MF_REC_HEADER) {
            mf_header h = rec->header;
            h.value = MF_F32;
            code = mf_bundle_put_header(io->out, &h, rec, err);
        } else {
            const mf_row_block *b = &rec->rows;
            code = apply_block(t, t->p->n, b, NULL, err);
            if (code == MF_OK)
                code = mf__reserve(&t->value, &t->value_cap, b->cells, sizeof *t->value,
                                   err);
            for (size_t c = 0; code == MF_OK && c < b->cells; c++) {
                t->value[c] = (float)t->x[c];
                count_cell(t, b, c);
            }
            if (code == MF_OK)
                code =
                    mf_bundle_put_rows_like(io->out, rec, MF_F32, t->value, NULL, err);
            mf__report_count(t->report, "changing", "users",
                             b->first + (uint64_t)b->n,
                             mf_bundle_header(io->in)->users);
        }
        if (code < 0)
            return code;
    }
    return code;
}

static int put_end(const transform *t, rewrite *to, const rewrite *from, mf_err *err)
{
    char ops[MF_STAGE_VALUE] = "", text[MF_TRANSFORM_TEXT];
    for (size_t i = 0; i < t->p->n; i++) {
        size_t used = strlen(ops);
        mf_transform_format(&t->p->op[i], text);
        snprintf(ops + used, sizeof ops - used, "%s%s", i ? " " : "", text);
    }
    say_zeroed(t);
    mf_stage stage = mf_stage_make("mf-transform");
    mf_stage_option(&stage, "op", "%s", ops);
    return mf_bundle_put_end(to->out, from->in, &stage, err);
}

static int stream(transform *t, mf_in *in, mf_out *out, mf_err *err)
{
    rewrite io;
    int code = mf__rewrite_open(&io, in, out, true, t->report, err);
    t->users = &io.users;
    t->items = &io.items;
    if (code == MF_OK)
        code = convert(t, &io, err);
    if (code == MF_OK)
        code = put_end(t, &io, &io, err);
    mf__rewrite_close(&io);
    return code;
}

/* The next operation from `op` on that needs statistics of all rows, or n. */
static size_t next_global(const mf_transform_params *p, size_t op)
{
    while (op < p->n && !mf__op_needs_stats(&p->op[op]))
        op++;
    return op;
}

/* The first pass: statistics of `op`. */
static int gather_first(transform *t, passes *p, size_t op, mf_err *err)
{
    const mf_record *rec;
    int code;
    while ((code = mf__passes_next(p, &rec, err)) == 1)
        if ((code = gather(t, &p->first, op, rec, err)) < 0)
            return code;
    if (code == 0)
        settle(t, op);
    return code;
}

/* A later one. */
static int gather_again(transform *t, passes *p, size_t op, mf_err *err)
{
    rewrite io;
    const mf_record *rec;
    int code = mf__passes_again(p, &io, NULL, err);
    while (code >= 0 && (code = mf__rewrite_next(&io, &rec, err)) == 1)
        code = gather(t, &io, op, rec, err);
    if (code == 0)
        code = mf__passes_same(p, &io, err);
    if (code == 0)
        settle(t, op);
    mf__rewrite_close(&io);
    return code;
}

/* The last one, which writes the result. */
static int convert_again(transform *t, passes *p, mf_out *out, mf_err *err)
{
    rewrite io;
    int code = mf__passes_again(p, &io, out, err);
    if (code == MF_OK)
        code = convert(t, &io, err);
    if (code == MF_OK)
        code = mf__passes_same(p, &io, err);
    if (code == MF_OK)
        code = put_end(t, &io, &p->first, err);
    mf__rewrite_close(&io);
    return code;
}

/* Read the input once for each operation that needs statistics, and once to write the
 * result. */
static int run_passes(transform *t, mf_in *in, mf_out *out, mf_err *err)
{
    passes p;
    size_t op = next_global(t->p, 0);
    int code = mf__passes_open(&p, in, true, t->report, err);
    t->users = &p.first.users;
    t->items = &p.first.items;
    if (code == MF_OK)
        code = gather_first(t, &p, op, err);
    while (code == MF_OK && (op = next_global(t->p, op + 1)) < t->p->n)
        code = gather_again(t, &p, op, err);
    if (code == MF_OK)
        code = convert_again(t, &p, out, err);
    mf__passes_close(&p);
    return code;
}

int mf_transform_run(mf_in *in, mf_out *out, const mf_transform_params *params,
                     const mf_report *report, mf_err *err)
{
    int code = mf_transform_check(params, err);
    if (code < 0)
        return code;
    transform t = {.p = params, .report = report, .name = mf_in_name(in)};
    if (next_global(params, 0) == params->n)
        code = stream(&t, in, out, err);
    else
        code = run_passes(&t, in, out, err);
    for (size_t i = 0; i < params->n; i++)
        mf__op_stats_free(&t.stats[i]);
    free(t.x);
    free(t.value);
    return code;
}
