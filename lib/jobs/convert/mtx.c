/* Matrix Market, coordinate format (Boisvert, Pozo, Remington 1996): a banner,
 * comments, the sizes, then one entry a line with indices from 1. */
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/io.h"
#include "data/text.h"
#include "jobs/convert/format.h"
#include "jobs/shared/quoted.h"
#include "jobs/convert/splitter.h"
#include "jobs/shared/number_text.h"

static bool is_word(mf_field word, const char *text)
{
    return word.len == strlen(text) && ascii_same(word.text, text, word.len);
}

typedef enum field_kind { REAL, INTEGER, PATTERN } field_kind;

static int read_banner(mf_lines *lines, field_kind *kind, mf_err *err)
{
    mf_field line, word[5];
    int code = mf_lines_next(lines, &line, err);
    if (code < 0)
        return code;
    if (code == 0)
        return mf_fail(err, MF_EFORMAT, "%s: is empty, not Matrix Market",
                       mf_lines_name(lines));
    if (mf__split_words(line, word, 5) != 5 || !is_word(word[0], "%%MatrixMarket") ||
        !is_word(word[1], "matrix"))
        return mf__lines_fail(
            lines, err, "not Matrix Market: wanted '%%%%MatrixMarket matrix ...'");
    if (!is_word(word[2], "coordinate"))
        return mf__lines_fail(lines, err, "a dense matrix; only coordinate is read");
    *kind = is_word(word[3], "real") || is_word(word[3], "double") ? REAL
            : is_word(word[3], "integer") || is_word(word[3], "unsigned-integer")
                ? INTEGER
                : PATTERN;
    if (*kind == PATTERN && !is_word(word[3], "pattern"))
        return mf__lines_fail(lines, err, "only real, integer and pattern are read");
    if (!is_word(word[4], "general"))
        return mf__lines_fail(lines, err,
                              "only general is read: users and items have no "
                              "symmetry");
    return MF_OK;
}

/* The next line that is neither a comment nor blank. */
static int next_words(mf_lines *lines, mf_field word[], size_t max, size_t *n,
                      mf_err *err)
{
    mf_field line;
    int code;
    while ((code = mf_lines_next(lines, &line, err)) == 1)
        if ((*n = mf__split_words(line, word, max)) > 0 && line.text[0] != '%')
            return 1;
    return code;
}

/* Decimal digits alone, as a u64. */
static bool read_u64(mf_field word, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < word.len; i++)
        if (word.text[i] < '0' || word.text[i] > '9' ||
            __builtin_mul_overflow(*value, 10u, value) ||
            __builtin_add_overflow(*value, (uint64_t)(word.text[i] - '0'), value))
            return false;
    return word.len > 0;
}

/* Digits, perhaps with a sign. */
static bool is_integer(mf_field word)
{
    size_t sign = word.len > 0 && (word.text[0] == '-' || word.text[0] == '+');
    for (size_t i = sign; i < word.len; i++)
        if (word.text[i] < '0' || word.text[i] > '9')
            return false;
    return word.len > sign;
}

static int put_entry(cells *c, mf_field word[], size_t n, field_kind kind,
                     const uint32_t size[2], mf_err *err)
{
    uint32_t index[2];
    entry e = {.value = 1, .whole = true, .line = mf_lines_number(c->lines)};
    if (n != (kind == PATTERN ? 2 : 3))
        return mf__cells_fail(c, err, "an entry must have a row, a column%s",
                              kind == PATTERN ? " and nothing else" : " and a value");
    for (int axis = MF_USER; axis <= MF_ITEM; axis++)
        if (!mf__text_u32(word[axis], &index[axis]) || index[axis] == 0 ||
            index[axis] > size[axis])
            return mf__cells_fail(c, err, "%s '%s' is not in 1 .. %u",
                                  axis == MF_USER ? "row" : "column",
                                  mf__quoted(word[axis]).text, size[axis]);
    if (kind == INTEGER && !is_integer(word[2]))
        return mf__cells_fail(c, err,
                              "'%s' is no whole number, which the first line says: "
                              "make that 'real'",
                              mf__quoted(word[2]).text);
    int code = kind == PATTERN ? MF_OK : mf__cells_value(c, word[2], &e, err);
    if (code < 0)
        return code;
    if (kind == REAL)
        e.whole = false; /* the banner says so, even if the value looks like a count */
    e.user = cells_index(c, MF_USER, index[MF_USER] - 1);
    e.item = cells_index(c, MF_ITEM, index[MF_ITEM] - 1);
    return mf__cells_put(c, &e, err);
}

int mf__mtx_read(cells *c, const mf_convert_input *input,
                 const mf_convert_from_params *params, reading *got, mf_err *err)
{
    (void)params;
    (void)got;
    mf_lines *lines = input->text;
    mf_field word[3];
    field_kind kind = REAL;
    size_t n = 0;
    uint32_t size[2];
    uint64_t entries, seen = 0;
    int code = read_banner(lines, &kind, err);
    if (code < 0 || (code = next_words(lines, word, 3, &n, err)) < 0)
        return code;
    if (code == 0 || n != 3 || !mf__text_u32(word[0], &size[MF_USER]) ||
        !mf__text_u32(word[1], &size[MF_ITEM]) || !read_u64(word[2], &entries))
        return mf__lines_fail(lines, err,
                              "wanted the numbers of rows, columns and entries");
    if ((code = mf__cells_extent(c, MF_USER, size[MF_USER], 1, err)) < 0 ||
        (code = mf__cells_extent(c, MF_ITEM, size[MF_ITEM], 1, err)) < 0)
        return code;
    while ((code = next_words(lines, word, 3, &n, err)) == 1) {
        if (seen++ == entries)
            return mf__lines_fail(lines, err,
                                  "more entries than the %llu of the size line",
                                  (unsigned long long)entries);
        if ((code = put_entry(c, word, n, kind, size, err)) < 0)
            return code;
    }
    if (code == 0 && seen != entries)
        return mf__lines_fail(lines, err, "ends after %llu of %llu entr%s",
                              (unsigned long long)seen, (unsigned long long)entries,
                              entries == 1 ? "y" : "ies");
    return code;
}

int mf__mtx_write(mf_out *out, const mf_model *m, const mf_convert_to_params *params,
                  const char *name, mf_err *err)
{
    (void)params;
    (void)name;
    const mf_ratings *r = &m->ratings;
    bool counts = m->header.value == MF_U32;
    int code = mf_out_printf(
        out, err, "%%%%MatrixMarket matrix coordinate %s general\n%u %u %zu\n",
        counts ? "integer" : "real", r->x.rows, r->x.cols, r->x.nnz);
    for (uint32_t u = 0; u < r->x.rows; u++)
        for (size_t t = r->x.ptr[u]; code == MF_OK && t < r->x.ptr[u + 1]; t++) {
            char text[FLOAT_TEXT];
            if (counts)
                snprintf(text, sizeof text, "%u", r->count[t]);
            else
                mf__float_text(text, r->x.val[t]);
            code = mf_out_printf(out, err, "%llu %llu %s\n", (unsigned long long)u + 1,
                                 (unsigned long long)r->x.col[t] + 1, text);
        }
    return code;
}
