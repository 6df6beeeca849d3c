/* base/utf8.h - is it UTF-8, and may it be shown? */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True if the bytes are UTF-8. */
bool mf__utf8_valid(const char *text, size_t len);

/* True for characters that act on a terminal or on the text around them. */
bool mf__utf8_acts(int32_t point);

/* True if the text is UTF-8 without such characters. */
bool mf__utf8_harmless(const char *text, size_t len);

/* Copy the text with a '?' for each of those, but those of ASCII in `keep`, and for
 * each byte that is not UTF-8. `to` may be `text`. Returns the number of bytes written,
 * at most len. */
size_t mf__utf8_clean(char to[], const char *text, size_t len, const char *keep);

#endif
