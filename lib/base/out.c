#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/number.h"

enum { WRITE_BYTES = 1 << 18 };

struct mf_out {
    int fd;
    char *name;
    uint8_t *buffer; /* [WRITE_BYTES] */
    size_t used;
    mf_err failure; /* the first, which sticks */
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
