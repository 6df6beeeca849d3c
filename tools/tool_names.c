/* Which files a run touches: where their names lead, and which are one file. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool_private.h"

/* --- where a name leads --- */

enum { LINKS_MAX = 40 }; /* as many as the kernel follows */

/* `folder`/`name`, or NULL. */
static char *join(const char *folder, size_t len, const char *name)
{
    size_t size = len + strlen(name) + 2;
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%.*s/%s", (int)len, folder, name);
    return path;
}

/* The path with that of its folder made real; NULL if there is no such folder. */
static char *in_real_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    char *folder = slash ? strndup(path, len ? len : 1) : strdup(".");
    char *real = folder ? realpath(folder, NULL) : NULL;
    char *all =
        real ? join(strcmp(real, "/") == 0 ? "" : real,
                    strcmp(real, "/") == 0 ? 0 : strlen(real), slash ? slash + 1 : path)
             : NULL;
    free(folder);
    free(real);
    return all;
}

/* What a link, whose folder is real, points to, one step on; NULL if it is no link. */
static char *follow(const char *path)
{
    char to[PATH_MAX];
    ssize_t n = readlink(path, to, sizeof to - 1);
    if (n <= 0)
        return NULL;
    to[n] = '\0';
    return to[0] == '/' ? strdup(to)
                        : join(path, (size_t)(strrchr(path, '/') - path), to);
}

