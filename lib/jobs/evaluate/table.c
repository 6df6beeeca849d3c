/* The result of an evaluation as a leaderboard of at most 80 columns: a row for each
 * subject, sorted by one metric, and a column for each metric; those that find no room
 * stand in a further block, whose rows have the same order. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "jobs/evaluate/formats.h"

enum { WIDTH = 80, NAME_MOST = 24, NAME_LEAST = 5, GAP = 1 };
static const double DIFFERS = 0.05; /* a p-value below it */

typedef struct board {
    const mf_evaluation *e;
    const mf_slice *slice;
    mf_out *out;
    size_t n;
    size_t *row; /* [n], subjects, the first on top; owned */
    int number;  /* columns of a row's number */
    int name;    /* of a name */
} board;

static const mf_estimate *score_of(const board *b, size_t subject, size_t m)
{
    const mf_evaluation *e = b->e;
    for (size_t i = 0; i < e->scores; i++)
        if (e->score[i].slice == (size_t)(b->slice - e->slice) &&
            e->score[i].subject == subject && e->score[i].metric == m)
            return &e->score[i];
    return NULL;
}

/* The value by which a row is sorted, larger ones first; what has none comes last. */
static double key_of(const board *b, size_t subject, size_t m)
{
    const mf_estimate *x = score_of(b, subject, m);
    if (!x || isnan(x->value))
        return -INFINITY;
    return mf_metric_is_prediction(&b->e->metrics.metric[m]) ? -x->value : x->value;
}

/* Few rows: by insertion, so that equal ones keep the order of the subjects. */
static void sort_rows(board *b, size_t m)
{
    for (size_t s = 0; s < b->e->subjects; s++) {
        size_t at = b->n++;
        for (; at > 0 && key_of(b, b->row[at - 1], m) < key_of(b, s, m); at--)
            b->row[at] = b->row[at - 1];
        b->row[at] = s;
    }
}

/* Room is dear: four decimals, or five digits where it is large. */
static void number_text(const char *before, double x, const char *after,
                        char text[EVALUATION_NUMBER])
{
    if (fabs(x) < 100)
        mf__snprintf(text, EVALUATION_NUMBER, "%s%.4f%s", before, x, after);
    else
        mf__snprintf(text, EVALUATION_NUMBER, "%s%.5g%s", before, x, after);
}

/* A value, and a star if it is the best or does not differ from it. */
static void value_text(const mf_estimate *x, char text[EVALUATION_NUMBER])
{
    if (!x || isnan(x->value))
        snprintf(text, EVALUATION_NUMBER, "- ");
    else
        number_text("", x->value, x->p >= DIFFERS ? "*" : " ", text);
}

static void half_text(const mf_estimate *x, char text[EVALUATION_NUMBER])
{
    text[0] = '\0';
    if (x && isfinite(x->high - x->low))
        number_text("+-", (x->high - x->low) / 2, "", text);
}

/* The columns of a metric: its name and the values, with their stars. */
static int width_of(const board *b, size_t m)
{
    char text[EVALUATION_NUMBER];
    int most = mf__columns(b->e->metrics.metric[m].name) + 1;
    for (size_t r = 0; r < b->n; r++) {
        value_text(score_of(b, b->row[r], m), text);
        most = mf__columns(text) > most ? mf__columns(text) : most;
    }
    return most;
}

static int half_width(const board *b, size_t m)
{
    char text[EVALUATION_NUMBER];
    int most = 0;
    for (size_t r = 0; r < b->n; r++) {
        half_text(score_of(b, b->row[r], m), text);
        most = mf__columns(text) > most ? mf__columns(text) : most;
    }
    return most;
}

/* A name in its column; of one that is too long the end, which differs more often. */
static void put_name(const board *b, const char *text)
{
    int skip = mf__columns(text) - b->name;
    const char *cut = skip > 0 ? ".." : "";
    if (skip > 0)
        for (skip += 2; skip > 0 || ((unsigned char)*text & 0xc0) == 0x80; text++)
            skip -= ((unsigned char)*text & 0xc0) != 0x80;
    int left = b->name - mf__columns(text) - (int)strlen(cut);
    mf_out_printf(b->out, NULL, "%s%s%*s", cut, text, left, "");
}

/* A line without the blanks at its end. */
typedef struct line {
    char text[4 * WIDTH];
    size_t n;
} line;

