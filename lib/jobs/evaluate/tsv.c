/* The result of an evaluation as lines of fields, and the values of all users. */
#include <stdio.h>

#include "base/number.h"
#include "jobs/evaluate/formats.h"
#include "jobs/evaluate/subject.h"

/* Of the values of users, the last field, and the TAB before it, is there only if there
 * are slices. */
static const char *before_slice(const mf_evaluation *e)
{
    return e->slices > 1 ? "\t" : "";
}

static int put_line(const mf_evaluation *e, const mf_estimate *x, bool difference,
                    mf_out *out, mf_err *err)
{
    enum { D = EVALUATION_DIGITS };
    char p[32] = "", unknown[32] = "";
    uint32_t strangers;
    if (difference)
        mf__snprintf(p, sizeof p, "%.*g", D, x->p);
    else if (mf__unknown_of(e, x, &strangers))
        snprintf(unknown, sizeof unknown, "%u", strangers);
    return mf_out_printf(
        out, err, "%s\t%.*g\t%.*g\t%.*g\t%llu\t%s\t%s\t%s\t%s\t%s\t%s\n",
        e->metrics.metric[x->metric].name, D, x->value, D, x->low, D, x->high,
        (unsigned long long)x->n, e->subject[x->subject].name, mf__target_of(e, x),
        difference ? e->subject[x->reference].name : "", p, e->slice[x->slice].name,
        unknown);
}

int mf__evaluation_tsv(const mf_evaluation *e, const mf_evaluation_style *style,
                       mf_out *out, mf_err *err)
{
    if (!style->no_header)
        mf_out_printf(out, NULL,
                      "name\tmean\tlow\thigh\tn\tmodel\ttarget\treference\tp\tslice\t"
                      "unknown\n");
    for (size_t i = 0; i < e->scores; i++)
        put_line(e, &e->score[i], false, out, err);
    for (size_t i = 0; i < e->differences; i++)
        put_line(e, &e->difference[i], true, out, err);
    return mf_out_check(out, err);
}

/* The users of one slice, under its name. */
static int put_users(const mf_evaluation *e, const mf_slice *slice, size_t s, size_t m,
                     mf_out *out, mf_err *err)
{
    int code = MF_OK;
    for (uint32_t i = 0; code == MF_OK && i < slice->n; i++) {
        uint32_t user = slice->user ? slice->user[i] : i;
        size_t len;
        const char *id = mf_ids_get(&e->ids, user, &len);
        double value = mf_evaluation_of_user(e, slice, s, m, user);
        code = mf_out_printf(out, err, "%.*s\t%s\t%.*g\t%s%s%s\n", (int)len, id,
                             e->metrics.metric[m].name, EVALUATION_DIGITS, value,
                             e->subject[s].name, before_slice(e), slice->name);
    }
    return code;
}

int mf_evaluation_write_users(const mf_evaluation *e, bool no_header, mf_out *out,
                              mf_err *err)
{
    int code = MF_OK;
    if (!no_header)
        code = mf_out_printf(out, err, "user\tmetric\tvalue\tmodel%s%s\n",
                             before_slice(e), e->slices > 1 ? "slice" : "");
    for (size_t i = 0; i < e->slices; i++)
        for (size_t s = 0; s < e->subjects; s++)
            for (size_t m = 0; code == MF_OK && m < e->metrics.n; m++)
                if (mf_evaluation_has(e, &e->slice[i], s, m) &&
                    mf_metric_is_about(&e->metrics.metric[m]) != MF_ABOUT_ALL_LISTS)
                    code = put_users(e, &e->slice[i], s, m, out, err);
    return code;
}
