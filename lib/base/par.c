#include "base/par.h"

#include <omp.h>

int mf__par_threads(int asked)
{
    return asked > 0 ? asked : omp_get_num_procs();
}

void mf__par_part(size_t n, int part, size_t *lo, size_t *hi)
{
    size_t whole = n / MF_PAR_PARTS, rest = n % MF_PAR_PARTS, p = (size_t)part;
    *lo = whole * p + (p < rest ? p : rest);
    *hi = *lo + whole + (p < rest);
}
