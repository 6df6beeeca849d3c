/* jobs/aggregate/records.h - counts as they are read, and what becomes of them: rows.
 *
 * A record is one line: user, item and count in 12 bytes. Records go to parts
 * by the shard of their user (idtable.h), so that the records of a user are in
 * one part, which one thread can sort in its cache. */
#ifndef JOBS_AGGREGATE_RECORDS_H
#define JOBS_AGGREGATE_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "data/idtable.h"
#include "mf/err.h"

enum { PARTS = IDTABLE_SHARDS };

typedef struct record {
    uint32_t user; /* number in its shard */
    uint32_t item, count;
} record;

/* Of a row: items ascend. */
typedef struct cell {
    uint32_t item;
    uint32_t count; /* 0: the sum is larger than a count can be, which is told when
                       all is read, so that neither memory nor threads choose
                       which of several is named */
    uint32_t lines; /* that went in */
} cell;

/* The sum of two counts, either of which may be too large. */
static inline uint32_t count_sum(uint32_t a, uint32_t b)
{
    return a == 0 || b == 0 || b > UINT32_MAX - a ? 0 : a + b;
}

/* What rows come to. */
typedef struct totals {
    uint32_t *listeners; /* [items] */
    uint64_t cells, plays, lines;
    bool over; /* a sum is larger than a count can be */
} totals;

static inline void totals_add(totals *t, const cell row[], uint32_t n)
{
    uint64_t plays = 0, lines = 0;
    unsigned over = 0;
    for (uint32_t i = 0; i < n; i++) {
        t->listeners[row[i].item]++;
        plays += row[i].count;
        lines += row[i].lines;
        over |= row[i].count == 0;
    }
    t->cells += n;
    t->plays += plays;
    t->lines += lines;
    t->over |= over;
}

/* Where a thread puts records: a list of chunks for each part. */
typedef struct records {
    struct records_part {
        record *at, *end; /* room in the first chunk */
        struct chunk *chunk;
    } part[PARTS];
    arena arena;    /* that the chunks lie in */
    size_t n;       /* records */
    size_t largest; /* records in a chunk, at most */
} records;

/* A new chunk for the part. Returns MF_OK or MF_ENOMEM. */
int mf__records_extend(records *to, struct records_part *part, mf_err *err) MF_MUST_USE;

/* Forget all records, and give back their memory or keep it for others. Rows that
 * were made of them must be gone. */
void mf__records_reset(records *r);
void mf__records_free(records *r);

static inline int records_add(records *to, uint32_t user_code, uint32_t item,
                              uint32_t count, mf_err *err)
{
    struct records_part *part = &to->part[user_code % PARTS];
    if (part->at == part->end) {
        int code = mf__records_extend(to, part, err);
        if (code < 0)
            return code;
    }
    *part->at++ = (record){.user = user_code / PARTS, .item = item, .count = count};
    to->n++;
    return MF_OK;
}

/* The rows of the users of a shard, by number. */
typedef struct part_rows {
    uint32_t users;
    const cell **at; /* [users], into `chunks` */
    uint32_t *len;   /* [users] */
    struct chunk *chunks;
} part_rows;

void mf__part_rows_free(part_rows *rows);

/* Room for the sorting of one part after the other; zeroed before the first. */
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

/* Sort and sum the records of a part, of all threads, into rows, which lie where
 * the records did.
 * rank[item] takes the place of the items of the records; NULL: they are kept.
 * users: how many there are in the shard. The rows are added to `sum` unless it is
 * NULL. Returns MF_OK or MF_ENOMEM. O(n) for any data. */
int mf__records_group(part_rows *out, grouper *g, records from[], size_t threads,
                      unsigned part, uint32_t users, const uint32_t rank[], totals *sum,
                      mf_err *err) MF_MUST_USE;

#endif
