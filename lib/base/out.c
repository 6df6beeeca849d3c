#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/utf8.h"

enum { WRITE_BYTES = MF_BUFFER };

struct mf_out {
    int fd;
    char *name;
    uint8_t *buffer; /* [WRITE_BYTES] */
    size_t used;
    mf_err failure; /* the first, which sticks */
    bool shown;     /* on a terminal */
    char part[4];   /* of a character whose other bytes have not come, if it is shown */
    size_t part_n;
    void (*first)(void *self); /* to be called before the first write, or NULL */
    void *first_self;
};

int mf_out_open(mf_out **result, int fd, const char *name, mf_err *err)
{
    mf_out *out = *result = mf__new0(1, sizeof *out);
    if (!out)
        return mf__nomem(err);
    out->fd = fd;
    out->name = mf__copy_name(name);
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
    if (out->first && out->used + n > 0) {
        out->first(out->first_self);
        out->first = NULL;
    }
    out->used = 0; /* after a failure, what was in it is lost */
    while (at < 2) {
        if (part[at].iov_len == 0) {
            at++;
            continue;
        }
        ssize_t put = writev(out->fd, part + at, 2 - at);
        if (put < 0 && mf__fd_again(out->fd, POLLOUT))
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

static int put(mf_out *out, const void *data, size_t n, mf_err *err)
{
    if (n >= WRITE_BYTES)
        return write_all(out, data, n, err);
    if (n > WRITE_BYTES - out->used && write_all(out, NULL, 0, err) < 0)
        return out->failure.code;
    if (n)
        memcpy(out->buffer + out->used, data, n);
    out->used += n;
    return MF_OK;
}

void mf_out_show(mf_out *out)
{
    out->shown = true;
}

void mf_out_before(mf_out *out, void (*first)(void *self), void *self)
{
    out->first = first;
    out->first_self = self;
}

/* The bytes at the end of a text that begin a character and do not end it. */
static size_t unfinished(const char *text, size_t n)
{
    for (size_t back = 1; back <= 3 && back <= n; back++) {
        unsigned char c = (unsigned char)text[n - back];
        size_t len = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
        if (len > 1 || c < 0x80)
            return len > back ? back : 0;
    }
    return 0;
}

/* Clean text and put it, piece by piece. */
static int show(mf_out *out, const char *data, size_t n, bool last, mf_err *err)
{
    char piece[1024];
    int code = MF_OK;
    while (code == MF_OK && (n > 0 || (last && out->part_n > 0))) {
        size_t more = n < sizeof piece - 4 ? n : sizeof piece - 4;
        memcpy(piece, out->part, out->part_n);
        if (more)
            memcpy(piece + out->part_n, data, more);
        size_t have = out->part_n + more, rest = last ? 0 : unfinished(piece, have);
        memcpy(out->part, piece + have - rest, rest);
        out->part_n = rest;
        code = put(out, piece, mf__utf8_clean(piece, piece, have - rest, "\t\n"), err);
        data += more;
        n -= more;
    }
    return code;
}

int mf_out_write(mf_out *out, const void *data, size_t n, mf_err *err)
{
    if (out->failure.code < 0)
        return mf_out_check(out, err);
    return out->shown ? show(out, data, n, false, err) : put(out, data, n, err);
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
    int code = mf_out_check(out, err);
    if (code == MF_OK)
        code = show(out, "", 0, true, err);
    if (code == MF_OK)
        code = mf_out_flush(out, err);
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
