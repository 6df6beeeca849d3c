#include <string.h>

#include "base/report.h"
#include "jobs/convert/format.h"
#include "jobs/convert/splitter.h"

const char *const mf_part_names[] = {
    [MF_PART_RATINGS] = "ratings",
    [MF_PART_USERS] = "users",
    [MF_PART_ITEMS] = "items",
    [MF_PART_HISTORY] = "history",
    [MF_PART_USER_BIASES] = "user-biases",
    [MF_PART_ITEM_BIASES] = "item-biases",
    [MF_PARTS] = NULL,
};

mf_convert_to_params mf_convert_to_defaults(void)
{
    return (mf_convert_to_params){.format = MF_FORMAT_TSV, .part = MF_PART_RATINGS};
}

static int fail_part(const mf_convert_to_params *p, mf_err *err)
{
    const char *name = mf_format_names[p->format], *part = mf_part_names[p->part];
    const format *f = mf__format(p->format);
    if (f->holds)
        return mf_fail(err, MF_EINVAL, "--to=%s %s", name, f->holds);
    if (PARTS_OF_LINES >> p->part & 1)
        return mf_fail(err, MF_EINVAL,
                       "--to=%s holds ratings, not --part=%s; %s have all parts", name,
                       part, mf__formats_with(PARTS_OF_LINES).text);
    return mf_fail(err, MF_EINVAL, "--part=%s: say --to=%s", part,
                   mf__formats_with(1u << p->part).text);
}

int mf_convert_to_check(const mf_convert_to_params *p, mf_err *err)
{
    const format *f = mf__format(p->format);
    if (!(f->parts >> p->part & 1))
        return fail_part(p, err);
    if (p->folds && p->part != MF_PART_RATINGS)
        return mf_fail(err, MF_EINVAL, "--fold: only cells have folds, not --part=%s",
                       mf_part_names[p->part]);
    if (p->header && !f->headed)
        return mf_fail(err, MF_EINVAL, "--header: only %s can be with or without",
                       mf__formats_headed().text);
    separator between;
    if (!p->separator)
        return MF_OK;
    if (!f->separated)
        return mf_fail(err, MF_EINVAL, "--separator: only tsv, csv and lists have one");
    if (mf__separator_read(&between, p->format, p->separator, err) < 0)
        return MF_EINVAL;
    if (between.text[0] &&
        between.text[strspn(between.text, "0123456789+-.eE")] == '\0')
        return mf_fail(err, MF_EINVAL, "--separator: '%s' stands in numbers too",
                       between.text);
    return MF_OK;
}

bool mf_convert_to_binary(const mf_convert_to_params *p)
{
    return mf__format(p->format)->binary;
}

/* What must be in memory for a part. */
static unsigned wanted(const mf_convert_to_params *p)
{
    if (mf__format(p->format)->factors)
        return MF_WANT_FACTORS;
    return p->part == MF_PART_RATINGS ? MF_WANT_RATINGS : 0;
}

/* Leave out the cells of folds that are not in `mask`. */
static void keep_folds(mf_ratings *r, unsigned mask)
{
    size_t to = 0, t = 0;
    for (uint32_t u = 0; u < r->x.rows; u++) {
        size_t end = r->x.ptr[u + 1];
        for (; t < end; t++) {
            if (!(mask >> r->fold[t] & 1))
                continue;
            r->x.col[to] = r->x.col[t];
            r->x.val[to] = r->x.val[t];
            if (r->count)
                r->count[to] = r->count[t];
            if (r->time)
                r->time[to] = r->time[t];
            r->fold[to++] = r->fold[t];
        }
        r->x.ptr[u + 1] = to;
    }
    r->x.nnz = to;
}

/* A format without folds puts test cells beside training cells: whoever trains on
 * them shall know. */
static void warn_of_mixture(const mf_ratings *r, const mf_convert_to_params *p,
                            const char *name, const mf_report *report)
{
    size_t count[MF_FOLDS] = {0}, folds = 0;
    for (size_t t = 0; t < r->x.nnz; t++)
        count[r->fold[t]]++;
    for (int f = 0; f < MF_FOLDS; f++)
        folds += count[f] > 0;
    if (folds > 1)
        mf__report_warn(
            report,
            "%s: --to=%s has no folds: %zu train, %zu valid, %zu test and "
            "%zu fold-in cells are written as one; choose with --fold=train "
            "or --fold=train,valid,test,fold-in",
            name, mf_format_names[p->format], count[MF_TRAIN], count[MF_VALID],
            count[MF_TEST], count[MF_FOLD_IN]);
}

int mf_convert_to_run(mf_in *in, mf_out *out, const mf_convert_to_params *p,
                      const mf_report *report, mf_err *err)
{
    mf_model model;
    int code = mf_convert_to_check(p, err);
    if (code == MF_OK)
        code = mf_model_load(&model, in, wanted(p), NULL, NULL, err);
    if (code < 0)
        return code;
    const format *f = mf__format(p->format);
    if (p->folds)
        keep_folds(&model.ratings, p->folds);
    else if (p->part == MF_PART_RATINGS && !f->folds)
        warn_of_mixture(&model.ratings, p, mf_in_name(in), report);
    if (p->part == MF_PART_HISTORY && model.history_n == 0)
        code = mf_fail(err, MF_EFORMAT,
                       "%s: the bundle holds no training history; pipe it "
                       "through mf-als",
                       mf_in_name(in));
    else
        code = f->write(out, &model, p, mf_in_name(in), err);
    mf_model_free(&model);
    return code;
}
