/* Members are taken as they come, so that no more than a piece of the archive is in
 * memory. A stream could end early without a word: what follows the last member must be
 * a directory of just these members that ends in an end record, which says how many
 * there are and where the directory begins. */
#include "jobs/convert/zip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>
#include <xxhash.h>

#include "base/mem.h"

enum { CHUNK = 1 << 16, COMMENT_MAX = 65535 };
enum { END = 22, CENTRAL = 46, WIDE_END = 56, LOCATOR = 20 }; /* bytes of records */
enum { TAIL = WIDE_END + LOCATOR + END + COMMENT_MAX };

struct zip_reader {
    mf_in *in; /* borrowed */
    struct archive *archive;
    XXH3_state_t *hash;
    uint64_t members, bytes;
    uint64_t names;    /* of the members: a sum of their hashes */
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

/* What an end record says of the directory. */
typedef struct directory {
    uint64_t members, begin, bytes, end; /* end: where the end record begins */
} directory;

/* The hash of a name, 0 where libarchive may have changed its bytes. */
static uint64_t hash_name(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (name[i] < ' ' || name[i] > '~' || name[i] == '\\')
            return 0;
    return XXH3_64bits(name, len);
}

/* Where an offset of the archive is in the tail; NULL if `n` bytes from there are not. */
static const uint8_t *in_tail(const zip_reader *z, uint64_t offset, uint64_t n)
{
    uint64_t first = z->bytes - z->tail_bytes;
    return offset >= first && offset <= z->bytes && n <= z->bytes - offset
               ? z->tail + (offset - first)
               : NULL;
}

/* Where numbers do not fit the end record, at `end`, they are in a wider one before it,
 * which a locator between the two finds. False if there is none. */
static bool read_wide(const zip_reader *z, uint64_t end, directory *d)
{
    const uint8_t *p = end >= LOCATOR ? in_tail(z, end - LOCATOR, LOCATOR) : NULL;
    if (!p || memcmp(p, "PK\6\7", 4) != 0)
        return false;
    d->end = number(p + 8, 8);
    p = in_tail(z, d->end, WIDE_END);
    if (!p || memcmp(p, "PK\6\6", 4) != 0 ||
        d->end + 12 + number(p + 4, 8) != end - LOCATOR)
        return false;
    d->members = number(p + 32, 8);
    d->bytes = number(p + 40, 8);
    d->begin = number(p + 48, 8);
    return true;
}

/* Does the directory list the members? One that is not in the tail, of thousands of
 * members, is not looked at. */
static bool lists_members(const zip_reader *z, const directory *d)
{
    const uint8_t *p = in_tail(z, d->begin, d->bytes);
    uint64_t members = 0, names = 0;
    if (!p)
        return true;
    const uint8_t *end = p + d->bytes;
    for (; end - p >= CENTRAL && memcmp(p, "PK\1\2", 4) == 0; members++) {
        uint64_t name = number(p + 28, 2),
                 all = CENTRAL + name + number(p + 30, 2) + number(p + 32, 2);
        if (all > (uint64_t)(end - p))
            return false;
        names += hash_name((const char *)p + CENTRAL, name);
        p += all;
    }
    return members == z->members && names == z->names && p == end;
}

/* Is there, at the end of the archive, the end record of a directory of all members? */
static bool ends_well(const zip_reader *z)
{
    const uint8_t *end = z->tail + z->tail_bytes;
    for (size_t back = END; back <= z->tail_bytes && back <= END + COMMENT_MAX;
         back++) {
        const uint8_t *p = end - back;
        if (memcmp(p, "PK\5\6", 4) != 0 || number(p + 20, 2) != back - END)
            continue;
        directory d = {.members = number(p + 10, 2),
                       .bytes = number(p + 12, 4),
                       .begin = number(p + 16, 4),
                       .end = z->bytes - back};
        bool wide =
            d.members == UINT16_MAX || d.bytes == UINT32_MAX || d.begin == UINT32_MAX;
        directory other = d;
        if (wide && read_wide(z, d.end, &other))
            d = other;
        return d.members == z->members && d.bytes >= d.members * CENTRAL &&
               d.begin <= d.end && d.end - d.begin == d.bytes && lists_members(z, &d);
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
                       "%s: the zip archive was cut or changed: its end record is "
                       "missing, or the directory is not of its members",
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
    z->names += hash_name(*name, strlen(*name));
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
