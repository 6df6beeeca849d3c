#include "tool.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "mf/kernel.h"
#include "mf/version.h"

enum { OPT_SEED = 1000, OPT_PROGRESS, MAX_OPTIONS = 64 };

static const struct option COMMON[] = {
    {"output", required_argument, NULL, 'o'},
    {"threads", required_argument, NULL, 'j'},
    {"seed", required_argument, NULL, OPT_SEED},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"progress", required_argument, NULL, OPT_PROGRESS},
    {"force", no_argument, NULL, 'f'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
};
enum { COMMON_COUNT = sizeof COMMON / sizeof *COMMON };

/* For messages and for the signal handler, which have no other way to know. */
static const char *tool_name = "mfpipe";
enum { SLOTS = 36 };                 /* -o, and files that are replaced meanwhile */
static char *volatile doomed[SLOTS]; /* temporary files, while they are there */

static void say(const char *text)
{
    /* One write a line, control characters made harmless: a hostile file name
     * or id cannot forge a second line. */
    char line[1024];
    int n = snprintf(line, sizeof line, "%s: %s", tool_name, text);
    if (n < 0)
        return;
    size_t len = (size_t)n < sizeof line - 1 ? (size_t)n : sizeof line - 2;
    for (size_t i = 0; i < len; i++)
        if (iscntrl((unsigned char)line[i]))
            line[i] = '?';
    line[len] = '\n';
    if (write(STDERR_FILENO, line, len + 1) < 0)
        return; /* nobody is left to tell */
}

/* Safe in a signal handler. */
static void remove_doomed(void)
{
    for (int slot = 0; slot < SLOTS; slot++)
        if (doomed[slot])
            unlink(doomed[slot]);
}

void tool_misuse(const char *format, ...)
{
    char what[600], text[700];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    snprintf(text, sizeof text, "%s; see '%s --help'", what, tool_name);
    remove_doomed();
    say(text);
    exit(TOOL_USAGE);
}

static void clear_progress(tool_io *io)
{
    if (io->progress_shown && write(STDERR_FILENO, "\r\033[K", 4) < 0)
        return;
    io->progress_shown = false;
}

void tool_die(tool_io *io, const mf_err *err)
{
    clear_progress(io);
    remove_doomed();
    say(err->code == MF_OK ? "failed" : err->text);
    exit(TOOL_FAILED);
}

static _Noreturn void die(tool_io *io, const char *format, ...) MF_PRINTF(2, 3);

static _Noreturn void die(tool_io *io, const char *format, ...)
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

static void on_signal(int number)
{
    remove_doomed();
    signal(number, SIG_DFL);
    raise(number);
}

/* A closed descriptor 0, 1 or 2 is taken by /dev/null, opened so that its use
 * in the wrong direction fails: no data file can then be opened in its place. */
static void guard_descriptors(void)
{
    static const int flags[] = {O_WRONLY, O_RDONLY, O_WRONLY};
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags[fd]) != fd)
            exit(TOOL_FAILED);
}

static void on_note(void *self, const char *line)
{
    tool_io *io = self;
    if (!io->verbose || io->quiet)
        return;
    clear_progress(io);
    say(line);
}

static void on_warning(void *self, const char *line)
{
    tool_io *io = self;
    if (io->quiet)
        return;
    clear_progress(io);
    say(line);
}

static void on_progress(void *self, const char *what, uint64_t done, uint64_t total)
{
    tool_io *io = self;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double seconds = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
    if (seconds - io->progress_time < 0.1)
        return;
    io->progress_time = seconds;
    char line[160];
    int n = total ? snprintf(line, sizeof line, "\r%s: %s %llu of %llu\033[K", io->name,
                             what, (unsigned long long)done, (unsigned long long)total)
                  : snprintf(line, sizeof line, "\r%s: %s %llu\033[K", io->name, what,
                             (unsigned long long)done);
    if (n > 0 && (size_t)n < sizeof line && write(STDERR_FILENO, line, (size_t)n) > 0)
        io->progress_shown = true;
}

