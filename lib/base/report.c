#include "base/report.h"

#include <stdarg.h>

#include "base/err.h"
#include "base/number.h"

void mf__report_progress(const mf_report *report, const char *what, uint64_t done,
                         uint64_t total)
{
    if (report && report->progress)
        report->progress(report->self, what, done, total);
}

/* The words as one line. */
MF_PRINTF(3, 0)
static void say(void (*to)(void *self, const char *line), void *self,
                const char *format, va_list args)
{
    char line[400];
    mf__vsnprintf(line, sizeof line, format, args);
    mf_err_clean(line);
    to(self, line);
}

void mf__report_note(const mf_report *report, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (report && report->note)
        say(report->note, report->self, format, args);
    va_end(args);
}

void mf__report_warn(const mf_report *report, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (report && report->warn)
        say(report->warn, report->self, format, args);
    va_end(args);
}
