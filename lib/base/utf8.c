#include "base/utf8.h"

#include <string.h>

#include <utf8proc.h>

bool mf__utf8_valid(const char *text, size_t len)
{
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text;
    for (size_t i = 0; i < len;) {
        uint64_t eight;
        if (len - i >= sizeof eight) {
            memcpy(&eight, p + i, sizeof eight);
            if ((eight & 0x8080808080808080u) == 0) {
                i += sizeof eight;
                continue;
            }
        } else if (len >= sizeof eight) { /* the last eight, some of them again */
            memcpy(&eight, p + len - sizeof eight, sizeof eight);
            if ((eight & 0x8080808080808080u) == 0)
                return true;
        }
        if (p[i] < 0x80) {
            i++;
            continue;
        }
        utf8proc_int32_t point;
        utf8proc_ssize_t step =
            utf8proc_iterate(p + i, (utf8proc_ssize_t)(len - i), &point);
        if (step <= 0)
            return false;
        i += (size_t)step;
    }
    return true;
}

bool mf__utf8_acts(int32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x061c ||
           point == 0x200e || point == 0x200f || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

bool mf__utf8_harmless(const char *text, size_t len)
{
    utf8proc_ssize_t step = 1;
    utf8proc_int32_t point;
    for (size_t i = 0; i < len; i += (size_t)step) {
        step = utf8proc_iterate((const utf8proc_uint8_t *)text + i,
                                (utf8proc_ssize_t)(len - i), &point);
        if (step <= 0 || mf__utf8_acts(point))
            return false;
    }
    return true;
}

size_t mf__utf8_clean(char to[], const char *text, size_t len, const char *keep)
{
    size_t n = 0, step;
    for (size_t i = 0; i < len; i += step) {
        utf8proc_int32_t point = 0; /* of what is not UTF-8 */
        utf8proc_ssize_t read = utf8proc_iterate((const utf8proc_uint8_t *)text + i,
                                                 (utf8proc_ssize_t)(len - i), &point);
        step = read > 0 ? (size_t)read : 1;
        bool kept = read == 1 && point != 0 && strchr(keep, point);
        if (read <= 0 || (mf__utf8_acts(point) && !kept)) {
            to[n++] = '?';
        } else {
            memmove(to + n, text + i, step);
            n += step;
        }
    }
    return n;
}
