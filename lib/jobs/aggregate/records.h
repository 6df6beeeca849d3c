/* jobs/aggregate/records.h - the lines that were read, as records, and their sums, as
 * rows.
 *
 * A record is one line: user, item and count in 12 bytes. The shard of its user in the
 * table of ids (data/idtable.h) is the part that it goes to. So all records of a user
 * are in one part, which one thread can sort in its cache. */
#ifndef JOBS_AGGREGATE_RECORDS_H
#define JOBS_AGGREGATE_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "data/idtable.h"
#include "mf/err.h"

enum { RECORD_PARTS = IDTABLE_SHARDS };

typedef struct record {
    uint32_t user; /* number in its shard */
    uint32_t item, count;
} record;

/* What a user's lines of one item sum to. In a row, items ascend. */
typedef struct item_sum {
    uint32_t item;
    uint32_t count; /* 0: the sum is larger than a count can be. That is an error once
                       all is read, so that the one that it names, of several, does
                       not depend on memory or threads */
    uint32_t lines; /* how many were summed */
} item_sum;

/* The sum of two counts, either of which may be too large. */
static inline uint32_t count_sum(uint32_t a, uint32_t b)
{
    return a == 0 || b == 0 || b > UINT32_MAX - a ? 0 : a + b;
}

/* The sums of rows. */
typedef struct totals {
    uint32_t *listeners; /* [items] */
    uint64_t cells, plays, lines;
    bool overflow; /* a count of an item_sum is 0 */
} totals;

static inline void totals_add(totals *t, const item_sum row[], uint32_t n)
{
    uint64_t plays = 0, lines = 0;
    unsigned overflow = 0;
    for (uint32_t i = 0; i < n; i++) {
        t->listeners[row[i].item]++;
        plays += row[i].count;
        lines += row[i].lines;
        overflow |= row[i].count == 0;
    }
    t->cells += n;
    t->plays += plays;
    t->lines += lines;
    t->overflow |= overflow;
}

/* Where a thread puts records: a list of chunks for each part. */
typedef struct records {
    struct records_part {
        record *at, *end; /* room in the first chunk */
        struct chunk *chunk;
    } part[RECORD_PARTS];
    arena arena;    /* that the chunks lie in */
    size_t n;       /* records */
    size_t largest; /* records in a chunk, at most */
} records;

/* A new chunk for the part. Returns MF_OK or MF_ENOMEM. */
int mf__records_extend(records *to, struct records_part *part, mf_err *err) MF_MUST_USE;

/* Forget all records; reset keeps their memory for others, free does not. Rows that
 * were made of them, and lie in it, must be freed before. */
void mf__records_reset(records *r);
void mf__records_free(records *r);

static inline int records_add(records *to, uint32_t user_code, uint32_t item,
                              uint32_t count, mf_err *err)
{
    struct records_part *part = &to->part[user_code % RECORD_PARTS];
    if (part->at == part->end) {
        int code = mf__records_extend(to, part, err);
        if (code < 0)
            return code;
    }
    *part->at++ =
        (record){.user = user_code / RECORD_PARTS, .item = item, .count = count};
    to->n++;
    return MF_OK;
}

/* The rows of the users of a part, by their number in it. */
typedef struct part_rows {
    uint32_t users;
    const item_sum **at; /* [users], in `chunks` */
    uint32_t *len;       /* [users] */
    struct chunk *chunks;
} part_rows;

void mf__part_rows_free(part_rows *rows);

/* Workspace in which one part after the other is sorted; zeroed before the first. */
typedef struct grouper {
    size_t *ptr;
    record *a, *b;
    struct item_count {
        uint32_t item, count;
    } * key; /* in a or b */
    size_t ptr_cap, a_cap, b_cap;
} grouper;
typedef struct item_count item_count;

void mf__grouper_free(grouper *g);

/* Sort and sum the records of a part, those of all threads, into rows, which take the
 * place of the records in memory. `users` is the number of users in the part. Unless
 * `rank` is NULL, rank[item] replaces the item of each record; unless `sum` is NULL,
 * the rows are added to it. Returns MF_OK or MF_ENOMEM. O(n) for any data. */
int mf__records_group(part_rows *out, grouper *g, records from[], size_t threads,
                      unsigned part, uint32_t users, const uint32_t rank[], totals *sum,
                      mf_err *err) MF_MUST_USE;

#endif
