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

#include "mf/mem.h"

mf_rng aid_rng;

void aid_levels(void (*check)(const mf_kernel *kernel))
{
    for (int i = 0; KERNEL_NAMES[i]; i++) {
        const mf_kernel *kernel = kernel_find(KERNEL_NAMES[i]);
        aid_rng = mf_rng_make(7, MF_STREAM_TEST, 0);
        if (kernel)
            check(kernel);
        else
            print_message("%s: not on this machine\n", KERNEL_NAMES[i]);
    }
}

float *aid_draw(size_t n)
{
    float *x = mf_new(n, sizeof *x);
    assert_non_null(x);
    for (size_t i = 0; i < n; i++)
        x[i] = (float)(2 * mf_rng_uniform(&aid_rng) - 1);
    return x;
}

float *aid_blank(size_t n)
{
    float *x = mf_new(n, sizeof *x);
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
