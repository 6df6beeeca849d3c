/* recommend_private.h - mf-recommend from the inside.
 *
 *     recommend.c         the job: the model is read, what follows is called
 *     recommend_who.c     who is asked for: users of the model,
 *     recommend_new.c     or a new user, who takes their place,
 *     recommend_similar.c or items
 *     recommend_items.c   items by the names that people type
 *     recommend_score.c   which items are candidates for whom
 *     recommend_choose.c  the list, from a row of scores
 *     recommend_write.c   its text, in one of the formats
 *     recommend_all.c     all lists: blocks of users, threads, order
 *
 * Threads share a rec_job, which nobody changes once it is open; each has a
 * rec_desk of its own. */
#ifndef RECOMMEND_PRIVATE_H
#define RECOMMEND_PRIVATE_H

#include "mf/model.h"
#include "mf/names.h"
#include "mf/recommend.h"
#include "mf/score.h"

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
    uint32_t *listeners; /* [items], training cells of each, or NULL: not counted, or
                            the bundle has no ratings */
    mf_names *lookup;    /* of items; NULL until a name is looked up */
    size_t unknown;      /* names of items that were skipped */
    uint8_t *barred;     /* [items], 1: in nobody's list; NULL: all are candidates */
    uint64_t *alone;     /* [users], the one persona that speaks, as a bit; NULL: all */
    mf_tensor unit;      /* items by length, for likeness */
} rec_job;

/* An item of a list. */
typedef struct rec_listed {
    uint32_t item;
    float score;
    uint8_t persona;                  /* who speaks, from 0, or REC_NOBODY */
    const struct rec_reason *because; /* NULL: nobody asked why; borrowed */
} rec_listed;

/* The list of one who was asked for, best first. */
typedef struct rec_list {
    uint32_t who; /* index in names */
    uint32_t n;
    const rec_listed *item; /* [n], borrowed */
} rec_list;

/* Text under construction. */
typedef struct rec_page {
    char *text; /* [n] */
    size_t n, cap;
} rec_page;

/* What one thread works with. */
typedef struct rec_desk {
    uint32_t most;      /* items that a list may have */
    mf_ranked *top;     /* [most] */
    rec_listed *listed; /* [most] */
    rec_page page;
} rec_desk;

/* Find those who are asked for: all users, or those that params names, and then
 * those of its list. Returns MF_OK, MF_EFORMAT (one is unknown), MF_EIO or
 * MF_ENOMEM. */
int rec_who_find(rec_who *who, const rec_job *job, mf_err *err) MF_MUST_USE;
void rec_who_free(rec_who *who);

/* Count the listeners of each item, where there are ratings and it was not done:
 * before a new user takes the place of those who were counted. Returns MF_OK or
 * MF_ENOMEM. */
int rec_count_listeners(rec_job *job, mf_err *err) MF_MUST_USE;

/* The items that a name stands for, (*index)[0 .. *n), that of most listeners
 * first; borrowed until the next call. A name that stands for none is an error
 * that names the nearest, after `where` ("" or "--option: ") or, if it is not
 * NULL, the line of `from`; with skip_unknown, it is counted and *n is 0.
 * Returns MF_OK, MF_EFORMAT or MF_ENOMEM. */
int rec_item_find(rec_job *job, mf_field name, const char *where, const mf_lines *from,
                  const uint32_t **index, size_t *n, mf_err *err) MF_MUST_USE;

/* The one of them that is meant first, with a note if the name is another:
 * *found is false for a name that was skipped. Returns likewise. */
int rec_item_one(rec_job *job, mf_field name, const char *where, const mf_lines *from,
                 uint32_t *index, bool *found, mf_err *err) MF_MUST_USE;

/* Settle job->barred from the files of candidates and excluded items. Returns
 * MF_OK, MF_EFORMAT, MF_EIO or MF_ENOMEM. */
int rec_candidates_read(rec_job *job, mf_err *err) MF_MUST_USE;

/* Say how many names of items were skipped. */
void rec_warn_unknown(const rec_job *job);

/* Bar one more item. Returns MF_OK or MF_ENOMEM. */
int rec_bar(rec_job *job, uint32_t item, mf_err *err) MF_MUST_USE;

/* Read the history of params and put its user, alone, in the place of the users
 * and ratings of the model: one row of fold-in cells, still to be folded in.
 * Returns MF_OK, MF_EFORMAT, MF_ERANGE, MF_EIO or MF_ENOMEM. */
int rec_new_user(rec_job *job, mf_err *err) MF_MUST_USE;

/* Ask for items of which the similar ones are wanted: job->who, names and scored.
 * Returns MF_OK, MF_EFORMAT or MF_ENOMEM. */
int rec_similar_open(rec_job *job, mf_err *err) MF_MUST_USE;

/* Leave out of a row of scores what is no candidate for `who`. */
void rec_score_hide(const rec_job *job, uint32_t who, float score[]);

/* Room for a thread to choose lists and write them. Returns MF_OK or MF_ENOMEM. */
int rec_desk_open(rec_desk *out, const rec_job *job, mf_err *err) MF_MUST_USE;
void rec_desk_close(rec_desk *desk);

/* Choose the list of `who` from a row of scores of all items and who speaks for
 * each; -infinity is no candidate. The list is borrowed from the desk until the
 * next call. Returns MF_OK or MF_ENOMEM. */
int rec_choose(rec_list *out, const rec_job *job, rec_desk *desk, uint32_t who,
               const float score[], const uint8_t persona[], mf_err *err) MF_MUST_USE;

/* Add a list to a page, in the format of params. Returns MF_OK or MF_ENOMEM. */
int rec_write(rec_page *to, const rec_job *job, const rec_list *list,
              mf_err *err) MF_MUST_USE;

/* Write all lists. Returns MF_OK, MF_ERANGE, MF_EIO or MF_ENOMEM. */
int rec_write_all(const rec_job *job, mf_out *out, mf_err *err) MF_MUST_USE;

#endif
