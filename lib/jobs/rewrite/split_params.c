/* The options of mf-split: defaults, checks, provenance. */
#include "jobs/rewrite/split_params.h"

#include <math.h>

const char *const mf_split_method_names[] = {"pairs", "per-user", "leave-out", "users",
                                             "last",  "before",   NULL};

mf_split_params mf_split_defaults(void)
{
    return (mf_split_params){
        .method = MF_SPLIT_PAIRS,
        .test = {true, MF_SPLIT_DEFAULT},
        .valid = {true, MF_SPLIT_DEFAULT},
        .fold_in = MF_SPLIT_DEFAULT,
        .min_train = MF_SPLIT_DEFAULT,
        .seed = 1,
    };
}

/* True if the amount is of the kind, or is one that every kind has. */
static bool is_kind(mf_split_amount a, bool fraction)
{
    return a.value <= 0 || a.fraction == fraction;
}

static int check_amounts(const mf_split_params *p, mf_err *err)
{
    mf_split_amount amounts[] = {p->test, p->valid};
    const char *const name[] = {"--test", "--valid"};
    for (int i = 0; i < 2; i++) {
        if (!isfinite(amounts[i].value) ||
            (amounts[i].fraction && amounts[i].value > 1))
            return mf_fail(err, MF_EINVAL, "%s: a fraction is 0 to 1", name[i]);
        if (p->method == MF_SPLIT_LEAVE_OUT && !is_kind(amounts[i], false))
            return mf_fail(err, MF_EINVAL,
                           "%s: --method=leave-out takes a count of cells, "
                           "like 1",
                           name[i]);
        if ((p->method == MF_SPLIT_PAIRS || p->method == MF_SPLIT_PER_USER ||
             p->method == MF_SPLIT_BEFORE) &&
            !is_kind(amounts[i], true))
            return mf_fail(err, MF_EINVAL,
                           "%s: --method=%s takes a fraction, like 0.15 or "
                           "15%%",
                           name[i], mf_split_method_names[p->method]);
    }
    if (p->test.value > 0 && p->valid.value > 0 &&
        p->test.fraction != p->valid.fraction)
        return mf_fail(err, MF_EINVAL,
                       "--test and --valid: both fractions, or both counts");
    double test = p->test.value >= 0                        ? p->test.value
                  : p->has_at || p->method == MF_SPLIT_LAST ? 0
                                                            : 0.15;
    if (p->method != MF_SPLIT_LEAVE_OUT && p->folds == 0 && p->valid.fraction &&
        is_kind(p->test, true) && test + fmax(p->valid.value, 0) > 1)
        return mf_fail(err, MF_EINVAL, "--test and --valid are more than 1 together");
    return MF_OK;
}

static int check_folds(const mf_split_params *p, mf_err *err)
{
    if (p->folds == 0)
        return p->fold == 0
                   ? MF_OK
                   : mf_fail(err, MF_EINVAL, "--fold: say with --folds of how many");
    if (p->folds < 2 || p->folds > MF_SPLIT_FOLDS_MAX)
        return mf_fail(err, MF_EINVAL, "--folds: %u is not in 2 .. %d", p->folds,
                       MF_SPLIT_FOLDS_MAX);
    if (p->fold < 1 || p->fold > p->folds)
        return mf_fail(err, MF_EINVAL,
                       "--folds: say with --fold which one is test, 1 to %u", p->folds);
    if (p->method != MF_SPLIT_PAIRS && p->method != MF_SPLIT_USERS)
        return mf_fail(err, MF_EINVAL, "--folds: goes with --method=pairs or users");
    if (p->test.value >= 0)
        return mf_fail(err, MF_EINVAL,
                       "--test: goes not with --folds, which says how much");
    if (!is_kind(p->valid, true))
        return mf_fail(err, MF_EINVAL, "--valid: takes a fraction with --folds");
    if (p->valid.value > 1 - 1.0 / p->folds)
        return mf_fail(err, MF_EINVAL, "--valid: more than the other folds hold");
    return MF_OK;
}

