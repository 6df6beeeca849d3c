#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool_private.h"
#include "tool_progress.h"

void *tool_array(tool_io *io, size_t n, size_t size)
{
    void *array = calloc(n ? n : 1, size);
    if (!array)
        tool_messages_fail(io, "out of memory");
    return array;
}

/* A copy of a descriptor that was handed to the program, open for reading or writing;
 * one of our own is none. Returns -1 and sets errno. */
static int copy_descriptor(int fd, int want)
{
    int flags = fcntl(fd, F_GETFD), mode = flags < 0 ? -1 : fcntl(fd, F_GETFL);
    if (mode < 0)
        return -1;
    if (flags & FD_CLOEXEC ||
        ((mode & O_ACCMODE) != want && (mode & O_ACCMODE) != O_RDWR)) {
        errno = EBADF;
        return -1;
    }
    return fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

static int open_fd(tool_io *io, const char *path, const char **name)
{
    int fd;
    *name = path;
    tool_names_input(io, path);
    if (tool_is_standard(path)) {
        *name = "standard input";
        return STDIN_FILENO;
    }
    int given = tool_names_descriptor(path);
    fd = given >= 0 ? copy_descriptor(given, O_RDONLY)
                    : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        tool_messages_fail(io, "%s: cannot open: %s", path, strerror(errno));
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
    if (io->report.progress)
        mf_in_watch(in, tool_progress_read, NULL);
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
    if (io->report.progress)
        mf_lines_watch(lines, tool_progress_read, NULL);
    return lines;
}

/* Open an output to be written as it is: a descriptor, or what is there and no regular
 * file. Returns -2 if it is neither, -1 if it fails. */
static int open_in_place(const char *path)
{
    struct stat old;
    int given = tool_names_descriptor(path);
    if (given >= 0)
        return copy_descriptor(given, O_WRONLY);
    if (stat(path, &old) < 0 || S_ISREG(old.st_mode))
        return -2;
    return open(path, O_WRONLY | O_CLOEXEC);
}

void tool_open_output(tool_io *io, int kind)
{
    mf_err err = {0};
    int fd = STDOUT_FILENO;
    const char *name = "standard output";
    tool_compare(io);
    if (io->output && strcmp(io->output, "-") != 0) {
        name = io->output;
        io->file = (tool_file){.path = io->output};
        fd = open_in_place(io->output);
        if (fd == -1)
            tool_messages_fail(io, "%s: cannot open: %s", io->output, strerror(errno));
        if (fd < 0 && (fd = tool_replace_begin(&io->file, &err)) < 0)
            tool_die(io, &err);
    }
    if (kind == TOOL_BINARY && !io->force && isatty(fd))
        tool_misuse(
            "will not write a binary bundle to a terminal: pipe it on, name a file "
            "with -o, or force it with -f");
    if (mf_out_open(&io->out, fd, name, &err) < 0)
        tool_die(io, &err);
    if (isatty(fd))
        mf_out_before(io->out, tool_progress_results, NULL);
    else if (kind == TOOL_TEXT)
        mf_out_before(io->out, tool_progress_pause, NULL);
    if (kind == TOOL_TEXT && isatty(fd))
        mf_out_show(io->out);
}

int tool_store_begin(void *self, mf_out **out, mf_err *err)
{
    tool_store *store = self;
    int slot = tool_temporaries_free();
    if (slot < 0)
        return mf_fail(err, MF_EINVAL, "%s: too many output files", store->path);
    store->file = (tool_file){.path = store->path, .slot = slot};
    int fd = tool_replace_begin(&store->file, err);
    if (fd < 0)
        return err && err->code ? err->code : MF_EIO;
    int code = mf_out_open(&store->out, fd, store->path, err);
    *out = store->out;
    return code;
}

/* Send to the disk, the last place where a full one can show itself, and close. */
static int sync_store(tool_store *store, mf_err *err)
{
    int code = store->out ? mf_out_sync(store->out, err) : MF_OK;
    mf_out_close(store->out);
    store->out = NULL;
    return code;
}

int tool_store_commit(void *self, mf_err *err)
{
    tool_store *store = self;
    int code = sync_store(store, err);
    return code == MF_OK ? tool_store_appear(store, err) : code;
}

int tool_store_appear(void *self, mf_err *err)
{
    tool_store *store = self;
    if (store->kept) /* which asks whether the file is there */
        tool_interrupted(store->kept);
    return tool_replace_end(&store->file, err);
}

tool_store *tool_create(tool_io *io, const char *path)
{
    mf_err err = {0};
    mf_out *out;
    tool_store *store = tool_array(io, 1, sizeof *store), **last = &io->created;
    while (*last)
        last = &(*last)->next;
    *last = store;
    store->path = path;
    int fd = open_in_place(path);
    if (fd == -1)
        tool_messages_fail(io, "%s: cannot create: %s", path, strerror(errno));
    if (fd >= 0 ? mf_out_open(&store->out, fd, path, &err) < 0
                : tool_store_begin(store, &out, &err) < 0)
        tool_die(io, &err);
    if (fd >= 0 && isatty(fd)) {
        mf_out_before(store->out, tool_progress_results, NULL);
        mf_out_show(store->out);
    }
    return store;
}

int tool_finish_sync(tool_io *io, mf_err *err)
{
    int code = MF_OK;
    tool_progress_end();
    for (tool_store *s = io->created; code == MF_OK && s; s = s->next)
        code = sync_store(s, err);
    if (code == MF_OK)
        code = mf_out_sync(io->out, err);
    if (code == MF_OK) {
        mf_out_close(io->out);
        io->out = NULL;
    }
    return code;
}

int tool_finish_appear(tool_io *io, mf_err *err)
{
    while (io->created) {
        tool_store *s = io->created;
        int code = tool_store_appear(s, err);
        if (code < 0)
            return code;
        io->created = s->next;
        free(s);
    }
    int code = tool_replace_end(&io->file, err);
    tool_names_free(io);
    return code;
}

int tool_finish(tool_io *io)
{
    mf_err err = {0};
    /* all files are on disk, and the result is out, before the first takes its place */
    if (tool_finish_sync(io, &err) < 0 || tool_finish_appear(io, &err) < 0)
        tool_die(io, &err);
    return TOOL_DONE;
}
