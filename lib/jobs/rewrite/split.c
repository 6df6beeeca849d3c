#include "mf/split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>
#include <xxhash.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/report.h"
#include "data/cell_hash.h"
#include "data/time.h"
#include "jobs/rewrite/latest.h"
#include "jobs/rewrite/lowest.h"
#include "jobs/rewrite/passes.h"
#include "jobs/rewrite/split_params.h"
#include "mf/ratings.h"

/* The circle of numbers cut in three: from `begin` on, `test` of them are
 * test, up to `held` validation, the others stay. */
typedef struct cut {
    uint64_t begin, test, held;
} cut;

/* A thread's row: numbers of its cells, and room to look for the lowest. */
typedef struct scratch {
    uint64_t *key, *room;
    moment *moment;
    size_t key_cap, room_cap, moment_cap;
    mf_cell_hash hash;
    char apart[128]; /* no two threads write to one cache line */
} scratch;

typedef struct split {
    mf_split_params p; /* without defaults */
    cut cut;           /* of cells for pairs, of users for users */
    rewrite io;
    int64_t at, valid_at; /* the cuts of before, valid_at <= at */
    uint8_t *held; /* [users]: MF_TEST, MF_VALID or MF_TRAIN; NULL unless users */
    int threads;
    scratch *scratch; /* [threads] */
    size_t *start;    /* [rows + 1], of the block at hand */
    uint8_t *fold;    /* [cells], of the block at hand */
    size_t start_cap, fold_cap;
    uint64_t cells[MF_FOLDS];
} split;

static cut make_cut(const mf_split_params *p)
{
    cut c = {0};
    if (p->folds == 0) {
        c.test = p->test.fraction ? lowest_share(p->test.value) : 0;
        c.held = p->test.fraction
                     ? lowest_share(fmin(p->test.value + p->valid.value, 1))
                     : 0;
        return c;
    }
    /* floor(folds x / 2^53) = fold - 1 between these two; 2^53 * 1024 fits */
    c.begin = ((p->fold - 1) * LOWEST_WHOLE + p->folds - 1) / p->folds;
    c.test = (p->fold * LOWEST_WHOLE + p->folds - 1) / p->folds - c.begin;
    c.held = c.test + lowest_share(p->valid.value);
    if (c.held > LOWEST_WHOLE)
        c.held = LOWEST_WHOLE;
    return c;
}

static size_t rounded(double share_of, size_t n)
{
    return (size_t)floor(share_of * (double)n + 0.5);
}

/* How many of a row's n cells are test, and how many are held out in all, as the method
 * has it; for pairs 0, because there each cell is for itself. */
static void count_held(const split *s, uint32_t user, size_t n, size_t *test,
                       size_t *held)
{
    const mf_split_params *p = &s->p;
    *test = *held = 0;
    switch (p->method) {
    case MF_SPLIT_PAIRS:
    case MF_SPLIT_BEFORE: break;
    case MF_SPLIT_LAST:
    case MF_SPLIT_PER_USER:
    case MF_SPLIT_LEAVE_OUT:
        if (p->test.fraction) {
            *test = rounded(p->test.value, n);
            *held = *test + rounded(p->valid.value, n);
        } else if ((double)n >= p->test.value + p->valid.value + (double)p->min_train) {
            *test = (size_t)p->test.value;
            *held = *test + (size_t)p->valid.value;
        }
        break;
    case MF_SPLIT_USERS:
        if (s->held[user] != MF_TRAIN) {
            *held = n - rounded(p->fold_in, n);
            *held += *held == 0 && n >= 2;
        }
        *test = s->held[user] == MF_TEST ? *held : 0;
        break;
    }
}

/* The numbers of a row's cells into c->key. */
static int number_row(const split *s, uint32_t user, const uint32_t item[], size_t n,
                      scratch *c)
{
    if (mf__cell_hash_user(&c->hash, &s->io.users, user, NULL) < 0)
        return MF_ENOMEM;
    mf__cell_hash_items(&c->hash, &s->io.items, item, n, s->p.seed, c->key);
    uint64_t begin = s->p.method == MF_SPLIT_PAIRS ? s->cut.begin : 0;
#pragma omp simd
    for (size_t t = 0; t < n; t++)
        c->key[t] = (lowest_number(c->key[t]) - begin) & (LOWEST_WHOLE - 1);
    return MF_OK;
}

