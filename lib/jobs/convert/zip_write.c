#include <string.h>

#include <zlib.h>

#include "jobs/convert/zip.h"

/* Bytes of the fixed parts: local header, central header, end record. */
enum { LOCAL = 30, CENTRAL = 46, END = 22, STORED = 0 };

static uint32_t sum_crc(uint32_t crc, const uint8_t *data, size_t n)
{
    return (uint32_t)crc32_z(crc, data, n);
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
