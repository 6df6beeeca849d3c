#include "kernel.h"

#include <stdlib.h>
#include <string.h>

#include "kernel_levels.h"
#include "mf/kernel.h"

const char *const KERNEL_NAMES[] = {"avx512", "avx2", "base", NULL};

const mf_kernel *kernel_find(const char *name)
{
#ifdef KERNEL_X86
    __builtin_cpu_init();
    if (strcmp(name, "avx512") == 0)
        return __builtin_cpu_supports("avx512f") &&
                       __builtin_cpu_supports("avx512dq") &&
                       __builtin_cpu_supports("avx512vl") &&
                       __builtin_cpu_supports("avx512bw") &&
                       __builtin_cpu_supports("fma")
                   ? &kernel_avx512
                   : NULL;
    if (strcmp(name, "avx2") == 0)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
                   ? &kernel_avx2
                   : NULL;
#endif
    return strcmp(name, "base") == 0 ? &kernel_base : NULL;
}

const mf_kernel *kernel_choose(void)
{
    const char *forced = getenv("MF_KERNEL");
    const mf_kernel *kernel = forced ? kernel_find(forced) : NULL;
    for (size_t i = 0; !kernel; i++) /* base is always there */
        kernel = kernel_find(KERNEL_NAMES[i]);
    return kernel;
}

int mf_kernel_check(mf_err *err)
{
    const char *forced = getenv("MF_KERNEL");
    for (size_t i = 0; forced && *forced; i++) {
        if (!KERNEL_NAMES[i])
            return mf_fail(err, MF_EINVAL,
                           "MF_KERNEL=%.100s: it may be avx512, avx2 or base", forced);
        if (strcmp(forced, KERNEL_NAMES[i]) == 0)
            break;
    }
    return MF_OK;
}
