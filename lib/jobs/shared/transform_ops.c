#include "jobs/shared/transform_ops.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "mf/bundle.h"
#include "mf/nearest.h"

/* The operations by kind, with their defaults; NaN: the argument is required. */
static const struct {
    const char *name;
    int numbers; /* arguments that are numbers, and */
    bool side;   /* one that says which axis the documents are */
    double a, b;
} OP[] = {
    [MF_OP_LOG2] = {"log2", 1, false, 1, 0},
    [MF_OP_USER_MEAN] = {"user-mean", 0, false, 0, 0},
    [MF_OP_BINARIZE] = {"binarize", 1, false, 1, 0},
    [MF_OP_OFFSET] = {"offset", 1, false, NAN, 0},
    [MF_OP_TFIDF] = {"tfidf", 0, true, 0, 0},
    [MF_OP_BM25] = {"bm25", 2, true, 100, 0.8},
};
enum { OPS = sizeof OP / sizeof *OP };

/* One argument, up to a comma or the end. Returns what follows, or NULL. */
static const char *parse_number(const char *text, double *value)
{
    char *end;
    size_t len = strspn(text, "+-.0123456789eE"); /* no blanks, "inf", "nan", 0x */
    *value = mf__strtod(text, &end);
    if (len == 0 || end != text + len || !isfinite(*value) || (*end && *end != ','))
        return NULL;
    return *end ? end + 1 : end;
}

static int parse_arguments(mf_transform_op *op, const char *text, const char *whole,
                           mf_err *err)
{
    double *number[] = {&op->a, &op->b};
    const char *p = text;
    int got = 0;
    for (; *p && got < OP[op->kind].numbers && strcmp(p, "users") && strcmp(p, "items");
         got++)
        if (!(p = parse_number(p, number[got])))
            return mf_fail(err, MF_EINVAL, "--op: '%s': an argument is not a number",
                           whole);
    if (*p && OP[op->kind].side &&
        (strcmp(p, "users") == 0 || strcmp(p, "items") == 0)) {
        op->items = *p == 'i';
    } else if (*p || got == 0 || (p > text && p[-1] == ',')) {
        return mf_fail(err, MF_EINVAL, "--op: '%s': '%s' is no argument of %s", whole,
                       p, OP[op->kind].name);
    }
    return MF_OK;
}

int mf_transform_parse(mf_transform_op *op, const char *text, mf_err *err)
{
    size_t len = strcspn(text, ":");
    int kind = 0;
    while (kind < OPS &&
           (strlen(OP[kind].name) != len || strncmp(OP[kind].name, text, len)))
        kind++;
    if (kind == OPS) {
        const char *names[OPS + 1] = {NULL};
        char list[200] = "", ask[MF_NEAREST_WORDS];
        for (int i = 0; i < OPS; i++) {
            size_t used = strlen(list);
            names[i] = OP[i].name;
            snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
        }
        mf_nearest_ask(ask, "", text, len, names);
        return mf_fail(err, MF_EINVAL, "--op: '%s' is none of %s%s", text, list, ask);
    }
    *op = (mf_transform_op){
        .kind = (mf_transform_kind)kind, .a = OP[kind].a, .b = OP[kind].b};
    if (text[len] == ':') {
        int code = parse_arguments(op, text + len + 1, text, err);
        if (code < 0)
            return code;
    }
    if (isnan(op->a))
        return mf_fail(err, MF_EINVAL, "--op: '%s' needs a number, like %s:1", text,
                       OP[kind].name);
    if (op->kind == MF_OP_BM25 && !(op->a >= 0 && op->b >= 0 && op->b <= 1))
        return mf_fail(err, MF_EINVAL, "--op: '%s': K1 is at least 0, B is 0 to 1",
                       text);
    return MF_OK;
}

void mf_transform_format(const mf_transform_op *op, char text[MF_TRANSFORM_TEXT])
{
    char a[NUMBER_TEXT], b[NUMBER_TEXT];
    int numbers = OP[op->kind].numbers;
    mf__number_plain(a, op->a);
    mf__number_plain(b, op->b);
    snprintf(text, MF_TRANSFORM_TEXT, "%s%s%s%s%s%s", OP[op->kind].name,
             numbers > 0 ? ":" : "", numbers > 0 ? a : "", numbers > 1 ? "," : "",
             numbers > 1 ? b : "",
             !op->items ? ""
             : numbers  ? ",items"
                        : ":items");
}

