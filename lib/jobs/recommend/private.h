/* jobs/recommend/private.h - mf-recommend from the inside.
 *
 *     recommend.c         the job: the model is read, what follows is called
 *     recommend_who.c     who is asked for: users of the model,
 *     recommend_new.c     or a new user, who takes their place,
 *     recommend_similar.c or items
 *     recommend_items.c   items by the names that people type
 *     recommend_score.c   which items are candidates for whom
 *     recommend_choose.c  the list, from a row of scores
 *     recommend_diverse.c the same, by marginal relevance or turns of personas
 *     recommend_cells.c   what users have heard, and which persona owns what
 *     recommend_explain.c what speaks for an item
 *     recommend_search.c  or the best of all, without most scores
 *     recommend_write.c   its text, in one of the formats
 *     recommend_all.c     all lists: blocks of users, threads, order
 *
 * Threads share a rec_job, which nobody changes once it is open; each has a
 * rec_desk of its own. */
#ifndef JOBS_RECOMMEND_PRIVATE_H
#define JOBS_RECOMMEND_PRIVATE_H

#include "data/names.h"
#include "jobs/shared/page.h"
#include "jobs/shared/score.h"
#include "math/diversify.h"
#include "mf/model.h"
#include "mf/recommend.h"
#include "mf/search.h"

enum { REC_NOBODY = 255 }; /* no persona speaks: a likeness of items */

/* Who is asked for, in the order of the lists. */
typedef struct rec_who {
    size_t n, cap;
    uint32_t *index; /* [n], users of the model, or items; owned */
} rec_who;

typedef struct rec_job {
    const mf_recommend_params *params;
    const char *name; /* of the model's file, for messages */
    mf_model model;   /* owned, as what follows */
    rec_who who;
    const mf_ids *names; /* of those who are asked for, by index; borrowed */
    mf_scored scored;    /* what scores are made of; borrowed */
    mf_fold_in *fold;    /* NULL where nobody asks for cells; owned, as what follows */
    double *weight;      /* [items], of mf/rarity.h, or NULL */
    mf_mmr mmr;          /* for MF_DIVERSIFY_MMR */
    uint32_t *listeners; /* [items], training cells of each, or NULL: not counted, or
                            the bundle has no ratings */
    mf_names *lookup;    /* of items; NULL until a name is looked up */
    size_t unknown;      /* names of items that were skipped */
    uint8_t *barred;     /* [items], 1: in nobody's list; NULL: all are candidates */
    uint64_t *alone;     /* [users], the one persona that active, as a bit; NULL: all */
    mf_tensor unit;      /* items by length, for likeness */
} rec_job;

/* The cells of one user, as the model was fitted to them. */
typedef struct rec_cells {
    mf_fold_work *work;
    mf_fold_user user; /* of the room below */
    uint32_t *item;
    float *value, *vectors;
    uint8_t *z;
    size_t item_cap, value_cap, z_cap;
    uint64_t owned[MF_PERSONAS_MAX]; /* cells of each persona */
} rec_cells;

/* What speaks for an item: those cells of the history that add most to its score,
 * with their share of all that adds. */
typedef struct rec_reason {
    uint32_t n;
    uint32_t item[MF_RECOMMEND_REASONS];
    double share[MF_RECOMMEND_REASONS];
} rec_reason;

/* A persona that owns cells. */
typedef struct rec_taste {
    uint8_t persona;
    uint64_t cells;
    double share; /* of all cells */
    uint32_t n;
    uint32_t item[MF_RECOMMEND_REASONS]; /* its most typical ones */
} rec_taste;

/* An item of a list. */
typedef struct rec_listed {
    uint32_t item;
    float score;
    uint8_t persona;           /* who active, from 0, or REC_NOBODY */
    const rec_reason *because; /* NULL: nobody asked why; borrowed */
} rec_listed;

/* The list of one who was asked for, best first. */
typedef struct rec_list {
    uint32_t who; /* index in names */
    uint32_t n;
    const rec_listed *item; /* [n], borrowed */
    uint32_t tastes;
    const rec_taste *taste; /* [tastes], largest first, if asked why; borrowed */
} rec_list;

