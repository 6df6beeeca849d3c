/* kernel/levels.h - the tables that kernel.c chooses from. */
#ifndef KERNEL_LEVELS_H
#define KERNEL_LEVELS_H

#include "kernel/kernel.h"

#if defined __x86_64__ && defined __GNUC__
#define KERNEL_X86 1
extern const mf_kernel mf__kernel_avx512, mf__kernel_avx2;
#endif
extern const mf_kernel mf__kernel_base;

#endif
