#include "mf/artist_key.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/mem.h"

const char *const mf_artist_rule_names[] = {"fold", "exact", "ascii", NULL};

void mf_artist_key_free(mf_artist_key *key)
{
    free(key->text);
    free(key->point);
    *key = (mf_artist_key){0};
}

static bool is_blank(int32_t point)
{
    if (point < 0x80)
        return point == ' ' || (point >= '\t' && point <= '\r');
    utf8proc_category_t category = utf8proc_category(point);
    return point == 0x85 || category == UTF8PROC_CATEGORY_ZS ||
           category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

static bool is_letter(int32_t point)
{
    utf8proc_category_t category = utf8proc_category(point);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

/* The length of the bytes from `name` on that are ASCII, or are not. */
static size_t run_of(const char *name, size_t len, bool ascii)
{
    size_t n = 0;
    while (n < len && ((unsigned char)name[n] < 0x80) == ascii)
        n++;
    return n;
}

/* Decompose a run that is not ASCII to key->point[*n ..]. */
static int decompose_run(mf_artist_key *key, utf8proc_option_t options,
                         const char *name, size_t len, size_t *n, mf_err *err)
{
    for (;;) {
        size_t room = key->point_cap - *n;
        utf8proc_ssize_t need =
            utf8proc_decompose((const utf8proc_uint8_t *)name, (utf8proc_ssize_t)len,
                               key->point + *n, (utf8proc_ssize_t)room, options);
        if (need < 0)
            return mf_fail(err, MF_EFORMAT, "artist name is not UTF-8");
        if ((size_t)need <= room) {
            *n += (size_t)need;
            return MF_OK;
        }
        if (mf__reserve(&key->point, &key->point_cap, *n + (size_t)need,
                        sizeof *key->point, err) < 0)
            return MF_ENOMEM;
    }
}

/* Decompose the name into key->point. Sets *n. Nearly all of most names is ASCII, which
 * is its own decomposition and parts what is put in order by itself; its letters keep
 * their case. */
static int decompose(mf_artist_key *key, mf_artist_rule rule, const char *name,
                     size_t len, size_t *n, mf_err *err)
{
    utf8proc_option_t options = UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT;
    if (rule == MF_ARTIST_FOLD)
        options |= UTF8PROC_CASEFOLD;
    int code = MF_OK;
    *n = 0;
    for (size_t i = 0; code == MF_OK && i < len;) {
        size_t ascii = run_of(name + i, len - i, true);
        if (mf__reserve(&key->point, &key->point_cap, *n + ascii + 1,
                        sizeof *key->point, err) < 0)
            return MF_ENOMEM;
        for (size_t end = i + ascii; i < end; i++)
            key->point[(*n)++] = name[i];
        size_t run = run_of(name + i, len - i, false);
        if (run)
            code = decompose_run(key, options, name + i, run, n, err);
        i += run;
    }
    return code;
}

/* Drop accents, replace each run of white space by one blank (by none at the ends),
 * make ASCII letters lower case. Returns how many points are left. */
static size_t tidy(int32_t point[], size_t n)
{
    size_t to = 0;
    for (size_t i = 0; i < n; i++) {
        int32_t p = point[i];
        if (p >= 0x80 && utf8proc_get_property(p)->combining_class >= 200)
            continue;
        if (is_blank(p)) {
            if (to > 0 && point[to - 1] != ' ')
                point[to++] = ' ';
        } else {
            point[to++] = p >= 'A' && p <= 'Z' ? p + ('a' - 'A') : p;
        }
    }
    return to > 0 && point[to - 1] == ' ' ? to - 1 : to;
}

/* True if the points begin with `word`, which is ASCII. */
static bool begins_with(const int32_t point[], size_t n, const char *word)
{
    size_t i = 0;
    while (word[i] && i < n && point[i] == word[i])
        i++;
    return !word[i];
}

static bool opens(int32_t point)
{
    return point == ' ' || point == '(' || point == '[';
}

/* The length of `word` if the points begin with it as a whole word, else 0. */
static size_t whole_word(const int32_t point[], size_t n, const char *word)
{
    size_t len = strlen(word);
    return begins_with(point, n, word) && (n == len || !is_letter(point[len])) ? len
                                                                               : 0;
}

/* The length of "feat" or "ft" if the points begin with it, without a full stop. */
static size_t bare_mark(const int32_t point[], size_t n)
{
    size_t len = whole_word(point, n, "feat");
    return len ? len : whole_word(point, n, "ft");
}

/* Is what follows "feat" or "ft" a guest? Little Feat & Friends are none, and in
 * "Little Feat ft. X" the mark is the second. */
static bool is_guest(const int32_t point[], size_t n)
{
    return n > 1 && point[0] == ' ' && point[1] != '&' && point[1] != '+' &&
           !opens(point[1]) && !whole_word(point + 1, n - 1, "and") &&
           !whole_word(point + 1, n - 1, "featuring") && !bare_mark(point + 1, n - 1);
}

/* Is the word that ends before point[n] a number? 50 ft Wave is no guest of 50. */
static bool ends_in_number(const int32_t point[], size_t n)
{
    size_t i = n > 0 && point[n - 1] == ' ' ? n - 1 : n, end = i;
    while (i > 0 && point[i - 1] >= '0' && point[i - 1] <= '9')
        i--;
    return i < end && (i == 0 || point[i - 1] == ' ');
}

/* Do guests begin at point[i], which is not the first of n? */
static bool guests_at(const int32_t point[], size_t n, size_t i, bool bare)
{
    const int32_t *at = point + i;
    size_t left = n - i;
    if (begins_with(at, left, " / "))
        return true;
    if (!opens(at[-1]))
        return false;
    if (begins_with(at, left, "feat.") || begins_with(at, left, "ft.") ||
        whole_word(at, left, "featuring"))
        return true;
    size_t len = bare ? bare_mark(at, left) : 0;
    return len && is_guest(at + len, left - len) && !ends_in_number(point, i);
}

/* The length of the part before the guests; with `bare`, "feat" and "ft" need no full
 * stop. */
static size_t cut(const int32_t point[], size_t n, bool bare)
{
    size_t i = 1;
    while (i < n && !guests_at(point, n, i, bare))
        i++;
    if (i >= n)
        return n;
    while (i > 0 && opens(point[i - 1]))
        i--;
    return i;
}

/* The first n points as the text of the key. */
static int encode(mf_artist_key *key, size_t n, mf_err *err)
{
    if (mf__reserve(&key->text, &key->cap, 4 * n + 1, 1, err) < 0)
        return MF_ENOMEM;
    key->len = 0;
    for (size_t i = 0; i < n; i++)
        if (key->point[i] < 0x80)
            key->text[key->len++] = (char)key->point[i];
        else
            key->len += (size_t)utf8proc_encode_char(
                key->point[i], (utf8proc_uint8_t *)key->text + key->len);
    return MF_OK;
}

static int copy_name(mf_artist_key *key, const char *name, size_t len, mf_err *err)
{
    if (mf__reserve(&key->text, &key->cap, len + 1, 1, err) < 0)
        return MF_ENOMEM;
    memcpy(key->text, name, len);
    key->len = len;
    return MF_OK;
}

int mf_artist_key_make(mf_artist_key *key, mf_artist_rule rule, const char *name,
                       size_t len, mf_err *err)
{
    size_t n = 0;
    key->guests = false;
    if (rule == MF_ARTIST_EXACT)
        return copy_name(key, name, len, err);
    int code = decompose(key, rule, name, len, &n, err);
    if (code < 0)
        return code;
    size_t whole = tidy(key->point, n);
    size_t part = cut(key->point, whole, rule == MF_ARTIST_FOLD);
    key->guests = part > 0 && part < whole;
    if (rule == MF_ARTIST_ASCII) {
        size_t to = 0;
        for (size_t i = 0; i < part; i++)
            if (key->point[i] < 128)
                key->point[to++] = key->point[i];
        return encode(key, tidy(key->point, to), err);
    }
    if (whole == 0)
        return copy_name(key, name, len, err);
    return encode(key, part > 0 ? part : whole, err);
}
