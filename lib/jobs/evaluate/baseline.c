#include "jobs/evaluate/baseline.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "jobs/shared/stranger.h"

static const struct {
    unsigned which;
    const char *name;
    bool ranks;
} BASELINES[] = {
    {MF_BASELINE_POPULARITY, "popularity", true},
    {MF_BASELINE_RANDOM, "random", true},
    {MF_BASELINE_MEAN, "mean", false},
    {MF_BASELINE_BIAS, "bias", false},
};
enum { BASELINE_COUNT = sizeof BASELINES / sizeof *BASELINES };

void mf__baseline_close(baseline *b)
{
    free(b->item);
    free(b->user);
    *b = (baseline){0};
}

/* The value of an item that is predicted for a user. */
static float predicted(const baseline *b, uint32_t user, uint32_t item)
{
    double x = b->mu;
    if (b->user)
        x += b->user[user] + (double)b->item[item];
    return (float)x;
}

void mf__baseline_score(const baseline *b, uint32_t user, float score[])
{
    const mf_csr *x = &b->ratings->x;
    mf_rng rng = mf__rng_make(b->seed, MF_STREAM_RANDOM, user);
    switch (b->which) {
    case MF_BASELINE_POPULARITY: memcpy(score, b->item, x->cols * sizeof *score); break;
    case MF_BASELINE_RANDOM:
        for (uint32_t i = 0; i < x->cols; i++)
            score[i] = (float)(mf__rng_u64(&rng) >> 40); /* 24 bits: exact */
        break;
    default:
        for (size_t t = x->ptr[user]; t < x->ptr[user + 1]; t++)
            score[x->col[t]] = predicted(b, user, x->col[t]);
    }
}

static int count_listeners(baseline *b, const mf_ratings *r, mf_err *err)
{
    uint32_t *count;
    int code = mf__listeners_count(&count, r, err);
    b->item = mf__new(r->x.cols, sizeof *b->item);
    if (code == MF_OK && !b->item)
        code = mf__nomem(err);
    for (uint32_t i = 0; code == MF_OK && i < r->x.cols; i++)
        b->item[i] = (float)count[i];
    free(count);
    return code;
}

static double training_mean(const mf_ratings *r)
{
    double sum = 0, n = 0;
    for (size_t t = 0; t < r->x.nnz; t++)
        if (r->fold[t] == MF_TRAIN) {
            sum += (double)r->x.val[t];
            n++;
        }
    return n > 0 ? sum / n : 0;
}

/* b_i, then b_u given b_i (Koren 2010): means in which the number of cells is increased
 * by the damping. */
static int fit_biases(baseline *b, const mf_ratings *r, mf_err *err)
{
    const mf_csr *x = &r->x;
    double *sum = mf__new0(x->cols, sizeof *sum), *n = mf__new0(x->cols, sizeof *n);
    b->item = mf__new0(x->cols, sizeof *b->item);
    b->user = mf__new0(x->rows, sizeof *b->user);
    bool whole = sum && n && b->item && b->user;
    for (size_t t = 0; whole && t < x->nnz; t++)
        if (r->fold[t] == MF_TRAIN) {
            sum[x->col[t]] += (double)x->val[t] - b->mu;
            n[x->col[t]]++;
        }
    for (uint32_t i = 0; whole && i < x->cols; i++)
        b->item[i] = (float)(sum[i] / (n[i] + MF_BASELINE_DAMPING_ITEMS));
    for (uint32_t u = 0; whole && u < x->rows; u++) {
        double left = 0, cells = 0;
        for (size_t t = x->ptr[u]; t < x->ptr[u + 1]; t++)
            if (MF_KNOWN >> r->fold[t] & 1) {
                left += (double)x->val[t] - b->mu - (double)b->item[x->col[t]];
                cells++;
            }
        b->user[u] = left / (cells + MF_BASELINE_DAMPING_USERS);
    }
    free(sum);
    free(n);
    return whole ? MF_OK : mf__nomem(err);
}

static int fit(baseline *b, mf_err *err)
{
    switch (b->which) {
    case MF_BASELINE_POPULARITY: return count_listeners(b, b->ratings, err);
    case MF_BASELINE_MEAN: b->mu = training_mean(b->ratings); return MF_OK;
    case MF_BASELINE_BIAS:
        b->mu = training_mean(b->ratings);
        return fit_biases(b, b->ratings, err);
    default: return MF_OK;
    }
}

int mf__baseline_open(baseline *out, unsigned which, const mf_ratings *r, uint64_t seed,
                      mf_err *err)
{
    *out = (baseline){.which = which, .ratings = r, .seed = seed};
    for (size_t i = 0; i < BASELINE_COUNT; i++)
        if (BASELINES[i].which == which) {
            out->name = BASELINES[i].name;
            out->ranks = BASELINES[i].ranks;
        }
    int code = fit(out, err);
    if (code < 0)
        mf__baseline_close(out);
    return code;
}
