#include "kernel_aid.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

mf_rng aid_rng;

void aid_levels(void (*check)(const mf_kernel *kernel))
{
    for (int i = 0; mf__kernel_names[i]; i++) {
        const mf_kernel *kernel = mf__kernel_find(mf__kernel_names[i]);
        aid_rng = mf__rng_make(7, MF_STREAM_TEST, 0);
        if (kernel)
            check(kernel);
        else
            print_message("%s: not on this machine\n", mf__kernel_names[i]);
    }
}

float *aid_draw(size_t n)
{
    float *x = mf__new(n, sizeof *x);
    assert_non_null(x);
    for (size_t i = 0; i < n; i++)
        x[i] = (float)(2 * mf__rng_uniform(&aid_rng) - 1);
    return x;
}

float *aid_blank(size_t n)
{
    float *x = mf__new(n, sizeof *x);
    assert_non_null(x);
    for (size_t i = 0; i < n; i++)
        x[i] = NAN;
    return x;
}

void aid_assert_near(double got, double want, double scale)
{
    if (!(fabs(got - want) <= 2e-6 * (1 + scale)))
        fail_msg("got %.9g, want %.9g", got, want);
}
