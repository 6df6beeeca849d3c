#include "base/report.h"

#include <stdarg.h>

#include <omp.h>

#include "base/err.h"
#include "base/number.h"

void mf__report_progress(const mf_report *report, const mf_progress *now)
{
    if (report && report->progress)
        report->progress(report->self, now);
}

void mf__report_phase(const mf_report *report, const char *what)
{
    mf__report_progress(report, &(mf_progress){.what = what});
}

void mf__report_count(const mf_report *report, const char *what, const char *unit,
                      uint64_t done, uint64_t total)
{
    mf__report_progress(report, &(mf_progress){what, NULL, unit, done, total});
}

void mf__tally_add(mf_tally *tally, uint64_t n)
{
    const mf_progress *of = &tally->now; /* whose `done` others add to */
    mf_progress now = {of->what, of->step, of->unit, 0, of->total};
#pragma omp atomic capture
    {
        tally->now.done += n;
        now.done = tally->now.done;
    }
    if (omp_get_thread_num() == 0 && now.what)
        mf__report_progress(tally->report, &now);
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
