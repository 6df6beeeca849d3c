/* data/nearest.h - which of many names are nearest to one that was mistyped.
 *
 * The distance of two texts is the least number of code points that must be
 * inserted, deleted, replaced or swapped with their neighbour to make one of
 * the other (optimal string alignment). Texts are UTF-8; of each the first
 * MF_NEAREST_POINTS code points count. Half a million names take some tens of
 * milliseconds:
 *
 *     mf_nearest near = mf__nearest_to(typed, len);
 *     for each name: mf__nearest_offer(&near, name, name_len, index, weight);
 *     near.found[0 .. near.n) are the nearest, best first
 *
 * Bits in parallel as in Hyyro, "A bit-vector algorithm for computing
 * Levenshtein and Damerau edit distances", Nordic Journal of Computing 10, 2003. */
#ifndef DATA_NEAREST_H
#define DATA_NEAREST_H

#include <stddef.h>
#include <stdint.h>

#include "mf/ratings.h"

enum {
    MF_NEAREST_POINTS = 64,
    MF_NEAREST_FOUND = 3,
    MF_NEAREST_HINT = 280 /* bytes of a hint and its NUL */
};

typedef struct mf_nearest {
    /* the text: its different code points, and the places of each, as bits */
    uint32_t points, different;
    int32_t point[MF_NEAREST_POINTS];
    uint64_t where[MF_NEAREST_POINTS];
    uint64_t ascii[128]; /* the same for these */
    /* the nearest so far */
    uint32_t n;
    struct {
        uint32_t index, distance;
        uint64_t weight;
    } found[MF_NEAREST_FOUND];
} mf_nearest;

mf_nearest mf__nearest_to(const char *text, size_t len);

/* The distance of another text. O(len). */
uint32_t mf__nearest_distance(const mf_nearest *near, const char *text, size_t len);

/* Add a name if it is among the nearest. Of names that are equally near, the one of
 * more weight comes first, then the one of the smaller index. */
void mf__nearest_offer(mf_nearest *near, const char *text, size_t len, uint32_t index,
                       uint64_t weight);

/* "; the nearest are 'A', 'B' and 'C'", with the ids that the indexes stand for, long
 * ones cut; an empty text if nothing was offered. */
void mf__nearest_hint(const mf_nearest *near, const mf_ids *ids,
                      char hint[MF_NEAREST_HINT]);

/* The length of the first code points of a text that take at most `most` bytes. */
int mf__nearest_clip(const char *text, size_t len, size_t most);

#endif
