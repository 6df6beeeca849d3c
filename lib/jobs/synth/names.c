#include "jobs/synth/names.h"

#include <stdio.h>
#include <string.h>

/* A bijection of 28 bits: odd factors and xor of high bits into low ones. */
static uint32_t mix28(uint64_t seed, uint32_t n)
{
    const uint32_t mask = (1u << 28) - 1;
    uint32_t x = (n + (uint32_t)seed) & mask;
    x = (x ^ x >> 15) * 0x2c1b3c6du & mask;
    x = (x ^ x >> 12) * 0x297a2d39u & mask;
    return x ^ x >> 15;
}

static void put_hex(char *to, uint64_t bits, int digits)
{
    static const char upper[] = "0123456789ABCDEF";
    for (int i = digits - 1; i >= 0; i--, bits >>= 4)
        to[i] = upper[bits & 15];
}

/* Prefix, five letters, middle, and the digits that make the id unique. */
static void put_id(char id[SYNTH_ID], const char *prefix, const char *middle,
                   uint64_t seed, uint32_t n, uint64_t salt)
{
    uint32_t unique = mix28(seed + salt, n);
    uint64_t letters = (uint64_t)unique * 0x9e3779b97f4a7c15u >> 24;
    memcpy(id, prefix, 2);
    for (int i = 2; i < 7; i++, letters /= 26)
        id[i] = (char)('A' + letters % 26);
    size_t len = strlen(middle);
    memcpy(id + 7, middle, len);
    put_hex(id + 7 + len, unique, SYNTH_ID - 7 - (int)len);
}

void mf__synth_song_id(char id[SYNTH_ID], uint64_t seed, uint32_t n)
{
    put_id(id, "SO", n % 3 ? "12A8" : "12AB", seed, n, 0);
}

void mf__synth_track_id(char id[SYNTH_ID], uint64_t seed, uint32_t n)
{
    put_id(id, "TR", n % 3 ? "128F" : "1290", seed, n, 77);
}

void mf__synth_user_id(char id[SYNTH_USER], mf_rng *rng)
{
    static const char lower[] = "0123456789abcdef";
    for (int i = 0; i < SYNTH_USER; i += 8) {
        uint64_t bits = mf__rng_u64(rng);
        for (int d = 0; d < 8; d++, bits >>= 4)
            id[i + d] = lower[bits & 15];
    }
}

/* --- names --- */

typedef struct words {
    const char *const *word;
    uint32_t n;
} words;

#define WORDS(list)                                                                    \
    {                                                                                  \
        list, sizeof list / sizeof *list                                               \
    }

static const char *const ONSETS[] = {"b",  "br", "c",  "ch", "d", "dr", "f", "g",
                                     "gr", "h",  "j",  "k",  "l", "m",  "n", "p",
                                     "r",  "s",  "sh", "st", "t", "tr", "v", "w"};
static const char *const VOWELS[] = {"a", "e", "i", "o",  "u",
                                     "a", "e", "o", "ai", "ea"};
static const char *const ACCENTED[] = {"á", "é", "í", "ó", "ü",
                                       "ö", "è", "ñ", "å", "ê"};
static const char *const CODAS[] = {"",  "",   "",   "n",  "r",  "l", "s",
                                    "t", "ck", "nd", "st", "th", "m"};
static const char *const KANA[] = {"ア", "イ", "カ", "キ", "サ", "シ", "タ", "ナ",
                                   "ノ", "マ", "ミ", "ラ", "リ", "ヨ", "ド", "グ"};
static const char *const CYRILLIC[] = {"ка", "ми", "ла", "но", "ре", "за", "ви",
                                       "до", "со", "ту", "ма", "бе", "га", "ша"};
static const char *const GREEK[] = {"α",   "νο", "μα", "ρι", "κο",
                                    "στα", "λε", "θα", "πο"};
static const char *const PLURALS[] = {"Foxes",  "Lanterns", "Engines", "Rivers",
                                      "Kings",  "Signals",  "Wolves",  "Mirrors",
                                      "Pilots", "Orchards"};
