#include "mf/convert.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/report.h"
#include "jobs/convert/join_chain.h"
#include "jobs/convert/join_models.h"
#include "jobs/convert/join_part.h"
#include "jobs/convert/join_ratings.h"
#include "jobs/shared/ratings_put.h"

struct mf_join {
    join_part *part;
    size_t parts, cap;
    mf_duplicates duplicates;
    bool duplicates_chosen;
};

int mf_join_open(mf_join **out, mf_err *err)
{
    *out = mf__new0(1, sizeof **out);
    return *out ? MF_OK : mf__nomem(err);
}

void mf_join_close(mf_join *join)
{
    if (!join)
        return;
    for (size_t i = 0; i < join->parts; i++) {
        mf_model_free(&join->part[i].model);
        free(join->part[i].name);
    }
    free(join->part);
    free(join);
}

void mf_join_duplicates(mf_join *join, mf_duplicates rule)
{
    join->duplicates = rule;
    join->duplicates_chosen = true;
}

/* The same cells twice would be summed. */
static int refuse_twice(const mf_join *join, mf_err *err)
{
    for (size_t p = 1; p < join->parts; p++)
        for (size_t q = 0; q < p; q++)
            if (join->part[p].model.digest == join->part[q].model.digest)
                return mf_fail(err, MF_EFORMAT,
                               "%s: is the same bundle as %s; name it once",
                               join->part[p].name, join->part[q].name);
    return MF_OK;
}

int mf_join_put(mf_join *join, mf_in *in, mf_err *err)
{
    size_t bytes = strlen(mf_in_name(in)) + 1;
    if (mf__reserve(&join->part, &join->cap, join->parts + 1, sizeof *join->part, err) <
        0)
        return MF_ENOMEM;
    join_part *part = &join->part[join->parts];
    *part = (join_part){.name = mf__new(bytes, 1)};
    if (!part->name)
        return mf__nomem(err);
    memcpy(part->name, mf_in_name(in), bytes);
    join->parts++;
    return mf_model_load(&part->model, in,
                         MF_WANT_RATINGS | MF_WANT_FACTORS | MF_WANT_WHAT_IS_THERE,
                         NULL, NULL, err);
}

/* --- ratings and factors --- */

static int join_model(const join_part *ratings, const join_part *factors,
                      const char *note, mf_bundle_writer *out, join_chain *chain,
                      mf_err *err)
{
    const mf_model *r = &ratings->model, *f = &factors->model;
    int code = mf_model_fits(f, factors->name, &r->ratings, ratings->name, err);
    if (code == MF_OK)
        code = mf__join_chain_model(chain, r, f, err);
    if (code == MF_OK)
        code = mf__ratings_put(out, &r->ratings, r->header.value, r->header.nnz_known,
                               note, err);
    if (code == MF_OK)
        code = mf_bundle_put_card(out, &f->card, err);
    if (code == MF_OK)
        code = mf_bundle_put_factors(out, MF_ITEM, &f->items, NULL, NULL, err);
    if (code == MF_OK)
        code = mf_bundle_put_factors(out, MF_USER, &f->users, f->zptr, f->z, err);
    return code == MF_OK ? mf_bundle_put_history(out, f->history_n, f->history, err)
                         : code;
}

/* --- either --- */

/* Returns 0 if all parts are ratings, or all are models with theirs, or which of two is factors: 1 or 2. */
static int which_factors(const mf_join *join, mf_err *err)
{
    const join_part *part = join->part;
    if (join->parts == 2)
        for (int f = 0; f < 2; f++)
            if (part[f].model.has_factors && !part[f].model.has_ratings &&
                part[1 - f].model.has_ratings && !part[1 - f].model.has_factors)
                return f + 1;
    if (mf__join_are_models(part, join->parts))
        return 0;
    for (size_t p = 0; p < join->parts; p++) {
        if (part[p].model.has_factors)
            return mf_fail(err, MF_EFORMAT,
                           "%s: holds a model; join ratings, the models of "
                           "one training, or just one bundle of ratings and one of "
                           "factors",
                           part[p].name);
        if (!part[p].model.has_ratings)
            return mf_fail(err, MF_EFORMAT, "%s: holds no ratings", part[p].name);
    }
    return 0;
}

static void tell(const mf_join *join, int factors, const join_sum *sum,
                 const mf_report *report)
{
    const char *rule = mf_duplicates_names[join->duplicates];
    const char *cells = mf__plural(sum->merged), *users = mf__plural(sum->shared);
    mf__report_note(report, "%zu bundle%s joined, %s", join->parts,
                    mf__plural(join->parts),
                    factors ? "ratings and factors" : "by user");
    if (sum->widened)
        mf__report_note(report, "counts and floats: all values become floats");
    if (sum->merged > 0 && join->duplicates_chosen)
        mf__report_note(report,
                        "%zu cell%s of %u user%s in several bundles: merged by %s",
                        sum->merged, cells, sum->shared, users, rule);
    else if (sum->merged > 0)
        mf__report_warn(report,
                        "%zu cell%s of %u user%s in several bundles: summed; say which "
                        "you want: --duplicates=sum for counts, last, first, max or "
                        "mean for ratings",
                        sum->merged, cells, sum->shared, users);
}

int mf_join_finish(mf_join *join, mf_out *out, const mf_report *report, mf_err *err)
{
    mf_bundle_writer *w;
    join_chain chain = {0};
    join_sum sum = {0};
    char *note = NULL;
    const join_part *part = join->part;
    if (join->parts == 0)
        return mf_fail(err, MF_EINVAL, "no bundles to join");
    int factors = which_factors(join, err);
    int code = factors < 0 ? factors : refuse_twice(join, err);
    if (code == MF_OK && !factors)
        code = mf__join_ids(part, join->parts, report, err);
    mf__report_phase(report, "joining");
    if (code == MF_OK)
        code = mf_bundle_writer_open(&w, out, err);
    if (code < 0)
        return code;
    code = mf__join_note(&note, part, join->parts, err);
    if (code == MF_OK)
        code = factors ? join_model(&part[2 - factors], &part[factors - 1], note, w,
                                    &chain, err)
               : mf__join_are_models(part, join->parts)
                   ? mf__join_models(part, join->parts, note, w, &chain, &sum, err)
                   : mf__join_ratings(part, join->parts, join->duplicates, note, w,
                                      &chain, &sum, err);
    if (code == MF_OK)
        code = mf_bundle_put_end_stages(w, chain.n, chain.stage, err);
    if (code == MF_OK)
        tell(join, factors, &sum, report);
    mf_bundle_writer_close(w);
    free(chain.stage);
    free(sum.owner);
    free(sum.row);
    free(note);
    return code;
}
