/* mf/recommend.h - the job of mf-recommend: the best items for each user.
 *
 * The items of a user's training, validation and fold-in cells are left out of the
 * list. Test cells are hidden from the model, so their items may be recommended. Users
 * who were held out whole are folded in from their fold-in cells. */
#ifndef MF_RECOMMEND_H
#define MF_RECOMMEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/err.h"
#include "mf/io.h"

MF_BEGIN_DECLS

typedef enum mf_recommend_format {
    MF_RECOMMEND_TSV,
    MF_RECOMMEND_JSON,
    MF_RECOMMEND_TREC,
    MF_RECOMMEND_CSV
} mf_recommend_format;

extern const char *const mf_recommend_format_names[]; /* by format, ended by NULL */

typedef enum mf_recommend_diversify {
    MF_DIVERSIFY_NONE,    /* by score */
    MF_DIVERSIFY_MMR,     /* maximal marginal relevance */
    MF_DIVERSIFY_PERSONAS /* all of a history, and all personas */
} mf_recommend_diversify;

#define MF_RECOMMEND_RARITY_MAX 2.0 /* |G| at most */
#define MF_RECOMMEND_PERSONAS_L 0.4 /* the L for lists of personas */

enum { MF_RECOMMEND_TOP_MAX = 1000000, MF_RECOMMEND_REASONS = 3 };

/* Strings and files are borrowed; NULL: not given. */
typedef struct mf_recommend_params {
    uint32_t top;               /* items for a user, 10 */
    mf_recommend_format format; /* TSV */
    /* whose lists: users of the model (no ids and no list: all of them), */
    size_t users;            /* ids that are asked for, */
    const char *const *user; /* [users], terminated; */
    mf_lines *user_list;     /* and further ids, one a line */
    uint32_t shard, shards;  /* of these, this part, as they stand; shards 0: all */
    /* or a new one, */
    mf_lines *history;        /* lines `item` or `item<TAB>value`, */
    const char *history_name; /* the id of the user */
    /* or many, */
    mf_lines *histories; /* lines `user<TAB>item` or `user<TAB>item<TAB>value` */
    /* or items, whose similar items are listed */
    size_t similars;
    const char *const *similar; /* [similars], terminated */
    /* what is listed */
    uint32_t persona;                 /* this one alone is active, from 1; 0: all */
    bool include_seen;                /* false */
    mf_lines *candidates;             /* these items alone, one a line */
    mf_lines *excluded;               /* never these */
    double rarity;                    /* G: scores are tempered by popularity^-G; 0 */
    mf_recommend_diversify diversify; /* NONE */
    double relevance;  /* L of MMR and of personas, 0 .. 1: what scores count, .4 */
    bool explain;      /* false */
    bool skip_unknown; /* unknown users and names of items are no error; false */
    bool no_fallback;  /* users of whom nothing is known have no lists; false */
    int threads;       /* 0: all */
    const mf_report *report;
} mf_recommend_params;

mf_recommend_params mf_recommend_defaults(void);

/* Returns MF_OK or MF_EINVAL, also for parameters that exclude each other. */
int mf_recommend_check(const mf_recommend_params *params, mf_err *err) MF_MUST_USE;

/* Read the model from `in` and write the lists to `out`: of all users, in the
 * order of the bundle; of those asked for, in the order in which they were; of the new
 * user; or of the items. Nothing is written before all names are found. Beyond the
 * model, memory does not grow with the number of users.
 *
 * Names of items are what people type. One stands for the item that it is, or else for
 * those of its key, to which case, accents, white space and guests do not count
 * (mf/artist_key.h), or else for those of the same letters and digits, or else for
 * those that are so but for "the", "a" or "an" at the start. Of several items with the
 * key of a name, a history and `similar` mean the one with most training cells, the
 * first of equals; candidates and excluded mean all. Unknown names are an error that
 * names the nearest, or with skip_unknown a warning.
 *
 * The new user is placed by mf/fold_in.h, where values say what they say in training:
 * for `implicit` and `wrmf` one above 0 is liked, one below 0 disliked, and 0 says
 * nothing but that the item is known, so that it is not recommended. A missing value is
 * 1. What mf-transform did to each row of the model's values by itself is done to them;
 * if it did more, they are left as they are, with a warning. An item without a value
 * stays liked whatever that makes of 1. For preset `explicit` a value must be given. No
 * item may be named twice.
 *
 * Of a user without known cells, or whose active personas are all the zero vector, the
 * model knows nothing: it scores all items alike. A warning says so, and what is listed
 * instead: if the model has biases, what is rated highest, mu + b_u + b_i; else what is
 * popular, by the number of users with a training cell of the item, the items that have
 * one; equals in the order of the bundle. The persona of such a list is 0. If the
 * bundle has neither biases nor ratings, or with no_fallback, such a user has no list.
 *
 * In `implicit` and `wrmf`, an item whose training cells are there but none of them is
 * liked is in no list, unless it is named as a candidate.
 *
 * Histories are many such users, whose lines may stand in any order; they are listed in
 * the order of their first lines, of which `shard` takes a part. Their lists are those
 * of one at a time, but that values of an item that is repeated are summed, unless they
 * are ratings (preset explicit), where they are an error, and that a user may have no
 * known item, of whom the model then knows nothing. Memory: some 50 bytes a line, 100 a
 * user, and 256 MB of users' vectors.
 *
 * Similar items are those with the largest cosine in V; the zero vector has no
 * neighbours and is nobody's.
 *
 * TSV: lines `user rank item score persona`; ranks and personas count from 1,
 * a score is the shortest decimal that reads back as the same float. JSON: an
 * object for each user, {"user":,"items":[{"rank":,"item":,"score":,
 * "persona":}]}, after "user" in a list of what is popular "fallback":"popularity", in
 * one of what is rated highest "fallback":"bias". A user to whom nothing is left to
 * recommend has no lines, or no items. TREC: lines `user Q0 item rank score mfpipe`, in
 * whose ids white space, control characters and % are %XX. CSV (RFC 4180): a header and
 * the fields of TSV. For similar items, the item asked for stands where the user does
 * (in JSON and CSV under "similar"), and there is no persona.
 *
 * With `explain`, the personas that own cells that are liked (in `explicit` and `study`
 * any) come first, those of most such cells first: in TSV as lines of rank 0, `user 0
 * cells share persona typical`, in JSON as
 * "personas":[{"persona":,"cells":,"share":,"typical":[name]}]. Then come the cells
 * that add most to the score of each item (mf/fold_in.h): in TSV a sixth column, "name
 * NN%; name NN%", in JSON "because":[{"item":,"share":}]. Where the model knows nothing
 * of the user there are no personas, and the column is the word of "fallback". CSV has
 * the column, `because`, and no personas of its own; TREC has no room for any. Lists of
 * MF_DIVERSIFY_MMR are not in the order of their scores; in TREC runs, which readers
 * sort, the score then counts down to 1.
 *
 * Returns MF_OK, MF_EINVAL (also: the model has no such persona), MF_EFORMAT
 * (also: an unknown user or item), MF_ERANGE, MF_EIO or MF_ENOMEM. */
int mf_recommend_run(mf_in *in, mf_out *out, const mf_recommend_params *params,
                     mf_err *err) MF_MUST_USE;

MF_END_DECLS

#endif
