/* base/report.h - calls the callbacks of a report. The report, or any callback, may be
 * NULL. */
#ifndef BASE_REPORT_H
#define BASE_REPORT_H

#include "mf/io.h"

void mf__report_progress(const mf_report *report, const char *what, uint64_t done,
                         uint64_t total);
void mf__report_note(const mf_report *report, const char *format, ...) MF_PRINTF(2, 3);
void mf__report_warn(const mf_report *report, const char *format, ...) MF_PRINTF(2, 3);

#endif
