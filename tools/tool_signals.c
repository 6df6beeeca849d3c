/* What happens when a signal ends a tool. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool_line.h"
#include "tool_private.h"

static const char *volatile words; /* a line with its line feed, or NULL */
static const char *volatile kept_path;
static char unkept[200]; /* what is said instead of words, if there are none */
static char *kept; /* what tool_kept returned last */

static void on_signal(int number)
{
    const char *line = words;
    bool said = line ? access(kept_path, F_OK) == 0 : *unkept != '\0';
    tool_line_end();
    tool_temporaries_remove();
    line = line ? line : unkept;
    if (said && (number == SIGINT || number == SIGTERM || number == SIGHUP))
        (void)!write(STDERR_FILENO, line, strlen(line));
    signal(number, SIG_DFL);
    raise(number);
}

/* An argument as a shell reads it. */
static void put_argument(FILE *to, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789-_=+,./:@%";
    if (*text && text[strspn(text, plain)] == '\0') {
        fprintf(to, " %s", text);
        return;
    }
    fputs(" '", to);
    for (; *text; text++)
        fputs(*text == '\'' ? "'\\''" : (char[]){*text, '\0'}, to);
    fputc('\'', to);
}

const char *tool_kept(const tool_io *io, const char *path, int argc, char *const argv[],
                      const char *more)
{
    char *line = NULL;
    size_t len;
    FILE *to = io->quiet ? NULL : open_memstream(&line, &len);
    if (!to)
        return NULL;
    fprintf(to, "%s: interrupted; %s is whole; with the same input, this goes on:",
            io->about->name, path);
    fprintf(to, " %s", io->about->name);
    for (int i = 1; i < argc; i++) { /* getopt has put operands last */
        if (i == optind && more)
            put_argument(to, more);
        put_argument(to, argv[i]);
    }
    if (optind >= argc && more)
        put_argument(to, more);
    fputc('#', to); /* becomes the line feed */
    if (fclose(to) != 0) {
        free(line);
        return NULL;
    }
    mf_err_clean(line);
    line[len - 1] = '\n';
    free(kept);
    kept_path = path;
    return kept = line;
}

void tool_interrupted(const char *line)
{
    words = line;
}

void tool_unkept(const tool_io *io, const char *what)
{
    if (!io->quiet)
        snprintf(unkept, sizeof unkept, "%s: interrupted; nothing is kept%s\n",
                 io->about->name, what);
}

void tool_signals_catch(void)
{
    /* SIGPIPE too: standard error may be a pipe that nobody reads any more */
    static const int fatal[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGPIPE, SIGALRM,
                                SIGXCPU, SIGUSR1, SIGUSR2, SIGPROF, SIGSYS,  SIGVTALRM};
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) {
        struct sigaction old, new = {.sa_handler = on_signal};
        if (sigaction(fatal[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(fatal[i], &new, NULL);
    }
    /* a file that may not grow any more is then a write that fails, with a message */
    signal(SIGXFSZ, SIG_IGN);
}
