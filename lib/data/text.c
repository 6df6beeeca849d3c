#include "data/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/number.h"

size_t mf__text_split(mf_field line, const char *separator, mf_field fields[],
                      size_t max)
{
    size_t step = strlen(separator), n = 0;
    const char *at = line.text, *end = line.text + line.len;
    while (n + 1 < max) {
        size_t left = (size_t)(end - at);
        const char *cut = step == 1 ? memchr(at, *separator, left)
                                    : memmem(at, left, separator, step);
        if (!cut)
            break;
        fields[n++] = (mf_field){at, (size_t)(cut - at)};
        at = cut + step;
    }
    fields[n++] = (mf_field){at, (size_t)(end - at)};
    return n;
}

bool mf__text_u32(mf_field field, uint32_t *value)
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

bool mf__text_float(mf_field field, float *value)
{
    char text[64], *end;
    if (field.len == 0 || field.len >= sizeof text)
        return false;
    for (size_t i = 0; i < field.len; i++)
        if (!memchr("0123456789+-.eE", field.text[i], 15))
            return false;
    memcpy(text, field.text, field.len);
    text[field.len] = '\0';
    *value = mf__strtof(text, &end);
    return *end == '\0' && isfinite(*value);
}

const char *mf__text_number_hint(mf_field field)
{
    size_t commas = 0, after = 0; /* digits after the last comma */
    float unused;
    mf_field bare = field;
    for (; bare.len > 0 && bare.text[0] == ' '; bare.len--)
        bare.text++;
    while (bare.len > 0 && bare.text[bare.len - 1] == ' ')
        bare.len--;
    if (bare.len < field.len && mf__text_float(bare, &unused))
        return "; a blank stands beside it";
    for (size_t i = field.len > 0 && field.text[0] == '-'; i < field.len; i++) {
        bool digit = field.text[i] >= '0' && field.text[i] <= '9';
        if (!digit && field.text[i] != ',')
            return "";
        commas += !digit;
        after = digit ? after + 1 : 0;
    }
    return commas == 0 || (commas == 1 && field.len == 1) ? ""
           : commas > 1 || after == 3
               ? "; thousands are written without a comma, decimals with a point"
               : "; decimals are written with a point, not a comma";
}

static bool separates_fields(int32_t point)
{
    utf8proc_category_t c = utf8proc_category(point);
    return point == '%' || c == UTF8PROC_CATEGORY_CC || c == UTF8PROC_CATEGORY_ZS ||
           c == UTF8PROC_CATEGORY_ZL || c == UTF8PROC_CATEGORY_ZP;
}

size_t mf__text_trec(char to[], const char *text, size_t len)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t n = 0, step;
    for (size_t i = 0; i < len; i += step) {
        utf8proc_int32_t point = -1; /* of what is not UTF-8 */
        utf8proc_ssize_t read = utf8proc_iterate((const utf8proc_uint8_t *)text + i,
                                                 (utf8proc_ssize_t)(len - i), &point);
        bool as_is = read > 0 && !separates_fields(point);
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
