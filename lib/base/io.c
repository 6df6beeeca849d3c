#include "mf/io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/number.h"

enum { READ_BYTES = 1 << 18, WRITE_BYTES = 1 << 18, PIPE_BYTES = 1 << 20 };

struct mf_in {
    int fd;
    char *name;
    uint8_t *buffer;
    size_t cap, begin, end; /* unread: buffer[begin .. end) */
    uint64_t offset;        /* of buffer[begin] in the input */
    off_t start; /* of the first byte in a file, which may be in its middle */
    int ended;
};

struct mf_out {
    int fd;
    char *name;
    uint8_t *buffer; /* [WRITE_BYTES] */
    size_t used;
    mf_err failure; /* the first, which sticks */
};

static char *copy_name(const char *name)
{
    size_t bytes = strlen(name) + 1;
    char *copy = mf__new(bytes, 1);
    if (copy)
        memcpy(copy, name, bytes);
    return copy;
}

/* True if the call is worth another try. */
static int again(int fd, short events)
{
    if (errno == EINTR)
        return 1;
    if (errno != EAGAIN && errno != EWOULDBLOCK)
        return 0;
    struct pollfd ready = {.fd = fd, .events = events};
    return poll(&ready, 1, -1) >= 0 || errno == EINTR;
}

/* A pipe that holds more makes the programs at its ends take turns less often. It
 * is a favour: what the system does not grant stays as it was. */
static void widen_pipe(int fd)
{
#ifdef F_SETPIPE_SZ
    struct stat what;
    if (fstat(fd, &what) == 0 && S_ISFIFO(what.st_mode) &&
        fcntl(fd, F_GETPIPE_SZ) < PIPE_BYTES)
        (void)fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);
#else
    (void)fd;
#endif
}

int mf_in_open(mf_in **out, int fd, const char *name, mf_err *err)
{
    mf_in *in = *out = mf__new0(1, sizeof *in);
    if (!in)
        return mf__nomem(err);
    in->fd = fd;
    in->start = lseek(fd, 0, SEEK_CUR); /* -1: a pipe, which is never asked for it */
    widen_pipe(fd);
    in->name = copy_name(name);
    if (!in->name || mf__reserve(&in->buffer, &in->cap, READ_BYTES, 1, NULL) < 0) {
        mf_in_close(in);
        *out = NULL;
        return mf__nomem(err);
    }
    return MF_OK;
}

void mf_in_close(mf_in *in)
{
    if (!in)
        return;
    free(in->buffer);
    free(in->name);
    free(in);
}

int mf_in_peek(mf_in *in, size_t want, const uint8_t **data, size_t *have, mf_err *err)
{
    while (!in->ended && in->end - in->begin < want) {
        if (in->begin > 0 && in->cap - in->end < READ_BYTES) {
            memmove(in->buffer, in->buffer + in->begin, in->end - in->begin);
            in->end -= in->begin;
            in->begin = 0;
        }
        if (in->end == in->cap &&
            mf__reserve(&in->buffer, &in->cap, in->cap + 1, 1, err) < 0)
            return MF_ENOMEM;
        ssize_t got = read(in->fd, in->buffer + in->end, in->cap - in->end);
        if (got < 0) {
            if (again(in->fd, POLLIN))
                continue;
            return mf_fail(err, MF_EIO, "%s: cannot read: %s", in->name,
                           strerror(errno));
        }
        in->ended = got == 0;
        in->end += (size_t)got;
    }
    *data = in->buffer + in->begin;
    *have = in->end - in->begin;
    return MF_OK;
}

int mf_in_read(mf_in *in, void *data, size_t n, size_t *got, mf_err *err)
{
    uint8_t *to = data;
    const uint8_t *here;
    size_t have = 0;
    *got = 0;
    while (*got < n && (in->end > in->begin || !in->ended)) {
        size_t left = n - *got;
        if (in->end > in->begin || left < READ_BYTES) {
            int code = mf_in_peek(in, left < READ_BYTES ? left : 1, &here, &have, err);
            if (code < 0)
                return code;
            have = have < left ? have : left;
            memcpy(to + *got, here, have);
            mf_in_skip(in, have);
        } else {
            ssize_t now = read(in->fd, to + *got, left);
            if (now < 0 && again(in->fd, POLLIN))
                continue;
            if (now < 0)
                return mf_fail(err, MF_EIO, "%s: cannot read: %s", in->name,
                               strerror(errno));
            in->ended = now == 0;
            have = (size_t)now;
            in->offset += have;
        }
        *got += have;
    }
    return MF_OK;
}

void mf_in_skip(mf_in *in, size_t n)
{
    in->begin += n;
    in->offset += n;
}

bool mf__in_can_rewind(const mf_in *in)
{
    struct stat what;
    return fstat(in->fd, &what) == 0 && S_ISREG(what.st_mode);
}

