#include "jobs/convert/format.h"

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
    if (p->header && !f->headed)
        return mf_fail(err, MF_EINVAL, "--header: only %s can be with or without",
                       mf__formats_headed().text);
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

int mf_convert_to_run(mf_in *in, mf_out *out, const mf_convert_to_params *p,
                      mf_err *err)
{
    mf_model model;
    int code = mf_convert_to_check(p, err);
    if (code == MF_OK)
        code = mf_model_load(&model, in, wanted(p), NULL, NULL, err);
    if (code < 0)
        return code;
    if (p->part == MF_PART_HISTORY && model.history_n == 0)
        code = mf_fail(err, MF_EFORMAT,
                       "%s: the bundle holds no training history; pipe it "
                       "through mf-als",
                       mf_in_name(in));
    else
        code = mf__format(p->format)->write(out, &model, p, mf_in_name(in), err);
    mf_model_free(&model);
    return code;
}
