/* jobs/rewrite/rewrite.h - what the stages that change values or folds share.
 *
 * Such a stage sees the header and the rows, and puts both itself. Ids are passed on,
 * and held if it asks for them. Everything else is passed on if it stays right, or
 * dropped, which is reported. */
#ifndef JOBS_REWRITE_REWRITE_H
#define JOBS_REWRITE_REWRITE_H

#include <stdbool.h>

#include "mf/bundle.h"
#include "mf/io.h"

typedef struct rewrite {
    const char *name; /* of the input; borrowed */
    mf_bundle_reader *in;
    mf_bundle_writer *out; /* NULL: nothing is passed on */
    mf_ids users, items;   /* empty unless hold_ids */
    bool hold_ids;
    bool own_ids; /* ids are not passed on: the stage puts them itself */
    const mf_report *report;
    bool reported[128]; /* by tag: that the frame was dropped */
} rewrite;

/* Read `in`, write `out` (NULL: write nothing); both are borrowed. Close it
 * even after a failure. Returns MF_OK or MF_ENOMEM. */
int mf__rewrite_open(rewrite *r, mf_in *in, mf_out *out, bool hold_ids,
                     const mf_report *report, mf_err *err) MF_MUST_USE;
void mf__rewrite_close(rewrite *r);

/* The next header or rows, borrowed until the next call. Returns 1, 0 after
 * the verified end, or what mf_bundle_next and mf_bundle_pass return. */
int mf__rewrite_next(rewrite *r, const mf_record **record, mf_err *err) MF_MUST_USE;

#endif
