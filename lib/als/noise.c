#include "als/noise.h"

#include <math.h>
#include <stdlib.h>

#include "als/context.h"
#include "als/params.h"
#include "base/mem.h"
#include "base/ranks.h"
#include "base/rng.h"

/* After a few sweeps a model is best at a little more lambda than later: where it is
 * better by GAIN, the answer is half a step less. Chosen on the sets of
 * examples/defaults/README.md. */
enum { FACTORS = 32, SWEEPS = 4, TOP = 100, STEPS = 2, ROUNDS = 4 };
static const double GAIN = 1.05;

/* Users of whom a cell is hidden, at most and at least, and the most cells. Where there
 * are fewer than HIDDEN, other cells of theirs are hidden in further rounds. */
static const double HIDDEN = 2000, LEAST = 200, CELLS = 200e3;

/* Some users, a cell of some of whom is hidden. */
typedef struct sample {
    mf_csr cells;     /* rows: the users who were drawn; without the hidden cells */
    uint32_t n;       /* users of whom one is hidden */
    uint32_t *user;   /* [n], rows of `cells`; owned, as what follows */
    uint32_t *hidden; /* [n], columns */
    uint32_t *found;  /* [n] */
    mf_hit *hit;      /* [n * TOP] */
} sample;

static void sample_free(sample *s)
{
    mf_csr_free(&s->cells);
    free(s->user);
    free(s->hidden);
    free(s->found);
    free(s->hit);
}

static uint32_t count_liked(const mf_csr *x, uint32_t u)
{
    uint32_t n = 0;
    for (size_t t = x->ptr[u]; t < x->ptr[u + 1]; t++)
        n += x->val[t] > 0;
    return n;
}

/* The position of the liked cell `nth` of user u, who has so many. */
static size_t find_liked(const mf_csr *x, uint32_t u, uint32_t nth)
{
    size_t t = x->ptr[u];
    while (x->val[t] <= 0 || nth-- > 0)
        t++;
    return t;
}

/* Of the users who are drawn. */
typedef struct drawn {
    double share;       /* of all users */
    double eligible;    /* with two liked cells: one to hide, one to know them by */
    uint64_t first;     /* users of other ranks before the rows that are here */
    size_t most, cells; /* eligible users who are here, and their cells */
    mf_disk *disk;      /* of the cells that are drawn from */
} drawn;

static bool is_drawn(const drawn *d, uint32_t u)
{
    mf_rng rng = mf__rng_make(0, MF_STREAM_NOISE, d->first + u);
    return mf__rng_uniform(&rng) < d->share;
}

static drawn count_drawn(const mf_csr *train, double share, const mf_als_params *p)
{
    drawn d = {.share = share,
               .first = mf__ranks_before(p->ranks, train->rows, NULL),
               .disk = p->disk};
    for (uint32_t u = 0; u < train->rows; u++)
        if (is_drawn(&d, u)) {
            mf__disk_beat(d.disk);
            d.most += count_liked(train, u) >= 2;
            d.cells += train->ptr[u + 1] - train->ptr[u];
        }
    d.eligible = (double)d.most;
    mf__ranks_total(p->ranks, &d.eligible, 1);
    return d;
}

/* Take the users who are drawn, and hide a cell of a share of those who are eligible. */
static void draw(sample *s, uint64_t round, const mf_csr *train, const drawn *d)
{
    mf_csr *x = &s->cells;
    x->rows = 0;
    x->nnz = 0;
    for (uint32_t u = 0; u < train->rows; u++) {
        if (!is_drawn(d, u))
            continue;
        mf__disk_beat(d->disk);
        mf_rng rng = mf__rng_make(1 + round, MF_STREAM_NOISE, d->first + u);
        size_t hidden = SIZE_MAX;
        uint32_t liked = count_liked(train, u);
        if (mf__rng_uniform(&rng) < HIDDEN / d->eligible && liked >= 2) {
            hidden = find_liked(train, u, mf__rng_below(&rng, liked));
            s->user[s->n] = x->rows;
            s->hidden[s->n++] = train->col[hidden];
        }
        for (size_t t = train->ptr[u]; t < train->ptr[u + 1]; t++)
            if (t != hidden) {
                x->col[x->nnz] = train->col[t];
                x->val[x->nnz++] = train->val[t];
            }
        x->ptr[++x->rows] = x->nnz;
    }
}

