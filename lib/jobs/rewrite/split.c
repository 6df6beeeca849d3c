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
#include "jobs/rewrite/rewrite.h"
#include "mf/ratings.h"

const char *const mf_split_method_names[] = {"pairs", "per-user", "leave-out", "users",
                                             NULL};

/* Numbers of cells and users have 53 bits: they and their share of 2^53 are
 * exact as integers and as doubles. */
enum { BITS = 53 };
static const uint64_t WHOLE = (uint64_t)1 << BITS;

static uint64_t number(uint64_t hash)
{
    return hash >> (64 - BITS);
}

/* The numbers below fraction * 2^53. */
static uint64_t share(double fraction)
{
    return (uint64_t)ceil(ldexp(fraction, BITS));
}

/* The circle of numbers cut in three: from `begin` on, `test` of them are
 * test, up to `held` validation, the others stay. */
typedef struct cut {
    uint64_t begin, test, held;
} cut;

/* A thread's row: numbers of its cells, and room to look for the lowest. */
typedef struct scratch {
    uint64_t *key, *room;
    size_t key_cap, room_cap;
    mf_cell_hash hash;
    char apart[128]; /* no two threads write to one cache line */
} scratch;

typedef struct split {
    mf_split_params p; /* without defaults */
    cut cut;           /* of cells for pairs, of users for users */
    rewrite io;
    uint8_t *held; /* [users]: MF_TEST, MF_VALID or MF_TRAIN; NULL unless users */
    int threads;
    scratch *scratch; /* [threads] */
    size_t *start;    /* [rows + 1], of the block at hand */
    uint8_t *fold;    /* [cells], of the block at hand */
    size_t start_cap, fold_cap;
    uint64_t cells[MF_FOLDS];
} split;

mf_split_params mf_split_defaults(void)
{
    return (mf_split_params){
        .method = MF_SPLIT_PAIRS,
        .test = {true, MF_SPLIT_DEFAULT},
        .valid = {true, MF_SPLIT_DEFAULT},
        .fold_in = MF_SPLIT_DEFAULT,
        .min_train = MF_SPLIT_DEFAULT,
        .seed = 1,
    };
}

/* True if the amount is of the kind, or is one that every kind has. */
static bool is_kind(mf_split_amount a, bool fraction)
{
    return a.value <= 0 || a.fraction == fraction;
}

static int check_amounts(const mf_split_params *p, mf_err *err)
{
    mf_split_amount amounts[] = {p->test, p->valid};
    const char *const name[] = {"--test", "--valid"};
    for (int i = 0; i < 2; i++) {
        if (!isfinite(amounts[i].value) ||
            (amounts[i].fraction && amounts[i].value > 1))
            return mf_fail(err, MF_EINVAL, "%s: a fraction is 0 to 1", name[i]);
        if (p->method == MF_SPLIT_LEAVE_OUT && !is_kind(amounts[i], false))
            return mf_fail(err, MF_EINVAL,
                           "%s: --method=leave-out takes a count of cells, "
                           "like 1",
                           name[i]);
        if ((p->method == MF_SPLIT_PAIRS || p->method == MF_SPLIT_PER_USER) &&
            !is_kind(amounts[i], true))
            return mf_fail(err, MF_EINVAL,
                           "%s: --method=%s takes a fraction, like 0.15 or "
                           "15%%",
                           name[i], mf_split_method_names[p->method]);
    }
    if (p->test.value > 0 && p->valid.value > 0 &&
        p->test.fraction != p->valid.fraction)
        return mf_fail(err, MF_EINVAL,
                       "--test and --valid: both fractions, or both counts");
    double test = p->test.value >= 0 ? p->test.value : 0.15;
    if (p->method != MF_SPLIT_LEAVE_OUT && p->folds == 0 && p->valid.fraction &&
        is_kind(p->test, true) && test + fmax(p->valid.value, 0) > 1)
        return mf_fail(err, MF_EINVAL, "--test and --valid are more than 1 together");
    return MF_OK;
}