/* The folds of a row by the times of its cells. */
static void split_by_time(const split *s, uint32_t user, const int64_t time[], size_t n,
                          scratch *c, uint8_t fold[])
{
    size_t test = 0, held = 0, keep = (size_t)s->p.min_train;
    size_t most = n > keep ? n - keep : 0;
    if (s->p.method == MF_SPLIT_BEFORE) {
        for (size_t t = 0; t < n; t++) {
            bool in_test = time[t] >= s->at, in_held = time[t] >= s->valid_at;
            test += in_test;
            held += in_held;
            fold[t] = in_test ? MF_TEST : in_held ? MF_VALID : MF_TRAIN;
        }
        if (held <= most)
            return;
    } else {
        count_held(s, user, n, &test, &held);
    }
    held = held < most ? held : most;
    test = test < held ? test : held;
    mf__latest_mark(time, n, test, held, c->moment, fold);
}

static int split_row(const split *s, uint32_t user, const uint32_t item[], size_t n,
                     scratch *c, uint8_t fold[])
{
    size_t test, held, keep = (size_t)s->p.min_train, most = n > keep ? n - keep : 0;
    uint8_t known = s->held && s->held[user] != MF_TRAIN ? MF_FOLD_IN : MF_TRAIN;
    bool pairs = s->p.method == MF_SPLIT_PAIRS;
    count_held(s, user, n, &test, &held);
    if (held == 0 && !pairs) { /* most users of MF_SPLIT_USERS */
        memset(fold, known, n);
        return MF_OK;
    }
    int code = number_row(s, user, item, n, c);
    if (code < 0)
        return code;
    if (pairs) {
        held = mf__lowest_mark(c->key, n, s->cut.test, s->cut.held, known, fold, &test);
        if (held <= most)
            return MF_OK;
    }
    held = held < most ? held : most;
    test = test < held ? test : held;
    bound to_test, to_held;
    mf__lowest_bounds(c->key, n, test, held, c->room, &to_test, &to_held);
    size_t tests; /* too many where numbers are equal, which is rare */
    if (mf__lowest_mark(c->key, n, to_test.below + (test > 0),
                        to_held.below + (held > 0), known, fold, &tests) != held ||
        tests != test)
        mf__lowest_mark_equals(c->key, n, to_test, to_held, known, fold);
    return MF_OK;
}

/* Choose the held-out users: by their numbers alone, so before any row. */
static int choose_users(split *s, mf_err *err)
{
    uint32_t n = s->io.users.n;
    const mf_split_params *p = &s->p;
    double asked = p->test.value + p->valid.value;
    if (!p->test.fraction && asked > n)
        return mf_fail(err, MF_EINVAL, "%s: %.0f users to hold out, but there are %u",
                       s->io.name, asked, n);
    uint64_t *key = mf__new(n, sizeof *key);
    uint64_t *room = mf__new(p->test.fraction ? 0 : n, sizeof *room);
    s->held = mf__new(n, 1);
    if (!key || !room || !s->held) {
        free(key);
        free(room);
        return mf__nomem(err);
    }
    for (uint32_t u = 0; u < n; u++) {
        size_t len;
        const char *id = mf_ids_get(&s->io.users, u, &len);
        uint64_t x = lowest_number(XXH3_64bits_withSeed(id, len, p->seed));
        key[u] = (x - s->cut.begin) & (LOWEST_WHOLE - 1);
    }
    bound to_test = {s->cut.test, 0}, to_held = {s->cut.held, 0};
    if (!p->test.fraction)
        mf__lowest_bounds(key, n, (size_t)p->test.value, (size_t)asked, room, &to_test,
                          &to_held);
    mf__lowest_mark_equals(key, n, to_test, to_held, MF_TRAIN, s->held);
    free(key);
    free(room);
    return MF_OK;
}

/* Room for the block at hand, for every thread. */
static int reserve_block(split *s, const mf_row_block *b, mf_err *err)
{
    size_t longest = 0, at = 0;
    if (mf__reserve(&s->start, &s->start_cap, (size_t)b->n + 1, sizeof *s->start, err) <
            0 ||
        mf__reserve(&s->fold, &s->fold_cap, b->cells, 1, err) < 0)
        return MF_ENOMEM;
    for (uint32_t i = 0; i < b->n; i++) {
        s->start[i] = at;
        at += b->len[i];
        longest = b->len[i] > longest ? b->len[i] : longest;
    }
    s->start[b->n] = at;
    for (int t = 0; t < s->threads; t++) {
        scratch *c = &s->scratch[t];
        if (mf__split_by_time(&s->p)
                ? mf__reserve(&c->moment, &c->moment_cap, longest, sizeof *c->moment,
                              err) < 0
                : mf__reserve(&c->key, &c->key_cap, longest, sizeof *c->key, err) < 0 ||
                      mf__reserve(&c->room, &c->room_cap, longest, sizeof *c->room,
                                  err) < 0)
            return MF_ENOMEM;
    }
    return MF_OK;
}