static int sample_make(sample *s, uint64_t round, const mf_csr *train, const drawn *d,
                       mf_err *err)
{
    int code = mf_csr_alloc(&s->cells, train->rows, train->cols, d->cells, err);
    if (code < 0)
        return code;
    s->user = mf__new(d->most, sizeof *s->user);
    s->hidden = mf__new(d->most, sizeof *s->hidden);
    if (!s->user || !s->hidden)
        return mf__nomem(err);
    draw(s, round, train, d);
    return MF_OK;
}

/* Make rank 0 have the samples of all: those of the first users first. */
static int collect(sample *s, mf_ranks *ranks, int code, mf_err *err)
{
    sample all = {0};
    mf_csr *x = &s->cells;
    if ((code = mf_ranks_agree(ranks, code, err)) < 0)
        return code;
    uint64_t rows, cells, n, before = mf__ranks_before(ranks, x->rows, &rows);
    mf__ranks_before(ranks, x->nnz, &cells);
    mf__ranks_before(ranks, s->n, &n);
    bool keeps = mf_ranks_rank(ranks) == 0;
    size_t *length = mf__new(x->rows, sizeof *length);
    if (!length)
        code = mf__nomem(err);
    for (uint32_t u = 0; length && u < x->rows; u++)
        length[u] = x->ptr[u + 1] - x->ptr[u];
    if (code == MF_OK && keeps)
        code = mf_csr_alloc(&all.cells, (uint32_t)rows, x->cols, cells, err);
    if (code == MF_OK && keeps) {
        all.user = mf__new(n, sizeof *all.user);
        all.hidden = mf__new(n, sizeof *all.hidden);
        code = all.user && all.hidden ? MF_OK : mf__nomem(err);
    }
    if ((code = mf_ranks_agree(ranks, code, err)) == MF_OK) {
        for (uint32_t j = 0; j < s->n; j++)
            s->user[j] += (uint32_t)before;
        mf__ranks_collect(ranks, all.user, s->user, s->n * sizeof *s->user);
        mf__ranks_collect(ranks, all.hidden, s->hidden, s->n * sizeof *s->hidden);
        mf__ranks_collect(ranks, all.cells.col, x->col, x->nnz * sizeof *x->col);
        mf__ranks_collect(ranks, all.cells.val, x->val, x->nnz * sizeof *x->val);
        mf__ranks_collect(ranks, keeps ? all.cells.ptr + 1 : NULL, length,
                          x->rows * sizeof *length);
        all.n = (uint32_t)n;
    }
    free(length);
    if (code < 0 || !keeps) {
        sample_free(&all);
        return code;
    }
    for (uint32_t u = 0; u < rows; u++)
        all.cells.ptr[u + 1] += all.cells.ptr[u];
    all.cells.nnz = cells;
    sample_free(s);
    *s = all;
    return MF_OK;
}

static int make_room(sample *s, mf_err *err)
{
    s->found = mf__new(s->n, sizeof *s->found);
    s->hit = mf__new((size_t)s->n * TOP, sizeof *s->hit);
    return s->found && s->hit ? MF_OK : mf__nomem(err);
}

/* The sum over users of what the place of the hidden item is worth, as in ndcg@100. */
static double worth(const sample *s)
{
    double sum = 0;
    for (uint32_t j = 0; j < s->n; j++)
        for (uint32_t i = 0; i < s->found[j]; i++)
            if (s->hit[(size_t)j * TOP + i].item == s->hidden[j])
                sum += 1 / log2(2 + i);
    return sum;
}

/* The small model, with what the sample's own numbers say of it. W0 that is given as a
 * number keeps its ratio to the density. */