static int check_folds(const mf_split_params *p, mf_err *err)
{
    if (p->folds == 0)
        return p->fold == 0
                   ? MF_OK
                   : mf_fail(err, MF_EINVAL, "--fold: say with --folds of how many");
    if (p->folds < 2 || p->folds > MF_SPLIT_FOLDS_MAX)
        return mf_fail(err, MF_EINVAL, "--folds: %u is not in 2 .. %d", p->folds,
                       MF_SPLIT_FOLDS_MAX);
    if (p->fold < 1 || p->fold > p->folds)
        return mf_fail(err, MF_EINVAL,
                       "--folds: say with --fold which one is test, 1 to %u", p->folds);
    if (p->method != MF_SPLIT_PAIRS && p->method != MF_SPLIT_USERS)
        return mf_fail(err, MF_EINVAL, "--folds: goes with --method=pairs or users");
    if (p->test.value >= 0)
        return mf_fail(err, MF_EINVAL,
                       "--test: goes not with --folds, which says how much");
    if (!is_kind(p->valid, true))
        return mf_fail(err, MF_EINVAL, "--valid: takes a fraction with --folds");
    if (p->valid.value > 1 - 1.0 / p->folds)
        return mf_fail(err, MF_EINVAL, "--valid: more than the other folds hold");
    return MF_OK;
}

int mf_split_check(const mf_split_params *p, mf_err *err)
{
    if (p->fold_in >= 0 && p->method != MF_SPLIT_USERS)
        return mf_fail(err, MF_EINVAL, "--fold-in: goes with --method=users");
    if (!(p->fold_in < 1))
        return mf_fail(err, MF_EINVAL,
                       "--fold-in: a fraction below 1, or nothing is held out");
    if (p->min_train > UINT32_MAX)
        return mf_fail(err, MF_EINVAL, "--min-train: too large");
    int code = check_folds(p, err);
    return code < 0 ? code : check_amounts(p, err);
}

static mf_split_params without_defaults(const mf_split_params *params)
{
    mf_split_params p = *params;
    bool leave_out = p.method == MF_SPLIT_LEAVE_OUT;
    if (p.test.value < 0)
        p.test = (mf_split_amount){!leave_out, leave_out ? 1 : 0.15};
    if (p.valid.value < 0)
        p.valid = (mf_split_amount){p.test.fraction, 0};
    if (p.test.value == 0) /* 0 is of the kind of the other one */
        p.test.fraction = p.valid.fraction;
    if (p.fold_in < 0)
        p.fold_in = 0.8;
    if (p.min_train < 0)
        p.min_train = p.method == MF_SPLIT_PAIRS ? 0 : 1;
    return p;
}

static cut make_cut(const mf_split_params *p)
{
    cut c = {0};
    if (p->folds == 0) {
        c.test = p->test.fraction ? share(p->test.value) : 0;
        c.held = p->test.fraction ? share(fmin(p->test.value + p->valid.value, 1)) : 0;
        return c;
    }
    /* floor(folds x / 2^53) = fold - 1 between these two; 2^53 * 1024 fits */
    c.begin = ((p->fold - 1) * WHOLE + p->folds - 1) / p->folds;
    c.test = (p->fold * WHOLE + p->folds - 1) / p->folds - c.begin;
    c.held = c.test + share(p->valid.value);
    if (c.held > WHOLE)
        c.held = WHOLE;
    return c;
}

/* The value that stands at place k of a[0 .. n) when sorted; scrambles a.
 * Hoare's selection: linear for numbers that are hashes, and for equal ones. */
static uint64_t select_kth(uint64_t a[], size_t n, size_t k)
{
    size_t lo = 0, hi = n - 1;
    while (lo < hi) {
        uint64_t pivot = a[lo + (hi - lo) / 2];
        size_t i = lo, j = hi;
        for (;;) {
            while (a[i] < pivot)
                i++;
            while (a[j] > pivot)
                j--;
            if (i >= j)
                break;
            uint64_t swap = a[i];
            a[i++] = a[j];
            a[j--] = swap;
        }
        if (k < i)
            hi = i - 1;
        else if (k > j)
            lo = j + 1;
        else
            break;
    }
    return a[k];
}

/* What is held out of a row: numbers under `below`, and the first `equal` of
 * those that are it. */
typedef struct bound {
    uint64_t below;
    size_t equal;
} bound;

/* Keys of key[n] into room, the `count` lowest among them; returns how many.
 * Hashes are uniform: those below a share of 2^53 that is a little more than
 * count / n will do, and if they are too few, those below twice as much. */
static size_t gather_lowest(const uint64_t key[], size_t n, size_t count,
                            uint64_t room[])
{
    double lowest = (double)count + 2 * sqrt((double)count) + 2;
    for (double below = lowest / (double)n; below < 1; below *= 2) {
        size_t among = 0;
        uint64_t limit = share(below);
        for (size_t t = 0; t < n; t++) {
            room[among] = key[t];
            among += key[t] < limit;
        }
        if (among >= count)
            return among;
    }
    memcpy(room, key, n * sizeof *room);
    return n;
}

/* The bound of the `count` lowest keys, of equal ones the first. room[0 ..
 * among) has them all; they are then room[0 .. count), in any order. */
