#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool_private.h"
#include "tool_progress.h"

static const char *program = "mfpipe"; /* tool_misuse has no other way to know */
static bool muted;
static bool (*agree)(mf_err *why);

void tool_messages_name(const char *name)
{
    program = name;
}

void tool_messages_mute(void)
{
    muted = true;
}

void tool_messages_agree(bool (*how)(mf_err *why))
{
    agree = how;
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
    tool_progress_say(line, len + 1);
}

void tool_messages_end(const mf_err *why, bool says)
{
    tool_temporaries_remove();
    if (says)
        say(why->text);
    exit(why->code == MF_EINVAL ? TOOL_USAGE : TOOL_FAILED);
}

/* If others are to know of it, agree and end. */
static void end_agreed(int code, const char *text)
{
    bool (*how)(mf_err *why) = agree;
    mf_err why = {0};
    if (!how)
        return;
    agree = NULL;
    mf_fail(&why, code, "%s", text);
    bool says = how(&why);
    tool_messages_end(&why, says);
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
    end_agreed(MF_EINVAL, text);
    tool_temporaries_remove();
    if (!muted)
        say(text);
    exit(TOOL_USAGE);
}

void tool_die(tool_io *io, const mf_err *err)
{
    (void)io;
    tool_progress_end();
    end_agreed(MF_EIO, err->code == MF_OK ? "failed" : err->text);
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
    say(line);
}

void tool_messages_note(void *self, const char *line)
{
    tool_io *io = self;
    if (io->verbose)
        tool_messages_warn(io, line);
}