static int params_of(mf_als_params *p, const mf_als_params *asked,
                     const mf_als_shape *shape, const sample *s, double more,
                     mf_err *err)
{
    mf_als_shape own;
    *p = *asked;
    p->k = FACTORS;
    p->personas = 1;
    p->init = MF_INIT_GAUSSIAN;
    p->iterations = SWEEPS;
    p->warmup = 0;
    p->solver = MF_SOLVER_AUTO;
    p->seed = 1;
    p->ranks = NULL;
    int code = mf__als_count_shape(&own, p, &s->cells, err);
    if (code < 0)
        return code;
    own.noise = more;
    if (p->unobserved_unit == MF_W0_PLAIN && p->unobserved > 0)
        p->unobserved *= own.density / shape->density;
    return mf_als_settle_by(p, &own, err);
}

static int try_sample(double *sum, sample *s, const mf_als_params *p, mf_err *err)
{
    mf_als *als;
    int code = mf__als_open(&als, &s->cells, NULL, p, err);
    if (code < 0)
        return code;
    if ((code = mf_als_run(als, NULL, NULL, err)) == MF_OK)
        code = mf_als_recommend(als, s->n, s->user, TOP, s->hit, s->found, err);
    if (code == MF_OK)
        *sum += worth(s);
    mf_als_close(als);
    return code;
}

/* What lists are worth at `more` times the lambda of the numbers. */
static int try_more(double *sum, const mf_als_params *asked, const mf_als_shape *shape,
                    sample s[], int rounds, double more, mf_err *err)
{
    int code = MF_OK;
    *sum = 0;
    for (int i = 0; code == MF_OK && i < rounds; i++) {
        mf_als_params p;
        code = params_of(&p, asked, shape, &s[i], more, err);
        p.disk = NULL; /* a sample is small */
        if (code == MF_OK)
            code = try_sample(sum, &s[i], &p, err);
    }
    return code;
}

static int measure(mf_als_shape *shape, const mf_als_params *params, sample s[],
                   int rounds, mf_err *err)
{
    double least, sum;
    int code = try_more(&least, params, shape, s, rounds, 1, err);
    for (int step = 1; code == MF_OK && step <= STEPS; step++) {
        code = try_more(&sum, params, shape, s, rounds, exp2((1 + step) / 2.), err);
        if (code < 0 || !(sum > GAIN * least))
            break;
        shape->noise = exp2(step / 2.);
    }
    return code;
}

/* What cannot be trained is for the training itself to say, which knows the row. */
int mf__als_measure_noise(mf_als_shape *shape, const mf_als_params *params,
                          const mf_csr *train, mf_err *err)
{
    sample s[ROUNDS] = {0};
    mf_err own = {0};
    int rounds = 0, code = MF_OK;
    mf_ranks *ranks = params->ranks;
    drawn d =
        count_drawn(train, shape->cells > CELLS ? CELLS / shape->cells : 1, params);
    shape->noise = 1;
    mf__disk_rest(params->disk);
    if (d.eligible < LEAST)
        return MF_OK;
    while (code == MF_OK && rounds < ROUNDS && rounds * d.eligible < HIDDEN) {
        code = sample_make(&s[rounds], (uint64_t)rounds, train, &d, &own);
        if (mf__ranks_many(ranks))
            code = collect(&s[rounds], ranks, code, &own);
        if (code == MF_OK)
            code = make_room(&s[rounds], &own);
        code = mf_ranks_agree(ranks, code, &own);
        rounds++;
    }
    if (code == MF_OK && mf_ranks_rank(ranks) == 0)
        code = measure(shape, params, s, rounds, &own);
    code = mf_ranks_agree(ranks, code, &own);
    mf__ranks_broadcast(ranks, RANKS_SMALL, &shape->noise, sizeof shape->noise, 0);
    for (int i = 0; i < rounds; i++)
        sample_free(&s[i]);
    mf__mem_trim();
    return code == MF_ENOMEM ? mf__nomem(err) : MF_OK;
}