static void put_cell(line *to, int gap, int width, const char *text, bool right)
{
    int left = width - mf__columns(text);
    left = left > 0 ? left : 0;
    to->n = mf__append(to->text, sizeof to->text, to->n, "%*s%*s%s%*s", gap, "",
                       right ? left : 0, "", text, right ? 0 : left, "");
}

static void end_line(const board *b, line *done)
{
    while (done->n > 0 && done->text[done->n - 1] == ' ')
        done->n--;
    mf_out_printf(b->out, NULL, "%.*s\n", (int)done->n, done->text);
}

/* One line: the head if `row` is NULL, else of the subject, of metrics first .. last
 * - 1, the sorted one with its interval. */
static void put_line(const board *b, const size_t *row, size_t first, size_t last,
                     size_t sort)
{
    char text[EVALUATION_NUMBER], number[16];
    line l = {"", 0};
    snprintf(number, sizeof number, "%zu", row ? (size_t)(row - b->row) + 1 : 0);
    mf_out_printf(b->out, NULL, "%*s  ", b->number, row ? number : "");
    put_name(b, row ? b->e->subject[*row].name : "model");
    for (size_t m = first; m < last; m++) {
        const mf_estimate *x = row ? score_of(b, *row, m) : NULL;
        if (row)
            value_text(x, text);
        else
            snprintf(text, sizeof text, "%s ", b->e->metrics.metric[m].name);
        put_cell(&l, GAP, width_of(b, m), text, true);
        half_text(x, text);
        if (m == sort && half_width(b, m))
            put_cell(&l, 1, half_width(b, m), text, false);
    }
    end_line(b, &l);
}

/* The metrics that fit beside the names, from `first` on: at least one. */
static size_t fit(const board *b, size_t first, size_t sort)
{
    int used = b->number + 2 + b->name;
    size_t m = first;
    for (; m < b->e->metrics.n; m++) {
        used += GAP + width_of(b, m) + (m == sort ? 1 + half_width(b, m) : 0);
        if (used > WIDTH && m > first)
            break;
    }
    return m;
}

static int write_board(const mf_evaluation *e, const mf_slice *slice, size_t sort,
                       mf_out *out, mf_err *err)
{
    board b = {.e = e, .slice = slice, .out = out, .name = NAME_LEAST};
    char number[16];
    b.row = mf__new(e->subjects, sizeof *b.row);
    if (!b.row)
        return mf__nomem(err);
    sort_rows(&b, sort);
    b.number = snprintf(number, sizeof number, "%zu", b.n);
    for (size_t r = 0; r < b.n; r++) {
        int have = mf__columns(e->subject[b.row[r]].name);
        have = have > NAME_MOST ? NAME_MOST : have;
        b.name = have > b.name ? have : b.name;
    }
    for (size_t first = 0, last; first < e->metrics.n; first = last) {
        last = fit(&b, first, sort);
        if (first > 0)
            mf_out_printf(out, NULL, "\n");
        put_line(&b, NULL, first, last, sort);
        for (size_t r = 0; r < b.n; r++)
            put_line(&b, &b.row[r], first, last, sort);
    }
    free(b.row);
    return mf_out_check(out, err);
}

/* Was anything held against the best of its column? */
static bool any_star(const mf_evaluation *e)
{
    bool any = false;
    for (size_t i = 0; i < e->scores; i++)
        any |= e->score[i].p >= DIFFERS;
    return any;
}

int mf__evaluation_table(const mf_evaluation *e, const mf_evaluation_style *style,
                         mf_out *out, mf_err *err)
{
    int code = MF_OK;
    for (size_t i = 0; code == MF_OK && i < e->slices; i++) {
        if (i > 0 && e->slice[i].n == 0)
            continue;
        if (i > 0)
            mf_out_printf(out, NULL, "\n%s\n", e->slice[i].name);
        code = write_board(e, &e->slice[i], style->sort, out, err);
    }
    if (code < 0)
        return code;
    mf__evaluation_notes(e, false, out);
    mf_out_printf(out, NULL, "sorted by %s", e->metrics.metric[style->sort].name);
    if (any_star(e))
        mf_out_printf(out, NULL,
                      "; *: the best of its column, or not different from it "
                      "(permutation test, p >= %.2g)",
                      DIFFERS);
    mf_out_printf(out, NULL, "\n");
    return mf_out_check(out, err);
}