static bound bound_lowest(size_t count, uint64_t room[], size_t among)
{
    if (count == 0)
        return (bound){0};
    bound b = {select_kth(room, among, count - 1), count};
    for (size_t t = 0; t < count; t++)
        b.equal -= room[t] < b.below;
    return b;
}

/* Both bounds by counting for each key those below it: quadratic, but without a
 * branch that nobody could predict. False if equal keys are in the way. */
static bool bound_few(size_t test, size_t held, const uint64_t room[], size_t among,
                      bound *to_test, bound *to_held)
{
    unsigned found = 0;
    for (size_t i = 0; i < among; i++) {
        uint64_t below = 0;
#pragma omp simd reduction(+ : below)
        for (size_t t = 0; t < among; t++)
            below += (room[t] - room[i]) >> 63; /* keys are less than 2^63 */
        if (below + 1 == held) {
            *to_held = (bound){room[i], 1};
            found++;
        }
        if (below + 1 == test) {
            *to_test = (bound){room[i], 1};
            found++;
        }
    }
    return found == (unsigned)(held > 0) + (test > 0);
}

/* The bounds of the `test` lowest and the `held` lowest; test <= held. */
static void bound_row(const uint64_t key[], size_t n, size_t test, size_t held,
                      uint64_t room[], bound *to_test, bound *to_held)
{
    enum { FEW = 32 };
    size_t among = held ? gather_lowest(key, n, held, room) : 0;
    *to_test = *to_held = (bound){0};
    if (among <= FEW && bound_few(test, held, room, among, to_test, to_held))
        return;
    *to_held = bound_lowest(held, room, among);
    *to_test = test < held ? bound_lowest(test, room, held) : *to_held;
}

/* As mark_held, for bounds without equals. Returns how many are held out; *test
 * of them are test. Numbers are less than 2^63: a difference's sign compares them,
 * which is vector code where a comparison would not be. */
static size_t mark_below(const uint64_t key[], size_t n, uint64_t to_test,
                         uint64_t to_held, uint8_t known, uint8_t fold[], size_t *test)
{
    uint64_t tests = 0, held = 0;
#pragma omp simd reduction(+ : tests, held)
    for (size_t t = 0; t < n; t++) {
        uint64_t in_test = (key[t] - to_test) >> 63, in_held = (key[t] - to_held) >> 63;
        tests += in_test;
        held += in_held;
        fold[t] = (uint8_t)(known ^ ((known ^ MF_VALID) & (0 - in_held)) ^
                            ((MF_VALID ^ MF_TEST) & (0 - in_test)));
    }
    *test = tests;
    return held;
}

/* Without branches, because nobody can predict a hash. */
static void mark_held(const uint64_t key[], size_t n, bound test, bound held,
                      uint8_t known, uint8_t fold[])
{
    for (size_t t = 0; t < n; t++) {
        unsigned at_test = (key[t] == test.below) & (test.equal > 0);
        unsigned at_held = (key[t] == held.below) & (held.equal > 0);
        test.equal -= at_test;
        held.equal -= at_held;
        uint8_t f = (key[t] < held.below) | at_held ? MF_VALID : known;
        fold[t] = (key[t] < test.below) | at_test ? MF_TEST : f;
    }
}

static size_t rounded(double share_of, size_t n)
{
    return (size_t)floor(share_of * (double)n + 0.5);
}

/* How many of a row's n cells are test, and how many are held out in all, as
 * the method has it; with pairs that is up to the cells. */
static void count_held(const split *s, uint32_t user, size_t n, size_t *test,
                       size_t *held)
{
    const mf_split_params *p = &s->p;
    *test = *held = 0;
    switch (p->method) {
    case MF_SPLIT_PAIRS: break;
    case MF_SPLIT_PER_USER:
        *test = rounded(p->test.value, n);
        *held = *test + rounded(p->valid.value, n);
        break;
    case MF_SPLIT_LEAVE_OUT:
        if ((double)n >= p->test.value + p->valid.value + (double)p->min_train) {
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
        c->key[t] = (number(c->key[t]) - begin) & (WHOLE - 1);
    return MF_OK;
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
        held = mark_below(c->key, n, s->cut.test, s->cut.held, known, fold, &test);
        if (held <= most)
            return MF_OK;
    }
    held = held < most ? held : most;
    test = test < held ? test : held;
    bound to_test, to_held;
    bound_row(c->key, n, test, held, c->room, &to_test, &to_held);
    size_t tests; /* of equal numbers, which hardly are, some may be too many */
    if (mark_below(c->key, n, to_test.below + (test > 0), to_held.below + (held > 0),
                   known, fold, &tests) != held ||
        tests != test)
        mark_held(c->key, n, to_test, to_held, known, fold);
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
        uint64_t x = number(XXH3_64bits_withSeed(id, len, p->seed));
        key[u] = (x - s->cut.begin) & (WHOLE - 1);
    }
    bound to_test = {s->cut.test, 0}, to_held = {s->cut.held, 0};
    if (!p->test.fraction)
        bound_row(key, n, (size_t)p->test.value, (size_t)asked, room, &to_test,
                  &to_held);
    mark_held(key, n, to_test, to_held, MF_TRAIN, s->held);
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
        if (mf__reserve(&c->key, &c->key_cap, longest, sizeof *c->key, err) < 0 ||
            mf__reserve(&c->room, &c->room_cap, longest, sizeof *c->room, err) < 0)
            return MF_ENOMEM;
    }
    return MF_OK;
}

