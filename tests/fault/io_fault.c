/* Loaded with LD_PRELOAD: makes one call of a program fail.
 *
 *     MF_FAULT_CALL   read, write, open, unnamed (open with O_TMPFILE), fsync, close,
 *                     link (linkat), rename, memory (malloc, calloc, realloc,
 *                     aligned_alloc)
 *     MF_FAULT_AT     which of them, from 0
 *     MF_FAULT_HOW    short (read or write one byte), EINTR, EAGAIN, EIO, ENOSPC,
 *                     ENOMEM; KILL, TERM, INT, HUP: that signal comes before the call
 *     MF_FAULT_SEEN   a file that is created when the call is reached
 *     MF_FAULT_NAMED  if it is set, there are no files without a name, as on NFS
 *
 * Only calls from the program itself count, not those of its libraries, and
 * only on regular files and pipes: what goes to standard error does not. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static struct {
    bool ready;
    const char *call;
    long at;
    int error;            /* 0: short */
    int signal;           /* or 0 */
    bool named;           /* there are no files without a name */
    uintptr_t begin, end; /* of the program's code */
} fault;

static int note_program(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size;
    (void)unused;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X) {
            fault.begin = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
            fault.end = fault.begin + info->dlpi_phdr[i].p_memsz;
        }
    return 1; /* the first is the program */
}

static void __attribute__((constructor)) set_up(void)
{
    static const struct {
        const char *name;
        int number;
    } error[] = {{"EINTR", EINTR},
                 {"EAGAIN", EAGAIN},
                 {"EIO", EIO},
                 {"ENOSPC", ENOSPC},
                 {"ENOMEM", ENOMEM}},
      kill_by[] = {
          {"KILL", SIGKILL}, {"TERM", SIGTERM}, {"INT", SIGINT}, {"HUP", SIGHUP}};
    const char *at = getenv("MF_FAULT_AT"), *how = getenv("MF_FAULT_HOW");
    fault.call = getenv("MF_FAULT_CALL");
    fault.at = at ? strtol(at, NULL, 10) : -1;
    for (size_t i = 0; how && i < sizeof error / sizeof *error; i++)
        if (strcmp(how, error[i].name) == 0)
            fault.error = error[i].number;
    for (size_t i = 0; how && i < sizeof kill_by / sizeof *kill_by; i++)
        if (strcmp(how, kill_by[i].name) == 0)
            fault.signal = kill_by[i].number;
    dl_iterate_phdr(note_program, NULL);
    fault.named = getenv("MF_FAULT_NAMED");
    fault.ready = fault.call && how;
}

/* True if this call is the one. */
static bool due(const char *call, const void *from)
{
    uintptr_t caller = (uintptr_t)from;
    if (!fault.ready || caller < fault.begin || caller >= fault.end ||
        strcmp(call, fault.call) != 0 || fault.at-- != 0)
        return false;
    const char *seen = getenv("MF_FAULT_SEEN");
    long fd = seen ? syscall(SYS_openat, AT_FDCWD, seen, O_WRONLY | O_CREAT, 0666) : -1;
    if (fd >= 0)
        syscall(SYS_close, fd);
    if (fault.signal)
        raise(fault.signal);
    return !fault.signal;
}

#define FROM __builtin_return_address(0)
/* The next definition of a function: the C library's. */
#define NEXT(name)                                                                     \
    static __typeof__(&name) next;                                                     \
    if (!next) {                                                                       \
        void *found = dlsym(RTLD_NEXT, #name);                                         \
        memcpy(&next, &found, sizeof next);                                            \
    }

ssize_t read(int fd, void *data, size_t n)
{
    if (due("read", FROM)) {
        if (fault.error) {
            errno = fault.error;
            return -1;
        }
        n = n > 0;
    }
    return syscall(SYS_read, fd, data, n);
}

ssize_t pread(int fd, void *data, size_t n, off_t at)
{
    if (due("read", FROM)) {
        if (fault.error) {
            errno = fault.error;
            return -1;
        }
        n = n > 0;
    }
    return syscall(SYS_pread64, fd, data, n, at);
}

ssize_t write(int fd, const void *data, size_t n)
{
    if (fd != STDERR_FILENO && due("write", FROM)) {
        if (fault.error) {
            errno = fault.error;
            return -1;
        }
        n = n > 0;
    }
    return syscall(SYS_write, fd, data, n);
}

ssize_t writev(int fd, const struct iovec *part, int n)
{
    if (fd != STDERR_FILENO && due("write", FROM)) {
        if (fault.error) {
            errno = fault.error;
            return -1;
        }
        return syscall(SYS_write, fd, part[0].iov_base, part[0].iov_len > 0);
    }
    return syscall(SYS_writev, fd, part, n);
}

int fsync(int fd)
{
    if (due("fsync", FROM)) {
        errno = fault.error;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

int close(int fd)
{
    long code = syscall(SYS_close, fd); /* it is closed, whatever is said */
    if (due("close", FROM)) {
        errno = fault.error;
        return -1;
    }
    return (int)code;
}

int rename(const char *from, const char *to)
{
    if (due("rename", FROM)) {
        errno = fault.error;
        return -1;
    }
    return (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

int linkat(int old_at, const char *from, int new_at, const char *to, int flags)
{
    if (due("link", FROM)) {
        errno = fault.error;
        return -1;
    }
    return (int)syscall(SYS_linkat, old_at, from, new_at, to, flags);
}

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE) {
        va_list args;
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    bool unnamed = (flags & O_TMPFILE) == O_TMPFILE;
    if (due(unnamed ? "unnamed" : "open", FROM) || (unnamed && fault.named)) {
        errno = unnamed && fault.named ? EOPNOTSUPP : fault.error;
        return -1;
    }
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

void *malloc(size_t size)
{
    NEXT(malloc)
    return due("memory", FROM) ? NULL : next(size);
}

void *realloc(void *block, size_t size)
{
    NEXT(realloc)
    return due("memory", FROM) ? NULL : next(block, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    NEXT(aligned_alloc)
    return due("memory", FROM) ? NULL : next(alignment, size);
}

/* dlsym itself may call calloc: what it takes before we know the next one. */
static char early[4096] __attribute__((aligned(16)));
static size_t early_used;

void *calloc(size_t n, size_t size)
{
    static bool looking;
    static __typeof__(&calloc) next;
    if (!next && looking) {
        size_t bytes = (n * size + 15) / 16 * 16;
        if (bytes > sizeof early - early_used)
            return NULL;
        early_used += bytes;
        return early + early_used - bytes;
    }
    if (!next) {
        looking = true;
        void *found = dlsym(RTLD_NEXT, "calloc");
        memcpy(&next, &found, sizeof next);
    }
    return due("memory", FROM) ? NULL : next(n, size);
}

void free(void *block)
{
    NEXT(free)
    if ((char *)block < early || (char *)block >= early + sizeof early)
        next(block);
}
