#include "mf/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>
#include <xxhash.h>

#include "mf/ids.h"
#include "mf/io.h"
#include "mf/mem.h"

struct mf_lines {
    mf_in *in;
    size_t pending; /* bytes of the line last shown, still to be stepped over */
    uint64_t number, digest;
};

int mf_lines_open(mf_lines **out, int fd, const char *name, mf_err *err)
{
    mf_lines *lines = *out = mf_new0(1, sizeof *lines);
    if (!lines)
        return mf_nomem(err);
    int code = mf_in_open(&lines->in, fd, name, err);
    if (code < 0) {
        free(lines);
        *out = NULL;
    }
    return code;
}

void mf_lines_close(mf_lines *lines)
{
    if (!lines)
        return;
    mf_in_close(lines->in);
    free(lines);
}

int mf_text_begin(mf_in *in, mf_err *err)
{
    const uint8_t *data;
    size_t have;
    int code = mf_in_peek(in, 4, &data, &have, err);
    if (code < 0)
        return code;
    if (have >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
        mf_in_skip(in, 3);
    const char *packed = have >= 2 && memcmp(data, "\x1f\x8b", 2) == 0 ? "gzip"
                         : have >= 4 && memcmp(data, "\x28\xb5\x2f\xfd", 4) == 0
                             ? "zstd"
                             : NULL;
    if (packed)
        return mf_fail(err, MF_EFORMAT,
                       "%s: is %s data, not text; pipe it through '%s -dc'",
                       mf_in_name(in), packed, packed);
    return MF_OK;
}

int mf_lines_next(mf_lines *lines, mf_field *line, mf_err *err)
{
    int code;
    if (lines->number == 0 && (code = mf_text_begin(lines->in, err)) < 0)
        return code;
    mf_in_skip(lines->in, lines->pending);
    lines->pending = 0;

    const uint8_t *data, *end = NULL;
    size_t have, looked = 0;
    for (size_t want = 1;; want = have + 1) {
        if ((code = mf_in_peek(lines->in, want, &data, &have, err)) < 0)
            return code;
        end = have > looked ? memchr(data + looked, '\n', have - looked) : NULL;
        if (end || have < want)
            break;
        looked = have;
        if (have > MF_LINE_MAX + 2)
            break;
    }
    if (!end && have == 0)
        return 0;
    lines->number++;
    size_t len = end ? (size_t)(end - data) : have;
    lines->pending = end ? len + 1 : len;
    if (len > 0 && data[len - 1] == '\r')
        len--;
    if (len > MF_LINE_MAX)
        return mf_lines_fail(lines, err, "line is longer than %d bytes", MF_LINE_MAX);
    *line = (mf_field){(const char *)data, len};
    if (memchr(data, 0, len))
        return mf_lines_fail(lines, err, "line holds a NUL byte");
    if (!mf_utf8_valid(line->text, len))
        return mf_lines_fail(lines, err,
                             "line is not UTF-8; convert the file with iconv");
    lines->digest += XXH3_64bits(data, len);
    return 1;
}

const char *mf_lines_name(const mf_lines *lines)
{
    return mf_in_name(lines->in);
}

uint64_t mf_lines_number(const mf_lines *lines)
{
    return lines->number;
}

uint64_t mf_lines_digest(const mf_lines *lines)
{
    return lines->digest;
}

int mf_lines_fail(const mf_lines *lines, mf_err *err, const char *format, ...)
{
    char what[400];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return mf_fail(err, MF_EFORMAT, "%s:%llu: %s", mf_in_name(lines->in),
                   (unsigned long long)lines->number, what);
}

size_t mf_text_split(mf_field line, const char *separator, mf_field fields[],
                     size_t max)
{
    size_t step = strlen(separator), n = 0;
    const char *at = line.text, *end = line.text + line.len;
    while (n + 1 < max) {
        const char *cut = memmem(at, (size_t)(end - at), separator, step);
        if (!cut)
            break;
        fields[n++] = (mf_field){at, (size_t)(cut - at)};
        at = cut + step;
    }
    fields[n++] = (mf_field){at, (size_t)(end - at)};
    return n;
}

bool mf_text_u32(mf_field field, uint32_t *value)
{
    uint64_t sum = 0;
    if (field.len == 0)
        return false;
    for (size_t i = 0; i < field.len; i++) {
        if (field.text[i] < '0' || field.text[i] > '9')
            return false;
        sum = sum * 10 + (uint64_t)(field.text[i] - '0');
        if (sum > UINT32_MAX)
            return false;
    }
    *value = (uint32_t)sum;
    return true;
}

bool mf_text_float(mf_field field, float *value)
{
    char text[64], *end;
    if (field.len == 0 || field.len >= sizeof text)
        return false;
    for (size_t i = 0; i < field.len; i++)
        if (!memchr("0123456789+-.eE", field.text[i], 15))
            return false;
    memcpy(text, field.text, field.len);
    text[field.len] = '\0';
    *value = strtof(text, &end);
    return *end == '\0' && isfinite(*value);
}

static bool parts_fields(int32_t point)
{
    utf8proc_category_t c = utf8proc_category(point);
    return point == '%' || c == UTF8PROC_CATEGORY_CC || c == UTF8PROC_CATEGORY_ZS ||
           c == UTF8PROC_CATEGORY_ZL || c == UTF8PROC_CATEGORY_ZP;
}

size_t mf_text_trec(char to[], const char *text, size_t len)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t n = 0, step;
    for (size_t i = 0; i < len; i += step) {
        utf8proc_int32_t point = -1; /* of what is not UTF-8 */
        utf8proc_ssize_t read = utf8proc_iterate((const utf8proc_uint8_t *)text + i,
                                                 (utf8proc_ssize_t)(len - i), &point);
        bool as_is = read > 0 && !parts_fields(point);
        step = read > 0 ? (size_t)read : 1;
        for (size_t b = i; b < i + step; b++) {
            unsigned char byte = (unsigned char)text[b];
            if (as_is) {
                to[n++] = text[b];
            } else {
                to[n++] = '%';
                to[n++] = hex[byte >> 4];
                to[n++] = hex[byte & 15];
            }
        }
    }
    return n;
}
