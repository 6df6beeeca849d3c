#include "mf/nearest.h"

#include <stdbool.h>
#include <string.h>

#include <utf8proc.h>

#include "base/ascii.h"
#include "base/number.h"
#include "data/nearest.h"

/* The next code point; a byte that starts none is one of its own. */
static int32_t next_point(const char **at, const char *end)
{
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)*at;
    utf8proc_int32_t point = *p;
    utf8proc_ssize_t step = *p < 0x80 ? 1 : utf8proc_iterate(p, end - *at, &point);
    if (step < 1) {
        point = *p;
        step = 1;
    }
    *at += step;
    return point;
}

/* Where a code point stands in the text. */
static uint64_t places(const mf_nearest *near, int32_t point)
{
    if (point < 128)
        return near->ascii[point];
    for (uint32_t i = 0; i < near->different; i++)
        if (near->point[i] == point)
            return near->where[i];
    return 0;
}

static void add_place(mf_nearest *near, int32_t point, uint64_t bit)
{
    uint32_t i = 0;
    if (point < 128) {
        near->ascii[point] |= bit;
        return;
    }
    while (i < near->different && near->point[i] != point)
        i++;
    near->point[i] = point;
    near->where[i] |= bit;
    near->different += i == near->different;
}

mf_nearest mf__nearest_to(const char *text, size_t len)
{
    mf_nearest near = {0};
    for (const char *at = text, *end = text + len;
         at < end && near.points < MF_NEAREST_POINTS; near.points++)
        add_place(&near, next_point(&at, end), (uint64_t)1 << near.points);
    return near;
}

/* Column by column of the table of distances, a column being the differences of
 * its neighbours: more (up) and less (down) by one, as bits. */
uint32_t mf__nearest_distance(const mf_nearest *near, const char *text, size_t len)
{
    uint64_t up = UINT64_MAX, down = 0, diagonal = 0, last = 0;
    uint64_t bottom = near->points ? (uint64_t)1 << (near->points - 1) : 0;
    uint32_t distance = near->points, read = 0;
    for (const char *at = text, *end = text + len; at < end && read < MF_NEAREST_POINTS;
         read++) {
        uint64_t match = places(near, next_point(&at, end));
        uint64_t swap = ((~diagonal & match) << 1) & last;
        diagonal = (((match & up) + up) ^ up) | match | down | swap;
        uint64_t right = down | ~(diagonal | up), left = diagonal & up;
        distance += (right & bottom) != 0;
        distance -= (left & bottom) != 0;
        right = right << 1 | 1;
        up = left << 1 | ~(diagonal | right);
        down = diagonal & right;
        last = match;
    }
    return near->points ? distance : read;
}

void mf__nearest_offer(mf_nearest *near, const char *text, size_t len, uint32_t index,
                       uint64_t weight)
{
    uint32_t distance = mf__nearest_distance(near, text, len), at = near->n;
    while (at > 0 && (near->found[at - 1].distance > distance ||
                      (near->found[at - 1].distance == distance &&
                       (near->found[at - 1].weight < weight ||
                        (near->found[at - 1].weight == weight &&
                         near->found[at - 1].index > index)))))
        at--;
    if (at == MF_NEAREST_FOUND)
        return;
    near->n += near->n < MF_NEAREST_FOUND;
    for (uint32_t i = near->n - 1; i > at; i--)
        near->found[i] = near->found[i - 1];
    near->found[at].index = index;
    near->found[at].distance = distance;
    near->found[at].weight = weight;
}

int mf__nearest_clip(const char *text, size_t len, size_t most)
{
    if (len > most)
        for (len = most; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80;)
            len--;
    return (int)len;
}

void mf__nearest_hint(const mf_nearest *near, const mf_ids *ids,
                      char hint[MF_NEAREST_HINT])
{
    size_t used = 0;
    hint[0] = '\0';
    for (uint32_t i = 0; i < near->n; i++) {
        size_t len;
        const char *id = mf_ids_get(ids, near->found[i].index, &len);
        const char *before =
            i == 0            ? near->n == 1 ? "; the nearest is" : "; the nearest are"
            : i + 1 < near->n ? ","
                              : " and";
        /* three of these fit */
        used = mf__append(hint, MF_NEAREST_HINT, used, "%s '%.*s'", before,
                          mf__nearest_clip(id, len, 76), id);
    }
}

enum { WORD = 64 };

/* The part of a word that is compared. Returns its length. */
static size_t plain_word(char to[WORD], const char *text, size_t len)
{
    size_t n = 0;
    for (; n < len && n < WORD && text[n] && !strchr(":=@", text[n]); n++)
        to[n] = text[n] == '_' ? '-' : ascii_upper(text[n]);
    return n;
}

void mf_nearest_ask(char question[MF_NEAREST_WORDS], const char *before,
                    const char *text, size_t len, const char *const words[])
{
    char plain[WORD], word[WORD];
    size_t n = plain_word(plain, text, len);
    mf_nearest near = mf__nearest_to(plain, n);
    for (uint32_t i = 0; words[i]; i++) {
        size_t size = plain_word(word, words[i], strlen(words[i]));
        bool begins = n >= 3 && size >= n && memcmp(word, plain, n) == 0;
        if (begins || mf__nearest_distance(&near, word, size) <= n / 3)
            mf__nearest_offer(&near, word, size, i, 0);
    }
    size_t used = 0;
    question[0] = '\0';
    for (uint32_t i = 0; i < near.n; i++)
        if (near.found[i].distance == near.found[0].distance)
            used = mf__append(question, MF_NEAREST_WORDS, used, "%s '%s%.*s'",
                              i == 0 ? "; did you mean" : " or", before, 60,
                              words[near.found[i].index]);
    if (used > 0)
        mf__append(question, MF_NEAREST_WORDS, used, "?");
}
