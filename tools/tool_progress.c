#include "tool_progress.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "mf/err.h"
#include "tool_line.h"

/* Seconds. */
static const double TICK = .2, FIRST = .4, STEP_LEAST = 1, LOG_EVERY = 5, SILENT = 2;

enum { WORDS = 400, SELDOM = 10 };

/* How far something is; the job, or the reading of a file. */
typedef struct phase {
    bool any;
    char what[WORDS], step[WORDS], unit[32];
    uint64_t first, done, total;
    double began, seen; /* when it began, and when it was heard of last */
} phase;

static struct {
    pthread_mutex_t lock;
    const char *name;
    bool on, plain;
    double start;
    phase job, reading;
    char told[WORDS]; /* the step that the last plain line told of */
    double told_at;   /* 0: there was none */
} state = {.lock = PTHREAD_MUTEX_INITIALIZER};

static double now_in_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* --- words --- */

/* A number to three digits, in thousands, millions and so on. */
static void put_number(char to[32], double x, const char *unit)
{
    static const char *const power[] = {"", "k", "M", "G", "T"};
    int n = 0;
    for (; x >= 999.5 && n < 4; n++)
        x /= 1000;
    bool bytes = strcmp(unit, "bytes") == 0;
    snprintf(to, 32, "%.*f %s%s%s", x < 9.995 && (n > 0 || x != (int)x) ? 1 : 0, x,
             power[n], n > 0 && !bytes ? " " : "", bytes ? "B" : unit);
}

static void put_time(char to[32], double seconds)
{
    unsigned long long s = (unsigned long long)(seconds + .5);
    if (s < 3600)
        snprintf(to, 32, "%llu:%02llu", s / 60, s % 60);
    else
        snprintf(to, 32, "%llu:%02llu:%02llu", s / 3600, s / 60 % 60, s % 60);
}

/* How far, how fast, how long: each begins with ", ", or is empty. */
typedef struct numbers {
    char far[40], fast[48], left[48];
} numbers;

static numbers numbers_of(const phase *p, double now)
{
    numbers n = {"", "", ""};
    char text[32];
    double spent = now - p->began, came = (double)(p->done - p->first);
    bool moves = spent >= 1 && p->done > p->first;
    if (p->total) {
        uint64_t done = p->done < p->total ? p->done : p->total;
        snprintf(n.far, sizeof n.far, ", %d %%",
                 (int)(100 * ((double)done / (double)p->total)));
    } else if (p->unit[0] && p->done) {
        put_number(text, (double)p->done, p->unit);
        snprintf(n.far, sizeof n.far, ", %s", text);
    }
    if (moves && p->unit[0]) {
        put_number(text, came / spent, p->unit);
        snprintf(n.fast, sizeof n.fast, ", %s/s", text);
    }
    if (moves && p->total > p->done) {
        put_time(text, (double)(p->total - p->done) * spent / came);
        snprintf(n.left, sizeof n.left, ", %s left", text);
    } else if (spent >= 1 && !(p->total && p->done >= p->total)) {
        put_time(text, spent);
        snprintf(n.left, sizeof n.left, ", %s so far", text);
    }
    return n;
}

/* The end of a text that has no more than `room` columns, with ".." before it. */
static const char *cut(char to[WORDS + 2], const char *text, size_t room)
{
    if (room < 6)
        return "";
    while (*text && tool_line_columns(text) > room - 2)
        do
            text++;
        while ((*text & 0xc0) == 0x80);
    snprintf(to, WORDS + 2, "..%s", text);
    return to;
}

/* A line of at most `width` columns. What there is no room for goes: first how fast,
 * then the phase or the step, whichever is too long, then how long. */
static void compose(char *line, size_t size, const char *name, const phase *p,
                    double now, size_t width)
{
    numbers n = numbers_of(p, now);
    char part[WORDS + 2];
    const char *what = p->what, *step = p->step, *fast = n.fast, *left = n.left;
    bool reads = strcmp(p->what, "reading") == 0;
    size_t tail = strlen(n.far) + strlen(left), head = strlen(name) + 2;
    size_t a = tool_line_columns(what), b = tool_line_columns(step);
    size_t both = a + (b ? b + (reads ? 1 : 2) : 0);
    if (head + both + strlen(fast) + tail > width)
        fast = "";
    if (head + both + tail > width) {
        size_t room = width > head + tail ? width - head - tail : 0;
        if (b && b <= room)
            what = "";
        else if (a <= room)
            step = "";
        else {
            left = "";
            room += strlen(n.left);
            step = "";
            what = a <= room ? what : cut(part, what, room);
        }
    }
    snprintf(line, size, "%s: %s%s%s%s%s%s", name, what,
             *what && *step ? (reads ? " " : ", ") : "", step, n.far, fast, left);
    mf_err_clean(line);
    if (tool_line_columns(line) > width && width < strlen(line))
        line[width] = '\0'; /* a few columns: of numbers and the name, ASCII */
}