/* Sums of bytes stay in bytes, so many cells at a time as these can count. */
static void count_folds(split *s, size_t cells)
{
    enum { MANY = 255 };
    for (size_t from = 0, n; from < cells; from += n) {
        uint8_t valid = 0, test = 0, fold_in = 0;
        const uint8_t *fold = s->fold + from;
        n = cells - from < MANY ? cells - from : MANY;
#pragma omp simd reduction(+ : valid, test, fold_in)
        for (size_t t = 0; t < n; t++) {
            valid = (uint8_t)(valid + (fold[t] == MF_VALID));
            test = (uint8_t)(test + (fold[t] == MF_TEST));
            fold_in = (uint8_t)(fold_in + (fold[t] == MF_FOLD_IN));
        }
        s->cells[MF_TRAIN] += n - valid - test - fold_in;
        s->cells[MF_VALID] += valid;
        s->cells[MF_TEST] += test;
        s->cells[MF_FOLD_IN] += fold_in;
    }
}

static int split_rows(split *s, const mf_record *rec, mf_err *err)
{
    const mf_row_block *b = &rec->rows;
    int code = MF_OK;
    if (s->p.method == MF_SPLIT_USERS && !s->held)
        code = choose_users(s, err);
    if (code == MF_OK)
        code = reserve_block(s, b, err);
    if (code < 0)
        return code;
#pragma omp parallel for num_threads(s->threads) schedule(dynamic, 32)                 \
    reduction(min                                                                      \
              : code)
    for (uint32_t i = 0; i < b->n; i++) {
        scratch *c = &s->scratch[omp_get_thread_num()];
        size_t begin = s->start[i], n = s->start[i + 1] - begin;
        int done = MF_OK;
        if (mf__split_by_time(&s->p))
            split_by_time(s, b->first + i, b->time + begin, n, c, s->fold + begin);
        else
            done = split_row(s, b->first + i, b->item + begin, n, c, s->fold + begin);
        code = done < code ? done : code;
    }
    if (code < 0)
        return mf__nomem(err);
    count_folds(s, b->cells);
    return mf_bundle_put_rows_like(s->io.out, rec, mf_bundle_header(s->io.in)->value,
                                   NULL, s->fold, err);
}

static int need_times(const split *s, const mf_record *header, mf_err *err)
{
    if (header->header.time || !mf__split_by_time(&s->p))
        return MF_OK;
    return mf_bundle_fail(header->from, err,
                          "the cells have no times, which --method=%s needs; read them "
                          "in with mf-convert --columns U,I,V,F,T",
                          mf_split_method_names[s->p.method]);
}

/* The cuts that the shares ask for, of all n times, which change their order. */
static void place_cuts(split *s, int64_t time[], size_t n)
{
    const mf_split_params *p = &s->p;
    size_t test = rounded(p->test.value, n), late = 0;
    if (!p->has_at)
        s->at = test ? mf__latest_nth(time, n, test) : INT64_MAX;
    for (size_t t = 0; t < n; t++)
        late += time[t] >= s->at;
    size_t valid = rounded(p->valid.value, n);
    valid = valid < n - late ? valid : n - late;
    if (!p->has_valid_at)
        s->valid_at = valid ? mf__latest_nth(time, n, late + valid) : s->at;
}

static int gather_times(const split *s, passes *p, int64_t **time, size_t *n,
                        mf_err *err)
{
    const mf_record *rec;
    size_t cap = 0;
    int code;
    while ((code = mf__passes_next(p, &rec, err)) == 1) {
        const mf_row_block *b = &rec->rows;
        if (rec->kind == MF_REC_HEADER && (code = need_times(s, rec, err)) < 0)
            return code;
        if (rec->kind != MF_REC_ROWS || b->cells == 0)
            continue;
        if (mf__reserve(time, &cap, *n + b->cells, sizeof **time, err) < 0)
            return MF_ENOMEM;
        memcpy(*time + *n, b->time, b->cells * sizeof **time);
        *n += b->cells;
    }
    return code;
}

/* Read the rows of s->io and write them with their folds. */
static int run(split *s, const mf_report *report, mf_err *err)
{
    const mf_record *rec;
    int code;
    if (!(s->scratch = mf__new0((size_t)s->threads, sizeof *s->scratch)))
        return mf__nomem(err);
    while ((code = mf__rewrite_next(&s->io, &rec, err)) == 1) {
        if (rec->kind == MF_REC_HEADER) {
            code = need_times(s, rec, err);
            if (code == MF_OK)
                code = mf_bundle_pass(s->io.out, rec, err);
        } else {
            code = split_rows(s, rec, err);
        }
        if (code < 0)
            return code;
        if (rec->kind == MF_REC_ROWS)
            mf__report_count(report, "splitting", "users",
                             rec->rows.first + (uint64_t)rec->rows.n,
                             mf_bundle_header(s->io.in)->users);
    }
    return code;
}