void tool_init(tool_io *io, const char *name, const char *usage)
{
    /* SIGPIPE too: standard error may be a pipe that nobody reads any more */
    static const int fatal[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,
                                SIGPIPE, SIGALRM, SIGXFSZ, SIGXCPU};
    *io = (tool_io){.name = name, .usage = usage, .seed = 1};
    tool_name = name;
    io->report = (mf_report){.self = io, .note = on_note, .warn = on_warning};
    if (isatty(STDERR_FILENO))
        io->report.progress = on_progress;
    guard_descriptors();
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) {
        struct sigaction old, new = {.sa_handler = on_signal};
        if (sigaction(fatal[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(fatal[i], &new, NULL);
    }
}

/* Text to standard output, checked to the end, then exit. */
static _Noreturn void print_and_exit(tool_io *io, const char *text)
{
    mf_err err = {0};
    if (mf_out_open(&io->out, STDOUT_FILENO, "standard output", &err) < 0 ||
        mf_out_write(io->out, text, strlen(text), &err) < 0)
        tool_die(io, &err);
    exit(tool_finish(io));
}

static void set_progress(tool_io *io, const char *text)
{
    static const char *const when[] = {"auto", "always", "never", NULL};
    int choice = tool_choice("--progress", text, when);
    if (choice == 1)
        io->report.progress = on_progress;
    if (choice == 2)
        io->report.progress = NULL;
}

/* True if the option is one that all tools have; it is then dealt with. */
static bool common_option(tool_io *io, int c)
{
    char text[128];
    switch (c) {
    case 'o': io->output = optarg; return true;
    case 'j': io->threads = (int)tool_count("--threads", optarg, 1, 1024); return true;
    case OPT_SEED: io->seed = tool_count("--seed", optarg, 0, UINT64_MAX); return true;
    case 'q':
        io->quiet = true;
        io->report.progress = NULL;
        return true;
    case 'v': io->verbose = true; return true;
    case OPT_PROGRESS: set_progress(io, optarg); return true;
    case 'f': io->force = true; return true;
    case 'h': print_and_exit(io, io->usage);
    case 'V':
        snprintf(text, sizeof text, "%s (mfpipe) %s\n", io->name, MF_VERSION);
        print_and_exit(io, text);
    default: return false;
    }
}

/* Say what getopt found wrong. Its own messages would print the text of the
 * argument as it is, line feeds and all. */
static _Noreturn void misused_option(char *const argv[], int c)
{
    const char *text = argv[optind - 1];
    if (c == ':')
        tool_misuse("option '%s' requires an argument", text);
    if (strncmp(text, "--", 2) != 0)
        tool_misuse("invalid option -- '%c'", optopt);
    if (optopt)
        tool_misuse("option '%s' doesn't allow an argument", text);
    tool_misuse("unrecognized option '%s', or it is short for several", text);
}

int tool_getopt(tool_io *io, int argc, char *argv[], const struct option *own)
{
    struct option all[MAX_OPTIONS + 1] = {0};
    char brief[3 * MAX_OPTIONS] = ":", *to = brief + 1;
    size_t n = 0;
    while (own[n].name && n < MAX_OPTIONS - COMMON_COUNT) {
        all[n] = own[n];
        n++;
    }
    memcpy(all + n, COMMON, sizeof COMMON);
    n += COMMON_COUNT;
    for (size_t i = 0; i < n; i++)
        if (all[i].val < TOOL_OWN) {
            *to++ = (char)all[i].val;
            if (all[i].has_arg == required_argument)
                *to++ = ':';
        }
    *to = '\0';
    opterr = 0;
    for (;;) {
        int c = getopt_long(argc, argv, brief, all, NULL);
        if (c == '?' || c == ':')
            misused_option(argv, c);
        if (common_option(io, c))
            continue;
        mf_err err = {0};
        if (c == -1 && mf_kernel_check(&err) < 0)
            tool_misuse("%s", err.text);
        return c;
    }
}

uint64_t tool_count(const char *option, const char *text, uint64_t min, uint64_t max)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end || errno)
        tool_misuse("%s: '%s' is not a whole number", option, text);
    if (value < min || value > max)
        tool_misuse("%s: %s is not in %llu .. %llu", option, text,
                    (unsigned long long)min, (unsigned long long)max);
    return value;
}

double tool_real(const char *option, const char *text, double min, double max)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || isspace((unsigned char)text[0]) || strpbrk(text, "xX") ||
        !isfinite(value))
        tool_misuse("%s: '%s' is not a number", option, text);
    if (value < min || value > max)
        tool_misuse("%s: %s is not in %g .. %g", option, text, min, max);
    return value;
}

tool_quantity tool_amount(const char *option, const char *text)
{
    size_t len = strlen(text);
    char number[64];
    if (len == 0 || len >= sizeof number)
        tool_misuse("%s: '%s' is not an amount", option, text);
    bool percent = text[len - 1] == '%';
    if (!percent && !strchr(text, '.') && !strpbrk(text, "eE"))
        return (tool_quantity){false, (double)tool_count(option, text, 0, UINT32_MAX)};
    memcpy(number, text, len - percent);
    number[len - percent] = '\0';
    double value = tool_real(option, number, 0, percent ? 100 : 1);
    return (tool_quantity){true, percent ? value / 100 : value};
}

