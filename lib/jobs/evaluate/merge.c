#include "jobs/evaluate/merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/report.h"
#include "jobs/evaluate/estimate.h"
#include "jobs/evaluate/lists.h"
#include "jobs/evaluate/part.h"
#include "math/metrics.h"

static void note(const mf_evaluation *e, const mf_report *report)
{
    char words[MF_INCOMPARABLE_TEXT];
    const mf_slice *all = &e->slice[0];
    uint64_t none = all->n - all->relevant;
    uint32_t elsewhere = e->ids.n - all->n;
    mf__report_note(
        report, "%u user%s with %llu test cell%s; %u user%s none and %s left out",
        all->n, mf__plural(all->n), (unsigned long long)all->total,
        mf__plural(all->total), e->left_out, e->left_out == 1 ? " has" : "s have",
        e->left_out == 1 ? "is" : "are");
    if (none)
        mf__report_note(report,
                        "%llu of these users %s no relevant test cell and count%s in "
                        "predictions alone",
                        (unsigned long long)none, none == 1 ? "has" : "have",
                        none == 1 ? "s" : "");
    if (elsewhere)
        mf__report_note(report, "%u user%s no test cells in some model and %s left out",
                        elsewhere, elsewhere == 1 ? " has" : "s have",
                        elsewhere == 1 ? "is" : "are");
    for (int why = 0; why < MF_INCOMPARABLE_COUNT; why++)
        if (e->incomparable[why]) {
            mf_incomparable_words((mf_incomparable)why, words);
            mf__report_note(report, "%s", words);
        }
}

int mf__evaluation_settle(mf_evaluation *e, const slicing *by,
                          const mf_evaluate_params *params, mf_err *err)
{
    size_t models = 0;
    while (models < e->subjects &&
           (e->subject[models].model || e->subject[models].listed))
        models++;
    int code = mf__slices_fill(e, by, params->shards < 2, err);
    if (code == MF_OK)
        code = mf__evaluation_estimate(e, models, params, err);
    if (code == MF_OK)
        note(e, params->report);
    return code;
}

/* --- shards --- */

struct mf_evaluate_merge {
    evaluation_part *part; /* [n]; owned, as all here */
    char **name;           /* [n], of their files */
    size_t n, part_cap, name_cap;
    evaluation_part whole;
    bool merged;
};

int mf_evaluate_merge_open(mf_evaluate_merge **out, mf_err *err)
{
    *out = mf__new0(1, sizeof **out);
    return *out ? MF_OK : mf__nomem(err);
}

static void drop_parts(mf_evaluate_merge *m)
{
    for (size_t i = 0; i < m->n; i++) {
        mf__part_free(&m->part[i]);
        free(m->name[i]);
    }
    m->n = 0;
}

void mf_evaluate_merge_close(mf_evaluate_merge *m)
{
    if (!m)
        return;
    drop_parts(m);
    mf__part_free(&m->whole);
    free(m->part);
    free(m->name);
    free(m);
}

int mf_evaluate_merge_put(mf_evaluate_merge *m, mf_in *in, mf_err *err)
{
    size_t size = strlen(mf_in_name(in)) + 1;
    if (mf__reserve(&m->part, &m->part_cap, m->n + 1, sizeof *m->part, err) < 0 ||
        mf__reserve(&m->name, &m->name_cap, m->n + 1, sizeof *m->name, err) < 0)
        return MF_ENOMEM;
    char *name = mf__new(size, 1);
    if (!name)
        return mf__nomem(err);
    memcpy(name, mf_in_name(in), size);
    int code = mf__part_read(&m->part[m->n], in, err);
    if (code < 0) {
        free(name);
        return code;
    }
    m->name[m->n++] = name;
    return MF_OK;
}

/* Put all together, once. */
static int merge(mf_evaluate_merge *m, mf_err *err)
{
    if (m->merged)
        return MF_OK;
    if (m->n == 0)
        return mf_fail(err, MF_EINVAL, "no partial results to merge");
    int code = mf__parts_merge(&m->whole, m->n, m->part, m->name, err);
    drop_parts(m);
    m->merged = code == MF_OK;
    return code;
}

int mf_evaluate_merge_write(mf_evaluate_merge *m, mf_out *out, mf_err *err)
{
    int code = merge(m, err);
    return code == MF_OK ? mf__part_write(&m->whole, out, err) : code;
}

/* What is about the lists of all users. */
static void settle_lists(mf_evaluation *e)
{
    size_t row[MF_METRICS_MAX];
    if (mf__lists_rows(&e->metrics, row) == 0)
        return;
    for (size_t s = 0; s < e->subjects; s++) {
        mf_subject *subject = &e->subject[s];
        for (size_t m = 0; subject->times && m < e->metrics.n; m++) {
            const mf_metric *metric = &e->metrics.metric[m];
            if (mf_metric_is_about(metric) == MF_ABOUT_ALL_LISTS)
                subject->measure[m].whole = mf__metric_of_all_lists(
                    metric, subject->times + row[m] * subject->items, subject->items);
        }
    }
}

int mf_evaluate_merge_finish(mf_evaluate_merge *m, mf_evaluation *out,
                             const mf_evaluate_params *params, mf_err *err)
{
    *out = (mf_evaluation){0};
    int code = merge(m, err);
    if (code < 0)
        return code;
    mf_evaluate_params p = *params;
    p.shard = p.shards = 1;
    p.replicates = m->whole.replicates;
    p.seed = m->whole.seed;
    *out = m->whole.e;
    m->whole.e = (mf_evaluation){0};
    m->merged = false;
    settle_lists(out);
    slicing by = {.of_user = m->whole.of_user};
    code = mf__evaluation_settle(out, &by, &p, err);
    if (code < 0)
        mf_evaluation_free(out);
    return code;
}
