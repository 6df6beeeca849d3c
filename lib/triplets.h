/* triplets.h - lines user TAB song TAB count, to records.
 *
 * Each thread has a parser of its own; the tables of songs and users are
 * shared. */
#ifndef TRIPLETS_H
#define TRIPLETS_H

#include <stdbool.h>

#include "blocks.h"
#include "idtable.h"
#include "mf/aggregate.h"
#include "records.h"
#include "tracks.h"

/* What all parsers share. */
typedef struct triplets {
    const mf_aggregate_params *params;
    idtable *songs; /* with their values, see tracks.h */
    bool listed;    /* a song that is not in the table is unknown; else it becomes
                     one, and its code is the item */
    idtable *users;
    blocks blocks;
} triplets;

/* Lines by what became of them. */
typedef struct tally {
    uint64_t lines, unknown, mismatch, other_shards;
} tally;

typedef struct parser parser;

int parser_open(parser **out, triplets *shared, mf_err *err) MF_MUST_USE;
void parser_close(parser *p);

/* Parse the next block into records. Returns 1, or 0 at the end or after a
 * failure, which is blocks_result's to tell. */
int parser_step(parser *p, records *to) MF_MUST_USE;

const tally *parser_tally(const parser *p);

#endif
