#include "tool_line.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LINE, RESULT, STEP }; /* bytes of the terminal, as far as locks go */

static const char CLEAR[] = "\r\033[K";

/* Also read by a signal handler. */
static volatile sig_atomic_t shown, ended, writing;
static bool held, results;

bool tool_line_can(void)
{
    const char *kind = getenv("TERM");
    return isatty(STDERR_FILENO) && !(kind && strcmp(kind, "dumb") == 0);
}

size_t tool_line_width(void)
{
    enum { USUAL = 80, MOST = 500 };
    const char *said = getenv("COLUMNS");
    struct winsize size;
    long width = said ? strtol(said, NULL, 10) : 0;
    if (width <= 0 && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0)
        width = size.ws_col;
    if (width <= 0)
        width = USUAL;
    return (size_t)(width < MOST ? width : MOST) - 1;
}

size_t tool_line_columns(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        if ((*text & 0xc0) != 0x80)
            n += (unsigned char)*text < 0x80 ? 1 : 2;
    return n;
}

/* --- locks --- */

/* True unless another program has the lock. Where there are no locks, all have it. */
static bool lock(int byte, int how)
{
    struct flock at = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte};
    at.l_len = 1;
    int code;
    do
        code = fcntl(STDERR_FILENO, how, &at);
    while (code < 0 && errno == EINTR);
    return code == 0 || (errno != EAGAIN && errno != EACCES);
}

static void unlock(int byte)
{
    struct flock at = {.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = byte};
    at.l_len = 1;
    (void)fcntl(STDERR_FILENO, F_SETLK, &at);
}

static bool others_have(int byte)
{
    struct flock at = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte};
    at.l_len = 1;
    return fcntl(STDERR_FILENO, F_GETLK, &at) == 0 && at.l_type != F_UNLCK;
}

/* A job in the background leaves the terminal to the one in front. */
static bool in_background(void)
{
    pid_t front = tcgetpgrp(STDERR_FILENO);
    return front > 0 && front != getpgrp();
}

/* --- drawing --- */

static void put(const char *text, size_t len)
{
    writing = 1;
    if (!ended)
        (void)!write(STDERR_FILENO, text, len);
    writing = 0;
}

bool tool_line_draw(const char *text)
{
    char line[1100];
    int n = snprintf(line, sizeof line, "\r%s\033[K", text);
    if (results || ended || in_background() ||
        (!held && !(held = lock(LINE, F_SETLK)))) {
        shown = 0;
        return held;
    }
    lock(STEP, F_SETLKW);
    if (others_have(RESULT))
        shown = 0;
    else if (n > 0 && (size_t)n < sizeof line) {
        shown = 1;
        put(line, (size_t)n);
    }
    unlock(STEP);
    return true;
}

void tool_line_yield(void)
{
    if (held)
        unlock(LINE);
    held = false;
}

void tool_line_clear(void)
{
    if (shown)
        put(CLEAR, sizeof CLEAR - 1);
    shown = 0;
    tool_line_yield();
}

void tool_line_end(void)
{
    ended = 1;
    /* another thread may be drawing; this one cannot be waited for */
    for (int i = 0; i < 20 && writing; i++)
        usleep(1000);
    if (shown)
        (void)!write(STDERR_FILENO, CLEAR, sizeof CLEAR - 1);
}

void tool_line_say(const char *text, size_t len)
{
    char both[1100];
    bool covered = shown || (tool_line_can() && others_have(LINE));
    size_t clear = covered ? sizeof CLEAR - 1 : 0;
    if (clear + len > sizeof both)
        return;
    memcpy(both, CLEAR, clear);
    memcpy(both + clear, text, len);
    shown = 0;
    put(both, clear + len);
}

void tool_line_results(void)
{
    results = true;
    if (!tool_line_can())
        return;
    bool covered = shown || others_have(LINE);
    lock(RESULT, F_SETLK);
    lock(STEP, F_SETLKW); /* whoever draws has done so, and draws no more */
    if (covered)
        put(CLEAR, sizeof CLEAR - 1);
    shown = 0;
    unlock(STEP);
    tool_line_yield();
}
