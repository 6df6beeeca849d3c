#include "base/rng.h"

#include <math.h>

static uint64_t splitmix64(uint64_t *x)
{
    uint64_t z = *x += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

mf_rng mf__rng_make(uint64_t seed, uint64_t stream, uint64_t index)
{
    mf_rng rng;
    uint64_t x = seed;
    x = splitmix64(&x) ^ stream;
    x = splitmix64(&x) ^ index;
    for (int i = 0; i < 4; i++)
        rng.s[i] = splitmix64(&x);
    return rng;
}

static uint64_t rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t mf__rng_u64(mf_rng *rng)
{
    uint64_t *s = rng->s, result = rotl(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

double mf__rng_uniform(mf_rng *rng)
{
    return (double)(mf__rng_u64(rng) >> 11) * 0x1p-53;
}

uint32_t mf__rng_below(mf_rng *rng, uint32_t n)
{
    for (;;) {
        uint64_t product = (mf__rng_u64(rng) >> 32) * n;
        if ((uint32_t)product >= -n % n)
            return (uint32_t)(product >> 32);
    }
}

double mf__rng_normal(mf_rng *rng)
{
    static const double two_pi = 6.283185307179586;
    double u = 1.0 - mf__rng_uniform(rng); /* in (0, 1]: the log is finite */
    double v = mf__rng_uniform(rng);
    return sqrt(-2.0 * log(u)) * cos(two_pi * v);
}
