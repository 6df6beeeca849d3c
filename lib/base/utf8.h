/* base/utf8.h - is it UTF-8? */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* True if the bytes are UTF-8. */
bool mf__utf8_valid(const char *text, size_t len);

#endif
