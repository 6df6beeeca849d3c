#include "base/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/temporary.h"

/* An array: in a file, or of memory that was allowed. */
typedef struct array {
    void *at;
    size_t bytes;
    int fd;    /* -1: memory */
    bool kept; /* handed back last */
} array;

struct mf_disk {
    const char *folder;
    size_t limit;   /* where pages are handed back */
    size_t allowed; /* bytes that are left for arrays in memory */
    bool relaxed;   /* all of them are plain memory */
    array *array;        /* [n]; owned */
    size_t n, cap;
    int statm;   /* the kernel's account of this process, or -1 */
    size_t page; /* bytes */
    pthread_mutex_t handing; /* pages back */
};

enum { MB = 1 << 20, LEAST_ROOM = 4 * MB };

/* --- files --- */

static int no_room(const mf_disk *d, size_t bytes, int why, mf_err *err)
{
    return mf_fail(err, MF_EIO,
                   "temporary file in %.200s: no room for %zu MB: %s; name another "
                   "folder with --tmpdir",
                   d->folder, bytes / MB + 1, strerror(why));
}

/* Have the file so many bytes, all of them on the disk: nothing fails when they are
 * touched. */
static int grow(const mf_disk *d, int fd, size_t from, size_t to, mf_err *err)
{
    int why;
    if (to > INT64_MAX)
        return mf__nomem(err);
    do
        why = posix_fallocate(fd, (off_t)from, (off_t)(to - from));
    while (why == EINTR);
    return why ? no_room(d, to, why, err) : MF_OK;
}

static int map(mf_disk *d, array *a, mf_err *err)
{
    int code = mf__temporary_open(d->folder, &a->fd, err);
    if (code < 0)
        return code;
    if ((code = grow(d, a->fd, 0, a->bytes, err)) < 0) {
        close(a->fd);
        return code;
    }
    a->at = mmap(NULL, a->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, a->fd, 0);
    if (a->at == MAP_FAILED) {
        close(a->fd);
        return mf__nomem(err);
    }
#ifdef MADV_NOHUGEPAGE
    (void)madvise(a->at, a->bytes, MADV_NOHUGEPAGE); /* who touches a byte shall not
                                                        have 2 MB of it in memory */
#endif
    return MF_OK;
}

static void release(const array *a)
{
    if (a->fd < 0) {
        free(a->at);
        return;
    }
    munmap(a->at, a->bytes);
    close(a->fd);
}

/* --- the account --- */

/* Bytes of the process that are in memory; SIZE_MAX if nobody says it. */
static size_t resident(const mf_disk *d)
{
    char text[64];
    ssize_t n = d->statm >= 0 ? pread(d->statm, text, sizeof text - 1, 0) : -1;
    if (n <= 0)
        return SIZE_MAX;
    text[n] = 0;
    char *second = strchr(text, ' ');
    return second ? (size_t)strtoull(second, NULL, 10) * d->page : SIZE_MAX;
}

/* To a shared mapping this is no loss: what was written is in the file. */
static void hand_back(const mf_disk *d, bool kept)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->array[i].fd >= 0 && d->array[i].kept == kept)
            (void)madvise(d->array[i].at, d->array[i].bytes, MADV_DONTNEED);
}

void mf__disk_beat(mf_disk *d)
{
    if (!d || d->relaxed || resident(d) <= d->limit)
        return;
    pthread_mutex_lock(&d->handing); /* others wait: they would fill what is freed */
    if (resident(d) > d->limit)
        hand_back(d, false);
    if (resident(d) > d->limit)
        hand_back(d, true);
    pthread_mutex_unlock(&d->handing);
}

enum { PIECE = 256 << 10 };

void mf__disk_zero(mf_disk *d, void *at, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += PIECE) {
        mf__disk_beat(d);
        memset((char *)at + i, 0, bytes - i < PIECE ? bytes - i : PIECE);
    }
}

void mf__disk_copy(mf_disk *d, void *to, const void *from, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += PIECE) {
        mf__disk_beat(d);
        memcpy((char *)to + i, (const char *)from + i,
               bytes - i < PIECE ? bytes - i : PIECE);
    }
}

void mf__disk_rest(const mf_disk *d)
{
    if (!d || d->relaxed)
        return;
    hand_back(d, false);
    hand_back(d, true);
}

size_t mf__disk_room(const mf_disk *d)
{
    if (!d || d->relaxed)
        return SIZE_MAX;
    mf__disk_rest(d);
    size_t now = resident(d);
    return now + LEAST_ROOM < d->limit ? d->limit - now : LEAST_ROOM;
}

/* --- opening --- */

/* What may come between two beats, of a bound of so many bytes. */
static size_t margin(size_t bytes)
{
    size_t part = bytes / 16;
    return part < 6 * MB ? 6 * MB : part > 256 * MB ? 256 * MB : part;
}

