/* base/err.h - errors: what mf/err.h does not offer to programs. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>

#include "mf/err.h"

/* mf_fail with the words for memory that ran out. Returns MF_ENOMEM. */
int mf__nomem(mf_err *err);

int mf__vfail(mf_err *err, int code, const char *format, va_list args) MF_PRINTF(3, 0);

#endif
