/* jobs/shared/trec.h - scores of TREC runs. Private to the jobs that write them. */
#ifndef JOBS_SHARED_TREC_H
#define JOBS_SHARED_TREC_H

/* The score to write next in a user's list, given the score and that which was
 * written last, *last, which begins with infinity and is set.
 *
 * trec_eval does not read the rank: it sorts by score, and where scores are equal
 * by item, last name first. So every score that is written lies below the one
 * before it. */
float mf__trec_score(float score, float *last);

#endif
