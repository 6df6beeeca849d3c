#include "data/loose_key.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/ascii.h"
#include "base/mem.h"

void mf__loose_key_free(mf_loose_key *key)
{
    free(key->text);
    *key = (mf_loose_key){0};
}

/* The letters of Latin scripts that have no decomposition, as they are folded. */
static const char *ascii_of(int32_t point)
{
    switch (point) {
    case 0xe6: return "ae";
    case 0xf0: return "d";
    case 0xf8: return "o";
    case 0xfe: return "th";
    case 0x111: return "d";
    case 0x127: return "h";
    case 0x131: return "i";
    case 0x138: return "k";
    case 0x142: return "l";
    case 0x14b: return "n";
    case 0x153: return "oe";
    case 0x167: return "t";
    case 0x180: return "b";
    case 0x1e5: return "g";
    case 0x247: return "e";
    case 0x259: return "e";
    case 0x268: return "i";
    case 0x289: return "u";
    default: return NULL;
    }
}

/* Modifier letters of the first block stand for apostrophes and the like. */
static bool is_kept(int32_t point)
{
    utf8proc_category_t category = utf8proc_category(point);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO &&
           !(point >= 0x2b0 && point <= 0x2ff);
}

static size_t article(const char *fold, size_t len)
{
    static const char *const word[] = {"the ", "a ", "an "};
    for (size_t i = 0; i < sizeof word / sizeof *word; i++) {
        size_t n = strlen(word[i]);
        if (len > n && memcmp(fold, word[i], n) == 0)
            return n;
    }
    return 0;
}

static char *add(char *to, const char *text)
{
    size_t len = strlen(text);
    memcpy(to, text, len);
    return to + len;
}

/* The key of fold[from .. len), to `to`. Returns its end. */
static char *squeeze(char *to, const char *fold, size_t from, size_t len)
{
    for (size_t i = from; i < len;) {
        unsigned char byte = (unsigned char)fold[i];
        utf8proc_int32_t point = byte;
        utf8proc_ssize_t step = 1;
        if (byte >= 0x80)
            step = utf8proc_iterate((const utf8proc_uint8_t *)fold + i,
                                    (utf8proc_ssize_t)(len - i), &point);
        if (step < 1) { /* a fold key is UTF-8 */
            step = 1;
            point = byte;
        }
        bool plus = byte == '+' && i > 0 && i + 1 < len && fold[i - 1] == ' ' &&
                    fold[i + 1] == ' ';
        const char *ascii = point >= 0x80 ? ascii_of(point) : NULL;
        if (byte == '&' || plus)
            to = add(to, "and");
        else if (ascii)
            to = add(to, ascii);
        else if (point < 0x80 ? ascii_is_alphanumeric((char)byte) : is_kept(point)) {
            memcpy(to, fold + i, (size_t)step);
            to += step;
        }
        i += (size_t)step;
    }
    return to;
}

/* A name of punctuation alone. Returns the end. */
static char *drop_blanks(char *to, const char *fold, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (fold[i] != ' ')
            *to++ = fold[i];
    return to;
}

int mf__loose_key_make(mf_loose_key *key, const char *fold, size_t len, bool bare,
                       mf_err *err)
{
    enum { LONGEST = 3 }; /* a byte becomes "and" */
    if (len > SIZE_MAX / LONGEST - 1)
        return mf__nomem(err);
    if (mf__reserve(&key->text, &key->cap, LONGEST * len + 1, 1, err) < 0)
        return MF_ENOMEM;
    size_t drop = article(fold, len), skip = bare ? drop : 0;
    key->article = drop > 0;
    char *end = squeeze(key->text, fold, skip, len);
    if (end == key->text && skip > 0)
        end = squeeze(key->text, fold, 0, len);
    if (end == key->text)
        end = drop_blanks(end, fold, len);
    key->len = (size_t)(end - key->text);
    return MF_OK;
}
