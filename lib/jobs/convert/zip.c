#include "jobs/convert/zip.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "base/mem.h"

/* Bytes of the fixed parts: local header, central header, end record. */
enum { LOCAL = 30, CENTRAL = 46, END = 22, COMMENT_MAX = 65535 };
enum { STORED = 0, DEFLATED = 8 };

static uint32_t u16(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t u32(const uint8_t *p)
{
    return u16(p) | u16(p + 2) << 16;
}

/* A member as the central directory describes it. */
typedef struct member {
    const uint8_t *data;
    uint32_t method, crc, packed, size;
} member;

/* The end record: the last one whose comment reaches the end of the file. */
static const uint8_t *find_end(const uint8_t *archive, size_t bytes)
{
    for (size_t back = END; back <= bytes && back <= END + COMMENT_MAX; back++) {
        const uint8_t *p = archive + bytes - back;
        if (memcmp(p, "PK\5\6", 4) == 0 && u16(p + 20) == back - END)
            return p;
    }
    return NULL;
}

/* Check the local header of a central entry, find its data. */
static const char *open_member(const uint8_t *archive, const uint8_t *limit,
                               const uint8_t *entry, member *m)
{
    size_t room = (size_t)(limit - archive), at = u32(entry + 42);
    *m = (member){.method = u16(entry + 10),
                  .crc = u32(entry + 16),
                  .packed = u32(entry + 20),
                  .size = u32(entry + 24)};
    if (m->packed == UINT32_MAX || m->size == UINT32_MAX || at == UINT32_MAX)
        return "the zip archive has a member of 4 GiB or more";
    if (u16(entry + 8) & 1)
        return "the zip archive is encrypted";
    if (m->method != STORED && m->method != DEFLATED)
        return "the zip archive is neither stored nor deflated";
    if (at > room || room - at < LOCAL || memcmp(archive + at, "PK\3\4", 4) != 0)
        return "the zip archive has a member that is not where it should be";
    size_t skip = LOCAL + u16(archive + at + 26) + u16(archive + at + 28);
    if (room - at < skip || room - at - skip < m->packed)
        return "the zip archive has a member that is longer than the file";
    m->data = archive + at + skip;
    return NULL;
}

static const char *find_member(const uint8_t *archive, size_t bytes, const char *name,
                               member *m)
{
    const uint8_t *end = find_end(archive, bytes), *p;
    bool found = false;
    if (!end)
        return "not a zip archive, or one that was cut: its end record is missing";
    size_t before = (size_t)(end - archive), directory = u32(end + 16);
    if (directory > before)
        return "the directory of the zip archive is not where it should be";
    p = archive + directory;
    for (uint32_t i = u16(end + 10); i > 0; i--) {
        size_t room = (size_t)(end - p);
        if (room < CENTRAL || memcmp(p, "PK\1\2", 4) != 0)
            return "the directory of the zip archive is damaged";
        size_t name_len = u16(p + 28),
               whole = CENTRAL + name_len + u16(p + 30) + u16(p + 32);
        if (whole > room)
            return "the directory of the zip archive is damaged";
        if (name_len == strlen(name) && memcmp(p + CENTRAL, name, name_len) == 0) {
            const char *why = found ? "the zip archive has a member twice"
                                    : open_member(archive, archive + directory, p, m);
            if (why)
                return why;
            found = true;
        }
        p += whole;
    }
    return found ? NULL : "missing from the archive: not a matrix of scipy.sparse";
}

/* Inflate to *out, which grows as bytes come. Returns MF_OK, MF_ENOMEM or
 * MF_EFORMAT, silently. */
static int inflate_member(const member *m, uint8_t **out, size_t *used)
{
    enum { STEP = 1 << 16 };
    z_stream z = {.next_in = (z_const Bytef *)(uintptr_t)m->data,
                  .avail_in = m->packed};
    size_t cap = 0;
    int status = inflateInit2(&z, -MAX_WBITS), code = MF_OK;
    if (status != Z_OK)
        return MF_ENOMEM;
    while (status != Z_STREAM_END && code == MF_OK) {
        size_t left = (size_t)m->size - *used + 1; /* one more: a longer one shows */
        if (mf__reserve(out, &cap, *used + (left < STEP ? left : STEP), 1, NULL) < 0) {
            code = MF_ENOMEM;
            break;
        }
        size_t room = cap - *used < left ? cap - *used : left;
        z.next_out = *out + *used;
        z.avail_out = (uInt)room;
        status = inflate(&z, Z_NO_FLUSH);
        *used += room - z.avail_out;
        if (status == Z_MEM_ERROR)
            code = MF_ENOMEM;
        else if ((status != Z_OK && status != Z_STREAM_END) || *used > m->size)
            code = MF_EFORMAT;
    }
    inflateEnd(&z);
    return code;
}

static uint32_t sum_crc(uint32_t crc, const uint8_t *data, size_t n)
{
    return (uint32_t)crc32_z(crc, data, n);
}

int mf__zip_extract(const uint8_t *archive, size_t bytes, const char *name,
                    const char *source, uint8_t **out, size_t *size, mf_err *err)
{
    member m;
    int code = MF_OK;
    *out = NULL;
    *size = 0;
    const char *why = find_member(archive, bytes, name, &m);
    if (why)
        return mf_fail(err, MF_EFORMAT, "%s: %s: %s", source, name, why);
    if (m.method == STORED) {
        *out = mf__new(m.packed, 1);
        if (!*out)
            return mf__nomem(err);
        memcpy(*out, m.data, m.packed);
        *size = m.packed;
    } else {
        code = inflate_member(&m, out, size);
    }
    if (code == MF_OK && (*size != m.size || sum_crc(0, *out, *size) != m.crc))
        code = MF_EFORMAT;
    if (code == MF_OK)
        return MF_OK;
    free(*out);
    *out = NULL;
    return code == MF_ENOMEM ? mf__nomem(err)
                             : mf_fail(err, MF_EFORMAT, "%s: %s: the member is damaged",
                                       source, name);
}

static uint8_t *put16(uint8_t *p, uint32_t x)
{
    p[0] = (uint8_t)x;
    p[1] = (uint8_t)(x >> 8);
    return p + 2;
}

static uint8_t *put32(uint8_t *p, uint32_t x)
{
    return put16(put16(p, x & 0xffff), x >> 16);
}

/* What local and central headers have in common, from "version needed" on. */
static uint8_t *put_common(uint8_t *p, const zip_writer *z, size_t i)
{
    p = put16(p, 20); /* version 2.0 */
    p = put16(p, 0);  /* no flags */
    p = put16(p, STORED);
    p = put16(p, 0);      /* 00:00:00 */
    p = put16(p, 0x0021); /* 1980-01-01, the first day that zip knows */
    p = put32(p, z->member[i].crc);
    p = put32(p, z->member[i].size);
    p = put32(p, z->member[i].size);
    p = put16(p, (uint32_t)strlen(z->member[i].name));
    return put16(p, 0); /* no extra field */
}

static int emit(zip_writer *z, const void *data, size_t n, mf_err *err)
{
    z->offset += n;
    return mf_out_write(z->out, data, n, err);
}

int mf__zip_put(zip_writer *z, const char *name, const void *head, size_t head_bytes,
                const void *data, size_t data_bytes, mf_err *err)
{
    uint8_t local[LOCAL], *p = local;
    size_t i = z->n++, room = UINT32_MAX - (1 << 16); /* for headers and directory */
    if (data_bytes >= room || z->offset + head_bytes + data_bytes >= room)
        return mf_fail(err, MF_ERANGE, "the archive would have more than 4 GiB");
    z->member[i].name = name;
    z->member[i].crc = sum_crc(sum_crc(0, head, head_bytes), data, data_bytes);
    z->member[i].size = (uint32_t)(head_bytes + data_bytes);
    z->member[i].offset = (uint32_t)z->offset;
    memcpy(p, "PK\3\4", 4);
    put_common(p + 4, z, i);
    int code = emit(z, local, sizeof local, err);
    if (code == MF_OK)
        code = emit(z, name, strlen(name), err);
    if (code == MF_OK)
        code = emit(z, head, head_bytes, err);
    return code == MF_OK ? emit(z, data, data_bytes, err) : code;
}

int mf__zip_end(zip_writer *z, mf_err *err)
{
    uint64_t directory = z->offset;
    int code = MF_OK;
    for (size_t i = 0; code == MF_OK && i < z->n; i++) {
        uint8_t central[CENTRAL] = {'P', 'K', 1, 2, 20, 0},
                *p = put_common(central + 6, z, i);
        put32(p + 10, z->member[i].offset); /* after comment, disk and attributes: 0 */
        code = emit(z, central, sizeof central, err);
        if (code == MF_OK)
            code = emit(z, z->member[i].name, strlen(z->member[i].name), err);
    }
    uint8_t end[END] = {'P', 'K', 5, 6}, *p = put16(end + 8, (uint32_t)z->n);
    p = put16(p, (uint32_t)z->n);
    p = put32(p, (uint32_t)(z->offset - directory));
    put32(p, (uint32_t)directory);
    return code == MF_OK ? emit(z, end, sizeof end, err) : code;
}
