/* jobs/rewrite/passes.h - stages that read their input more than once.
 *
 * A file is read again; anything else is copied to memory while it is read first, and
 * verified. */
#ifndef JOBS_REWRITE_PASSES_H
#define JOBS_REWRITE_PASSES_H

#include "jobs/rewrite/rewrite.h"

typedef struct passes {
    mf_in *in;     /* what the first pass reads; borrowed */
    rewrite first; /* the first pass, with the provenance */
    mf_in *held;   /* the copy, or NULL */
    mf_out *copy;
    int fd; /* of the copy, -1: there is none */
} passes;

/* Begin the first pass; `in` is borrowed. Close it even after a failure. Returns MF_OK,
 * MF_EIO or MF_ENOMEM. */
int mf__passes_open(passes *p, mf_in *in, bool hold_ids, const mf_report *report,
                    mf_err *err) MF_MUST_USE;
void mf__passes_close(passes *p);

/* The next header or rows of the first pass, as mf__rewrite_next. */
int mf__passes_next(passes *p, const mf_record **record, mf_err *err) MF_MUST_USE;

/* After the end of the first pass: begin another, that writes to `out` if it is not
 * NULL, without reports of what is dropped. Close `io` even after a failure. */
int mf__passes_again(passes *p, rewrite *io, mf_out *out, mf_err *err) MF_MUST_USE;

/* After its end: MF_EFORMAT if it has read something else than the first. */
int mf__passes_same(const passes *p, const rewrite *io, mf_err *err) MF_MUST_USE;

#endif
