/* What a model should beat. */
#include <stdlib.h>
#include <string.h>

#include "evaluate_private.h"
#include "mf/mem.h"
#include "mf/rng.h"

void evaluate_baseline_fill(const scoring *s, const mf_rank_block *block, uint32_t j,
                            uint32_t user)
{
    float *score = mf_rank_row(block, j);
    if (s->baseline == MF_BASELINE_POPULARITY) {
        memcpy(score, s->popularity, block->items * sizeof *score);
        return;
    }
    mf_rng rng = mf_rng_make(s->params->seed, MF_STREAM_RANDOM, user);
    for (uint32_t i = 0; i < block->items; i++)
        score[i] = (float)(mf_rng_u64(&rng) >> 40); /* 24 bits: exact */
}

static int count_training_users(scoring *s, mf_err *err)
{
    const mf_ratings *r = &s->model->ratings;
    s->popularity = mf_new0(r->x.cols, sizeof *s->popularity);
    if (!s->popularity)
        return mf_nomem(err);
    for (size_t t = 0; t < r->x.nnz; t++)
        s->popularity[r->x.col[t]] += r->fold[t] == MF_TRAIN ? 1.0f : 0.0f;
    return MF_OK;
}

int evaluate_baselines(scoring *s, mf_evaluation *e, mf_subject *subject, mf_err *err)
{
    int code = MF_OK;
    if (s->params->baselines & MF_BASELINE_POPULARITY) {
        code = count_training_users(s, err);
        if (code == MF_OK)
            code = evaluate_measure(s, e, subject++, "popularity", MF_TARGET_NONE,
                                    MF_BASELINE_POPULARITY, err);
    }
    if (code == MF_OK && s->params->baselines & MF_BASELINE_RANDOM)
        code = evaluate_measure(s, e, subject, "random", MF_TARGET_NONE,
                                MF_BASELINE_RANDOM, err);
    return code;
}
