/* mf/artist_key.h - when two spellings name one artist.
 *
 * Spellings with equal keys are one artist. `fold` takes the text before
 * "feat.", "ft.", "featuring" (after white space or an open bracket) or " / ",
 * decomposed (NFKD), without accents, case folded, white space collapsed.
 * "feat" and "ft" need no full stop where white space and a guest follow: no "&",
 * "+", "and", bracket or another such mark, so that Little Feat keep their name; nor
 * does a number come before, so that 50 ft Wave do.
 * Accents are the marks above, below or on a letter (canonical combining class
 * 200 or more), which names are written with and without; the vowel signs of
 * Indic and Thai scripts and the voicing marks of kana are letters, and stay.
 * Where nothing is left, the whole name is folded without the cut, and where
 * that leaves nothing either, the key is the name itself.
 *
 * `ascii` is the rule of the study that this project starts from, kept for
 * ablation: like fold, but its marks of guests have full stops, and what is not
 * ASCII after NFKD is dropped, so that every name in another script has one empty
 * key. That is its mistake. */
#ifndef MF_ARTIST_KEY_H
#define MF_ARTIST_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/err.h"

MF_BEGIN_DECLS

typedef enum mf_artist_rule {
    MF_ARTIST_FOLD,
    MF_ARTIST_EXACT, /* the name itself */
    MF_ARTIST_ASCII
} mf_artist_rule;

/* "fold", "exact", "ascii", NULL. */
extern const char *const mf_artist_rule_names[];

/* A key and the room to make it in; zeroed before its first use. */
typedef struct mf_artist_key {
    char *text; /* [len], not terminated, not NULL once made; owned */
    size_t len, cap;
    bool guests;    /* the name has some, who are not in the key */
    int32_t *point; /* code points while the key is made; owned */
    size_t point_cap;
} mf_artist_key;

void mf_artist_key_free(mf_artist_key *key);

/* The key of a name, which is UTF-8, under `rule`. O(len). Returns MF_OK,
 * MF_EFORMAT (not UTF-8) or MF_ENOMEM. */
int mf_artist_key_make(mf_artist_key *key, mf_artist_rule rule, const char *name,
                       size_t len, mf_err *err) MF_MUST_USE;

MF_END_DECLS

#endif
