/* data/names.h - finding ids by names as people type them.
 *
 * A name stands for the first of these that there are:
 *
 *   - the id that it is, byte for byte;
 *   - all ids that have its key under MF_ARTIST_FOLD (mf/artist_key.h): case, accents,
 *     white space and guests do not count;
 *   - all ids whose key has the same loose key (data/loose_key.h): nor do blanks,
 *     punctuation and strokes through letters;
 *   - all whose loose key is the same without the article at its start;
 *
 * but names with guests alone give way to a name without, further down.
 *
 * Keys are made when they are first needed, once for all ids: O(their bytes). */
#ifndef DATA_NAMES_H
#define DATA_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "data/nearest.h"
#include "mf/err.h"
#include "mf/ratings.h"

typedef struct mf_names mf_names;

/* Look up names of `ids`, which are sorted. Of several ids that a name stands for,
 * those without guests are meant first, and of these the one of the largest
 * weight[ids->n]; weight may be NULL. Both are borrowed until the close. Returns MF_OK
 * or MF_ENOMEM. */
int mf__names_open(mf_names **out, const mf_ids *ids, const uint32_t weight[],
                   mf_err *err) MF_MUST_USE;
void mf__names_close(mf_names *names);

/* The ids that `text` stands for: (*index)[0 .. *n), the one that is meant first at
 * the head (of equals the lowest), the others in order. Borrowed until the next call.
 * Returns MF_OK, also with *n = 0, MF_EFORMAT (not UTF-8) or MF_ENOMEM. */
int mf__names_find(mf_names *names, const char *text, size_t len,
                   const uint32_t **index, size_t *n, mf_err *err) MF_MUST_USE;

/* After mf__names_find has found nothing for `text`: the ids that are nearest, in the
 * words of mf__nearest_hint. Distances are those of loose keys without the article; of
 * the ids that share a key, the one that is meant first is named. */
int mf__names_hint(mf_names *names, const char *text, size_t len,
                   char hint[MF_NEAREST_HINT], mf_err *err) MF_MUST_USE;

#endif
