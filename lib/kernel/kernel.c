#include "kernel/kernel.h"

#include <stdlib.h>
#include <string.h>

#include "kernel/levels.h"
#include "mf/kernel.h"

const char *const mf__kernel_names[] = {"avx512", "avx2", "base", NULL};

const mf_kernel *mf__kernel_find(const char *name)
{
#ifdef KERNEL_X86
    __builtin_cpu_init();
    if (strcmp(name, "avx512") == 0)
        return __builtin_cpu_supports("avx512f") &&
                       __builtin_cpu_supports("avx512dq") &&
                       __builtin_cpu_supports("avx512vl") &&
                       __builtin_cpu_supports("avx512bw") &&
                       __builtin_cpu_supports("fma")
                   ? &mf__kernel_avx512
                   : NULL;
    if (strcmp(name, "avx2") == 0)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
                   ? &mf__kernel_avx2
                   : NULL;
#endif
    return strcmp(name, "base") == 0 ? &mf__kernel_base : NULL;
}

const mf_kernel *mf__kernel_choose(void)
{
    const char *forced = getenv("MF_KERNEL");
    const mf_kernel *kernel = forced ? mf__kernel_find(forced) : NULL;
    for (size_t i = 0; !kernel; i++) /* base is always there */
        kernel = mf__kernel_find(mf__kernel_names[i]);
    return kernel;
}

int mf_kernel_check(mf_err *err)
{
    const char *forced = getenv("MF_KERNEL");
    for (size_t i = 0; forced && *forced; i++) {
        if (!mf__kernel_names[i])
            return mf_fail(err, MF_EINVAL,
                           "MF_KERNEL=%.100s: it may be avx512, avx2 or base", forced);
        if (strcmp(forced, mf__kernel_names[i]) == 0)
            break;
    }
    return MF_OK;
}