static const char *const NOUNS[] = {"Night", "Summer", "Fire",  "Heart",
                                    "Road",  "Water",  "Light", "Moon",
                                    "Glass", "Dance",  "Train", "Silence"};
static const char *const VERBS[] = {"Leaving", "Burning", "Waiting For", "Chasing",
                                    "Forget",  "Hold",    "Under",       "Back To"};

static const words SCRIPTS[] = {WORDS(KANA), WORDS(CYRILLIC), WORDS(GREEK)};

static const char *pick(const char *const list[], size_t n, mf_rng *rng)
{
    return list[mf__rng_below(rng, (uint32_t)n)];
}

#define PICK(list, rng) pick(list, sizeof list / sizeof *list, rng)

static void append(char text[SYNTH_TEXT], const char *more)
{
    size_t at = strlen(text), len = strlen(more);
    if (at + len < SYNTH_TEXT)
        memcpy(text + at, more, len + 1);
}

/* A capitalized word of one to three syllables; with an accent if asked. */
static void append_word(char text[SYNTH_TEXT], bool accent, mf_rng *rng)
{
    char word[64] = "";
    uint32_t syllables = 2 + mf__rng_below(rng, 2);
    for (uint32_t s = 0; s < syllables; s++) {
        const char *onset = PICK(ONSETS, rng);
        const char *vowel = accent && s == 1 ? PICK(ACCENTED, rng) : PICK(VOWELS, rng);
        const char *coda = s + 1 == syllables ? PICK(CODAS, rng) : "";
        size_t at = strlen(word);
        snprintf(word + at, sizeof word - at, "%s%s%s", onset, vowel, coda);
    }
    word[0] = (char)(word[0] - 'a' + 'A');
    append(text, word);
}

static void append_script(char text[SYNTH_TEXT], mf_rng *rng)
{
    words script = SCRIPTS[mf__rng_below(rng, sizeof SCRIPTS / sizeof *SCRIPTS)];
    for (uint32_t n = 3 + mf__rng_below(rng, 4); n > 0; n--)
        append(text, pick(script.word, script.n, rng));
}

void mf__synth_artist_name(char name[SYNTH_TEXT], mf_rng *rng)
{
    uint32_t kind = mf__rng_below(rng, 100);
    bool accent = mf__rng_below(rng, 12) == 0;
    name[0] = '\0';
    if (kind < 4) {
        append_script(name, rng);
    } else if (kind < 18) {
        append(name, "The ");
        append_word(name, accent, rng);
        append(name, " ");
        append(name, PICK(PLURALS, rng));
    } else if (kind < 24) {
        append(name, "DJ ");
        append_word(name, accent, rng);
    } else if (kind < 30) {
        append_word(name, accent, rng);
        append(name, " & The ");
        append(name, PICK(PLURALS, rng));
    } else if (kind < 50) {
        append_word(name, accent, rng);
    } else {
        append_word(name, accent, rng);
        append(name, " ");
        append_word(name, false, rng);
    }
}

void mf__synth_longer_name(char name[SYNTH_TEXT], mf_rng *rng)
{
    append(name, " ");
    append_word(name, false, rng);
}

void mf__synth_spelling(char out[SYNTH_TEXT], const char *name, mf_rng *rng)
{
    char guest[SYNTH_TEXT] = "";
    append_word(guest, false, rng);
    out[0] = '\0';
    append(out, name);
    switch (mf__rng_below(rng, 4)) {
    case 0: append(out, " feat. "); break;
    case 1: append(out, " Featuring "); break;
    case 2: append(out, " / "); break;
    default: append(out, " (ft. "); append(guest, ")");
    }
    append(out, guest);
}

void mf__synth_title(char title[SYNTH_TEXT], mf_rng *rng)
{
    title[0] = '\0';
    switch (mf__rng_below(rng, 3)) {
    case 0: append(title, "The "); break;
    case 1:
        append(title, PICK(VERBS, rng));
        append(title, " The ");
        break;
    default: append_word(title, false, rng); append(title, " ");
    }
    append(title, PICK(NOUNS, rng));
}
