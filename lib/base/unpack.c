#include "base/limits.h"
#include "base/unpack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include "base/mem.h"

enum { PACKED_BYTES = MF_BUFFER };

static const struct {
    const char *name, *magic;
    size_t bytes;
    int (*support)(struct archive *); /* NULL: zlib decodes it */
} KINDS[] = {{"gzip", "\x1f\x8b", 2, NULL},
             {"zstd", "\x28\xb5\x2f\xfd", 4, archive_read_support_filter_zstd},
             {"xz", "\xfd\x37zXZ\0", 6, archive_read_support_filter_xz},
             {"bzip2", "BZh", 3, archive_read_support_filter_bzip2}};
enum { GZIP, KIND_COUNT = sizeof KINDS / sizeof *KINDS };

struct mf_unpacker {
    const char *name, *kind;
    mf_unpack_source *source;
    void *self;
    uint8_t *packed;         /* [PACKED_BYTES]; owned */
    size_t have;             /* of the first bytes, which are still to be decoded */
    int64_t fetched;         /* bytes that libarchive was given */
    mf_err why;              /* why the source failed */
    struct archive *archive; /* NULL: gzip */
    z_stream z;
    bool inside, ended; /* gzip: within a member; after the last one */
    bool looked;        /* what was decoded first was seen not to be compressed again */
};

const char *mf__unpack_kind(const uint8_t head[], size_t n, bool *more)
{
    *more = false;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        size_t same = n < KINDS[i].bytes ? n : KINDS[i].bytes;
        if (memcmp(head, KINDS[i].magic, same) != 0)
            continue;
        if (same == KINDS[i].bytes)
            return KINDS[i].name;
        *more = true;
    }
    return NULL;
}

/* The next compressed bytes, at u->packed. */
static long long fetch(mf_unpacker *u)
{
    if (u->have > 0) { /* the head */
        long long n = (long long)u->have;
        u->have = 0;
        return n;
    }
    return u->source(u->self, u->packed, PACKED_BYTES, &u->why);
}

static la_ssize_t on_read(struct archive *a, void *self, const void **data)
{
    mf_unpacker *u = self;
    long long n = fetch(u);
    u->fetched += n > 0 ? n : 0;
    *data = u->packed;
    if (n < 0)
        archive_set_error(a, EIO, "cannot read");
    return n < 0 ? -1 : (la_ssize_t)n;
}

static int damaged(const mf_unpacker *u, mf_err *err, const char *why)
{
    if (u->why.code < 0)
        return mf_fail(err, u->why.code, "%s", u->why.text);
    return mf_fail(err, MF_EFORMAT, "%s: the %s data are damaged or end early (%s)",
                   u->name, u->kind, why ? why : "no reason given");
}

static int fail_twice(const mf_unpacker *u, mf_err *err, const char *inner)
{
    return mf_fail(err, MF_EFORMAT,
                   "%s: is compressed twice, by %s and within it by %s; undo one of "
                   "them with %s -dc",
                   u->name, u->kind, inner, u->kind);
}

static int open_archive(mf_unpacker *u, mf_err *err)
{
    struct archive_entry *entry;
    if (!(u->archive = archive_read_new()))
        return mf__nomem(err);
    for (size_t i = 0; i < KIND_COUNT; i++) /* this one alone: it would take them all */
        if (strcmp(u->kind, KINDS[i].name) == 0 && KINDS[i].support)
            KINDS[i].support(u->archive);
    archive_read_support_format_raw(u->archive);
    archive_read_support_format_empty(u->archive);
    if (archive_read_open(u->archive, u, NULL, on_read, NULL) != ARCHIVE_OK)
        return damaged(u, err, archive_error_string(u->archive));
    int code = archive_read_next_header(u->archive, &entry);
    if (code == ARCHIVE_EOF) /* nothing was compressed */
        u->ended = true;
    else if (code != ARCHIVE_OK)
        return damaged(u, err, archive_error_string(u->archive));
    /* the data themselves, and a filter for each time that they were compressed */
    return archive_filter_count(u->archive) > 2 ? fail_twice(u, err, u->kind) : MF_OK;
}

