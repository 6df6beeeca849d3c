/* jobs/recommend/list.h - a list of items, and what explains it. */
#ifndef JOBS_RECOMMEND_LIST_H
#define JOBS_RECOMMEND_LIST_H

#include <stdint.h>

#include "mf/recommend.h"

enum {
    NO_PERSONA = 255,      /* of an item that is listed for its likeness to another */
    FALLBACK_PERSONA = 254 /* of one that is listed for no persona of the user's */
};

/* Why an item is listed: the cells of the history that add most to its score, with
 * their shares of all that adds to it. */
typedef struct reason {
    uint32_t n;
    uint32_t item[MF_RECOMMEND_REASONS];
    double share[MF_RECOMMEND_REASONS];
} reason;

/* A persona that owns cells. */
typedef struct persona_summary {
    uint8_t persona; /* from 0 */
    uint64_t cells;
    double share; /* of all cells */
    uint32_t n;
    uint32_t item[MF_RECOMMEND_REASONS]; /* its most typical ones */
} persona_summary;

/* An item of a list. */
typedef struct listed_item {
    uint32_t item;
    float score;
    uint8_t persona; /* the one that gives the score, from 0, or one of the above */
    const reason *because; /* NULL: not explained; borrowed */
} listed_item;

/* A list, best first. */
typedef struct item_list {
    uint32_t owner; /* index of the user, or of the item, that it was asked for */
    uint32_t n;
    const listed_item *item; /* [n], borrowed */
    uint32_t personas;
    const persona_summary *persona; /* [personas], those of most cells first; NULL: not
                                       explained; borrowed */
    const char
        *fallback; /* what the list is of, a word, where the model knows nothing of
                             the user; else NULL */
} item_list;

/* The number by which a persona is written; 0: none. */
static inline uint32_t persona_number(uint8_t persona)
{
    return persona == FALLBACK_PERSONA ? 0 : persona + 1u;
}

#endif