size_t tool_size(const char *option, const char *text, size_t min)
{
    static const char units[] = "KMGT";
    char number[32];
    size_t len = strlen(text);
    const char *unit =
        len > 0 ? strchr(units, toupper((unsigned char)text[len - 1])) : NULL;
    if (len - (unit != NULL) >= sizeof number)
        tool_misuse("%s: '%s' is not a size", option, text);
    memcpy(number, text, len - (unit != NULL));
    number[len - (unit != NULL)] = '\0';
    int shift = unit ? 10 * (int)(unit - units + 1) : 0;
    uint64_t value = tool_count(option, number, 0, (uint64_t)SIZE_MAX >> shift);
    if (value << shift < min)
        tool_misuse("%s: %s is less than %zu bytes", option, text, min);
    return (size_t)(value << shift);
}

int tool_choice(const char *option, const char *text, const char *const names[])
{
    char list[400] = "";
    for (int i = 0; names[i]; i++) {
        if (strcmp(text, names[i]) == 0)
            return i;
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
    }
    tool_misuse("%s: '%s' is none of %s", option, text, list);
}

void tool_shard(const char *option, const char *text, uint32_t *shard, uint32_t *shards)
{
    char first[16];
    const char *slash = strchr(text, '/');
    if (!slash || (size_t)(slash - text) >= sizeof first)
        tool_misuse("%s: '%s' is no shard I/N", option, text);
    memcpy(first, text, (size_t)(slash - text));
    first[slash - text] = '\0';
    *shards = (uint32_t)tool_count(option, slash + 1, 1, 65536);
    *shard = (uint32_t)tool_count(option, first, 1, *shards);
}

void *tool_array(tool_io *io, size_t n, size_t size)
{
    void *array = calloc(n ? n : 1, size);
    if (!array)
        die(io, "out of memory");
    return array;
}

const char *tool_operand(int argc, char *argv[])
{
    if (argc - optind > 1)
        tool_misuse("'%s': one file is enough", argv[optind + 1]);
    return optind < argc ? argv[optind] : "-";
}

