#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/unpack.h"

enum { READ_BYTES = MF_BUFFER };

struct mf_in {
    int fd;
    char *name;
    uint8_t *buffer;
    size_t cap, begin, end; /* unread: buffer[begin .. end) */
    uint64_t offset;        /* of buffer[begin] in the input */
    off_t start; /* of the first byte in a file, which may be in its middle */
    mf_in_watcher *watcher; /* or NULL */
    void *watcher_self;
    uint64_t came, size; /* bytes that were read, and that a regular file has */
    bool looked;         /* whether the input is compressed is known */
    bool ended;
    mf_unpacker *unpack; /* of compressed input, else NULL */
};

int mf_in_open(mf_in **out, int fd, const char *name, mf_err *err)
{
    mf_in *in = *out = mf__new0(1, sizeof *in);
    if (!in)
        return mf__nomem(err);
    in->fd = fd;
    in->start = lseek(fd, 0, SEEK_CUR); /* -1: a pipe, which is never asked for it */
    mf__fd_widen(fd);
    in->name = mf__copy_name(name);
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
    mf__unpack_close(in->unpack);
    free(in->buffer);
    free(in->name);
    free(in);
}

/* Bytes as the file has them. */
static long long read_fd(void *self, uint8_t *to, size_t cap, mf_err *err)
{
    mf_in *in = self;
    for (;;) {
        ssize_t got = read(in->fd, to, cap);
        if (got >= 0) {
            in->came += (uint64_t)got;
            if (in->watcher)
                in->watcher(in->watcher_self, in->name, in->came, in->size);
            return got;
        }
        if (!mf__fd_again(in->fd, POLLIN))
            return mf_fail(err, MF_EIO, "%s: cannot read: %s", in->name,
                           strerror(errno));
    }
}

/* The first bytes tell whether the input is compressed. Nobody waits for more of them
 * than it takes. */
static int look(mf_in *in, mf_err *err)
{
    uint8_t head[MF_UNPACK_HEAD];
    size_t n = 0;
    const char *kind;
    bool more;
    do {
        size_t room = in->cap < READ_BYTES ? in->cap : READ_BYTES;
        long long got = read_fd(in, in->buffer + n, room - n, err);
        if (got < 0)
            return (int)got;
        in->ended = got == 0;
        n += (size_t)got;
        memcpy(head, in->buffer, n < sizeof head ? n : sizeof head);
        kind = mf__unpack_kind(head, n < sizeof head ? n : sizeof head, &more);
    } while (!kind && more && !in->ended);
    in->looked = true;
    if (!kind) {
        in->end = n;
        return MF_OK;
    }
    in->ended = false;
    return mf__unpack_open(&in->unpack, kind, in->name, in->buffer, n, read_fd, in,
                           err);
}

/* Up to `cap` bytes to `to`; 0 at the end. */
static long long fill(mf_in *in, uint8_t *to, size_t cap, mf_err *err)
{
    return in->unpack ? mf__unpack_read(in->unpack, to, cap, err)
                      : read_fd(in, to, cap, err);
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
        if (!in->looked) {
            int code = look(in, err);
            if (code < 0)
                return code;
            continue;
        }
        long long got = fill(in, in->buffer + in->end, in->cap - in->end, err);
        if (got < 0)
            return (int)got;
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
        if (in->end > in->begin || left < READ_BYTES || !in->looked) {
            int code = mf_in_peek(in, left < READ_BYTES ? left : 1, &here, &have, err);
            if (code < 0)
                return code;
            have = have < left ? have : left;
            memcpy(to + *got, here, have);
            mf_in_skip(in, have);
        } else {
            long long now = fill(in, to + *got, left, err);
            if (now < 0)
                return (int)now;
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

void mf_in_watch(mf_in *in, mf_in_watcher *each, void *self)
{
    struct stat what;
    in->watcher = each;
    in->watcher_self = self;
    if (fstat(in->fd, &what) == 0 && S_ISREG(what.st_mode) && what.st_size > in->start)
        in->size = (uint64_t)(what.st_size - in->start);
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
    mf__unpack_close(in->unpack);
    in->unpack = NULL;
    in->begin = in->end = 0;
    in->offset = in->came = 0;
    in->looked = in->ended = false;
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
