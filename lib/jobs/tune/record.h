/* jobs/tune/record.h - the trials that were done, in memory and as a log.
 *
 * A log is lines of fields with TABs between: three of words after "# " (the program;
 * a digest of the data; the options that are not searched), one of names, then one a
 * trial, in the order in which they were done. */
#ifndef JOBS_TUNE_RECORD_H
#define JOBS_TUNE_RECORD_H

#include "jobs/tune/space.h"
#include "jobs/tune/trial.h"

typedef struct record_entry {
    char setting[MF_TUNE_AXES][SPACE_TEXT]; /* by axis of the space */
    bool whole;                             /* trained to the end */
    trial_result result;
    double seconds;
} record_entry;

typedef struct record {
    const space *space; /* borrowed */
    uint64_t data;      /* digest */
    char fixed[SPACE_OPTIONS];
    size_t n, cap;
    record_entry *entry; /* [n], owned */
    mf_out *log;         /* or NULL; borrowed */
} record;

void mf__record_free(record *r);

/* Read an earlier log. Returns MF_OK, MF_EFORMAT (it is none, or of other data or
 * options), MF_EIO or MF_ENOMEM. */
int mf__record_read(record *r, mf_lines *past, mf_err *err) MF_MUST_USE;

/* Write the lines above the trials, and those that were read. Returns MF_OK, MF_EIO or
 * MF_ENOMEM. */
int mf__record_begin(const record *r, mf_err *err) MF_MUST_USE;

/* The trial of settings, short or whole, if it was done; else NULL. */
const record_entry *mf__record_find(const record *r, const mf_als_params *settings,
                                    bool whole);

/* Add a trial, in memory and in the log, which is flushed. Returns as above. */
int mf__record_add(record *r, const mf_als_params *settings, bool whole,
                   const trial_result *result, double seconds, mf_err *err) MF_MUST_USE;

#endif
