/* mf/recommend.h - the job of mf-recommend: the best items for each user.
 *
 * Left out of a user's list is what the user is known to know: the items of
 * training, fold-in and validation cells (MF_SEEN). Test cells are kept from
 * the model, so their items may be met. Users who were held out whole are folded
 * in from their fold-in cells. */
#ifndef MF_RECOMMEND_H
#define MF_RECOMMEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/err.h"
#include "mf/io.h"
#include "mf/report.h"
#include "mf/text.h"

typedef enum mf_recommend_format {
    MF_RECOMMEND_TSV,
    MF_RECOMMEND_JSON
} mf_recommend_format;

typedef enum mf_recommend_diversify {
    MF_DIVERSIFY_NONE,    /* by score */
    MF_DIVERSIFY_MMR,     /* maximal marginal relevance */
    MF_DIVERSIFY_PERSONAS /* the personas by turns */
} mf_recommend_diversify;

enum { MF_RECOMMEND_TOP_MAX = 1000000, MF_RECOMMEND_REASONS = 3 };

typedef struct mf_recommend_params {
    uint32_t top;                     /* items for a user, 10 */
    mf_recommend_format format;       /* TSV */
    bool include_seen;                /* false */
    bool explain;                     /* false */
    double rarity;                    /* G of mf/rarity.h, 0 */
    mf_recommend_diversify diversify; /* NONE; see mf/diversify.h */
    double relevance;                 /* L of MMR, 0 .. 1 */
    int threads;                      /* 0: all */
    size_t users;            /* ids that are asked for; 0 and no list: all users */
    const char *const *user; /* [users], terminated; borrowed */
    mf_lines *user_list;     /* further ids, one a line, or NULL; borrowed */
    const mf_report *report; /* or NULL */
} mf_recommend_params;

mf_recommend_params mf_recommend_defaults(void);

/* Returns MF_OK or MF_EINVAL. */
int mf_recommend_check(const mf_recommend_params *params, mf_err *err) MF_MUST_USE;

/* Read the model from `in` and write the lists to `out`: of all users, in the order of the
 * bundle, or of those asked for, as asked. Nothing is written before all ids
 * are found. Beyond the model, memory does not grow with the number of users.
 *
 * TSV: lines `user rank item score persona`; ranks and personas count from 1,
 * a score is the shortest decimal that reads back as the same float. JSON: an
 * object for each user, {"user":,"items":[{"rank":,"item":,"score":,
 * "persona":}]}. A user to whom nothing is left to recommend has no lines, or
 * no items.
 *
 * Returns MF_OK, MF_EFORMAT (also: an unknown user), MF_ERANGE, MF_EIO or
 * MF_ENOMEM. */
int mf_recommend_run(mf_in *in, mf_out *out, const mf_recommend_params *params,
                     mf_err *err) MF_MUST_USE;

#endif
