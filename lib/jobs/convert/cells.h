/* jobs/convert/cells.h - cells in any order, gathered into ratings.
 *
 * A reader puts one cell after the other, by ids or by indices; mf__cells_settle
 * sorts, merges duplicates and chooses the type of the values. The result does
 * not depend on the order of the cells, but where the first or the last of equal cells
 * is kept and they have no times. */
#ifndef JOBS_CONVERT_CELLS_H
#define JOBS_CONVERT_CELLS_H

#include <stdbool.h>
#include <stdint.h>

#include "data/intern.h"
#include "mf/artist_key.h"
#include "mf/bundle.h"
#include "mf/convert.h"
#include "mf/io.h"
#include "mf/ratings.h"

typedef struct cell {
    uint32_t user, item; /* numbers in order of appearance, or indices */
    double value;        /* holds every u32 and every float */
    uint64_t place; /* line << 2 | fold; where there are times, index << 2 | fold */
} cell;

/* One axis: the ids of the ratings, and the names that replace ids of the input. */
typedef struct cells_axis {
    mf_intern *table; /* the ids of the ratings, by order of appearance */
    mf_intern *keys;  /* ids of the input that have names, or NULL */
    mf_ids name;      /* name of key i, or of index i */
    uint32_t
        *number; /* [name.n], number of name i in `table`; UINT32_MAX: not met yet */
    bool named;  /* a file of names was read */
    /* Without names, indices are the numbers: each of the extent becomes an id, `base`
     * added, in decimal digits with zeros before them, so that the order of the ids is
     * that of the indices. */
    bool indexed;
    uint32_t extent;
    unsigned base;
} cells_axis;

typedef struct cells {
    const char *source;    /* name of the input, for messages */
    const mf_lines *lines; /* NULL if it is binary */
    cells_axis axis[2];
    size_t n, cap, time_cap, line_cap;
    cell *cell;     /* [n] */
    bool timed;     /* set before the first cell: all have a time */
    int64_t *time;  /* [n] where they have, in the order in which they were put */
    uint64_t *line; /* [n], likewise */
    bool fraction;  /* a value is no whole number of 0 .. 2^32 - 1 */
    bool one_fold;  /* all are of this fold, and none may say its own: */
    unsigned fold;
    bool ordered; /* the order of the lines matters: keep its digest */
    uint64_t order;
} cells;

/* "user", "item" */
extern const char *const mf__axis_names[];

/* The cells come from `lines`, or if that is NULL from a binary input called
 * `source`; borrowed. */
int mf__cells_open(cells *c, const mf_lines *lines, const char *source,
                   mf_err *err) MF_MUST_USE;
void mf__cells_close(cells *c);

/* Fail with the place in the input before the words. Returns MF_EFORMAT. */
int mf__cells_fail(const cells *c, mf_err *err, const char *format, ...)
    MF_PRINTF(3, 4);

/* Read the names of an axis: lines "id TAB name ...", or with `by_index` one
 * name a line. `header`: the first line names the columns, but it counts where the
 * input has its id. */
int mf__cells_read_names(cells *c, mf_axis axis, mf_lines *lines, bool by_index,
                         bool header, mf_err *err) MF_MUST_USE;

/* After the last cell: warn of names that several ids have. Returns MF_OK or
 * MF_ENOMEM. */
int mf__cells_warn_names(const cells *c, const mf_report *report,
                         mf_err *err) MF_MUST_USE;

/* After the last cell: warn of ids with blanks beside them and, in tsv, in quotes. */
void mf__cells_warn_ids(const cells *c, mf_format format, const mf_report *report);

/* The number of an id. */
int mf__cells_number(cells *c, mf_axis axis, mf_field id, uint32_t *number,
                     mf_err *err) MF_MUST_USE;

/* For formats by index, before the first cell: an axis has so many indices, which count
 * from `base` where they become ids. It must be as long as its file of names, if it has
 * one. */
int mf__cells_extent(cells *c, mf_axis axis, uint64_t extent, unsigned base,
                     mf_err *err) MF_MUST_USE;

/* The number of an index of 0 .. extent - 1. */
static inline uint32_t cells_index(const cells *c, mf_axis axis, uint32_t index)
{
    const cells_axis *a = &c->axis[axis];
    return a->named ? a->number[index] : index;
}

/* What a reader knows of a cell. */
typedef struct entry {
    uint32_t user, item;
    double value;
    bool whole; /* the value is a whole number of 0 .. 2^32 - 1 */
    unsigned fold;
    uint64_t line; /* or its place in a binary input; ascends */
    int64_t time;  /* looked at if the cells are timed */
} entry;

int mf__cells_put(cells *c, const entry *e, mf_err *err) MF_MUST_USE;

/* The value, fold or time in a field, for mf__cells_put. `hint` follows the words for
 * one that is none. A fold is 0 to 3 or one of its names; where
 * all cells are of one fold, it is an error. */
int mf__cells_value(const cells *c, mf_field field, entry *e, mf_err *err) MF_MUST_USE;
int mf__cells_fold(const cells *c, mf_field field, const char *hint, entry *e,
                   mf_err *err) MF_MUST_USE;
int mf__cells_time(const cells *c, mf_field field, const char *hint, entry *e,
                   mf_err *err) MF_MUST_USE;

/* Is it "True" or "false" and so on, as programs write what is so or not? */
bool mf__cells_truth(mf_field field);

/* Make one item of all whose ids have the same key: it is called as most of its cells
 * call it, of equals by the first in byte order. */
int mf__cells_fold_items(cells *c, mf_artist_rule rule, mf_err *err) MF_MUST_USE;

/* Make the ratings. Cells of the same user and item are merged as `rule` says, or
 * refused with their line; c->n - out->x.nnz of them were. */
int mf__cells_settle(cells *c, mf_duplicates rule, mf_ratings *out,
                     mf_err *err) MF_MUST_USE;

#endif