bool mf__op_needs_stats(const mf_transform_op *op)
{
    return OP[op->kind].side;
}

int mf__op_stats_open(op_stats *s, uint32_t users, uint32_t items, mf_err *err)
{
    s->users = users;
    s->items = items;
    s->of_item = mf__new0(items, sizeof *s->of_item);
    return s->of_item ? MF_OK : mf__nomem(err);
}

/* The sum of the known cells of a row, and how many they are. */
static double sum_known(const op_row *row, size_t *known)
{
    double sum = 0;
    *known = 0;
    for (size_t t = 0; t < row->n; t++)
        if (op_known(row->fold[t])) {
            sum += row->x[t];
            ++*known;
        }
    return sum;
}

void mf__op_stats_add(op_stats *s, const mf_transform_op *op, const op_row *row)
{
    size_t known;
    for (size_t t = 0; t < row->n; t++)
        if (op_known(row->fold[t]))
            s->of_item[row->item[t]] += op->items ? row->x[t] : row->x[t] > 0;
    if (!op->items) /* rows come in order, so it is summed in order */
        s->sum += sum_known(row, &known);
}

/* Where (nearly) all documents have a term it says nothing, and weighs 0, never
 * less. */
static double idf(size_t documents, double df)
{
    return fmax(0, log((double)documents / (1 + df)));
}

/* The idf of a user, who is a term in the documents that are items. */
static double idf_of_row(const op_stats *s, const op_row *row)
{
    double df = 0;
    for (size_t t = 0; t < row->n; t++)
        df += op_known(row->fold[t]) && row->x[t] > 0;
    return idf(s->items, df);
}

void mf__op_stats_settle(op_stats *s, const mf_transform_op *op)
{
    for (size_t i = 0; i < s->items; i++)
        if (op->items)
            s->sum += s->of_item[i];
        else
            s->of_item[i] = idf(s->users, s->of_item[i]);
    s->mean = s->sum / (double)(op->items ? s->items : s->users);
}

void mf__op_stats_free(op_stats *s)
{
    free(s->of_item);
    *s = (op_stats){0};
}

static bool divide_by_mean(const op_row *row)
{
    size_t known;
    double sum = sum_known(row, &known), mean = sum / (double)known;
    if (known == 0)
        return true;
    for (size_t t = 0; t < row->n; t++)
        row->x[t] /= mean;
    return mean != 0;
}

static void apply_tfidf(const mf_transform_op *op, const op_stats *s, const op_row *row)
{
    double *x = row->x, own = op->items ? idf_of_row(s, row) : 0;
    for (size_t t = 0; t < row->n; t++)
        x[t] = sqrt(x[t]) * (op->items ? own : s->of_item[row->item[t]]);
}

static void apply_bm25(const mf_transform_op *op, const op_stats *s, const op_row *row)
{
    double *x = row->x;
    size_t known;
    double sum = sum_known(row, &known);
    double own = op->items ? idf_of_row(s, row) : 0;
    for (size_t t = 0; t < row->n; t++) {
        double of_item = s->of_item[row->item[t]];
        double length = op->items ? of_item : sum;
        double norm = 1 - op->b + op->b * length / s->mean;
        if (x[t] == 0)
            continue; /* whatever the lengths */
        x[t] = x[t] * (op->a + 1) / (op->a * norm + x[t]) * (op->items ? own : of_item);
    }
}

bool mf__op_apply(const mf_transform_op *op, const op_stats *s, const op_row *row)
{
    double *x = row->x;
    switch (op->kind) {
    case MF_OP_USER_MEAN: return divide_by_mean(row);
    case MF_OP_LOG2:
        for (size_t t = 0; t < row->n; t++)
            x[t] = log2(x[t] + op->a);
        break;
    case MF_OP_BINARIZE:
        for (size_t t = 0; t < row->n; t++)
            x[t] = x[t] >= op->a;
        break;
    case MF_OP_OFFSET:
        for (size_t t = 0; t < row->n; t++)
            x[t] += op->a;
        break;
    case MF_OP_TFIDF: apply_tfidf(op, s, row); break;
    case MF_OP_BM25: apply_bm25(op, s, row); break;
    }
    return true;
}