int mf__unpack_open(mf_unpacker **out, const char *kind, const char *name,
                    const uint8_t head[], size_t n, mf_unpack_source *source,
                    void *self, mf_err *err)
{
    mf_unpacker *u = *out = mf__new0(1, sizeof *u);
    if (!u)
        return mf__nomem(err);
    *u = (mf_unpacker){.name = name, .kind = kind, .source = source, .self = self};
    u->packed = mf__new(PACKED_BYTES, 1);
    int code = u->packed && n <= PACKED_BYTES ? MF_OK : mf__nomem(err);
    if (code == MF_OK) {
        memcpy(u->packed, head, n);
        u->have = n;
        if (strcmp(kind, KINDS[GZIP].name) != 0)
            code = open_archive(u, err);
        else if (inflateInit2(&u->z, MAX_WBITS + 16) != Z_OK)
            code = mf__nomem(err);
    }
    if (code < 0) {
        mf__unpack_close(u);
        *out = NULL;
    }
    return code;
}

void mf__unpack_close(mf_unpacker *u)
{
    if (!u)
        return;
    if (u->archive)
        archive_read_free(u->archive);
    else
        inflateEnd(&u->z);
    free(u->packed);
    free(u);
}

/* Members of gzip stand one after the other; zeros may fill up the end, as tapes do. */
static long long read_gzip(mf_unpacker *u, uint8_t *to, size_t cap, mf_err *err)
{
    u->z.next_out = to;
    u->z.avail_out = cap < UINT32_MAX ? (uInt)cap : UINT32_MAX;
    uInt room = u->z.avail_out;
    while (!u->ended && u->z.avail_out == room) {
        if (u->z.avail_in == 0) {
            long long n = fetch(u);
            if (n < 0 || (n == 0 && u->inside))
                return damaged(u, err, "the end is missing");
            u->ended = n == 0;
            u->z.next_in = u->packed;
            u->z.avail_in = (uInt)n;
            continue;
        }
        if (!u->inside && *u->z.next_in == 0 && u->z.total_in > 0) {
            u->z.next_in++;
            u->z.avail_in--;
            continue;
        }
        u->inside = true;
        int status = inflate(&u->z, Z_NO_FLUSH);
        if (status == Z_MEM_ERROR)
            return mf__nomem(err);
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
            return damaged(u, err, u->z.msg);
        if (status == Z_STREAM_END) {
            uLong read = u->z.total_in;
            u->inside = false;
            inflateReset(&u->z);
            u->z.total_in = read; /* so that zeros before the first one are refused */
        }
    }
    return (long long)(room - u->z.avail_out);
}

static long long read_some(mf_unpacker *u, uint8_t *to, size_t cap, mf_err *err)
{
    if (!u->archive)
        return read_gzip(u, to, cap, err);
    if (u->ended)
        return 0;
    la_ssize_t n = archive_read_data(u->archive, to, cap);
    if (n < 0 || (n == 0 && u->why.code < 0))
        return damaged(u, err, archive_error_string(u->archive));
    /* libarchive takes what does not begin like another piece of bzip2 for the end. */
    if (n == 0 && (archive_filter_bytes(u->archive, -1) != u->fetched || fetch(u) != 0))
        return damaged(u, err, "bytes follow that do not belong to them");
    return (long long)n;
}

long long mf__unpack_read(mf_unpacker *u, uint8_t *to, size_t cap, mf_err *err)
{
    const char *inner = NULL;
    size_t have = 0;
    bool more = !u->looked;
    if (u->looked)
        return read_some(u, to, cap, err);
    while (more && have < cap) {
        long long n = read_some(u, to + have, cap - have, err);
        if (n < 0)
            return n;
        if (n == 0)
            break;
        have += (size_t)n;
        inner =
            mf__unpack_kind(to, have < MF_UNPACK_HEAD ? have : MF_UNPACK_HEAD, &more);
    }
    u->looked = true;
    if (inner)
        return fail_twice(u, err, inner);
    return (long long)have;
}
