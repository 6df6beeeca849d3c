/* jobs/aggregate/triplets.h - lines user TAB song TAB count, to records.
 *
 * Each thread has a parser of its own; the tables of songs and users are
 * shared. */
#ifndef JOBS_AGGREGATE_TRIPLETS_H
#define JOBS_AGGREGATE_TRIPLETS_H

#include <stdbool.h>

#include "data/blocks.h"
#include "data/idtable.h"
#include "jobs/aggregate/records.h"
#include "jobs/aggregate/tracks.h"
#include "mf/aggregate.h"

/* What all parsers share. */
typedef struct triplets {
    const mf_aggregate_params *params;
    idtable *songs; /* with their values, see tracks.h */
    bool listed;    /* a song that is not in the table is unknown; else it becomes
                     one, and its code is the item */
    idtable *users;
    blocks blocks;
} triplets;

/* Lines by what became of them. Those of other shards are counted apart: `read` is
 * without them. */
typedef struct line_counts {
    uint64_t read, unknown, mismatch, other_shards;
} line_counts;

typedef struct parser parser;

int mf__parser_open(parser **out, triplets *shared, mf_err *err) MF_MUST_USE;
void mf__parser_close(parser *p);

/* Parse the next block into records. Returns 1, or 0 at the end or after a
 * failure; mf__blocks_result says which. */
int mf__parser_step(parser *p, records *to) MF_MUST_USE;

const line_counts *mf__parser_lines(const parser *p);

#endif
