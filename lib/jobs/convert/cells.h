/* jobs/convert/cells.h - cells in any order, gathered into ratings.
 *
 * A reader puts one cell after the other, by ids or by indices; mf__cells_settle
 * sorts, merges duplicates and chooses the type of the values. The result does
 * not depend on the order of the cells. */
#ifndef JOBS_CONVERT_CELLS_H
#define JOBS_CONVERT_CELLS_H

#include <stdbool.h>
#include <stdint.h>

#include "data/intern.h"
#include "mf/bundle.h"
#include "mf/io.h"
#include "mf/ratings.h"

typedef struct cell {
    uint32_t user, item; /* numbers in order of appearance */
    double value;        /* holds every u32 and every float */
    uint64_t place;      /* line << 2 | fold */
} cell;

/* One axis: the ids of the ratings, and the names that replace ids of the input. */
typedef struct cells_axis {
    mf_intern *table; /* the ids of the ratings, by order of appearance */
    mf_intern *keys;  /* ids of the input that have names, or NULL */
    mf_ids name;      /* name of key i, or of index i */
    uint32_t
        *number; /* [name.n], number of name i in `table`; UINT32_MAX: not met yet */
    bool named;  /* a file of names was read */
} cells_axis;

typedef struct cells {
    const char *source;    /* name of the input, for messages */
    const mf_lines *lines; /* NULL if it is binary */
    cells_axis axis[2];
    size_t n, cap;
    cell *cell;    /* [n] */
    bool fraction; /* a value is no whole number of 0 .. 2^32 - 1 */
} cells;

/* The cells come from `lines`, or if that is NULL from a binary input called
 * `source`; borrowed. */
int mf__cells_open(cells *c, const mf_lines *lines, const char *source,
                   mf_err *err) MF_MUST_USE;
void mf__cells_close(cells *c);

/* Fail with the place in the input before the words. Returns MF_EFORMAT. */
int mf__cells_fail(const cells *c, mf_err *err, const char *format, ...)
    MF_PRINTF(3, 4);

/* Read the names of an axis: lines "id TAB name ...", or with `by_index` one
 * name a line. `header`: the first line is skipped. */
int mf__cells_read_names(cells *c, mf_axis axis, mf_lines *lines, bool by_index,
                         bool header, mf_err *err) MF_MUST_USE;

/* The number of an id, or of an index with `base` added where it has no name. */
int mf__cells_number(cells *c, mf_axis axis, mf_field id, uint32_t *number,
                     mf_err *err) MF_MUST_USE;
int mf__cells_index(cells *c, mf_axis axis, uint64_t index, unsigned base,
                    uint32_t *number, mf_err *err) MF_MUST_USE;

/* For formats by index: an axis must be as long as its file of names, if it has one. */
int mf__cells_extent(const cells *c, mf_axis axis, uint64_t extent,
                     mf_err *err) MF_MUST_USE;

/* Put a cell. `whole`: the value is a whole number of 0 .. 2^32 - 1. */
int mf__cells_put(cells *c, uint32_t user, uint32_t item, double value, bool whole,
                  unsigned fold, uint64_t line, mf_err *err) MF_MUST_USE;

/* The value or the fold in a field, for mf__cells_put. */
int mf__cells_value(const cells *c, mf_field field, double *value, bool *whole,
                    mf_err *err) MF_MUST_USE;
int mf__cells_fold(const cells *c, mf_field field, unsigned *fold,
                   mf_err *err) MF_MUST_USE;

/* Make the ratings. Cells of the same user and item are summed, or refused with their
 * line. */
int mf__cells_settle(cells *c, bool refuse_duplicates, mf_ratings *out,
                     mf_err *err) MF_MUST_USE;

#endif
