/* base/rng.h - random numbers by purpose and place.
 *
 * A generator is named by (seed, stream, index): stream is what the numbers
 * are for, index the row or replicate. Equal names give equal numbers,
 * whatever thread or order asks, so results never depend on either.
 * xoshiro256++ (Blackman, Vigna 2021), seeded by splitmix64. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

typedef struct mf_rng {
    uint64_t s[4];
} mf_rng;

/* What random numbers are for; one list, so that no two uses share numbers. */
enum {
    MF_STREAM_USERS = 1,  /* start of the user factors */
    MF_STREAM_ITEMS,      /* start of the item factors */
    MF_STREAM_CLUSTER,    /* k-means++ of a user's history */
    MF_STREAM_BOOTSTRAP,  /* resampled users */
    MF_STREAM_PERMUTE,    /* permutation tests */
    MF_STREAM_SYNTH,      /* synthetic data */
    MF_STREAM_RANDOM,     /* the random baseline */
    MF_STREAM_TASTES,     /* start of the map of items (math/taste.h) */
    MF_STREAM_TUNE,       /* settings to try, where there are many (jobs/tune) */
    MF_STREAM_NOISE,      /* cells that are hidden to find lambda (als/noise.h) */
    MF_STREAM_TEST = 1000 /* tests */
};

mf_rng mf__rng_make(uint64_t seed, uint64_t stream, uint64_t index);

uint64_t mf__rng_u64(mf_rng *rng);

/* Uniform in [0, 1), 53 bits. */
double mf__rng_uniform(mf_rng *rng);

/* Uniform in 0 .. n-1, without bias (Lemire 2019); n > 0. */
uint32_t mf__rng_below(mf_rng *rng, uint32_t n);

/* Standard normal (Box-Muller, the cosine half). */
double mf__rng_normal(mf_rng *rng);

#endif