static int open_fd(tool_io *io, const char *path, const char **name)
{
    *name = path;
    if (strcmp(path, "-") == 0) {
        *name = "standard input";
        return STDIN_FILENO;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        die(io, "%s: cannot open: %s", path, strerror(errno));
    return fd;
}

mf_in *tool_open(tool_io *io, const char *path)
{
    mf_err err = {0};
    mf_in *in;
    const char *name;
    int fd = open_fd(io, path, &name);
    if (mf_in_open(&in, fd, name, &err) < 0)
        tool_die(io, &err);
    return in;
}

mf_lines *tool_open_text(tool_io *io, const char *path)
{
    mf_err err = {0};
    mf_lines *lines;
    const char *name;
    int fd = open_fd(io, path, &name);
    if (mf_lines_open(&lines, fd, name, &err) < 0)
        tool_die(io, &err);
    return lines;
}

/* The permissions that the result shall have: those of the file that it
 * replaces, or what umask leaves. */
static mode_t final_mode(const char *target)
{
    struct stat old;
    if (stat(target, &old) == 0)
        return old.st_mode & 0777;
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static void forget_file(tool_file *file)
{
    doomed[file->slot] = NULL;
    free(file->temporary);
    free(file->target);
    file->temporary = file->target = NULL;
}

/* Create a temporary file beside the target. Returns its descriptor, or -1. */
static int open_temporary(tool_file *file, mf_err *err)
{
    char *real = realpath(file->path, NULL); /* a link stays one */
    file->target = real ? real : strdup(file->path);
    size_t room = file->target ? strlen(file->target) + 16 : 0;
    file->temporary = room ? malloc(room) : NULL;
    if (!file->temporary) {
        forget_file(file);
        mf_fail(err, MF_ENOMEM, "out of memory");
        return -1;
    }
    const char *slash = strrchr(file->target, '/');
    const char *base = slash ? slash + 1 : file->target;
    snprintf(file->temporary, room, "%.*s.%.200s.XXXXXX", (int)(base - file->target),
             file->target, base); /* a name that is long enough leaves no room */
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before); /* no signal between file and note */
    int fd = mkostemp(file->temporary, O_CLOEXEC);
    if (fd >= 0)
        doomed[file->slot] = file->temporary;
    int why = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (fd < 0) {
        forget_file(file);
        mf_fail(err, MF_EIO, "%s: cannot create: %s", file->path, strerror(why));
        return -1;
    }
    if (fchmod(fd, final_mode(file->target)) < 0) {
        mf_fail(err, MF_EIO, "%s: cannot set permissions: %s", file->path,
                strerror(errno));
        close(fd);
        return -1;
    }
    return fd;
}

void tool_open_output(tool_io *io, int kind)
{
    mf_err err = {0};
    struct stat old;
    int fd = STDOUT_FILENO;
    const char *name = "standard output";
    if (io->output && strcmp(io->output, "-") != 0) {
        name = io->output;
        bool special = stat(io->output, &old) == 0 && !S_ISREG(old.st_mode);
        io->file = (tool_file){.path = io->output};
        fd = special ? open(io->output, O_WRONLY | O_CLOEXEC)
                     : open_temporary(&io->file, &err);
        if (fd < 0 && !special)
            tool_die(io, &err);
        if (fd < 0)
            die(io, "%s: cannot open: %s", io->output, strerror(errno));
    }
    if (kind == TOOL_BINARY && !io->force && isatty(fd))
        tool_misuse(
            "will not write a binary bundle to a terminal: pipe it on, name a file "
            "with -o, or force it with -f");
    if (mf_out_open(&io->out, fd, name, &err) < 0)
        tool_die(io, &err);
}

mf_out *tool_create(tool_io *io, const char *path)
{
    mf_err err = {0};
    mf_out *out;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        die(io, "%s: cannot create: %s", path, strerror(errno));
    if (mf_out_open(&out, fd, path, &err) < 0)
        tool_die(io, &err);
    return out;
}

void tool_close_created(tool_io *io, mf_out *out)
{
    mf_err err = {0};
    if (mf_out_sync(out, &err) < 0)
        tool_die(io, &err);
    mf_out_close(out);
}

static void sync_folder(const char *target)
{
    char *copy = strdup(target);
    int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    free(copy);
    if (fd < 0)
        return; /* a folder that cannot be read cannot be synced; the file was */
    (void)!fsync(fd);
    close(fd);
}

/* Put what was written, and synced, in the place of the target. */
static int replace_file(tool_file *file, mf_err *err)
{
    if (rename(file->temporary, file->target) < 0)
        return mf_fail(err, MF_EIO, "%s: cannot rename: %s", file->target,
                       strerror(errno));
    doomed[file->slot] = NULL;
    sync_folder(file->target);
    forget_file(file);
    return MF_OK;
}

int tool_store_begin(void *self, mf_out **out, mf_err *err)
{
    tool_store *store = self;
    int slot = 1;
    while (slot < SLOTS && doomed[slot])
        slot++;
    if (slot == SLOTS)
        return mf_fail(err, MF_EINVAL, "%s: too many output files", store->path);
    store->file = (tool_file){.path = store->path, .slot = slot};
    int fd = open_temporary(&store->file, err);
    if (fd < 0)
        return err && err->code ? err->code : MF_EIO;
    int code = mf_out_open(&store->out, fd, store->path, err);
    *out = store->out;
    return code;
}

int tool_store_sync(tool_store *store, mf_err *err)
{
    int code = store->out ? mf_out_sync(store->out, err) : MF_OK;
    mf_out_close(store->out);
    store->out = NULL;
    return code;
}

int tool_store_commit(void *self, mf_err *err)
{
    tool_store *store = self;
    int code = tool_store_sync(store, err);
    return code == MF_OK && store->file.temporary ? replace_file(&store->file, err)
                                                  : code;
}

mf_out *tool_store_open(tool_io *io, tool_store *store, const char *path)
{
    mf_err err = {0};
    mf_out *out;
    struct stat old;
    *store = (tool_store){.path = path};
    if (stat(path, &old) == 0 && !S_ISREG(old.st_mode))
        store->out = tool_create(io, path);
    else if (tool_store_begin(store, &out, &err) < 0)
        tool_die(io, &err);
    return store->out;
}

int tool_finish(tool_io *io)
{
    mf_err err = {0};
    clear_progress(io);
    if (mf_out_sync(io->out, &err) < 0)
        tool_die(io, &err);
    mf_out_close(io->out);
    if (io->file.temporary && replace_file(&io->file, &err) < 0)
        tool_die(io, &err);
    return TOOL_DONE;
}
