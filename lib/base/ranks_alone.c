/* Without MPI. */
#include <stdlib.h>

#include "mf/ranks.h"

int mf_ranks_open(mf_ranks **out, mf_err *err)
{
    static const char *const sizes[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"};
    *out = NULL;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const char *size = getenv(sizes[i]);
        long n = size ? strtol(size, NULL, 10) : 0;
        if (n > 1)
            return mf_fail(err, MF_EINVAL,
                           "one of %ld processes that were started together, but built "
                           "without MPI: each would train alone; build with 'make "
                           "MPI=1'",
                           n);
    }
    return MF_OK;
}