/* What one thread works with. */
typedef struct rec_desk {
    uint32_t most;      /* items that a list may have */
    mf_ranked *top;     /* [most] */
    rec_listed *listed; /* [most] */
    page page;
    rec_cells cells;
    /* for diversity */
    uint32_t pool_n;
    mf_ranked *pool; /* [pool_n]; by turns: [personas x most] */
    float *near;     /* [pool_n] */
    float *row;      /* [items] */
    /* for explanations */
    double *part; /* [part_cap], of the user's cells */
    size_t part_cap;
    rec_reason *reason; /* [most] */
    rec_taste taste[MF_PERSONAS_MAX];
    uint64_t astray; /* users whose scores are not the sum of their parts */
} rec_desk;

/* Lists by score alone, for one thread. */
typedef struct rec_search {
    uint32_t most; /* items that a list may have */
    mf_search *search;
    mf_hit *hit;                     /* [MF_SEARCH_USERS x most] */
    uint32_t found[MF_SEARCH_USERS]; /* of each user of the block */
    uint32_t *hide;                  /* [hide_cap], what they have seen */
    size_t hide_cap;
} rec_search;

/* Find those who are asked for: all users, or those that params names, and then
 * those of its list. Returns MF_OK, MF_EFORMAT (one is unknown), MF_EIO or
 * MF_ENOMEM. */
int mf__rec_who_find(rec_who *who, const rec_job *job, mf_err *err) MF_MUST_USE;
void mf__rec_who_free(rec_who *who);

/* Count the listeners of each item, where there are ratings and it was not done:
 * before a new user takes the place of those who were counted. Returns MF_OK or
 * MF_ENOMEM. */
int mf__rec_count_listeners(rec_job *job, mf_err *err) MF_MUST_USE;

/* The items that a name stands for, (*index)[0 .. *n), that of most listeners
 * first; borrowed until the next call. A name that stands for none is an error
 * that names the nearest, after `where` ("" or "--option: ") or, if it is not
 * NULL, the line of `from`; with skip_unknown, it is counted and *n is 0.
 * Returns MF_OK, MF_EFORMAT or MF_ENOMEM. */
int mf__rec_item_find(rec_job *job, mf_field name, const char *where,
                      const mf_lines *from, const uint32_t **index, size_t *n,
                      mf_err *err) MF_MUST_USE;

/* The one of them that is meant first, with a note if the name is another:
 * *found is false for a name that was skipped. Returns likewise. */
int mf__rec_item_one(rec_job *job, mf_field name, const char *where,
                     const mf_lines *from, uint32_t *index, bool *found,
                     mf_err *err) MF_MUST_USE;

/* Settle job->barred from the files of candidates and excluded items. Returns
 * MF_OK, MF_EFORMAT, MF_EIO or MF_ENOMEM. */
int mf__rec_candidates_read(rec_job *job, mf_err *err) MF_MUST_USE;

/* Say how many names of items were skipped. */
void mf__rec_warn_unknown(const rec_job *job);

/* Bar one more item. Returns MF_OK or MF_ENOMEM. */
int mf__rec_bar(rec_job *job, uint32_t item, mf_err *err) MF_MUST_USE;

/* Read the history of params and put its user, alone, in the place of the users
 * and ratings of the model: one row of fold-in cells, still to be folded in.
 * Returns MF_OK, MF_EFORMAT, MF_ERANGE, MF_EIO or MF_ENOMEM. */
int mf__rec_new_user(rec_job *job, mf_err *err) MF_MUST_USE;

/* Ask for items of which the similar ones are wanted: job->who, names and scored.
 * Returns MF_OK, MF_EFORMAT or MF_ENOMEM. */
int mf__rec_similar_open(rec_job *job, mf_err *err) MF_MUST_USE;
/* Weigh items by popularity: before a new user takes the place of those who are
 * counted. Returns MF_OK or MF_ENOMEM. */
int mf__rec_weigh(rec_job *job, mf_err *err) MF_MUST_USE;

