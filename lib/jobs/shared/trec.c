#include "jobs/shared/trec.h"

#include <float.h>
#include <math.h>

/* A float below `above`, the next one, but for those so small that a processor may
 * take them for 0. */
static float below(float above)
{
    float x = nextafterf(above, -INFINITY);
    if (x > 0 && x < FLT_MIN)
        return 0;
    return x <= 0 && x > -FLT_MIN ? -FLT_MIN : x;
}

float mf__trec_score(float score, float *last)
{
    return *last = score < *last ? score : below(*last);
}
