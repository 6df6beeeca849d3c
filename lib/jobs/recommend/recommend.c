#include "mf/recommend.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/report.h"
#include "data/ids.h"
#include "jobs/recommend/private.h"
#include "math/rarity.h"

mf_recommend_params mf_recommend_defaults(void)
{
    return (mf_recommend_params){.top = 10};
}

int mf_recommend_check(const mf_recommend_params *p, mf_err *err)
{
    bool users = p->users || p->user_list || p->shards > 1;
    if (p->top < 1 || p->top > MF_RECOMMEND_TOP_MAX)
        return mf_fail(err, MF_EINVAL, "top is not in 1 .. %d", MF_RECOMMEND_TOP_MAX);
    if (p->shards && (p->shard < 1 || p->shard > p->shards))
        return mf_fail(err, MF_EINVAL, "the shard is not in 1 .. %u", p->shards);
    if (p->history && users)
        return mf_fail(err, MF_EINVAL,
                       "a history is one new user: no --user, --user-list or --shard");
    if (p->similars && (users || p->history))
        return mf_fail(err, MF_EINVAL,
                       "similar items are nobody's: no --user, --user-list, --shard or "
                       "--history");
    if (p->similars && (p->persona || p->include_seen))
        return mf_fail(err, MF_EINVAL,
                       "similar items are nobody's: no --persona or --include-seen");
    if (p->history && !p->history_name)
        return mf_fail(err, MF_EINVAL, "a history without a name for its user");
    const char *fault =
        p->history ? mf__id_fault(p->history_name, strlen(p->history_name)) : NULL;
    if (fault)
        return mf_fail(err, MF_EINVAL,
                       "the history's file names the user, but its name %s; use "
                       "--history - to read standard input",
                       fault);
    if (!(fabs(p->rarity) <= MF_RECOMMEND_RARITY_MAX))
        return mf_fail(err, MF_EINVAL, "rarity is not in -%g .. %g",
                       MF_RECOMMEND_RARITY_MAX, MF_RECOMMEND_RARITY_MAX);
    if (!(p->relevance >= 0 && p->relevance <= 1))
        return mf_fail(err, MF_EINVAL, "the L of mmr is not in 0 .. 1");
    if (p->similars && (p->explain || p->rarity != 0 || p->diversify))
        return mf_fail(err, MF_EINVAL,
                       "similar items are nobody's: no --explain, --rarity or "
                       "--diversify");
    if (p->explain && p->format == MF_RECOMMEND_TREC)
        return mf_fail(err, MF_EINVAL, "a TREC run has no room for --explain");
    return MF_OK;
}

/* Whether somebody has to be placed, or cells be hidden, says what must be there. */
static int load(rec_job *job, mf_in *in, mf_err *err)
{
    const mf_recommend_params *p = job->params;
    unsigned want = MF_WANT_RATINGS | MF_WANT_FACTORS;
    bool cells = p->rarity != 0 ||
                 (!p->history && (p->explain || p->diversify == MF_DIVERSIFY_PERSONAS));
    if ((p->include_seen || p->history || p->similars) && !cells)
        want |= MF_WANT_WHAT_IS_THERE;
    int code = mf_model_load(&job->model, in, want, NULL, NULL, err);
    if (code == MF_OK && !job->model.has_factors)
        code =
            mf_fail(err, MF_EFORMAT,
                    "%s: the bundle holds no model; pipe it through mf-als", job->name);
    if (code == MF_OK && p->persona > job->model.users.personas)
        code = mf_fail(err, MF_EINVAL, "%s: users have %u personas; there is no %u",
                       job->name, job->model.users.personas, p->persona);
    return code;
}

static void note_strangers(const rec_job *job)
{
    const mf_ratings *r = &job->model.ratings;
    size_t strangers = 0;
    for (size_t i = 0; job->model.has_ratings && i < job->who.n; i++) {
        uint32_t u = job->who.index[i];
        size_t t = r->x.ptr[u], end = r->x.ptr[u + 1];
        while (t < end && r->fold[t] != MF_TRAIN && r->fold[t] != MF_FOLD_IN)
            t++;
        strangers += t == end;
    }
    if (strangers)
        mf__report_note(
            job->params->report,
            "%zu users have no training cells and no fold-in cells: the model says "
            "nothing of them, and their lists are in the order of its biases and items",
            strangers);
}

/* Let one persona speak for everyone, even where it owns no cell. */
static int make_one_active(rec_job *job, mf_err *err)
{
    uint32_t users = job->model.users.n;
    job->alone = mf__new(users, sizeof *job->alone);
    if (!job->alone)
        return mf__nomem(err);
    for (uint32_t u = 0; u < users; u++)
        job->alone[u] = (uint64_t)1 << (job->params->persona - 1);
    job->scored.folded = job->alone;
    return MF_OK;
}

/* Who is asked for, and what their scores are made of. */
static int open_users(rec_job *job, mf_err *err)
{
    const mf_recommend_params *p = job->params;
    job->names = &job->model.ratings.users;
    int code = p->rarity != 0 ? mf__rec_weigh(job, err) : MF_OK;
    if (code == MF_OK && p->history)
        code = mf__rec_new_user(job, err);
    if (code == MF_OK)
        code = mf__rec_who_find(&job->who, job, err);
    if (code == MF_OK)
        code = mf__model_fold_in(&job->model, job->name, job->who.n, job->who.index,
                                 p->threads, p->history ? NULL : p->report, err);
    if (code < 0)
        return code;
    job->scored = mf__scored_model(&job->model);
    note_strangers(job);
    if (code == MF_OK)
        code = p->persona ? make_one_active(job, err) : MF_OK;
    return code == MF_OK ? mf__rec_cells_open(job, err) : code;
}

static void close_job(rec_job *job)
{
    mf__rec_cells_close(job);
    mf__rec_who_free(&job->who);
    mf__names_close(job->lookup);
    free(job->listeners);
    free(job->barred);
    free(job->alone);
    mf_tensor_free(&job->unit);
    mf_model_free(&job->model);
}

int mf_recommend_run(mf_in *in, mf_out *out, const mf_recommend_params *params,
                     mf_err *err)
{
    rec_job job = {.params = params, .name = mf_in_name(in)};
    int code = mf_recommend_check(params, err);
    if (code == MF_OK)
        code = load(&job, in, err);
    if (code == MF_OK)
        code = mf__rec_candidates_read(&job, err);
    if (code == MF_OK)
        code =
            params->similars ? mf__rec_similar_open(&job, err) : open_users(&job, err);
    if (code == MF_OK) {
        mf__rec_warn_unknown(&job);
        code = mf__rec_write_all(&job, out, err);
    }
    close_job(&job);
    return code;
}
