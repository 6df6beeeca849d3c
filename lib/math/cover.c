#include "math/cover.h"

#include <math.h>

uint32_t mf__cover_candidates(uint32_t want)
{
    return want > UINT32_MAX / 5 ? UINT32_MAX : want < 20 ? 100 : 5 * want;
}

static double gain_of(const mf_cover *v, uint32_t c)
{
    double sum = 0;
    for (size_t t = v->ptr[c]; t < v->ptr[c + 1]; t++)
        sum += (double)v->part[t] * v->weight[v->aspect[t]];
    return sum;
}

/* What is left of the aspects shrinks, and so does what relevance is worth: no gain is
 * larger than it was, to the bit, and a candidate whose old gain is too small needs no
 * new one. */
static uint32_t best_of(const mf_cover *v, double relevant, double covers)
{
    double last = (double)v->candidate[v->n - 1].score;
    double range = (double)v->candidate[0].score - last, most = -INFINITY;
    uint32_t best = 0;
    for (uint32_t c = 0; c < v->n; c++) {
        if (v->gain[c] < 0)
            continue;
        double rel =
            range > 0 ? ((double)v->candidate[c].score - last) / range * relevant : 0;
        if (rel + covers * v->gain[c] < most)
            continue;
        v->gain[c] = gain_of(v, c);
        double worth = rel + covers * v->gain[c];
        if (worth > most ||
            (worth == most && v->candidate[c].item < v->candidate[best].item)) {
            most = worth;
            best = c;
        }
    }
    return best;
}

uint32_t mf__cover_choose(const mf_cover *v, double relevance, uint32_t want,
                          mf_ranked list[])
{
    uint32_t found = want < v->n ? want : v->n, at = 0;
    for (uint32_t c = 0; c < v->n; c++)
        v->gain[c] = gain_of(v, c);
    for (uint32_t place = 0; place < found; place++) {
        uint32_t c = best_of(v, relevance / log2(place + 2.0), 1 - relevance);
        v->gain[c] = -1;
        for (size_t t = v->ptr[c]; t < v->ptr[c + 1]; t++)
            v->weight[v->aspect[t]] *= 1 - (double)v->part[t];
    }
    for (uint32_t c = 0; c < v->n; c++)
        if (v->gain[c] < 0)
            list[at++] = v->candidate[c];
    return found;
}
