#include "transform_ops.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mf/mem.h"
#include "mf/stage.h"

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
    *value = strtod(text, &end);
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
        p += strlen(p);
    } else if (got == 0 || (p > text && p[-1] == ',')) {
        return mf_fail(err, MF_EINVAL, "--op: '%s': '%s' is no argument of %s", whole,
                       p, OP[op->kind].name);
    }
    if (*p)
        return mf_fail(err, MF_EINVAL, "--op: '%s': too many arguments", whole);
    return MF_OK;
}

int mf_transform_parse(mf_transform_op *op, const char *text, mf_err *err)
{
    size_t len = strcspn(text, ":");
    int kind = 0;
    while (kind < OPS &&
           (strlen(OP[kind].name) != len || strncmp(OP[kind].name, text, len)))
        kind++;
    if (kind == OPS)
        return mf_fail(err, MF_EINVAL,
                       "--op: '%s' is none of log2, user-mean, binarize, "
                       "offset, tfidf, bm25",
                       text);
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
    char a[MF_STAGE_DIGITS], b[MF_STAGE_DIGITS];
    int numbers = OP[op->kind].numbers;
    mf_stage_digits(a, op->a);
    mf_stage_digits(b, op->b);
    snprintf(text, MF_TRANSFORM_TEXT, "%s%s%s%s%s%s", OP[op->kind].name,
             numbers > 0 ? ":" : "", numbers > 0 ? a : "", numbers > 1 ? "," : "",
             numbers > 1 ? b : "",
             !op->items ? ""
             : numbers  ? ",items"
                        : ":items");
}

bool op_needs_stats(const mf_transform_op *op)
{
    return OP[op->kind].side;
}

int op_stats_open(op_stats *s, const mf_transform_op *op, uint32_t users,
                  uint32_t items, mf_err *err)
{
    s->documents = op->items ? items : users;
    s->terms = op->items ? users : items;
    s->idf = mf_new0(s->terms, sizeof *s->idf);
    s->length = mf_new0(s->documents, sizeof *s->length);
    return s->idf && s->length ? MF_OK : mf_nomem(err);
}

void op_stats_add(op_stats *s, const mf_transform_op *op, const op_row *row)
{
    for (size_t t = 0; t < row->n; t++)
        if (op_known(row->fold[t])) {
            s->idf[op->items ? row->user : row->item[t]] += 1;
            s->length[op->items ? row->item[t] : row->user] += row->x[t];
        }
}

void op_stats_settle(op_stats *s)
{
    double sum = 0;
    for (size_t d = 0; d < s->documents; d++)
        sum += s->length[d];
    s->mean = sum / (double)s->documents;
    for (size_t t = 0; t < s->terms; t++)
        s->idf[t] = log((double)s->documents / (1 + s->idf[t]));
}

void op_stats_free(op_stats *s)
{
    free(s->idf);
    free(s->length);
    *s = (op_stats){0};
}

static bool divide_by_mean(const op_row *row)
{
    double sum = 0;
    size_t known = 0;
    for (size_t t = 0; t < row->n; t++)
        if (op_known(row->fold[t])) {
            sum += row->x[t];
            known++;
        }
    if (known == 0)
        return true;
    double mean = sum / (double)known;
    for (size_t t = 0; t < row->n; t++)
        row->x[t] /= mean;
    return mean != 0;
}

bool op_apply(const mf_transform_op *op, const op_stats *s, const op_row *row)
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
    case MF_OP_TFIDF:
        for (size_t t = 0; t < row->n; t++)
            x[t] = sqrt(x[t]) * s->idf[op->items ? row->user : row->item[t]];
        break;
    case MF_OP_BM25:
        for (size_t t = 0; t < row->n; t++) {
            double length = s->length[op->items ? row->item[t] : row->user];
            double norm = 1 - op->b + op->b * length / s->mean;
            x[t] = x[t] * (op->a + 1) / (op->a * norm + x[t]) *
                   s->idf[op->items ? row->user : row->item[t]];
        }
        break;
    }
    return true;
}
