/* base/temporary.h - temporary files, of which nothing is left however the program
 * ends. */
#ifndef BASE_TEMPORARY_H
#define BASE_TEMPORARY_H

#include "base/err.h"

/* The folder for temporary files: `asked`, or if that is NULL TMPDIR, or /tmp. */
const char *mf__temporary_folder(const char *asked);

/* A file without a name in the folder, to be written and read. Returns MF_OK or
 * MF_EIO. */
int mf__temporary_open(const char *folder, int *fd, mf_err *err) MF_MUST_USE;

#endif