int mf__in_rewind(mf_in *in, mf_err *err)
{
    if (lseek(in->fd, in->start, SEEK_SET) < 0)
        return mf_fail(err, MF_EIO, "%s: cannot seek: %s", in->name, strerror(errno));
    in->begin = in->end = 0;
    in->offset = 0;
    in->ended = 0;
    return MF_OK;
}

uint64_t mf_in_offset(const mf_in *in)
{
    return in->offset;
}

const char *mf_in_name(const mf_in *in)
{
    return in->name;
}

int mf_out_open(mf_out **result, int fd, const char *name, mf_err *err)
{
    mf_out *out = *result = mf__new0(1, sizeof *out);
    if (!out)
        return mf__nomem(err);
    out->fd = fd;
    out->name = copy_name(name);
    out->buffer = mf__new(WRITE_BYTES, 1);
    if (!out->name || !out->buffer) {
        mf_out_close(out);
        *result = NULL;
        return mf__nomem(err);
    }
    return MF_OK;
}

int mf_out_check(const mf_out *out, mf_err *err)
{
    return out->failure.code == MF_OK
               ? MF_OK
               : mf_fail(err, out->failure.code, "%s", out->failure.text);
}

/* What waits in the buffer, then n bytes more, in one call where it can be. */
static int write_all(mf_out *out, const void *data, size_t n, mf_err *err)
{
    union {
        const void *in;
        void *out;
    } more = {data}; /* writev only reads */
    struct iovec part[2] = {{out->buffer, out->used}, {more.out, n}};
    int at = 0;
    out->used = 0; /* after a failure, what was in it is lost */
    while (at < 2) {
        if (part[at].iov_len == 0) {
            at++;
            continue;
        }
        ssize_t put = writev(out->fd, part + at, 2 - at);
        if (put < 0 && again(out->fd, POLLOUT))
            continue;
        if (put <= 0) { /* a device that takes nothing would be asked for ever */
            mf_fail(&out->failure, MF_EIO, "%s: cannot write: %s", out->name,
                    put < 0 ? strerror(errno) : "nothing was taken");
            return mf_out_check(out, err);
        }
        for (size_t left = (size_t)put; left > 0 && at < 2;) {
            size_t now = left < part[at].iov_len ? left : part[at].iov_len;
            part[at].iov_base = (uint8_t *)part[at].iov_base + now;
            part[at].iov_len -= now;
            left -= now;
            at += part[at].iov_len == 0;
        }
    }
    return MF_OK;
}

int mf_out_flush(mf_out *out, mf_err *err)
{
    if (out->failure.code < 0)
        return mf_out_check(out, err);
    return write_all(out, NULL, 0, err);
}

int mf_out_write(mf_out *out, const void *data, size_t n, mf_err *err)
{
    if (out->failure.code < 0)
        return mf_out_check(out, err);
    if (n >= WRITE_BYTES)
        return write_all(out, data, n, err);
    if (n > WRITE_BYTES - out->used && write_all(out, NULL, 0, err) < 0)
        return out->failure.code;
    if (n)
        memcpy(out->buffer + out->used, data, n);
    out->used += n;
    return MF_OK;
}

int mf_out_printf(mf_out *out, mf_err *err, const char *format, ...)
{
    char small[512], *text = small;
    va_list args;
    if (out->failure.code < 0)
        return mf_out_check(out, err);
    va_start(args, format);
    int n = mf__vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (n < 0) {
        mf_fail(&out->failure, MF_EIO, "%s: cannot format text", out->name);
        return mf_out_check(out, err);
    }
    size_t bytes = (size_t)n;
    if (bytes >= sizeof small) {
        text = mf__new(bytes + 1, 1);
        if (!text) {
            mf__nomem(&out->failure);
            return mf_out_check(out, err);
        }
        va_start(args, format);
        mf__vsnprintf(text, bytes + 1, format, args);
        va_end(args);
    }
    int code = mf_out_write(out, text, bytes, err);
    if (text != small)
        free(text);
    return code;
}

int mf_out_sync(mf_out *out, mf_err *err)
{
    int code = mf_out_flush(out, err);
    if (code < 0)
        return code;
    struct stat what;
    bool file = fstat(out->fd, &what) == 0 && S_ISREG(what.st_mode);
    do
        code = file ? fsync(out->fd) : 0;
    while (code < 0 && errno == EINTR);
    /* EINVAL: the file system has no disk to send it to. An interrupted close
     * has closed: another could hit a descriptor that is somebody else's. */
    if ((code < 0 && errno != EINVAL) || (close(out->fd) < 0 && errno != EINTR))
        return mf_fail(err, MF_EIO, "%s: cannot write: %s", out->name, strerror(errno));
    return MF_OK;
}

void mf_out_close(mf_out *out)
{
    if (!out)
        return;
    free(out->buffer);
    free(out->name);
    free(out);
}
