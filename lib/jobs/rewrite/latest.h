/* jobs/rewrite/latest.h - the latest cells, which are held out. */
#ifndef JOBS_REWRITE_LATEST_H
#define JOBS_REWRITE_LATEST_H

#include <stddef.h>
#include <stdint.h>

/* A cell of a row: its time and its place. */
typedef struct moment {
    int64_t time;
    uint32_t at;
} moment;

/* The folds of a row of n cells: the `test` latest are MF_TEST, the next up to `held`
 * MF_VALID, the others MF_TRAIN; test <= held <= n. Of equal times, that of the greater
 * place is later. room[n] is scratch. O(n log n). */
void mf__latest_mark(const int64_t time[], size_t n, size_t test, size_t held,
                     moment room[], uint8_t fold[]);

/* The `rank`-th latest of n times, 1 <= rank <= n; changes their order. O(n). */
int64_t mf__latest_nth(int64_t time[], size_t n, size_t rank);

#endif
