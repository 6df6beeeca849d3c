/* jobs/recommend/item_names.h - items by the names that people type. */
#ifndef JOBS_RECOMMEND_ITEM_NAMES_H
#define JOBS_RECOMMEND_ITEM_NAMES_H

#include "jobs/recommend/job.h"

/* The items that a name stands for, (*index)[0 .. *n), that of most listeners
 * first; borrowed until the next call. A name that stands for none is an error
 * that names the nearest, after `where` ("" or "--option: ") or, if it is not
 * NULL, the line of `from`; with skip_unknown, it is counted and *n is 0.
 * Returns MF_OK, MF_EFORMAT or MF_ENOMEM. */
int mf__rec_item_find(recommend_job *job, mf_field name, const char *where,
                      const mf_lines *from, const uint32_t **index, size_t *n,
                      mf_err *err) MF_MUST_USE;

/* The first of them, with a note if it is called otherwise than `name`: *found is false
 * for a name that was skipped. Returns likewise. */
int mf__rec_item_one(recommend_job *job, mf_field name, const char *where,
                     const mf_lines *from, uint32_t *index, bool *found,
                     mf_err *err) MF_MUST_USE;

/* Warn of how many names of items were skipped. */
void mf__rec_warn_unknown(const recommend_job *job);

#endif