/* The number that a text is, or -1. */
static int number(const char *text)
{
    char *end;
    long n = strtol(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && !*end && n <= INT_MAX ? (int)n : -1;
}

/* The descriptor that a path in a real folder names, or -1. */
static int in_proc(const char *path)
{
    char own[64];
    const char *slash = strrchr(path, '/');
    int len = snprintf(own, sizeof own, "/proc/%ld/", (long)getpid());
    return strncmp(path, own, (size_t)len) == 0 && slash - path >= 3 &&
                   strncmp(slash - 3, "/fd", 3) == 0
               ? number(slash + 1)
               : -1;
}

/* The same by the name alone, for where there is no /proc. */
static int by_name(const char *path)
{
    static const char *const standard[] = {"/dev/stdin", "/dev/stdout", "/dev/stderr"};
    static const char *const folder[] = {"/dev/fd/", "/proc/self/fd/"};
    for (int fd = 0; fd < 3; fd++)
        if (strcmp(path, standard[fd]) == 0)
            return fd;
    for (size_t i = 0; i < 2; i++)
        if (strncmp(path, folder[i], strlen(folder[i])) == 0)
            return number(path + strlen(folder[i]));
    return -1;
}

/* Follow a name to a descriptor, or to the end: *real is then the path of a file that
 * is there or of one in a folder that is, or NULL. Returns the descriptor or -1. */
static int lead(const char *name, char **real)
{
    int fd = by_name(name);
    char *path = fd < 0 ? strdup(name) : NULL;
    *real = NULL;
    for (int links = 0; path && links < LINKS_MAX; links++) {
        char *here = in_real_folder(path), *next = NULL;
        free(path);
        path = NULL;
        if (here && (fd = in_proc(here)) < 0)
            next = follow(here);
        if (next || fd >= 0)
            free(here);
        else
            *real = here;
        path = next;
    }
    free(path);
    return fd;
}

int tool_names_descriptor(const char *path)
{
    char *real;
    int fd = lead(path, &real);
    free(real);
    return fd;
}

char *tool_names_target(const char *path)
{
    char *real;
    return lead(path, &real) < 0 && real ? real : strdup(path);
}

bool tool_is_standard(const char *path)
{
    return path && (strcmp(path, "-") == 0 || tool_names_descriptor(path) == 0);
}

/* --- which are one file --- */

typedef struct known {
    const char *option, *path;
    int use;
    int fd;     /* that it names, or -1 */
    bool there; /* `stat` is known */
    struct stat stat;
    char *real; /* of a file, else NULL */
} known;

struct tool_names {
    size_t n, cap;
    known *file;
};

static void look(known *f)
{
    if (strcmp(f->path, "-") == 0)
        f->fd = f->use >= TOOL_WRITES ? STDOUT_FILENO : STDIN_FILENO;
    else
        f->fd = lead(f->path, &f->real);
    int flags = f->fd >= 0 ? fcntl(f->fd, F_GETFD) : 0;
    if (flags & FD_CLOEXEC) /* none, or one of our own: nobody's to name */
        return;
    f->there = f->fd >= 0 ? fstat(f->fd, &f->stat) == 0 : stat(f->path, &f->stat) == 0;
}

void tool_name(tool_io *io, const char *option, const char *path, int use)
{
    if (!path)
        return;
    if (!*path)
        tool_misuse("%s%sthe name of a file is empty", option ? option : "",
                    option ? ": " : "");
    struct tool_names *all = io->names;
    if (!all && !(all = io->names = calloc(1, sizeof *all)))
        tool_messages_fail(io, "out of memory");
    if (all->n == all->cap) {
        size_t cap = all->cap ? 2 * all->cap : 16;
        known *more = realloc(all->file, cap * sizeof *more);
        if (!more)
            tool_messages_fail(io, "out of memory");
        all->file = more;
        all->cap = cap;
    }
    known *f = &all->file[all->n++];
    *f = (known){.option = option, .path = path, .use = use};
    look(f);
}

void tool_names_input(tool_io *io, const char *path)
{
    for (size_t i = 0; io->names && i < io->names->n; i++)
        if (io->names->file[i].path == path)
            return;
    tool_name(io, NULL, path, TOOL_READS);
}

void tool_names_free(tool_io *io)
{
    for (size_t i = 0; io->names && i < io->names->n; i++)
        free(io->names->file[i].real);
    if (io->names)
        free(io->names->file);
    free(io->names);
    io->names = NULL;
}

static bool same(const known *a, const known *b)
{
    if (a->fd >= 0 && a->fd == b->fd)
        return true;
    if (a->there && b->there)
        return a->stat.st_dev == b->stat.st_dev && a->stat.st_ino == b->stat.st_ino;
    return !a->there && !b->there && a->real && b->real &&
           strcmp(a->real, b->real) == 0;
}

bool tool_one_file(const char *a, const char *b)
{
    known file[] = {{.path = a}, {.path = b}};
    look(&file[0]);
    look(&file[1]);
    bool one = same(&file[0], &file[1]);
    free(file[0].real);
    free(file[1].real);
    return one;
}

static bool is_kind(const known *f, mode_t kind)
{
    return f->there && (f->stat.st_mode & S_IFMT) == kind;
}

/* Put in the place of what is there, and as a whole. */
static bool is_replaced(const known *f)
{
    return f->fd < 0 && (!f->there || is_kind(f, S_IFREG));
}

uint64_t tool_replaced(const char *path)
{
    known file = {.path = path, .use = TOOL_WRITES};
    look(&file);
    free(file.real);
    return file.there && is_replaced(&file) ? (uint64_t)file.stat.st_size : 0;
}

/* What a file is for, in words. */
static const char *role(const known *f, char text[80])
{
    if (f->option && strcmp(f->option, "-o") == 0 && strcmp(f->path, "-") == 0)
        return "standard output";
    snprintf(text, 80, "%s", f->option ? f->option : "the input");
    return text;
}

static void check_reads(const known *a, const known *b)
{
    /* two names of a file are two ways through it, those of a pipe are one */
    if (a->fd < 0 && b->fd < 0 && !is_kind(a, S_IFIFO))
        return;
    if (a->fd == STDIN_FILENO || b->fd == STDIN_FILENO) {
        if (a->fd == b->fd)
            tool_misuse("standard input can be read only once");
    } else if (a->fd == b->fd || is_kind(a, S_IFIFO))
        tool_misuse("'%s' can be read only once", b->path);
}

static void check_pair(const known *a, const known *b)
{
    char first[80], second[80];
    if (!same(a, b))
        return;
    if (a->use < TOOL_WRITES && b->use < TOOL_WRITES) {
        check_reads(a, b);
        return;
    }
    if (is_kind(a, S_IFCHR)) /* a terminal, /dev/null */
        return;
    if (a->use >= TOOL_WRITES && b->use >= TOOL_WRITES)
        tool_misuse("'%s' is named for two outputs, %s and %s", a->path, role(a, first),
                    role(b, second));
    const known *in = a->use < TOOL_WRITES ? a : b, *out = in == a ? b : a;
    bool whole = strcmp(out->option, "-o") == 0 && is_replaced(out);
    bool goes_on = in->use == TOOL_RESUMES && out->use == TOOL_REPLACES;
    if (!whole && !goes_on && !is_kind(a, S_IFSOCK))
        tool_misuse("'%s' is read (%s) and cannot be written too (%s)", in->path,
                    role(in, first), role(out, second));
}

static void check_output(const known *f)
{
    if (f->use == TOOL_REPLACES && !is_replaced(f))
        tool_misuse("%s: '%s' is no regular file, and no other can be replaced again "
                    "and again",
                    f->option, f->path);
}

void tool_compare(tool_io *io)
{
    static const char standard[] = "-";
    tool_name(io, "-o", io->output ? io->output : standard, TOOL_WRITES);
    struct tool_names *all = io->names;
    for (size_t b = 0; b < all->n; b++) {
        check_output(&all->file[b]);
        for (size_t a = 0; a < b; a++)
            check_pair(&all->file[a], &all->file[b]);
    }
    free(all->file[--all->n].real); /* so that it can be called again */
}
