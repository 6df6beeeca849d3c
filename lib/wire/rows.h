/* wire/rows.h - what the reader and the writers of rows share. */
#ifndef WIRE_ROWS_H
#define WIRE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/bundle.h"

/* Put the rows that wait, as a frame. Returns MF_OK, MF_EIO, MF_ENOMEM or MF_ERANGE. */
int mf__rows_send(mf_bundle_writer *w, mf_err *err) MF_MUST_USE;

/* True if n times are all of the years that a bundle may have. */
bool mf__times_valid(const int64_t time[], size_t n);

#endif
