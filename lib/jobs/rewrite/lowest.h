/* jobs/rewrite/lowest.h - the lowest numbers of a row, which are held out.
 *
 * Numbers of cells and users have 53 bits: they and their share of 2^53 are exact as
 * integers and as doubles. */
#ifndef JOBS_REWRITE_LOWEST_H
#define JOBS_REWRITE_LOWEST_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOWEST_BITS = 53 };
static const uint64_t LOWEST_WHOLE = (uint64_t)1 << LOWEST_BITS;

/* The number that a hash gives. */
static inline uint64_t lowest_number(uint64_t hash)
{
    return hash >> (64 - LOWEST_BITS);
}

/* How many numbers lie below fraction * 2^53. */
static inline uint64_t lowest_share(double fraction)
{
    return (uint64_t)ceil(ldexp(fraction, LOWEST_BITS));
}

/* What is held out of a row: the numbers under `below`, and the first `equal` of those
 * that are it. */
typedef struct bound {
    uint64_t below;
    size_t equal;
} bound;

/* The bounds of the `test` lowest and of the `held` lowest of a row's numbers, key[n];
 * test <= held <= n. room[n] is scratch. O(n) on average, for numbers that are
 * hashes. */
void mf__lowest_bounds(const uint64_t key[], size_t n, size_t test, size_t held,
                       uint64_t room[], bound *to_test, bound *to_held);

/* Set the folds of a row: MF_TEST for numbers below to_test, MF_VALID for others below
 * to_held, else `known`. Returns how many are held out; *test of them are test. */
size_t mf__lowest_mark(const uint64_t key[], size_t n, uint64_t to_test,
                       uint64_t to_held, uint8_t known, uint8_t fold[], size_t *test);

/* The same by bounds, which may hold out some of several equal numbers. Slower. */
void mf__lowest_mark_equals(const uint64_t key[], size_t n, bound test, bound held,
                            uint8_t known, uint8_t fold[]);

#endif