/* What explanations and diversity need: fold-in, lengths. Returns MF_OK,
 * MF_EFORMAT or MF_ENOMEM. */
int mf__rec_cells_open(rec_job *job, mf_err *err) MF_MUST_USE;
void mf__rec_cells_close(rec_job *job);
int mf__rec_cells_room(rec_cells *cells, const rec_job *job, mf_err *err) MF_MUST_USE;
void mf__rec_cells_free(rec_cells *cells);

/* The cells of `who`: vectors, z and bias are those of the scores, bits and all.
 * Returns MF_OK, MF_EFORMAT, MF_EMATH or MF_ENOMEM. */
int mf__rec_cells_of(rec_cells *cells, const rec_job *job, uint32_t who,
                     mf_err *err) MF_MUST_USE;

/* Temper a row of scores, if asked to. */
void mf__rec_score_temper(const rec_job *job, float score[]);

/* Leave out of a row of scores what is no candidate for `who`. */
void mf__rec_score_hide(const rec_job *job, uint32_t who, float score[]);

/* Room for a thread to choose lists and write them. Returns MF_OK or MF_ENOMEM. */
int mf__rec_desk_open(rec_desk *out, const rec_job *job, mf_err *err) MF_MUST_USE;
void mf__rec_desk_close(rec_desk *desk);

/* Choose the list of `who` from a row of scores of all items and who speaks for
 * each; -infinity is no candidate. The list is borrowed from the desk until the
 * next call. Returns MF_OK or MF_ENOMEM. */
int mf__rec_choose(rec_list *out, const rec_job *job, rec_desk *desk, uint32_t who,
                   const float score[], const uint8_t persona[],
                   mf_err *err) MF_MUST_USE;

/* The same for diversity: by marginal relevance, or by turns of the personas. The
 * latter can fail as mf__rec_cells_of does. */
int mf__rec_diverse_room(rec_desk *desk, const rec_job *job, mf_err *err) MF_MUST_USE;
void mf__rec_diverse_free(rec_desk *desk);
int mf__rec_choose_mmr(rec_list *out, const rec_job *job, rec_desk *desk, uint32_t who,
                       const float score[], const uint8_t persona[],
                       mf_err *err) MF_MUST_USE;
int mf__rec_choose_turns(rec_list *out, const rec_job *job, rec_desk *desk,
                         uint32_t who, const float score[], const uint8_t persona[],
                         mf_err *err) MF_MUST_USE;

/* Say what speaks for each item of a list, and who `who` is. */
int mf__rec_explain(rec_list *list, const rec_job *job, rec_desk *desk,
                    mf_err *err) MF_MUST_USE;

/* True if the lists are the best by score, and nothing else: then they can be
 * searched for, which gives the same. */
bool mf__rec_search_can(const rec_job *job);

/* Room for a thread to search for lists of `most` items. Returns MF_OK or MF_ENOMEM. */
int mf__rec_search_open(rec_search *out, const rec_job *job,
                        const mf_catalogue *catalogue, uint32_t most,
                        mf_err *err) MF_MUST_USE;
void mf__rec_search_close(rec_search *s);

/* Find the lists of n <= MF_SEARCH_USERS users. Returns MF_OK or MF_ENOMEM. */
int mf__rec_search_users(rec_search *s, const rec_job *job, uint32_t n,
                         const uint32_t who[], mf_err *err) MF_MUST_USE;

/* That of the j-th of them, who is `who`; borrowed from the desk until its next
 * list. */
void mf__rec_search_list(rec_list *out, const rec_search *s, rec_desk *desk,
                         uint32_t who, uint32_t j);

/* Add a list to a page, in the format of params. Returns MF_OK or MF_ENOMEM. */
int mf__rec_write(page *to, const rec_job *job, const rec_list *list,
                  mf_err *err) MF_MUST_USE;

/* Write all lists. Returns MF_OK, MF_ERANGE, MF_EIO or MF_ENOMEM. */
int mf__rec_write_all(const rec_job *job, mf_out *out, mf_err *err) MF_MUST_USE;

#endif
