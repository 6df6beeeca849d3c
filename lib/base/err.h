/* base/err.h - errors: what mf/err.h does not offer to programs. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "mf/err.h"

/* mf_fail with the words for memory that ran out. Returns MF_ENOMEM. */
int mf__nomem(mf_err *err);

/* Control characters, line feeds among them, become '?'. */
void mf__one_line(char *text);

#endif