size_t mf__disk_least(size_t bytes)
{
    size_t with = bytes + 2 * LEAST_ROOM, more = with / 15;
    return with + (more < 6 * MB ? 6 * MB : more > 256 * MB ? 256 * MB : more);
}

void mf__disk_relax(mf_disk *d)
{
    d->relaxed = true;
}

bool mf__disk_relaxed(const mf_disk *d)
{
    return !d || d->relaxed;
}

int mf__disk_open(mf_disk **out, const char *folder, size_t bytes, mf_err *err)
{
    mf_disk *d = mf__new0(1, sizeof *d);
    long page = sysconf(_SC_PAGESIZE);
    *out = d;
    if (!d)
        return mf__nomem(err);
    d->folder = folder;
    d->limit = bytes > margin(bytes) ? bytes - margin(bytes) : 0;
    d->page = page > 0 ? (size_t)page : 4096;
    d->statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    pthread_mutex_init(&d->handing, NULL);
    return MF_OK;
}

void mf__disk_close(mf_disk *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->n; i++)
        release(&d->array[i]);
    if (d->statm >= 0)
        close(d->statm);
    pthread_mutex_destroy(&d->handing);
    free(d->array);
    free(d);
}

void mf__disk_allow(mf_disk *d, size_t bytes)
{
    if (d)
        d->allowed = bytes;
}

/* --- arrays --- */

static int add(mf_disk *d, void *block, array *a, mf_err *err)
{
    int code = mf__reserve(&d->array, &d->cap, d->n + 1, sizeof *d->array, err);
    if (code == MF_OK && a->fd >= 0) /* in a file */
        code = map(d, a, err);
    if (code < 0)
        return code;
    d->array[d->n++] = *a;
    memcpy(block, &a->at, sizeof a->at);
    return MF_OK;
}

static int plain(void *block, size_t n, size_t size, mf_err *err)
{
    void *fresh = mf__new0(n, size);
    if (!fresh)
        return mf__nomem(err);
    memcpy(block, &fresh, sizeof fresh);
    return MF_OK;
}

static bool in_bytes(size_t n, size_t size, size_t *bytes)
{
    if (__builtin_mul_overflow(n, size, bytes))
        return false;
    *bytes += *bytes == 0;
    return true;
}

int mf__disk_new(mf_disk *d, void *block, size_t n, size_t size, mf_err *err)
{
    array a = {0};
    if (!d || d->relaxed)
        return plain(block, n, size, err);
    return in_bytes(n, size, &a.bytes) ? add(d, block, &a, err) : mf__nomem(err);
}

int mf__disk_keep(mf_disk *d, void *block, size_t n, size_t size, mf_err *err)
{
    array a = {.kept = true};
    if (!d || d->relaxed)
        return plain(block, n, size, err);
    if (!in_bytes(n, size, &a.bytes))
        return mf__nomem(err);
    if (a.bytes > d->allowed)
        return add(d, block, &a, err);
    a.fd = -1;
    mf__disk_rest(d);
    if (!(a.at = mf__new_scattered(n, size)))
        return mf__nomem(err);
    memset(a.at, 0, n * size);
    int code = add(d, block, &a, err);
    if (code == MF_OK)
        d->allowed -= a.bytes;
    else
        free(a.at);
    return code;
}

static array *find(const mf_disk *d, const void *at)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->array[i].at == at)
            return &d->array[i];
    return NULL;
}

int mf__disk_reserve(mf_disk *d, void *block, size_t *cap, size_t need, size_t most,
                     size_t size, mf_err *err)
{
    enum { FIRST = 1 << 16 };
    void *old;
    size_t bytes, wanted = *cap > SIZE_MAX / 2 ? need : *cap * 2;
    if (!d || d->relaxed)
        return mf__reserve(block, cap, need, size, err);
    memcpy(&old, block, sizeof old);
    if (old && need <= *cap)
        return MF_OK;
    wanted = wanted < FIRST ? FIRST : wanted;
    wanted = wanted > most ? most : wanted;
    wanted = wanted < need ? need : wanted;
    if (!in_bytes(wanted, size, &bytes))
        return mf__nomem(err);
    if (!old) {
        int code = mf__disk_new(d, block, wanted, size, err);
        *cap = code == MF_OK ? wanted : 0;
        return code;
    }
    array *a = find(d, old);
    int code = grow(d, a->fd, a->bytes, bytes, err);
    if (code < 0)
        return code;
    void *fresh = mremap(old, a->bytes, bytes, MREMAP_MAYMOVE);
    if (fresh == MAP_FAILED)
        return mf__nomem(err);
    a->at = fresh;
    a->bytes = bytes;
    memcpy(block, &fresh, sizeof fresh);
    *cap = wanted;
    return MF_OK;
}

void mf__disk_free(mf_disk *d, void *block)
{
    array *a = d && block ? find(d, block) : NULL;
    if (!a) {
        free(block);
        return;
    }
    if (a->fd < 0)
        d->allowed += a->bytes;
    release(a);
    *a = d->array[--d->n];
}
