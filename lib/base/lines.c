#include "mf/io.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/utf8.h"

struct mf_lines {
    mf_in *in;
    size_t pending; /* bytes of the line last shown, still to be stepped over */
    uint64_t number, digest;
};

int mf_lines_open(mf_lines **out, int fd, const char *name, mf_err *err)
{
    mf_lines *lines = *out = mf__new0(1, sizeof *lines);
    if (!lines)
        return mf__nomem(err);
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

void mf_lines_watch(mf_lines *lines, mf_in_watcher *each, void *self)
{
    mf_in_watch(lines->in, each, self);
}

/* Name the first member of a zip archive, which the input begins with. */
static int fail_zip(mf_in *in, mf_err *err)
{
    enum { LOCAL = 30, SHOWN = 100 };
    const uint8_t *data;
    size_t have;
    int code = mf_in_peek(in, LOCAL + SHOWN, &data, &have, err);
    if (code < 0)
        return code;
    size_t len = have > LOCAL ? (size_t)(data[26] | data[27] << 8) : 0;
    if (len > SHOWN || LOCAL + len > have ||
        !mf__utf8_valid((const char *)data + LOCAL, len))
        len = 0;
    if (len == 0)
        return mf_fail(err, MF_EFORMAT, "%s: is a zip archive, not text; unzip it",
                       mf_in_name(in));
    return mf_fail(
        err, MF_EFORMAT,
        "%s: is a zip archive, not text; it begins with '%.*s': say unzip -p "
        "%s '%.*s' and pipe that",
        mf_in_name(in), (int)len, (const char *)data + LOCAL, mf_in_name(in), (int)len,
        (const char *)data + LOCAL);
}

int mf__text_begin(mf_in *in, mf_err *err)
{
    const uint8_t *data;
    size_t have;
    int code = mf_in_peek(in, 4, &data, &have, err);
    if (code < 0)
        return code;
    if (have >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
        mf_in_skip(in, 3);
    if (have >= 4 && memcmp(data, "PK\3\4", 4) == 0)
        return fail_zip(in, err);
    if (have >= 2 &&
        (memcmp(data, "\xff\xfe", 2) == 0 || memcmp(data, "\xfe\xff", 2) == 0))
        return mf_fail(err, MF_EFORMAT,
                       "%s: is UTF-16; pipe it through 'iconv -f UTF-16 -t UTF-8'",
                       mf_in_name(in));
    if (have >= 3 && memcmp(data, "\x93\xa1H", 3) == 0)
        return mf_fail(err, MF_EFORMAT, "%s: is a bundle of mfpipe, not text",
                       mf_in_name(in));
    if (have >= 4 && memcmp(data, "\x93NUM", 4) == 0)
        return mf_fail(err, MF_EFORMAT, "%s: is an array of NumPy, not text",
                       mf_in_name(in));
    return MF_OK;
}

int mf_lines_next(mf_lines *lines, mf_field *line, mf_err *err)
{
    int code;
    if (lines->number == 0 && (code = mf__text_begin(lines->in, err)) < 0)
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
        return mf__lines_fail(lines, err, "line is longer than %d bytes%s", MF_LINE_MAX,
                              *data == '[' ? "; of a JSON array jq -c '.[]' makes "
                                             "a line of each object"
                                           : "");
    *line = (mf_field){(const char *)data, len};
    if (memchr(data, 0, len))
        return mf__lines_fail(lines, err, "line holds a NUL byte");
    if (!mf__utf8_valid(line->text, len))
        return mf__lines_fail(lines, err,
                              "line is not UTF-8; 'iconv -f LATIN1 -t UTF-8' makes it "
                              "so if it is Latin-1");
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

int mf__lines_fail(const mf_lines *lines, mf_err *err, const char *format, ...)
{
    char what[400];
    va_list args;
    va_start(args, format);
    mf__vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return mf_fail(err, MF_EFORMAT, "%s:%llu: %s", mf_in_name(lines->in),
                   (unsigned long long)lines->number, what);
}
