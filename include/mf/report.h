/* mf/report.h - what a job tells whoever started it.
 *
 * The library never prints: progress and notes go to these callbacks, any of
 * which may be NULL. They are called from one thread at a time. */
#ifndef MF_REPORT_H
#define MF_REPORT_H

#include <stdint.h>

#include "mf/err.h"

typedef struct mf_report {
    void *self; /* handed to the callbacks */
    /* `done` of `total` units of `what` ("users", "bytes"); total 0: unknown. */
    void (*progress)(void *self, const char *what, uint64_t done, uint64_t total);
    /* One line worth knowing, without its newline. */
    void (*note)(void *self, const char *line);
    /* One line that must be seen: the result is not all that was asked for. */
    void (*warn)(void *self, const char *line);
} mf_report;

void mf_report_progress(const mf_report *report, const char *what, uint64_t done,
                        uint64_t total);
void mf_report_note(const mf_report *report, const char *format, ...) MF_PRINTF(2, 3);
void mf_report_warn(const mf_report *report, const char *format, ...) MF_PRINTF(2, 3);

#endif