/* --- what is shown --- */

/* The job, or the reading of a file where that is all that goes on. */
static const phase *shown(double now)
{
    const phase *job = &state.job, *reading = &state.reading;
    if (!reading->any ||
        (job->any && (job->seen >= reading->seen || now - job->seen < 1)))
        return job->any ? job : NULL;
    return reading;
}

static void tell_log(double now)
{
    char line[1000];
    const phase *p = shown(now);
    if (!p)
        return;
    char step[2 * WORDS];
    snprintf(step, sizeof step, "%s|%s", p->what, p->step);
    step[WORDS - 1] = '\0';
    bool other = strcmp(step, state.told) != 0;
    if (state.told_at > 0 && now - state.told_at < (other ? STEP_LEAST : LOG_EVERY))
        return;
    memcpy(state.told, step, WORDS);
    state.told_at = now;
    compose(line, sizeof line - 1, state.name, p, now, sizeof line - 2);
    size_t len = strlen(line);
    line[len] = '\n';
    tool_line_say(line, len + 1);
}

static void draw(double now)
{
    static bool has, yielded;
    static unsigned tries;
    char line[1000];
    const phase *p = shown(now);
    if (!p || now - state.start < FIRST)
        return;
    /* Who is silent may wait for another stage: every other time, let it draw. Who has
     * lost the line then asks for it less often. */
    bool silent = now - p->seen > SILENT;
    yielded = silent && has && !yielded;
    if (yielded)
        tool_line_yield();
    if (yielded || (silent && !has && ++tries % SELDOM))
        return;
    compose(line, sizeof line, state.name, p, now, tool_line_width());
    has = tool_line_draw(line);
}

static void *tick(void *unused)
{
    struct timespec wait = {.tv_nsec = (long)(TICK * 1e9)};
    (void)unused;
    for (bool on = true; on;) {
        nanosleep(&wait, NULL);
        pthread_mutex_lock(&state.lock);
        on = state.on;
        if (on && state.plain)
            tell_log(now_in_seconds());
        else if (on)
            draw(now_in_seconds());
        pthread_mutex_unlock(&state.lock);
    }
    return NULL;
}

bool tool_progress_start(const char *name, int when)
{
    pthread_t thread;
    sigset_t all, before;
    if (when == TOOL_PROGRESS_NEVER || (when == TOOL_PROGRESS_AUTO && !tool_line_can()))
        return false;
    state.name = name;
    state.plain = when == TOOL_PROGRESS_ALWAYS;
    state.start = now_in_seconds();
    state.on = true;
    sigfillset(&all); /* signals are for the thread that may wait for the other */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    state.on = pthread_create(&thread, NULL, tick, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (state.on)
        pthread_detach(thread);
    return state.on;
}

/* --- what there is to show --- */

static void note(phase *p, const mf_progress *now)
{
    double t = now_in_seconds();
    pthread_mutex_lock(&state.lock);
    if (!p->any || strncmp(p->what, now->what, WORDS - 1) != 0 || now->done < p->done) {
        p->any = true;
        p->began = t;
        p->first = now->done;
        snprintf(p->what, sizeof p->what, "%s", now->what);
    }
    snprintf(p->step, sizeof p->step, "%s", now->step ? now->step : "");
    snprintf(p->unit, sizeof p->unit, "%s", now->unit ? now->unit : "");
    p->done = now->done;
    p->total = now->total;
    p->seen = t;
    if (state.on && state.plain)
        tell_log(t);
    pthread_mutex_unlock(&state.lock);
}

void tool_progress_see(void *self, const mf_progress *now)
{
    (void)self;
    note(&state.job, now);
}

void tool_progress_read(void *self, const char *name, uint64_t done, uint64_t total)
{
    const mf_progress now = {"reading", name, "bytes", done, total};
    (void)self;
    note(&state.reading, &now);
}

void tool_progress_say(const char *text, size_t len)
{
    pthread_mutex_lock(&state.lock);
    tool_line_say(text, len);
    pthread_mutex_unlock(&state.lock);
}

void tool_progress_results(void *self)
{
    (void)self;
    pthread_mutex_lock(&state.lock);
    tool_line_results();
    pthread_mutex_unlock(&state.lock);
}

void tool_progress_pause(void *self)
{
    (void)self;
    pthread_mutex_lock(&state.lock);
    tool_line_clear();
    state.start = now_in_seconds();
    pthread_mutex_unlock(&state.lock);
}

void tool_progress_end(void)
{
    pthread_mutex_lock(&state.lock);
    state.on = false;
    tool_line_clear();
    pthread_mutex_unlock(&state.lock);
}
