/* jobs/recommend/search.h - lists of the best by score alone, found without computing
 * most scores: see mf/search.h. */
#ifndef JOBS_RECOMMEND_SEARCH_H
#define JOBS_RECOMMEND_SEARCH_H

#include "jobs/recommend/workspace.h"
#include "mf/search.h"

/* Of one thread. */
typedef struct search_workspace {
    uint32_t most; /* items that a list may have */
    mf_search *search;
    mf_hit *hit;                     /* [MF_SEARCH_USERS x most] */
    uint32_t found[MF_SEARCH_USERS]; /* of each user of the block */
    uint32_t *hide;                  /* [hide_cap], items that the users have seen */
    size_t hide_cap;
} search_workspace;

/* True if the lists are the best by score, and nothing else: then a search gives the
 * same. */
bool mf__rec_can_search(const recommend_job *job);

/* Room for a thread to search for lists of `most` items. Close it in any case. Returns
 * MF_OK or MF_ENOMEM. */
int mf__rec_search_open(search_workspace *out, const recommend_job *job,
                        const mf_catalogue *catalogue, uint32_t most,
                        mf_err *err) MF_MUST_USE;
void mf__rec_search_close(search_workspace *s);

/* Find the lists of n <= MF_SEARCH_USERS users. Returns MF_OK or MF_ENOMEM. */
int mf__rec_search_users(search_workspace *s, const recommend_job *job, uint32_t n,
                         const uint32_t user[], mf_err *err) MF_MUST_USE;

/* The list of the j-th of them, who is `user`; borrowed from `w` until its next
 * list. */
void mf__rec_search_list(item_list *out, const search_workspace *s, workspace *w,
                         uint32_t user, uint32_t j);

#endif
