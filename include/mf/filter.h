/* mf/filter.h - keeps some cells of a bundle.
 *
 * First each cell is looked at by itself: its user, item, value and time. Of those that
 * are left, users with few items and items with few users go, once or until no more do.
 * Counts are over the cells of all folds, and folds stay as they are. A shard holds
 * those of its users of what is left: the minimums are those of all users. */
#ifndef MF_FILTER_H
#define MF_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/io.h"

MF_BEGIN_DECLS

/* ">=", "<=", "!=", ">", "<", "=" */
typedef enum mf_compare {
    MF_AT_LEAST,
    MF_AT_MOST,
    MF_OTHER_THAN,
    MF_MORE_THAN,
    MF_LESS_THAN,
    MF_EQUAL_TO
} mf_compare;

typedef struct mf_condition {
    mf_compare compare;
    double value; /* rounded to a float where the values of the bundle are floats */
} mf_condition;

/* Read ">=4" and the like. Returns MF_OK or MF_EINVAL. */
int mf_condition_parse(mf_condition *condition, const char *text,
                       mf_err *err) MF_MUST_USE;

enum { MF_FILTER_CONDITIONS = 4 };

typedef struct mf_filter_params {
    uint32_t min_items, min_users; /* of a user, of an item; 0 as 1: no minimum */
    bool core; /* repeat both until they hold together; else items go first, then
                          users by the items that are left */
    size_t conditions; /* all of them hold for the value of a cell that is kept */
    mf_condition condition[MF_FILTER_CONDITIONS];
    bool has_since, has_until;
    int64_t since, until; /* seconds: since <= time < until */
    uint32_t shard, shards; /* only users of shard 1 .. shards; shards 0: all */
    bool keep_empty;      /* the axes stay as they are; else users and items without a
                             cell go */
} mf_filter_params;

mf_filter_params mf_filter_defaults(void);

/* Returns MF_OK, or MF_EINVAL with words for whoever gave the options. */
int mf_filter_check(const mf_filter_params *params, mf_err *err) MF_MUST_USE;

/* Lists of ids, one a line: cells of these alone are kept, or all but of these. Each
 * may be NULL; all are borrowed. Ids that the bundle does not have are counted, which
 * is reported. */
typedef struct mf_filter_lists {
    mf_lines *users, *items, *not_users, *not_items;
} mf_filter_lists;

/* Read a bundle from `in`, write it to `out`. With keep_empty and without minimums rows
 * stream; else the input is read twice, a copy in memory unless it is a file, and 4
 * bytes are held for each user and item, with minimums 4 more for each cell, with core
 * 8; for a shard too, which has no cells where none is left of its users, and of a
 * bundle that is a shard already is refused, as min_users is. What does not outlive a
 * change (mf_bundle_outlives_change) is dropped, which is reported. Nothing left is
 * MF_EFORMAT. Returns MF_OK, MF_EINVAL, MF_EFORMAT, MF_EIO, MF_ENOMEM or MF_ERANGE. */
int mf_filter_run(mf_in *in, mf_out *out, const mf_filter_params *params,
                  const mf_filter_lists *lists, const mf_report *report,
                  mf_err *err) MF_MUST_USE;

MF_END_DECLS

#endif
