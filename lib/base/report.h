/* base/report.h - calls the callbacks of a report. The report, or any callback, may be
 * NULL. */
#ifndef BASE_REPORT_H
#define BASE_REPORT_H

#include "mf/io.h"

void mf__report_progress(const mf_report *report, const mf_progress *now);

/* Progress of a phase without steps: that it has begun, or how far it is. */
void mf__report_phase(const mf_report *report, const char *what);
void mf__report_count(const mf_report *report, const char *what, const char *unit,
                      uint64_t done, uint64_t total);

/* Work that threads share: each adds what it has done, and the first thread of the team
 * reports how far all are. */
typedef struct mf_tally {
    const mf_report *report;
    mf_progress now;
} mf_tally;

void mf__tally_add(mf_tally *tally, uint64_t n);

void mf__report_note(const mf_report *report, const char *format, ...) MF_PRINTF(2, 3);
void mf__report_warn(const mf_report *report, const char *format, ...) MF_PRINTF(2, 3);

#endif