/* Bytes are summed in bytes, as many as these can hold. */
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
        int done = split_row(s, b->first + i, b->item + begin, n, c, s->fold + begin);
        code = done < code ? done : code;
    }
    if (code < 0)
        return mf__nomem(err);
    count_folds(s, b->cells);
    return mf_bundle_put_rows_like(s->io.out, rec, mf_bundle_header(s->io.in)->value,
                                   NULL, s->fold, err);
}

/* An amount as --test and --valid read it. */
static void stage_amount(mf_stage *stage, const char *name, mf_split_amount a)
{
    if (a.fraction && a.value == 1) /* "1" would be a count */
        mf_stage_option(stage, name, "1.0");
    else
        mf_stage_number(stage, name, a.value);
}

static mf_stage make_stage(const mf_split_params *p)
{
    mf_stage stage = mf_stage_make("mf-split");
    mf_stage_option(&stage, "method", "%s", mf_split_method_names[p->method]);
    if (p->folds) {
        mf_stage_number(&stage, "folds", p->folds);
        mf_stage_number(&stage, "fold", p->fold);
    } else {
        stage_amount(&stage, "test", p->test);
    }
    stage_amount(&stage, "valid", p->valid);
    if (p->method == MF_SPLIT_USERS)
        mf_stage_number(&stage, "fold-in", p->fold_in);
    mf_stage_number(&stage, "min-train", (double)p->min_train);
    mf_stage_seed(&stage, p->seed);
    return stage;
}

static int run(split *s, mf_in *in, mf_out *out, const mf_report *report, mf_err *err)
{
    const mf_record *rec;
    int code = mf__rewrite_open(&s->io, in, out, true, report, err);
    if (code < 0)
        return code;
    if (!(s->scratch = mf__new0((size_t)s->threads, sizeof *s->scratch)))
        return mf__nomem(err);
    while ((code = mf__rewrite_next(&s->io, &rec, err)) == 1) {
        if (rec->kind == MF_REC_HEADER)
            code = mf_bundle_pass(s->io.out, rec, err);
        else
            code = split_rows(s, rec, err);
        if (code < 0)
            return code;
        if (rec->kind == MF_REC_ROWS)
            mf__report_progress(report, "users",
                                rec->rows.first + (uint64_t)rec->rows.n,
                                mf_bundle_header(s->io.in)->users);
    }
    if (code < 0)
        return code;
    mf_stage stage = make_stage(&s->p);
    code = mf_bundle_put_end(s->io.out, s->io.in, &stage, err);
    if (code == MF_OK)
        mf__report_note(report,
                        "train %llu, validation %llu, test %llu, fold-in %llu cells",
                        (unsigned long long)s->cells[MF_TRAIN],
                        (unsigned long long)s->cells[MF_VALID],
                        (unsigned long long)s->cells[MF_TEST],
                        (unsigned long long)s->cells[MF_FOLD_IN]);
    return code;
}

int mf_split_run(mf_in *in, mf_out *out, const mf_split_params *params,
                 const mf_report *report, mf_err *err)
{
    int code = mf_split_check(params, err);
    if (code < 0)
        return code;
    split s = {.p = without_defaults(params),
               .threads = mf__par_threads(params->threads)};
    s.cut = make_cut(&s.p);
    code = run(&s, in, out, report, err);
    for (int t = 0; s.scratch && t < s.threads; t++) {
        free(s.scratch[t].key);
        free(s.scratch[t].room);
        mf__cell_hash_free(&s.scratch[t].hash);
    }
    free(s.scratch);
    free(s.start);
    free(s.fold);
    free(s.held);
    mf__rewrite_close(&s.io);
    return code;
}
