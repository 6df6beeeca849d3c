#include "math/rarity.h"

#include <float.h>
#include <math.h>

#include "base/mem.h"

int mf__rarity_weights(double **weight, uint32_t n, const uint32_t listeners[],
                       uint32_t all, double g, mf_err *err)
{
    *weight = mf__new(n, sizeof **weight);
    if (!*weight)
        return mf__nomem(err);
    for (uint32_t i = 0; i < n; i++) {
        double share = (listeners[i] ? listeners[i] : 1.0) / (all ? all : 1.0);
        (*weight)[i] = pow(share, -g);
    }
    return MF_OK;
}

void mf__rarity_temper(uint32_t n, const double weight[], float score[])
{
    for (uint32_t i = 0; i < n; i++) {
        double s = (double)score[i];
        if (s == -INFINITY)
            continue;
        s = s > 0 ? s * weight[i] : s / weight[i];
        score[i] = (float)fmax(fmin(s, FLT_MAX), -FLT_MAX);
    }
}
