#include "jobs/evaluate/heads.h"

#include <stdlib.h>

#include "base/mem.h"
#include "math/metrics.h"

enum { DEPTH_MOST = 1000, ITEMS_FOR_EACH = 8 }; /* or scoring all is quicker */

/* Of one thread. */
typedef struct head_search {
    mf_search *search;
    mf_hit *hit;                     /* [MF_SEARCH_USERS x depth]; owned, as all here */
    uint32_t found[MF_SEARCH_USERS]; /* items in each */
    uint32_t *hide;                  /* what the users have seen, one after the other */
    size_t hide_cap;
    mf_ranked *top; /* [depth], of a row of scores */
    uint32_t *item; /* [depth], of the list at hand */
} head_search;

struct heads {
    const mf_scored *scored;
    const mf_ratings *ratings;
    uint32_t depth;
    int threads;
    mf_catalogue *catalogue;
    head_search *of; /* [threads] */
};

uint32_t mf__heads_depth(const mf_evaluate_params *params, uint32_t items)
{
    uint32_t depth = 0;
    for (size_t m = 0; m < params->metrics.n; m++) {
        const mf_metric *metric = &params->metrics.metric[m];
        mf_metric_about about = mf_metric_is_about(metric);
        uint32_t n = mf__metric_depth(metric);
        /* who speaks for an item, its score or a rank beyond N is not known */
        if ((about == MF_ABOUT_PERSONAS && n > 0) || about == MF_ABOUT_CELLS ||
            (about == MF_ABOUT_RANKS && n == 0))
            return 0;
        depth = n > depth ? n : depth;
    }
    return params->runs == 0 && depth <= DEPTH_MOST && items <= MF_SEARCH_ITEMS &&
                   (uint64_t)depth * ITEMS_FOR_EACH <= items
               ? depth
               : 0;
}

static int open_search(head_search *of, const heads *h, mf_err *err)
{
    of->hit = mf__new((size_t)MF_SEARCH_USERS * h->depth, sizeof *of->hit);
    of->top = mf__new(h->depth, sizeof *of->top);
    of->item = mf__new(h->depth, sizeof *of->item);
    if (!of->hit || !of->top || !of->item)
        return mf__nomem(err);
    return mf_search_open(&of->search, h->catalogue, h->scored->users->personas,
                          h->depth, err);
}

int mf__heads_open(heads **out, const mf_scorer *scorer, const mf_ratings *ratings,
                   uint32_t depth, mf_err *err)
{
    heads *h = *out = mf__new0(1, sizeof *h);
    if (!h)
        return mf__nomem(err);
    *h = (heads){.scored = &scorer->what,
                 .ratings = ratings,
                 .depth = depth,
                 .threads = scorer->threads};
    h->of = mf__new0((size_t)h->threads, sizeof *h->of);
    int code = h->of ? mf_catalogue_open(&h->catalogue, h->scored->items, NULL, err)
                     : mf__nomem(err);
    for (int t = 0; code == MF_OK && t < h->threads; t++)
        code = open_search(&h->of[t], h, err);
    return code;
}

void mf__heads_close(heads *h)
{
    if (!h)
        return;
    for (int t = 0; h->of && t < h->threads; t++) {
        mf_search_close(h->of[t].search);
        free(h->of[t].hit);
        free(h->of[t].hide);
        free(h->of[t].top);
        free(h->of[t].item);
    }
    free(h->of);
    mf_catalogue_close(h->catalogue);
    free(h);
}

int mf__heads_find(heads *h, int thread, uint32_t n, const uint32_t user[], mf_err *err)
{
    head_search *of = &h->of[thread];
    mf_query query[MF_SEARCH_USERS];
    int code = mf__scored_queries(query, h->scored, h->ratings, MF_SEEN, n, user,
                                  &of->hide, &of->hide_cap, err);
    if (code == MF_OK)
        mf_search_users(of->search, n, query, of->hit, of->found);
    return code;
}

const uint32_t *mf__heads_list(heads *h, int thread, uint32_t j, uint32_t *n)
{
    head_search *of = &h->of[thread];
    *n = of->found[j];
    for (uint32_t i = 0; i < *n; i++)
        of->item[i] = of->hit[(size_t)j * h->depth + i].item;
    return of->item;
}

const uint32_t *mf__heads_of_scores(heads *h, int thread, const float score[],
                                    uint32_t *n)
{
    head_search *of = &h->of[thread];
    *n = mf__rank_top(score, h->scored->items->n, h->depth, of->top);
    for (uint32_t i = 0; i < *n; i++)
        of->item[i] = of->top[i].item;
    return of->item;
}
