/* How far apart personas are. */
#include <math.h>

#include "als/context.h"
#include "math/beyond.h"

/* The entropy of the shares of one user's cells, in bits; dislikes do not count. */
static double user_entropy(const mf_als *als, uint32_t u)
{
    size_t count[UINT8_MAX + 1] = {0};
    for (size_t t = als->train->ptr[u]; t < als->train->ptr[u + 1]; t++)
        count[als->z[t]] += als_speaks(&als->p, als->train->val[t]);
    return mf__entropy(count, als->users.personas);
}

mf_als_separation mf_als_measure_separation(const mf_als *als)
{
    double cosines = 0, pairs = 0, bits = 0, users = 0;
    if (als->users.personas == 1)
        return (mf_als_separation){NAN, NAN};
    for (uint32_t u = 0; u < als->train->rows; u++) {
        double sum;
        if (als->train->ptr[u] == als->train->ptr[u + 1])
            continue;
        pairs += mf__persona_cosines(&als->users, u, UINT64_MAX, &sum);
        cosines += sum;
        double own = user_entropy(als, u);
        bits += isnan(own) ? 0 : own;
        users += !isnan(own);
    }
    return (mf_als_separation){pairs > 0 ? cosines / pairs : NAN,
                               users > 0 ? bits / users : NAN};
}
