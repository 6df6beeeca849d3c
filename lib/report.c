#include "mf/report.h"

#include <stdarg.h>
#include <stdio.h>

void mf_report_progress(const mf_report *report, const char *what, uint64_t done,
                        uint64_t total)
{
    if (report && report->progress)
        report->progress(report->self, what, done, total);
}

void mf_report_note(const mf_report *report, const char *format, ...)
{
    char line[400];
    if (!report || !report->note)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    report->note(report->self, line);
}

void mf_report_warn(const mf_report *report, const char *format, ...)
{
    char line[400];
    if (!report || !report->warn)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    report->warn(report->self, line);
}
