#include "jobs/rewrite/lowest.h"

#include <string.h>

#include "mf/ratings.h"

/* The value that stands at place k of a[0 .. n) when sorted; scrambles a.
 * Hoare's selection: linear for numbers that are hashes, and for equal ones. */
static uint64_t select_kth(uint64_t a[], size_t n, size_t k)
{
    size_t lo = 0, hi = n - 1;
    while (lo < hi) {
        uint64_t pivot = a[lo + (hi - lo) / 2];
        size_t i = lo, j = hi;
        for (;;) {
            while (a[i] < pivot)
                i++;
            while (a[j] > pivot)
                j--;
            if (i >= j)
                break;
            uint64_t swap = a[i];
            a[i++] = a[j];
            a[j--] = swap;
        }
        if (k < i)
            hi = i - 1;
        else if (k > j)
            lo = j + 1;
        else
            break;
    }
    return a[k];
}

/* Some of key[n], the `count` lowest among them, into room; returns how many. Hashes
 * are uniform: those below a share of 2^53 that is a little more than count / n will
 * do, and if they are too few, those below twice as much. */
static size_t gather_lowest(const uint64_t key[], size_t n, size_t count,
                            uint64_t room[])
{
    double lowest = (double)count + 2 * sqrt((double)count) + 2;
    for (double below = lowest / (double)n; below < 1; below *= 2) {
        size_t among = 0;
        uint64_t limit = lowest_share(below);
        for (size_t t = 0; t < n; t++) {
            room[among] = key[t];
            among += key[t] < limit;
        }
        if (among >= count)
            return among;
    }
    memcpy(room, key, n * sizeof *room);
    return n;
}

/* The bound of the `count` lowest keys, of equal ones the first. room[0 ..
 * among) has them all; they are then room[0 .. count), in any order. */
static bound bound_lowest(size_t count, uint64_t room[], size_t among)
{
    if (count == 0)
        return (bound){0};
    bound b = {select_kth(room, among, count - 1), count};
    for (size_t t = 0; t < count; t++)
        b.equal -= room[t] < b.below;
    return b;
}

/* Both bounds, by counting for each key those below it: quadratic, but without a branch
 * that nobody could predict. False if equal keys stand at a bound. */
static bool bound_few(size_t test, size_t held, const uint64_t room[], size_t among,
                      bound *to_test, bound *to_held)
{
    unsigned found = 0;
    for (size_t i = 0; i < among; i++) {
        uint64_t below = 0;
#pragma omp simd reduction(+ : below)
        for (size_t t = 0; t < among; t++)
            below += (room[t] - room[i]) >> 63; /* keys are less than 2^63 */
        if (below + 1 == held) {
            *to_held = (bound){room[i], 1};
            found++;
        }
        if (below + 1 == test) {
            *to_test = (bound){room[i], 1};
            found++;
        }
    }
    return found == (unsigned)(held > 0) + (test > 0);
}

void mf__lowest_bounds(const uint64_t key[], size_t n, size_t test, size_t held,
                       uint64_t room[], bound *to_test, bound *to_held)
{
    enum { FEW = 32 };
    size_t among = held ? gather_lowest(key, n, held, room) : 0;
    *to_test = *to_held = (bound){0};
    if (among <= FEW && bound_few(test, held, room, among, to_test, to_held))
        return;
    *to_held = bound_lowest(held, room, among);
    *to_test = test < held ? bound_lowest(test, room, held) : *to_held;
}

/* Numbers are less than 2^63: the sign of a difference compares them, which is vector
 * code where a comparison would not be. */
size_t mf__lowest_mark(const uint64_t key[], size_t n, uint64_t to_test,
                       uint64_t to_held, uint8_t known, uint8_t fold[], size_t *test)
{
    uint64_t tests = 0, held = 0;
#pragma omp simd reduction(+ : tests, held)
    for (size_t t = 0; t < n; t++) {
        uint64_t in_test = (key[t] - to_test) >> 63, in_held = (key[t] - to_held) >> 63;
        tests += in_test;
        held += in_held;
        fold[t] = (uint8_t)(known ^ ((known ^ MF_VALID) & (0 - in_held)) ^
                            ((MF_VALID ^ MF_TEST) & (0 - in_test)));
    }
    *test = tests;
    return held;
}

/* Without branches, because nobody can predict a hash. */
void mf__lowest_mark_equals(const uint64_t key[], size_t n, bound test, bound held,
                            uint8_t known, uint8_t fold[])
{
    for (size_t t = 0; t < n; t++) {
        unsigned at_test = (key[t] == test.below) & (test.equal > 0);
        unsigned at_held = (key[t] == held.below) & (held.equal > 0);
        test.equal -= at_test;
        held.equal -= at_held;
        uint8_t f = (key[t] < held.below) | at_held ? MF_VALID : known;
        fold[t] = (key[t] < test.below) | at_test ? MF_TEST : f;
    }
}
