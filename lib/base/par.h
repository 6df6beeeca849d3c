/* base/par.h - threads.
 *
 * Parallel loops are OpenMP over independent rows; a float is never reduced
 * across threads. Work that must be summed is cut into MF_PAR_PARTS parts by
 * position, whatever the number of threads, and the parts are added in order. */
#ifndef BASE_PAR_H
#define BASE_PAR_H

#include <stddef.h>

enum { MF_PAR_PARTS = 32 };

/* The number of threads to use: `asked`, or all that this process may run on
 * when asked is 0. At least 1. */
int mf__par_threads(int asked);

/* Part `part` of n rows is [*lo, *hi); parts are contiguous and in order. */
void mf__par_part(size_t n, int part, size_t *lo, size_t *hi);

#endif