static int check_cuts(const mf_split_params *p, mf_err *err)
{
    if (!p->has_at && !p->has_valid_at)
        return MF_OK;
    if (p->method != MF_SPLIT_BEFORE)
        return mf_fail(err, MF_EINVAL, "%s: goes with --method=before",
                       p->has_at ? "--at" : "--valid-at");
    if (p->has_at && p->test.value >= 0)
        return mf_fail(err, MF_EINVAL, "--test: goes not with --at, which says what");
    if (p->has_valid_at && p->valid.value >= 0)
        return mf_fail(err, MF_EINVAL,
                       "--valid: goes not with --valid-at, which says what");
    if (p->has_valid_at && !p->has_at)
        return mf_fail(err, MF_EINVAL, "--valid-at: goes with --at, a later time");
    if (p->has_valid_at && p->valid_at >= p->at)
        return mf_fail(err, MF_EINVAL,
                       "--valid-at: not before --at: nothing would be validation");
    return MF_OK;
}

int mf_split_check(const mf_split_params *p, mf_err *err)
{
    if (p->fold_in >= 0 && p->method != MF_SPLIT_USERS)
        return mf_fail(err, MF_EINVAL, "--fold-in: goes with --method=users");
    if (!(p->fold_in < 1))
        return mf_fail(err, MF_EINVAL,
                       "--fold-in: a fraction below 1, or nothing is held out");
    if (p->min_train > UINT32_MAX)
        return mf_fail(err, MF_EINVAL, "--min-train: too large");
    int code = check_cuts(p, err);
    if (code == MF_OK)
        code = check_folds(p, err);
    return code < 0 ? code : check_amounts(p, err);
}

mf_split_params mf__split_without_defaults(const mf_split_params *params)
{
    mf_split_params p = *params;
    bool one = p.method == MF_SPLIT_LEAVE_OUT || p.method == MF_SPLIT_LAST;
    if (p.test.value < 0 && one && p.valid.value > 0 && p.valid.fraction)
        p.test = (mf_split_amount){true, 0}; /* last: only validation was asked for */
    if (p.test.value < 0)
        p.test = (mf_split_amount){!one, one ? 1 : 0.15};
    if (p.valid.value < 0)
        p.valid = (mf_split_amount){p.test.fraction, 0};
    if (p.test.value == 0) /* 0 is of the kind of the other one */
        p.test.fraction = p.valid.fraction;
    if (p.fold_in < 0)
        p.fold_in = 0.8;
    if (p.min_train < 0)
        p.min_train = p.method == MF_SPLIT_PAIRS || p.method == MF_SPLIT_BEFORE ? 0 : 1;
    return p;
}

bool mf__split_by_time(const mf_split_params *p)
{
    return p->method == MF_SPLIT_LAST || p->method == MF_SPLIT_BEFORE;
}

/* An amount as --test and --valid read it. */
static void stage_amount(mf_stage *stage, const char *name, mf_split_amount a)
{
    if (a.fraction && a.value == 1) /* "1" would be a count */
        mf_stage_option(stage, name, "1.0");
    else
        mf_stage_number(stage, name, a.value);
}

mf_stage mf__split_stage(const mf_split_params *p)
{
    mf_stage stage = mf_stage_make("mf-split");
    mf_stage_option(&stage, "method", "%s", mf_split_method_names[p->method]);
    if (p->folds) {
        mf_stage_number(&stage, "folds", p->folds);
        mf_stage_number(&stage, "fold", p->fold);
    } else if (p->has_at) {
        mf_stage_option(&stage, "at", "%lld", (long long)p->at);
    } else {
        stage_amount(&stage, "test", p->test);
    }
    if (p->has_valid_at)
        mf_stage_option(&stage, "valid-at", "%lld", (long long)p->valid_at);
    else
        stage_amount(&stage, "valid", p->valid);
    if (p->method == MF_SPLIT_USERS)
        mf_stage_number(&stage, "fold-in", p->fold_in);
    mf_stage_number(&stage, "min-train", (double)p->min_train);
    if (!mf__split_by_time(p))
        mf_stage_seed(&stage, p->seed);
    return stage;
}
