/* base/ascii.h - classes of characters, whatever the locale: bytes past 127, of which
 * UTF-8 is made, belong to none. */
#ifndef BASE_ASCII_H
#define BASE_ASCII_H

#include <stdbool.h>
#include <stddef.h>

static inline bool ascii_is_control(char c)
{
    return (unsigned char)c < ' ' || c == 0x7f;
}

static inline char ascii_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static inline bool ascii_is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (ascii_upper(c) >= 'A' && ascii_upper(c) <= 'Z');
}

/* The same letters, large or small. */
static inline bool ascii_same(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (ascii_upper(a[i]) != ascii_upper(b[i]))
            return false;
    return true;
}

#endif
