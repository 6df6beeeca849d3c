#include "jobs/rewrite/latest.h"

#include <stdlib.h>
#include <string.h>

#include "mf/ratings.h"

static int later_first(const void *a, const void *b)
{
    const moment *x = a, *y = b;
    if (x->time != y->time)
        return x->time > y->time ? -1 : 1;
    return (x->at < y->at) - (x->at > y->at);
}

void mf__latest_mark(const int64_t time[], size_t n, size_t test, size_t held,
                     moment room[], uint8_t fold[])
{
    memset(fold, MF_TRAIN, n);
    if (held == 0)
        return;
    for (size_t t = 0; t < n; t++)
        room[t] = (moment){time[t], (uint32_t)t};
    qsort(room, n, sizeof *room, later_first);
    for (size_t t = 0; t < held; t++)
        fold[room[t].at] = t < test ? MF_TEST : MF_VALID;
}

/* As an unsigned number of the same order. */
static uint64_t ordered(int64_t time)
{
    return (uint64_t)time ^ (UINT64_C(1) << 63);
}

/* By bytes from the highest down: the times with the byte that the rank falls on are
 * moved to the front and looked at further. Linear whatever the times are. */
int64_t mf__latest_nth(int64_t time[], size_t n, size_t rank)
{
    for (int shift = 56; shift >= 0 && n > 1; shift -= 8) {
        size_t count[256] = {0}, left = 0;
        for (size_t t = 0; t < n; t++)
            count[ordered(time[t]) >> shift & 255]++;
        unsigned byte = 255;
        for (; count[byte] < rank; byte--)
            rank -= count[byte];
        for (size_t t = 0; t < n; t++)
            if ((ordered(time[t]) >> shift & 255) == byte) {
                int64_t swap = time[left];
                time[left++] = time[t];
                time[t] = swap;
            }
        n = left;
    }
    return time[0];
}
