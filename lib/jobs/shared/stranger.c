#include "jobs/shared/stranger.h"

#include "base/mem.h"
#include "data/ratings.h"
#include "data/tensor.h"

static bool has_known_cell(const mf_ratings *r, uint32_t user)
{
    for (size_t t = r->x.ptr[user]; t < r->x.ptr[user + 1]; t++)
        if (MF_KNOWN >> r->fold[t] & 1)
            return true;
    return false;
}

static bool has_vector(const mf_scored *scored, uint32_t user)
{
    uint64_t active = mf__scored_active(scored, user);
    for (uint32_t q = 0; q < scored->users->personas; q++) {
        const float *vector = mf_tensor_at(scored->users, user, q);
        for (uint32_t f = 0; active >> q & 1 && f < scored->users->k; f++)
            if (vector[f] != 0)
                return true;
    }
    return false;
}

bool mf__is_stranger(const mf_scored *scored, const mf_ratings *ratings, uint32_t user)
{
    return (ratings && !has_known_cell(ratings, user)) || !has_vector(scored, user);
}

int mf__listeners_count(uint32_t **out, const mf_ratings *r, mf_err *err)
{
    uint32_t *count = *out = mf__new0(r->items.n, sizeof *count);
    if (!count)
        return mf__nomem(err);
    for (size_t t = 0; t < r->x.nnz; t++)
        count[r->x.col[t]] += r->fold[t] == MF_TRAIN && mf__likes(r->x.val[t]);
    return MF_OK;
}

void mf__stranger_score(const mf_scored *scored, const uint32_t listeners[],
                        uint32_t user, float score[])
{
    const float *b_user = scored->users->bias, *b_item = scored->items->bias;
    double base = scored->mu + (b_user ? (double)b_user[user] : 0);
    for (uint32_t i = 0; i < scored->items->n; i++)
        score[i] = listeners ? (float)listeners[i] : (float)(base + (double)b_item[i]);
}
