/* The result of an evaluation for people: a table, with a column for every
 * reference, and words about it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "jobs/evaluate/private.h"

/* Columns of the table; those of reference r follow, three for each, and last the
 * target. A column where nothing stands has no width. */
enum { METRIC, SLICE, MODEL, MEAN, MEAN_HALF, N, FIRST_DIFFERENCE, PER_REFERENCE = 3 };

/* What a table shows. */
enum { RANKING = 1, PREDICTION = 2 };

/* A table is gone through twice: to measure, and to print. */
typedef struct layout {
    const mf_evaluation *e;
    unsigned kinds; /* of metrics, those that it shows */
    mf_out *out;    /* NULL: measuring */
    size_t references;
    size_t *reference; /* [references], subjects; owned */
    int *width;        /* [columns]; owned */
    int blank;         /* spaces that are due, if anything follows */
} layout;

/* Columns of a name, which may hold letters of several bytes. */
static int columns(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static int gap_after(size_t column)
{
    bool number = column == MEAN || (column >= FIRST_DIFFERENCE &&
                                     (column - FIRST_DIFFERENCE) % PER_REFERENCE == 0);
    return number ? 1 : 2; /* its half interval follows */
}

static int cell(layout *l, size_t column, const char *text, bool right, mf_err *err)
{
    int have = columns(text), *width = &l->width[column];
    if (!l->out) {
        *width = have > *width ? have : *width;
        return MF_OK;
    }
    int left = *width - have, gap = *width ? gap_after(column) : 0;
    if (have == 0) {
        l->blank += *width + gap;
        return MF_OK;
    }
    int before = l->blank + (right ? left : 0);
    l->blank = gap + (right ? 0 : left);
    return mf_out_printf(l->out, err, "%*s%s", before, "", text);
}

static int end_line(layout *l, mf_err *err)
{
    l->blank = 0;
    return l->out ? mf_out_write(l->out, "\n", 1, err) : MF_OK;
}

/* A number for people: five decimals, or five digits where it is large. */
static const char *plain(double x, bool sign, char text[32])
{
    const char *plus = sign && x >= 0 ? "+" : "";
    if (fabs(x) < 100)
        mf__snprintf(text, 32, "%s%.5f", plus, x);
    else
        mf__snprintf(text, 32, "%s%.5g", plus, x);
    return text;
}

/* A number in `column`, and half the width of its interval in the next. */
static int number(layout *l, size_t column, const mf_estimate *x, bool sign,
                  mf_err *err)
{
    char text[32], half[32], wide[36] = "";
    bool known = isfinite(x->value);
    int code = cell(l, column, known ? plain(x->value, sign, text) : "", true, err);
    if (isfinite(x->high - x->low))
        snprintf(wide, sizeof wide, "+-%s", plain((x->high - x->low) / 2, false, half));
    return code == MF_OK ? cell(l, column + 1, wide, false, err) : code;
}

static int p_value(layout *l, size_t column, double p, mf_err *err)
{
    char text[32] = "";
    if (p < 0.0001)
        snprintf(text, sizeof text, "<0.0001");
    else if (isfinite(p))
        mf__snprintf(text, sizeof text, "%.4f", p);
    return cell(l, column, text, true, err);
}

static const mf_estimate *difference_of(const mf_evaluation *e, const mf_estimate *x,
                                        size_t reference)
{
    for (size_t i = 0; i < e->differences; i++) {
        const mf_estimate *d = &e->difference[i];
        if (d->slice == x->slice && d->subject == x->subject &&
            d->metric == x->metric && d->reference == reference)
            return d;
    }
    return NULL;
}

static size_t difference_column(size_t r)
{
    return FIRST_DIFFERENCE + PER_REFERENCE * r;
}

/* The row of x, with its metric and slice where they are not those of the row
 * before. */
static int row(layout *l, const mf_estimate *x, bool metric, bool slice, mf_err *err)
{
    const mf_evaluation *e = l->e;
    const char *target = mf__evaluate_target_of(e, x);
    const char *of = e->slices > 1 ? e->slice[x->slice].name : "";
    static const mf_estimate nothing = {.value = NAN, .low = NAN, .high = NAN};
    char n[32], words[64] = "";
    snprintf(n, sizeof n, "%llu", (unsigned long long)x->n);
    if (*target)
        snprintf(words, sizeof words, "target: %s",
                 strcmp(target, "value") == 0 ? "the stored value" : target);
    int code =
        cell(l, METRIC, metric ? e->metrics.metric[x->metric].name : "", false, err);
    if (code == MF_OK)
        code = cell(l, SLICE,
                    !slice                  ? ""
                    : *of || e->slices == 1 ? of
                                            : "all",
                    false, err);
    if (code == MF_OK)
        code = cell(l, MODEL, e->subject[x->subject].name, false, err);
    if (code == MF_OK)
        code = number(l, MEAN, x, false, err);
    if (code == MF_OK)
        code = cell(l, N, n, true, err);
    for (size_t r = 0; code == MF_OK && r < l->references; r++) {
        const mf_estimate *d = difference_of(e, x, l->reference[r]);
        size_t column = difference_column(r);
        code = number(l, column, d ? d : &nothing, true, err);
        if (code == MF_OK)
            code = p_value(l, column + 2, d ? d->p : NAN, err);
    }
    if (code == MF_OK)
        code = cell(l, difference_column(l->references), words, false, err);
    return code == MF_OK ? end_line(l, err) : code;
}

static bool shows(const layout *l, size_t m)
{
    bool prediction = mf_metric_is_prediction(&l->e->metrics.metric[m]);
    return l->kinds & (prediction ? PREDICTION : RANKING);
}

/* Metric by metric, and in each slice by slice, so that what is to be compared
 * stands together. */
static int rows(layout *l, mf_err *err)
{
    const mf_evaluation *e = l->e;
    int code = MF_OK;
    bool blocks = e->subjects * e->slices > 1, any = false;
    for (size_t m = 0; m < e->metrics.n; m++) {
        bool metric = true;
        if (!shows(l, m))
            continue;
        if (any && blocks && code == MF_OK)
            code = end_line(l, err);
        for (size_t i = 0; i < e->slices; i++) {
            bool slice = true;
            for (size_t x = 0; code == MF_OK && x < e->scores; x++) {
                if (e->score[x].metric != m || e->score[x].slice != i)
                    continue;
                code = row(l, &e->score[x], metric, slice, err);
                metric = slice = false;
            }
        }
        any |= !metric;
    }
    return code;
}

/* "less NAME" stands over a difference and its interval. */
static int heading(layout *l, mf_err *err)
{
    int code = cell(l, METRIC, "metric", false, err);
    if (code == MF_OK && l->e->slices > 1)
        code = cell(l, SLICE, "slice", false, err);
    if (code == MF_OK)
        code = cell(l, MODEL, "model", false, err);
    if (code == MF_OK)
        code = cell(l, MEAN, "mean", true, err);
    if (code == MF_OK)
        code = cell(l, MEAN_HALF, "", true, err);
    if (code == MF_OK)
        code = cell(l, N, "n", true, err);
    for (size_t r = 0; code == MF_OK && r < l->references; r++) {
        const char *name = l->e->subject[l->reference[r]].name;
        size_t column = difference_column(r);
        int *width = &l->width[column];
        int have = 5 + columns(name), room = width[0] + width[1] + (width[1] ? 1 : 0);
        if (!l->out) {
            width[width[1] ? 1 : 0] += have > room ? have - room : 0;
            continue;
        }
        code = mf_out_printf(l->out, err, "%*sless %s", l->blank, "", name);
        l->blank = room - have + (width[1] ? 2 : 1);
        if (code == MF_OK)
            code = cell(l, column + 2, width[2] ? "p" : "", true, err);
    }
    return code == MF_OK ? end_line(l, err) : code;
}

static bool is_reference(const layout *l, size_t subject)
{
    const mf_evaluation *e = l->e;
    for (size_t i = 0; i < e->differences; i++)
        if (e->difference[i].reference == subject && shows(l, e->difference[i].metric))
            return true;
    return false;
}

static int write_table(const mf_evaluation *e, unsigned kinds, mf_out *out, mf_err *err)
{
    layout l = {.e = e, .kinds = kinds};
    size_t most = FIRST_DIFFERENCE + PER_REFERENCE * e->subjects + 1;
    l.reference = mf__new(e->subjects, sizeof *l.reference);
    l.width = mf__new0(most, sizeof *l.width);
    int code = l.reference && l.width ? MF_OK : mf__nomem(err);
    for (size_t s = 0; code == MF_OK && s < e->subjects; s++)
        if (is_reference(&l, s))
            l.reference[l.references++] = s;
    if (code == MF_OK)
        code = rows(&l, err);
    if (code == MF_OK)
        code = heading(&l, err);
    l.out = out;
    if (code == MF_OK)
        code = heading(&l, err);
    if (code == MF_OK)
        code = rows(&l, err);
    free(l.reference);
    free(l.width);
    return code;
}

/* One table of all metrics, or if rankings and predictions are held against other
 * references, one for each, so that no column is half empty. */
static int write_tables(const mf_evaluation *e, mf_out *out, mf_err *err)
{
    layout ranking = {.e = e, .kinds = RANKING}, other = {.e = e, .kinds = PREDICTION};
    bool has[2] = {false, false}, same = true;
    for (size_t m = 0; m < e->metrics.n; m++)
        has[shows(&other, m)] = true;
    for (size_t s = 0; s < e->subjects; s++)
        same &= is_reference(&ranking, s) == is_reference(&other, s);
    if (same || !has[0] || !has[1])
        return write_table(e, RANKING | PREDICTION, out, err);
    int code = write_table(e, RANKING, out, err);
    if (code == MF_OK)
        code = mf_out_write(out, "\n", 1, err);
    return code == MF_OK ? write_table(e, PREDICTION, out, err) : code;
}

static int write_slices(const mf_evaluation *e, mf_out *out, mf_err *err)
{
    int code = MF_OK;
    for (size_t i = 1; code == MF_OK && i < e->slices; i++) {
        const mf_slice *s = &e->slice[i];
        if (s->low > s->high)
            code = mf_out_printf(out, err, "%s: nobody\n", s->name);
        else if (s->part)
            code = mf_out_printf(
                out, err,
                "%s: %u users with %llu test cells, of items of %u to %u training "
                "users\n",
                s->name, s->n, (unsigned long long)s->total, s->low, s->high);
        else
            code = mf_out_printf(
                out, err,
                "%s: %u users of %u to %u known cells, with %llu test cells\n", s->name,
                s->n, s->low, s->high, (unsigned long long)s->total);
    }
    return code;
}

static bool any_interval(const mf_evaluation *e)
{
    bool any = false;
    for (size_t i = 0; i < e->scores; i++)
        any |= isfinite(e->score[i].low) != 0;
    return any;
}

static bool any_whole(const mf_evaluation *e)
{
    bool any = false;
    for (size_t m = 0; m < e->metrics.n; m++)
        any |= mf_metric_is_about(&e->metrics.metric[m]) == MF_ABOUT_ALL_LISTS;
    return any && e->scores;
}

int mf__evaluate_write_text(const mf_evaluation *e, mf_out *out, mf_err *err)
{
    const mf_slice *all = &e->slice[0];
    int code = write_tables(e, out, err);
    if (code == MF_OK)
        code = mf_out_printf(
            out, err,
            "\n%u users with %llu test cells; %u users have none and are left out\n",
            all->n, (unsigned long long)all->total, e->left_out);
    if (code == MF_OK && e->splits > 1)
        code = mf_out_printf(out, err,
                             "the test cells of the models differ: each has its own; "
                             "%u users do not have some in all models\n",
                             e->ids.n - all->n);
    if (code == MF_OK)
        code = write_slices(e, out, err);
    if (code == MF_OK && any_interval(e))
        code = mf_out_printf(
            out, err, "+-: half of the 95 %% interval over users%s\n",
            e->differences ? "; p: permutation test on each user's two values" : "");
    if (code == MF_OK && any_whole(e))
        code = mf_out_printf(out, err,
                             "coverage and gini are of all lists together, and have no "
                             "interval\n");
    for (int why = 0; code == MF_OK && why < MF_INCOMPARABLE_COUNT; why++)
        if (e->incomparable[why])
            code = mf_out_printf(out, err, "%s\n", mf_incomparable_words[why]);
    return code;
}