/* Cells of a fold were asked for, and there are none: why, and what gives some. */
static void warn_of_none(const split *s, unsigned fold, const mf_report *report)
{
    const mf_split_params *p = &s->p;
    const bool test = fold == MF_TEST, users = p->method == MF_SPLIT_USERS;
    const char *what = test ? "test" : "validation", *option = test ? "test" : "valid";
    const mf_split_amount amount = test ? p->test : p->valid;
    const double share = test && p->folds ? 1.0 / p->folds : amount.value;
    uint64_t all = 0;
    for (int f = 0; f < MF_FOLDS; f++)
        all += s->cells[f];
    if (all == 0 || s->cells[fold] > 0)
        return;
    if (test ? p->has_at : p->has_valid_at)
        mf__report_warn(report, "no cell is %s; an earlier --%s gives some", what,
                        test ? "at" : "valid-at");
    else if (amount.value > 0 && !amount.fraction && users)
        mf__report_warn(report,
                        "no cell is %s: the users held out have so few cells that all "
                        "are fold-in",
                        what);
    else if (amount.value > 0 && !amount.fraction)
        mf__report_warn(report,
                        "no cell is %s: no user has as many cells as --test, --valid "
                        "and --min-train ask for",
                        what);
    else if (share > 0)
        mf__report_warn(report,
                        "no cell is %s: %.3g %% of %llu %s came to none; a larger --%s "
                        "gives some, or --method=leave-out --%s 1, one of each user",
                        what, 100 * share,
                        (unsigned long long)(users ? s->io.users.n : all),
                        users ? "users" : "cells", option, option);
}

/* The end, with the provenance that `from` has read. */
static int put_end(split *s, const rewrite *from, const mf_report *report, mf_err *err)
{
    mf_stage stage = mf__split_stage(&s->p);
    int code = mf_bundle_put_end(s->io.out, from->in, &stage, err);
    if (code == MF_OK) {
        warn_of_none(s, MF_TEST, report);
        warn_of_none(s, MF_VALID, report);
    }
    if (code == MF_OK && s->cells[MF_TRAIN] == 0)
        mf__report_warn(report, "no cell is training");
    if (code == MF_OK)
        mf__report_note(report,
                        "train %llu, validation %llu, test %llu, fold-in %llu cells",
                        (unsigned long long)s->cells[MF_TRAIN],
                        (unsigned long long)s->cells[MF_VALID],
                        (unsigned long long)s->cells[MF_TEST],
                        (unsigned long long)s->cells[MF_FOLD_IN]);
    return code;
}

/* True if the cuts of before are not known until all times are. */
static bool needs_shares(const mf_split_params *p)
{
    return p->method == MF_SPLIT_BEFORE &&
           (!p->has_at || (!p->has_valid_at && p->valid.value > 0));
}

static int run_twice(split *s, mf_in *in, mf_out *out, const mf_report *report,
                     mf_err *err)
{
    passes p;
    int64_t *time = NULL;
    size_t n = 0;
    int code = mf__passes_open(&p, in, false, report, err);
    if (code == MF_OK)
        code = gather_times(s, &p, &time, &n, err);
    if (code == MF_OK)
        place_cuts(s, time, n);
    free(time);
    if (code == MF_OK)
        code = mf__passes_again(&p, &s->io, out, err);
    if (code == MF_OK)
        code = run(s, report, err);
    if (code == MF_OK)
        code = mf__passes_same(&p, &s->io, err);
    if (code == MF_OK)
        code = put_end(s, &p.first, report, err);
    mf__passes_close(&p);
    return code;
}

static int run_once(split *s, mf_in *in, mf_out *out, const mf_report *report,
                    mf_err *err)
{
    bool ids = !mf__split_by_time(&s->p);
    int code = mf__rewrite_open(&s->io, in, out, ids, report, err);
    if (code == MF_OK)
        code = run(s, report, err);
    return code < 0 ? code : put_end(s, &s->io, report, err);
}

int mf_split_run(mf_in *in, mf_out *out, const mf_split_params *params,
                 const mf_report *report, mf_err *err)
{
    int code = mf_split_check(params, err);
    if (code < 0)
        return code;
    split s = {.p = mf__split_without_defaults(params),
               .threads = mf__par_threads(params->threads)};
    s.cut = make_cut(&s.p);
    s.at = s.p.at;
    s.valid_at = s.p.has_valid_at ? s.p.valid_at : s.p.at;
    code = needs_shares(&s.p) ? run_twice(&s, in, out, report, err)
                              : run_once(&s, in, out, report, err);
    for (int t = 0; s.scratch && t < s.threads; t++) {
        free(s.scratch[t].key);
        free(s.scratch[t].room);
        free(s.scratch[t].moment);
        mf__cell_hash_free(&s.scratch[t].hash);
    }
    free(s.scratch);
    free(s.start);
    free(s.fold);
    free(s.held);
    mf__rewrite_close(&s.io);
    return code;
}
