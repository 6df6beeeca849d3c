#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tool_private.h"

static const char *program = "mfpipe"; /* tool_misuse has no other way to know */
static bool muted;

void tool_messages_name(const char *name)
{
    program = name;
}

void tool_messages_mute(void)
{
    muted = true;
}

/* One write for a line, which is cleaned: a hostile file name or id cannot forge a
 * second one. */
static void say(const char *text)
{
    char line[1024];
    int n = snprintf(line, sizeof line, "%s: %s", program, text);
    if (n < 0)
        return;
    line[sizeof line - 2] = '\0';
    mf_err_clean(line);
    size_t len = strlen(line);
    line[len] = '\n';
    if (write(STDERR_FILENO, line, len + 1) < 0)
        return; /* nobody is there to read it */
}

void tool_misuse(const char *format, ...)
{
    char what[600], text[700];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    bool asks = *what && what[strlen(what) - 1] == '?';
    snprintf(text, sizeof text, "%s%s see '%s --help'", what, asks ? " or" : ";",
             program);
    tool_temporaries_remove();
    if (!muted)
        say(text);
    exit(TOOL_USAGE);
}

void tool_messages_clear(tool_io *io)
{
    if (io->progress_shown && write(STDERR_FILENO, "\r\033[K", 4) < 0)
        return;
    io->progress_shown = false;
}

void tool_die(tool_io *io, const mf_err *err)
{
    tool_messages_clear(io);
    tool_temporaries_remove();
    say(err->code == MF_OK ? "failed" : err->text);
    exit(TOOL_FAILED);
}

void tool_messages_fail(tool_io *io, const char *format, ...)
{
    char text[600];
    mf_err err = {0};
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    mf_fail(&err, MF_EIO, "%s", text);
    tool_die(io, &err);
}

void tool_messages_warn(void *self, const char *line)
{
    tool_io *io = self;
    if (io->quiet)
        return;
    tool_messages_clear(io);
    say(line);
}

void tool_messages_note(void *self, const char *line)
{
    tool_io *io = self;
    if (io->verbose)
        tool_messages_warn(io, line);
}

void tool_messages_progress(void *self, const char *what, uint64_t done, uint64_t total)
{
    tool_io *io = self;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double seconds = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
    if (seconds - io->progress_time < 0.1)
        return;
    io->progress_time = seconds;
    char line[160], name[100];
    snprintf(name, sizeof name, "%s", what);
    mf_err_clean(name);
    what = name;
    int n = total ? snprintf(line, sizeof line, "\r%s: %s %llu of %llu\033[K", program,
                             what, (unsigned long long)done, (unsigned long long)total)
                  : snprintf(line, sizeof line, "\r%s: %s %llu\033[K", program, what,
                             (unsigned long long)done);
    if (n > 0 && (size_t)n < sizeof line && write(STDERR_FILENO, line, (size_t)n) > 0)
        io->progress_shown = true;
}
