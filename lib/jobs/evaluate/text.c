/* The result of an evaluation for people: a table, with a column for every
 * reference, and words about it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "jobs/evaluate/formats.h"
#include "jobs/evaluate/subject.h"
#include "jobs/evaluate/users.h"
#include "math/metrics.h"

/* Columns of the table; those of reference r follow, three for each, and last the
 * target. An empty column has no width. */
enum { METRIC, SLICE, MODEL, MEAN, MEAN_HALF, N, FIRST_DIFFERENCE, PER_REFERENCE = 3 };

/* What a table shows. */
enum { RANKING = 1, PREDICTION = 2 };

/* A table is traversed twice: to measure its columns, and to print it. */
typedef struct layout {
    const mf_evaluation *e;
    unsigned kinds; /* of metrics, those that it shows */
    mf_out *out;    /* NULL: measuring */
    size_t references;
    size_t *reference; /* [references], subjects; owned */
    int *width;        /* [columns]; owned */
    int blank;         /* spaces that are due, if anything follows */
} layout;

static int gap_after(size_t column)
{
    bool number = column == MEAN || (column >= FIRST_DIFFERENCE &&
                                     (column - FIRST_DIFFERENCE) % PER_REFERENCE == 0);
    return number ? 1 : 2; /* its half interval follows */
}

static void cell(layout *l, size_t column, const char *text, bool right)
{
    int have = mf__columns(text), *width = &l->width[column];
    if (!l->out) {
        *width = have > *width ? have : *width;
        return;
    }
    int left = *width - have, gap = *width ? gap_after(column) : 0;
    if (have == 0) {
        l->blank += *width + gap;
        return;
    }
    int before = l->blank + (right ? left : 0);
    l->blank = gap + (right ? 0 : left);
    mf_out_printf(l->out, NULL, "%*s%s", before, "", text);
}

static void end_line(layout *l)
{
    l->blank = 0;
    if (l->out)
        mf_out_write(l->out, "\n", 1, NULL);
}

/* A number in `column`, and half the width of its interval in the next. */
static void number(layout *l, size_t column, const mf_estimate *x, bool sign)
{
    char text[EVALUATION_NUMBER], half[EVALUATION_NUMBER],
        wide[EVALUATION_NUMBER + 4] = "";
    cell(l, column, isfinite(x->value) ? mf__plain(x->value, sign, text) : "", true);
    if (isfinite(x->high - x->low))
        snprintf(wide, sizeof wide, "+-%s",
                 mf__plain((x->high - x->low) / 2, false, half));
    cell(l, column + 1, wide, false);
}

static void p_value(layout *l, size_t column, double p)
{
    char text[32] = "";
    if (p < 0.0001)
        snprintf(text, sizeof text, "<0.0001");
    else if (isfinite(p))
        mf__snprintf(text, sizeof text, "%.4f", p);
    cell(l, column, text, true);
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

/* What stands in the column of slices: "all", or nothing where there are none. */
static const char *slice_name(const mf_evaluation *e, const mf_estimate *x)
{
    if (e->slices == 1)
        return "";
    return x->slice ? e->slice[x->slice].name : "all";
}

/* The row of x, with its metric and slice where they differ from those of the row
 * before. */
static void row(layout *l, const mf_estimate *x, bool metric, bool slice)
{
    const mf_evaluation *e = l->e;
    const char *target = mf__target_of(e, x);
    static const mf_estimate nothing = {.value = NAN, .low = NAN, .high = NAN};
    char n[32], words[64] = "";
    snprintf(n, sizeof n, "%llu", (unsigned long long)x->n);
    if (*target)
        snprintf(words, sizeof words, "target: %s",
                 strcmp(target, "value") == 0 ? "the stored value" : target);
    cell(l, METRIC, metric ? e->metrics.metric[x->metric].name : "", false);
    cell(l, SLICE, slice ? slice_name(e, x) : "", false);
    cell(l, MODEL, e->subject[x->subject].name, false);
    number(l, MEAN, x, false);
    cell(l, N, n, true);
    for (size_t r = 0; r < l->references; r++) {
        const mf_estimate *d = difference_of(e, x, l->reference[r]);
        size_t column = difference_column(r);
        number(l, column, d ? d : &nothing, true);
        p_value(l, column + 2, d ? d->p : NAN);
    }
    cell(l, difference_column(l->references), words, false);
    end_line(l);
}

static bool shows(const layout *l, size_t m)
{
    bool prediction = mf_metric_is_prediction(&l->e->metrics.metric[m]);
    return l->kinds & (prediction ? PREDICTION : RANKING);
}

/* Metric by metric, and in each slice by slice, so that what is to be compared
 * stands together. */
static void rows(layout *l)
{
    const mf_evaluation *e = l->e;
    bool blocks = e->subjects * e->slices > 1, any = false;
    for (size_t m = 0; m < e->metrics.n; m++) {
        bool metric = true;
        if (!shows(l, m))
            continue;
        if (any && blocks)
            end_line(l);
        for (size_t i = 0; i < e->slices; i++) {
            bool slice = true;
            for (size_t x = 0; x < e->scores; x++) {
                if (e->score[x].metric != m || e->score[x].slice != i)
                    continue;
                row(l, &e->score[x], metric, slice);
                metric = slice = false;
            }
        }
        any |= !metric;
    }
}

/* "less NAME" stands over a difference and its interval. */
static void heading(layout *l)
{
    cell(l, METRIC, "metric", false);
    if (l->e->slices > 1)
        cell(l, SLICE, "slice", false);
    cell(l, MODEL, "model", false);
    cell(l, MEAN, "mean", true);
    cell(l, MEAN_HALF, "", true);
    cell(l, N, "n", true);
    for (size_t r = 0; r < l->references; r++) {
        const char *name = l->e->subject[l->reference[r]].name;
        size_t column = difference_column(r);
        int *width = &l->width[column];
        int have = 5 + mf__columns(name),
            room = width[0] + width[1] + (width[1] ? 1 : 0);
        if (!l->out) {
            width[width[1] ? 1 : 0] += have > room ? have - room : 0;
            continue;
        }
        mf_out_printf(l->out, NULL, "%*sless %s", l->blank, "", name);
        l->blank = room - have + (width[1] ? 2 : 1);
        cell(l, column + 2, width[2] ? "p" : "", true);
    }
    end_line(l);
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
    bool whole = l.reference && l.width;
    if (whole) {
        for (size_t s = 0; s < e->subjects; s++)
            if (is_reference(&l, s))
                l.reference[l.references++] = s;
        rows(&l);
        heading(&l);
        l.out = out;
        heading(&l);
        rows(&l);
    }
    free(l.reference);
    free(l.width);
    return whole ? mf_out_check(out, err) : mf__nomem(err);
}

/* One table of all metrics, or if rankings and predictions are compared with other
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
    mf_out_write(out, "\n", 1, NULL);
    return code == MF_OK ? write_table(e, PREDICTION, out, err) : code;
}

int mf__evaluation_text(const mf_evaluation *e, const mf_evaluation_style *style,
                        mf_out *out, mf_err *err)
{
    (void)style;
    int code = write_tables(e, out, err);
    if (code < 0)
        return code;
    mf__evaluation_notes(e, true, out);
    return mf_out_check(out, err);
}
