/* jobs/recommend/formats.h - lists as text, in one of the formats of mf/recommend.h. */
#ifndef JOBS_RECOMMEND_FORMATS_H
#define JOBS_RECOMMEND_FORMATS_H

#include "jobs/recommend/job.h"
#include "jobs/recommend/list.h"
#include "jobs/shared/page.h"

typedef struct list_format {
    /* Put down what comes before all lists; NULL: nothing does. */
    void (*head)(page *to, const recommend_job *job);
    /* Put down a list. */
    void (*list)(page *to, const recommend_job *job, const item_list *list);
    /* Why explanations cannot be written; NULL: they can. */
    const char *no_explain;
} list_format;

/* The format that params ask for; NULL if there is no such. */
const list_format *mf__rec_format(const mf_recommend_params *params);

/* The formats: what they write is in mf/recommend.h. */
void mf__rec_tsv_list(page *to, const recommend_job *job, const item_list *list);
void mf__rec_json_list(page *to, const recommend_job *job, const item_list *list);
void mf__rec_trec_list(page *to, const recommend_job *job, const item_list *list);
void mf__rec_csv_head(page *to, const recommend_job *job);
void mf__rec_csv_list(page *to, const recommend_job *job, const item_list *list);

#endif
