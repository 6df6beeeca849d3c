/* mf/info.h - what is in a bundle.
 *
 * mf_info_read sees the whole bundle before it returns, so whatever is written
 * of it afterwards was verified. */
#ifndef MF_INFO_H
#define MF_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/bundle.h"
#include "mf/io.h"
#include "mf/ratings.h"

MF_BEGIN_DECLS

typedef struct mf_info {
    mf_header header;
    uint64_t cells, fold[MF_FOLDS];
    uint64_t below, at;            /* cells of values below 0, and of 0 */
    double min, max;               /* of the values; 0 without cells */
    uint64_t sum_u32;              /* exact; 0 for f32 */
    double sum_f32;                /* 0 for u32 */
    uint32_t *of_user;             /* [header.users], cells of each, all folds; owned */
    uint32_t *of_item;             /* [header.items]; owned */
    int64_t first_time, last_time; /* of the cells; 0 without times or cells */
    bool has_ratings, has_card;
    mf_card card;     /* if has_card */
    uint64_t history; /* entries; if not 0, three of them: */
    /* best: by `valid`, in the sense of what is watched, or by the lowest loss where
     * that is not known; the first of equals */
    mf_history_entry first, best, last;
    char *note;               /* with its NUL, or NULL; owned */
    mf_bundle_reader *bundle; /* at its end, for provenance and digest; owned */
    size_t user_cap, item_cap;
} mf_info;

/* Read all of `in`, which is borrowed until mf_info_free. Memory: 4 bytes for
 * each user and item. Returns MF_OK, MF_EFORMAT, MF_EIO or MF_ENOMEM; on
 * failure *info is empty. */
int mf_info_read(mf_info *info, mf_in *in, mf_err *err) MF_MUST_USE;
void mf_info_free(mf_info *info);

/* How numbers are spread. Quartiles by linear interpolation (type 7 of
 * Hyndman and Fan 1996, as numpy's); all 0 for n = 0. Sorts `count`. */
typedef struct mf_spread {
    double min, q25, median, mean, q75, max;
} mf_spread;
mf_spread mf_info_spread(uint32_t count[], size_t n);

/* Write it for people, or as one JSON object. Sorts of_user and of_item.
 * Return MF_OK, MF_EIO, MF_EFORMAT or MF_ENOMEM. */
int mf_info_text(mf_info *info, mf_out *out, mf_err *err) MF_MUST_USE;
int mf_info_json(const mf_info *info, mf_out *out, mf_err *err) MF_MUST_USE;

MF_END_DECLS

#endif
