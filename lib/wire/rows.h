/* wire/rows.h - rows of ratings that wait for their frame. */
#ifndef WIRE_ROWS_H
#define WIRE_ROWS_H

#include "mf/bundle.h"

/* Put the rows that wait, as a frame. Returns MF_OK, MF_EIO, MF_ENOMEM or MF_ERANGE. */
int mf__rows_send(mf_bundle_writer *w, mf_err *err) MF_MUST_USE;

#endif
