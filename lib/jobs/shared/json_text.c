#include "jobs/shared/json_text.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/number.h"
#include "jobs/shared/json.h"
#include "jobs/shared/number_text.h"

/* Put down a byte that must be escaped. Returns the end. */
static char *escape(char *at, unsigned char byte)
{
    static const char short_of[] = "\"\"\\\\\bb\ff\nn\rr\tt",
                      hex[] = "0123456789ABCDEF";
    *at++ = '\\';
    for (const char *s = short_of; *s; s += 2)
        if ((unsigned char)*s == byte) {
            *at++ = s[1];
            return at;
        }
    memcpy(at, "u00", 3);
    at[3] = hex[byte >> 4];
    at[4] = hex[byte & 15];
    return at + 5;
}

void mf__json_put_text(page *to, const char *text, size_t len)
{
    enum { LONGEST = 6 }; /* \u00XX */
    if (len > (SIZE_MAX - 2) / LONGEST) {
        mf__page_fail(to, MF_ENOMEM, NULL);
        return;
    }
    char *at = mf__page_room(to, LONGEST * len + 3);
    if (!at)
        return;
    *at++ = '"';
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte < 0x20 || byte == '"' || byte == '\\')
            at = escape(at, byte);
        else if (byte < 0x7f)
            *at++ = (char)byte;
        else {
            size_t from = i;
            while (i + 1 < len && (unsigned char)text[i + 1] >= 0x7f)
                i++;
            at += mf__json_escape(at, text + from, i + 1 - from);
        }
    }
    *at++ = '"';
    to->n = (size_t)(at - to->text);
}

/* printf writes at least two digits of an exponent, and its plus. Returns the end. */
static char *real_text(char text[NUMBER_TEXT], double value)
{
    mf__snprintf(text, NUMBER_TEXT, "%.10g", value);
    char *e = strchr(text, 'e');
    if (e) {
        char *from = e + 1, *at = e + 1;
        if (*from == '-')
            at++;
        from++;
        while (*from == '0')
            from++;
        memmove(at, from, strlen(from) + 1);
    } else if (!strchr(text, '.'))
        strcat(text, ".0");
    return text + strlen(text);
}

void mf__json_put_real(page *to, double value)
{
    char text[NUMBER_TEXT];
    real_text(text, value);
    mf__page_puts(to, text);
}

char *mf__json_float_text(char text[FLOAT_TEXT], float value)
{
    double size = fabs((double)value);
    mf__float_text(text, value);
    if (value == 0 ||
        (size >= 1e-4 && size < 1e6)) /* has no exponent, nor would have */
        return text + strlen(text);
    return real_text(text, mf__strtod(text, NULL));
}

void mf__json_put_float(page *to, float value)
{
    char text[FLOAT_TEXT];
    mf__json_float_text(text, value);
    mf__page_puts(to, text);
}
