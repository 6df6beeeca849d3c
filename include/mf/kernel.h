/* mf/kernel.h - which inner loops are used.
 *
 * The inner loops of training and scoring exist for three kinds of processor. The
 * best that this one has is taken, or the one that the environment variable
 * MF_KERNEL names, if it has that; results differ between kinds by rounding. */
#ifndef MF_KERNEL_H
#define MF_KERNEL_H

#include "mf/err.h"

MF_BEGIN_DECLS

/* Is MF_KERNEL unset, empty or one of the names? Otherwise MF_EINVAL: the library
 * itself would take no notice of it. Call it before anything is computed. */
int mf_kernel_check(mf_err *err) MF_MUST_USE;

MF_END_DECLS

#endif
