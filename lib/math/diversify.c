#include "math/diversify.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "math/linalg.h"

int mf__mmr_open(mf_mmr *out, const mf_tensor *items, mf_err *err)
{
    *out = (mf_mmr){.items = items, .inverse = mf__new(items->n, sizeof *out->inverse)};
    if (!out->inverse)
        return mf__nomem(err);
    mf__linalg_serial();
    for (uint32_t i = 0; i < items->n; i++) {
        const float *v = mf_tensor_at(items, i, 0);
        double sum = 0;
        for (uint32_t f = 0; f < items->k; f++)
            sum += (double)v[f] * (double)v[f];
        bool usual = sum >= 1e-30 && sum <= 1e30; /* products of two are floats */
        out->inverse[i] = usual ? (float)(1 / sqrt(sum)) : sum > 0 ? NAN : 0;
    }
    return MF_OK;
}

void mf__mmr_close(mf_mmr *mmr)
{
    free(mmr->inverse);
    *mmr = (mf_mmr){0};
}

uint32_t mf__mmr_candidates(uint32_t want)
{
    return want > UINT32_MAX / 10 ? UINT32_MAX : want < 10 ? 100 : 10 * want;
}

/* Of vectors so short or so long that no float holds their product. */
static float cosine_in_double(const float *x, const float *y, uint32_t k)
{
    double xy = 0, xx = 0, yy = 0;
    for (uint32_t f = 0; f < k; f++) {
        xy += (double)x[f] * (double)y[f];
        xx += (double)x[f] * (double)x[f];
        yy += (double)y[f] * (double)y[f];
    }
    if (!(xx > 0 && yy > 0))
        return 0;
    return (float)fmin(1, fmax(-1, xy / sqrt(xx) / sqrt(yy)));
}

float mf__mmr_cosine(const mf_mmr *mmr, uint32_t i, uint32_t j)
{
    const float *x = mf_tensor_at(mmr->items, i, 0),
                *y = mf_tensor_at(mmr->items, j, 0);
    float cosine = mf__dot(x, y, mmr->items->k) * mmr->inverse[i] * mmr->inverse[j];
    if (!isnan(cosine))
        return cosine;
    return cosine_in_double(x, y, mmr->items->k);
}

enum { CHOSEN = 2 }; /* more than any cosine */

/* nearest[c] is the cosine of candidate c and the chosen item most similar to it. */
uint32_t mf__mmr_choose(const mf_mmr *mmr, double relevance, uint32_t n,
                        const mf_ranked candidate[], uint32_t want, float nearest[],
                        mf_ranked list[])
{
    uint32_t found = want < n ? want : n;
    double last = n ? (double)candidate[n - 1].score : 0;
    double range = n ? (double)candidate[0].score - last : 0;
    for (uint32_t place = 0; place < found; place++) {
        uint32_t best = place == 0 ? 0 : n;
        double most = -INFINITY;
        for (uint32_t c = 0; place > 0 && c < n; c++) {
            if (nearest[c] == CHOSEN)
                continue;
            double rel = range > 0 ? ((double)candidate[c].score - last) / range : 0;
            double gain = relevance * rel - (1 - relevance) * (double)nearest[c];
            if (gain > most ||
                (gain == most && candidate[c].item < candidate[best].item)) {
                most = gain;
                best = c;
            }
        }
        list[place] = candidate[best];
        for (uint32_t c = 0; c < n; c++) {
            if (place > 0 && nearest[c] == CHOSEN)
                continue;
            float s = mf__mmr_cosine(mmr, candidate[c].item, candidate[best].item);
            nearest[c] = place > 0 && nearest[c] > s ? nearest[c] : s;
        }
        nearest[best] = CHOSEN;
    }
    return found;
}
