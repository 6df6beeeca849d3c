/* Members are taken as they come, so that no more than a piece of the archive is in
 * memory. A stream could end early without a word: what follows the last member must be
 * a directory that ends in an end record, which says how many members there are and
 * where the directory begins. */
#include "jobs/convert/zip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>
#include <xxhash.h>

#include "base/mem.h"

enum { CHUNK = 1 << 16, END = 22, CENTRAL = 46, COMMENT_MAX = 65535 };
enum { TAIL = END + COMMENT_MAX };

struct zip_reader {
    mf_in *in; /* borrowed */
    struct archive *archive;
    XXH3_state_t *hash;
    uint64_t members, bytes;
    mf_err why;        /* why the input could not be read */
    uint8_t *chunk;    /* [CHUNK] */
    uint8_t *tail;     /* [2 * TAIL], the last bytes of the archive so far */
    size_t tail_bytes; /* of them */
};

static void keep_tail(zip_reader *z, const uint8_t *data, size_t n)
{
    if (z->tail_bytes + n > 2 * TAIL) {
        memmove(z->tail, z->tail + z->tail_bytes - TAIL, TAIL);
        z->tail_bytes = TAIL;
    }
    memcpy(z->tail + z->tail_bytes, data, n);
    z->tail_bytes += n;
}

/* The next bytes of the archive, at z->chunk. */
static long long fetch(zip_reader *z)
{
    size_t got;
    int code = mf_in_read(z->in, z->chunk, CHUNK, &got, &z->why);
    if (code < 0)
        return code;
    XXH3_64bits_update(z->hash, z->chunk, got);
    z->bytes += got;
    keep_tail(z, z->chunk, got);
    return (long long)got;
}

static la_ssize_t on_read(struct archive *a, void *self, const void **data)
{
    zip_reader *z = self;
    long long n = fetch(z);
    *data = z->chunk;
    if (n < 0)
        archive_set_error(a, EIO, "cannot read");
    return n < 0 ? -1 : (la_ssize_t)n;
}

static int damaged(const zip_reader *z, mf_err *err)
{
    const char *why = archive_error_string(z->archive);
    if (z->why.code < 0)
        return mf_fail(err, z->why.code, "%s", z->why.text);
    return mf_fail(err, MF_EFORMAT, "%s: the zip archive is damaged or ends early (%s)",
                   mf_in_name(z->in), why ? why : "no reason given");
}

int mf__zip_open(zip_reader **out, mf_in *in, mf_err *err)
{
    const uint8_t *head;
    size_t have;
    *out = NULL;
    int code = mf_in_peek(in, 4, &head, &have, err);
    if (code < 0)
        return code;
    if (have < 4 || memcmp(head, "PK\3\4", 4) != 0)
        return mf_fail(err, MF_EFORMAT, "%s: is no zip archive, which .npz files are",
                       mf_in_name(in));
    zip_reader *z = *out = mf__new0(1, sizeof *z);
    if (!z)
        return mf__nomem(err);
    z->in = in;
    z->chunk = mf__new(CHUNK, 1);
    z->tail = mf__new(2 * TAIL, 1);
    z->hash = XXH3_createState();
    z->archive = archive_read_new();
    if (z->chunk && z->tail && z->hash && z->archive) {
        XXH3_64bits_reset(z->hash);
        archive_read_support_format_zip_streamable(z->archive);
        if (archive_read_open(z->archive, z, NULL, on_read, NULL) != ARCHIVE_OK)
            code = damaged(z, err);
    } else {
        code = mf__nomem(err);
    }
    if (code < 0) {
        mf__zip_close(z);
        *out = NULL;
    }
    return code;
}

void mf__zip_close(zip_reader *z)
{
    if (!z)
        return;
    if (z->archive)
        archive_read_free(z->archive);
    XXH3_freeState(z->hash);
    free(z->chunk);
    free(z->tail);
    free(z);
}

static uint64_t number(const uint8_t *p, size_t bytes)
{
    uint64_t n = 0;
    while (bytes-- > 0)
        n = n << 8 | p[bytes];
    return n;
}

/* Is there, at the end of the archive, the end record of a directory of all members? */
static bool ends_well(const zip_reader *z)
{
    const uint8_t *end = z->tail + z->tail_bytes;
    for (size_t back = END; back <= z->tail_bytes && back <= TAIL; back++) {
        const uint8_t *p = end - back;
        if (memcmp(p, "PK\5\6", 4) != 0 || number(p + 20, 2) != back - END)
            continue;
        uint64_t members = number(p + 10, 2), bytes = number(p + 12, 4),
                 begin = number(p + 16, 4);
        bool wide = begin == UINT32_MAX || members == UINT16_MAX; /* zip64 */
        return wide || (members == z->members && begin + bytes + back == z->bytes &&
                        bytes >= members * CENTRAL);
    }
    return false;
}

/* Read what is left after the last member. */
static int finish(zip_reader *z, mf_err *err)
{
    long long n;
    while ((n = fetch(z)) > 0)
        ;
    if (n < 0)
        return damaged(z, err);
    if (!ends_well(z))
        return mf_fail(err, MF_EFORMAT,
                       "%s: the zip archive was cut: its end record is missing or is "
                       "that of another one",
                       mf_in_name(z->in));
    return 0;
}

int mf__zip_next(zip_reader *z, const char **name, uint64_t *size, mf_err *err)
{
    struct archive_entry *entry;
    int status = archive_read_next_header(z->archive, &entry);
    if (status == ARCHIVE_EOF)
        return finish(z, err);
    if (status != ARCHIVE_OK)
        return damaged(z, err);
    z->members++;
    *name = archive_entry_pathname(entry);
    if (!*name)
        *name = "";
    *size = archive_entry_size_is_set(entry) ? (uint64_t)archive_entry_size(entry)
                                             : UINT64_MAX;
    return 1;
}

int mf__zip_read(zip_reader *z, void *to, size_t n, size_t *got, mf_err *err)
{
    for (*got = 0; *got < n;) {
        la_ssize_t more = archive_read_data(z->archive, (uint8_t *)to + *got, n - *got);
        if (more < 0)
            return damaged(z, err);
        if (more == 0)
            break;
        *got += (size_t)more;
    }
    return MF_OK;
}

uint64_t mf__zip_digest(const zip_reader *z)
{
    return XXH3_64bits_digest(z->hash);
}
