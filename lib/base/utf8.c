#include "base/utf8.h"

#include <stdint.h>
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
