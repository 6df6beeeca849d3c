/* data/loose_key.h - names with what people leave out or type otherwise taken away.
 *
 * Looser than the key by which mf/artist_key.h makes two spellings one artist: too
 * loose to merge by, since "A Ha" and "Aha" may be two, but what somebody typed who
 * found nothing with that key. */
#ifndef DATA_LOOSE_KEY_H
#define DATA_LOOSE_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "mf/err.h"

/* A key and the room to make it in; zeroed before its first use. */
typedef struct mf_loose_key {
    char *text; /* [len], not terminated; owned */
    size_t len, cap;
    bool article; /* it has one: the bare key is another */
} mf_loose_key;

void mf__loose_key_free(mf_loose_key *key);

/* The loose key of `fold`, a key under MF_ARTIST_FOLD: letters, marks and digits alone,
 * with the letters that NFKD leaves whole as their nearest in ASCII (o for the o with a
 * stroke, ae for the ligature), and "and" for "&" and for a "+" between blanks. With
 * `bare`, a leading "the ", "a " or "an " is dropped. Where nothing would be left, the
 * article or the punctuation is kept. O(len). Returns MF_OK or MF_ENOMEM. */
int mf__loose_key_make(mf_loose_key *key, const char *fold, size_t len, bool bare,
                       mf_err *err) MF_MUST_USE;

#endif
