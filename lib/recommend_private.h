/* recommend_private.h - mf-recommend from the inside.
 *
 *     recommend.c         the job: the model is read, what follows is called
 *     recommend_who.c     who is asked for
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
#include "mf/recommend.h"
#include "mf/score.h"

/* Who is asked for, in the order of the lists. */
typedef struct rec_who {
    size_t n, cap;
    uint32_t *index; /* [n], users of the model; owned */
} rec_who;

typedef struct rec_job {
    const mf_recommend_params *params;
    const char *name; /* of the model's file, for messages */
    mf_model model;   /* owned, as what follows */
    rec_who who;
    const mf_ids *names; /* of those who are asked for, by index; borrowed */
    mf_scored scored;    /* what scores are made of; borrowed */
} rec_job;

/* An item of a list. */
typedef struct rec_listed {
    uint32_t item;
    float score;
    uint8_t persona;                  /* who speaks, from 0 */
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
