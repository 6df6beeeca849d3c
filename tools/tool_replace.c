/* A file that appears whole has no name until it is whole, where the file system allows
 * that (O_TMPFILE): whatever ends the program, SIGKILL too, nothing is left of it. Only
 * one that takes the place of another has a name of its own, between two calls. On
 * other file systems it has that from the start, and SIGKILL leaves it. */
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

/* The permissions of the result: those of the file that it replaces, or what umask
 * leaves. */
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
    tool_temporaries_set(file->slot, NULL);
    if (file->unnamed > 0)
        close(file->unnamed);
    free(file->temporary);
    free(file->target);
    file->temporary = file->target = NULL;
    file->unnamed = 0;
}

/* Open the folder of the target with these flags. Returns -1 if it fails. */
static int open_folder(const char *target, int flags)
{
    char *copy = strdup(target);
    int fd = copy ? open(dirname(copy), flags | O_CLOEXEC, 0600) : -1;
    free(copy);
    return fd;
}

/* Where a descriptor can be given a name. */
enum { BY_FD = 32 };
static void path_of_fd(char path[BY_FD], int fd)
{
    snprintf(path, BY_FD, "/proc/self/fd/%d", fd);
}

/* A file without a name, and in file->unnamed another descriptor of it, since that of
 * the output is closed before the file gets its name. Returns -1 where there is no such
 * thing. */
static int open_unnamed(tool_file *file)
{
    char path[BY_FD];
    int fd = open_folder(file->target, O_RDWR | O_TMPFILE);
    if (fd < 0)
        return -1;
    path_of_fd(path, fd);
    int again = access(path, F_OK) == 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : -1;
    if (again < 0) {
        close(fd);
        return -1;
    }
    file->unnamed = again;
    return fd;
}

/* A file under the name of file->temporary, whose last six letters are made anew: an
 * empty one, that is open, or a link to `from`, if that is not NULL. No signal comes
 * between that and noting it. Returns -1 if it fails. */
static int make_temporary(tool_file *file, const char *from)
{
    sigset_t all, before;
    int fd = -1;
    memset(file->temporary + strlen(file->temporary) - 6, 'X', 6);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    if (!from)
        fd = mkostemp(file->temporary, O_CLOEXEC);
    else
        for (unsigned i = 0, n = (unsigned)getpid(); fd < 0 && i < 100;
             i++, n += 7919) {
            snprintf(file->temporary + strlen(file->temporary) - 6, 7, "%06x",
                     n & 0xffffff);
            fd = linkat(AT_FDCWD, from, AT_FDCWD, file->temporary, AT_SYMLINK_FOLLOW);
            if (fd < 0 && errno != EEXIST)
                break;
        }
    int why = errno;
    if (fd >= 0)
        tool_temporaries_set(file->slot, file->temporary);
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = why;
    return fd;
}

static int fail(mf_err *err, const char *path, const char *what, int why)
{
    return mf_fail(err, MF_EIO, "%s: cannot %s: %s", path, what, strerror(why));
}

int tool_replace_begin(tool_file *file, mf_err *err)
{
    struct stat old;
    if (stat(file->path, &old) < 0 && errno == ELOOP) {
        fail(err, file->path, "create", errno);
        return -1;
    }
    file->target = tool_names_target(file->path); /* not the link that leads there */
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
             file->target, base); /* cut: a file system may allow 255 bytes */
    int fd = open_unnamed(file);
    if (fd < 0)
        fd = make_temporary(file, NULL);
    if (fd < 0) {
        int why = errno;
        forget_file(file);
        fail(err, file->path, "create", why);
        return -1;
    }
    if (fchmod(fd, final_mode(file->target)) < 0) {
        fail(err, file->path, "set permissions", errno);
        close(fd);
        return -1;
    }
    return fd;
}

static bool write_all(int fd, const char *data, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, data, n);
        if (done < 0 && errno != EINTR)
            return false;
        n -= done > 0 ? (size_t)done : 0;
        data += done > 0 ? done : 0;
    }
    return true;
}

/* A copy under a temporary name. Some sandboxes allow no links, which shows only when
 * the result is there. Returns 0, or -1 if it fails. */
static int copy_unnamed(tool_file *file)
{
    char piece[1 << 14];
    off_t at = 0;
    ssize_t got = 1;
    int fd = make_temporary(file, NULL);
    bool good = fd >= 0 && fchmod(fd, final_mode(file->target)) == 0;
    while (good && got != 0) {
        got = pread(file->unnamed, piece, sizeof piece, at);
        good = got < 0 ? errno == EINTR : write_all(fd, piece, (size_t)got);
        at += got > 0 ? got : 0;
    }
    good = good && (fsync(fd) == 0 || errno == EINVAL);
    int why = errno;
    if (fd >= 0 && close(fd) < 0 && good && errno != EINTR)
        return -1;
    errno = why;
    return good ? 0 : -1;
}

/* Give the file without a name that of the target or, if there is one, a temporary
 * one. *there: it is the target. Returns 0, or -1 if it fails. */
static int name_file(tool_file *file, bool *there)
{
    char path[BY_FD];
    path_of_fd(path, file->unnamed);
    *there = linkat(AT_FDCWD, path, AT_FDCWD, file->target, AT_SYMLINK_FOLLOW) == 0;
    if (*there || (errno == EEXIST && make_temporary(file, path) == 0))
        return 0;
    return copy_unnamed(file);
}

static void sync_folder(const char *target)
{
    int fd = open_folder(target, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return; /* what cannot be read cannot be synced; the file is synced already */
    (void)!fsync(fd);
    close(fd);
}

int tool_replace_end(tool_file *file, mf_err *err)
{
    bool there = false;
    if (!file->target)
        return MF_OK;
    if (file->unnamed > 0 && name_file(file, &there) < 0)
        return fail(err, file->target, "write", errno);
    if (!there && rename(file->temporary, file->target) < 0)
        return fail(err, file->target, "rename", errno);
    tool_temporaries_set(file->slot, NULL);
    sync_folder(file->target);
    forget_file(file);
    return MF_OK;
}
