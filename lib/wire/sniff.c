#include "wire/sniff.h"

#include <stdbool.h>
#include <string.h>

typedef struct beginning {
    const char *bytes;
    size_t n;
    const char *words;
} beginning;

/* Formats that say what they are. */
static const beginning KNOWN[] = {
    {"%%MatrixMarket", 14,
     "it is a matrix in MatrixMarket format: mf-convert --from=mtx makes a bundle of "
     "it"},
    {"PK\x03\x04", 4,
     "it is a zip archive: mf-convert --from=npz makes a bundle of a matrix of "
     "scipy.sparse"},
    {"\x93NUMPY", 6,
     "it is an array of numpy: save a matrix with scipy.sparse.save_npz, and "
     "mf-convert "
     "--from=npz makes a bundle of it"},
    {"\x1f\x8b", 2, "it is compressed by gzip: pipe it through gzip -dc"},
    {"\x28\xb5\x2f\xfd", 4, "it is compressed by zstd: pipe it through zstd -dc"},
    {"\xfd"
     "7zXZ",
     5, "it is compressed by xz: pipe it through xz -dc"},
    {"BZh", 3, "it is compressed by bzip2: pipe it through bzip2 -dc"},
    {"\xff\xfe", 2, "it is text in UTF-16: make it UTF-8 with iconv -f UTF-16 first"},
    {"\xfe\xff", 2, "it is text in UTF-16: make it UTF-8 with iconv -f UTF-16 first"},
    {"PAR1", 4, "it is a Parquet file: write it as CSV, and mf-convert makes a bundle"},
    {"\x89HDF", 4,
     "it is an HDF5 file: write it as CSV, and mf-convert makes a bundle"},
};

/* Text has no control characters but those of lines. */
static bool is_text(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((bytes[i] < 0x20 && !memchr("\t\n\r", bytes[i], 3)) || bytes[i] == 0x7f)
            return false;
    return true;
}

/* The field at *at, which becomes where the next one of the line begins, or its end. */
static const uint8_t *next_field(const uint8_t **at, const uint8_t *end, char separator,
                                 size_t *len)
{
    const uint8_t *field = *at, *cut = memchr(field, separator, (size_t)(end - field));
    *len = (size_t)((cut ? cut : end) - field);
    *at = cut ? cut + 1 : end;
    return field;
}

static bool is_number(const uint8_t *field, size_t n)
{
    bool digit = false;
    for (size_t i = 0; i < n; i++) {
        if (!memchr("0123456789+-.\"\r", field[i], 15))
            return false;
        digit |= field[i] >= '0' && field[i] <= '9';
    }
    return digit;
}

/* Has the first of two lines names where the second has numbers, and no number? */
static bool is_headed(const uint8_t *bytes, size_t n, size_t line, char separator)
{
    const uint8_t *a = bytes, *a_end = bytes + line, *b = a_end + 1, *b_end;
    bool numbers = false;
    if (line + 1 >= n)
        return false;
    b_end = memchr(b, '\n', n - line - 1);
    if (!b_end) /* the last field may be cut */
        b_end = bytes + n;
    while (a < a_end) {
        size_t a_len, b_len = 0;
        const uint8_t *name = next_field(&a, a_end, separator, &a_len);
        if (is_number(name, a_len))
            return false;
        if (b < b_end) {
            const uint8_t *value = next_field(&b, b_end, separator, &b_len);
            numbers |= is_number(value, b_len);
        }
    }
    return numbers;
}

const char *mf__sniff(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (n >= KNOWN[i].n && memcmp(bytes, KNOWN[i].bytes, KNOWN[i].n) == 0)
            return KNOWN[i].words;
    if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark */
        bytes += 3;
        n -= 3;
    }
    if (!is_text(bytes, n))
        return "the bytes are no frame";
    const uint8_t *feed = n ? memchr(bytes, '\n', n) : NULL;
    size_t line = feed ? (size_t)(feed - bytes) : n;
    if (n && (bytes[0] == '{' || bytes[0] == '['))
        return "it is JSON: mf-convert --from=ndjson makes a bundle of objects, one a "
               "line";
    if (line && memchr(bytes, '\t', line))
        return is_headed(bytes, n, line, '\t')
                   ? "it is text: mf-convert --from=tsv --header makes a bundle of it"
                   : "it is text: mf-convert --from=tsv makes a bundle of it";
    if (line && memchr(bytes, ',', line))
        return is_headed(bytes, n, line, ',')
                   ? "it is text: mf-convert --from=csv --header makes a bundle of it"
                   : "it is text: mf-convert --from=csv makes a bundle of it";
    return "it is text: mf-convert --from=tsv or csv makes a bundle of lines of user, "
           "item "
           "and value";
}
