/* base/io.h - input and output: what mf/io.h does not offer to programs. */
#ifndef BASE_IO_H
#define BASE_IO_H

#include "mf/io.h"

/* True if the input is a regular file, so that it can be read again. */
bool mf__in_can_rewind(const mf_in *in);

/* Back to the first byte. Returns MF_OK or MF_EIO. */
int mf__in_rewind(mf_in *in, mf_err *err) MF_MUST_USE;

/* Before the first line of a text: step over a byte order mark, refuse what is known
 * to be no text in UTF-8. Returns MF_OK, MF_EFORMAT, MF_EIO or MF_ENOMEM. */
int mf__text_begin(mf_in *in, mf_err *err) MF_MUST_USE;

/* Fail with "file:line: " before the words. Returns MF_EFORMAT. */
int mf__lines_fail(const mf_lines *lines, mf_err *err, const char *format, ...)
    MF_PRINTF(3, 4);

#endif
