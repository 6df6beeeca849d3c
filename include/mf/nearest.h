/* mf/nearest.h - which of a few words was meant by one that is none of them. */
#ifndef MF_NEAREST_H
#define MF_NEAREST_H

#include <stddef.h>

#include "mf/err.h"

MF_BEGIN_DECLS

enum { MF_NEAREST_WORDS = 240 }; /* bytes of a question and its NUL */

/* Ask for the words, of a list that NULL ends, that are nearest to the `len` bytes of
 * `text`: "; did you mean 'A' or 'B'?", with `before` in front of each, or nothing
 * where none is near (more than a third of the letters of `text` would have to change,
 * and it begins none). Case does not count, '_' is '-', and what follows a ':', '=' or
 * '@' is left out. */
void mf_nearest_ask(char question[MF_NEAREST_WORDS], const char *before,
                    const char *text, size_t len, const char *const words[]);

MF_END_DECLS

#endif
