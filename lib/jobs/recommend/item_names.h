/* jobs/recommend/item_names.h - items by the names that people type. */
#ifndef JOBS_RECOMMEND_ITEM_NAMES_H
#define JOBS_RECOMMEND_ITEM_NAMES_H

#include "jobs/recommend/job.h"

/* A name, and where it was typed: on a line of `from`, or in an option. */
typedef struct typed_name {
    mf_field name;
    mf_lines *from; /* or NULL: */
    mf_field line;
    const char *option; /* "--option: " */
} typed_name;

/* The items that a name stands for, (*index)[0 .. *n), that of most listeners
 * first; borrowed until the next call. A name that stands for none is an error that
 * names the nearest, or says what to do with a list that has more than a name on a
 * line; with skip_unknown, it is counted and *n is 0. Returns MF_OK, MF_EFORMAT or
 * MF_ENOMEM. */
int mf__rec_item_find(recommend_job *job, const typed_name *typed,
                      const uint32_t **index, size_t *n, mf_err *err) MF_MUST_USE;

/* The first of them, with a note if it is called otherwise: *found is false for a name
 * that was skipped. Returns likewise. */
int mf__rec_item_one(recommend_job *job, const typed_name *typed, uint32_t *index,
                     bool *found, mf_err *err) MF_MUST_USE;

/* What to do with a list whose line that was read last is wrong, which may be empty
 * (mf__list_hint_look). Returns MF_OK or MF_ENOMEM. */
int mf__rec_line_hint(recommend_job *job, mf_lines *from, mf_field line,
                      char text[MF_LIST_HINT], mf_err *err) MF_MUST_USE;

/* Fail at a value that is no number, as in a header, on the line of `from` that was
 * read last. Returns MF_EFORMAT. */
int mf__rec_bad_value(const mf_lines *from, mf_field line, mf_field value, mf_err *err);

/* Warn of the names of items that were skipped. */
void mf__rec_warn_unknown(const recommend_job *job);

#endif
