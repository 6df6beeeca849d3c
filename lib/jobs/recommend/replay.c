#include "jobs/recommend/replay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jobs/shared/conditions.h"
#include "jobs/shared/transform_ops.h"

/* The row between two stages. */
typedef struct state {
    replay_row *row;
    double *x;     /* [n], the values so far */
    uint8_t *fold; /* [n] */
    bool exact;    /* they are; else their signs alone */
} state;

/* Apply operations, separated by blanks. False: one of them looks at more than a row,
 * or cannot be applied. Where the sizes of values do not matter, those that look at
 * more are left out: they keep the sign. */
static bool transform(state *s, const char *ops)
{
    static const op_stats none;
    const op_row row = {
        .n = s->row->n, .item = s->row->item, .fold = s->fold, .x = s->x};
    char text[MF_TRANSFORM_TEXT];
    mf_transform_op op;
    while (*ops) {
        size_t len = strcspn(ops, " ");
        if (len >= sizeof text)
            return false;
        memcpy(text, ops, len);
        text[len] = '\0';
        if (mf_transform_parse(&op, text, NULL) < 0)
            return false;
        bool more = mf__op_needs_stats(&op);
        if (more ? s->row->sizes : !mf__op_apply(&op, &none, &row))
            return false;
        s->exact &= !more;
        ops += len + (ops[len] == ' ');
    }
    for (size_t c = 0; c < row.n; c++) {
        row.x[c] = (double)(float)row.x[c]; /* as between two stages */
        if (!isfinite(row.x[c]))
            return false;
    }
    return true;
}

static void swap(replay_row *r, double x[], size_t a, size_t b)
{
    const uint32_t item = r->item[a];
    const float value = r->value[a];
    const bool given = r->given[a];
    const double size = x[a];
    r->item[a] = r->item[b];
    r->value[a] = r->value[b];
    r->given[a] = r->given[b];
    x[a] = x[b];
    r->item[b] = item;
    r->value[b] = value;
    r->given[b] = given;
    x[b] = size;
}

/* Move the cells that do not meet the conditions behind the others, which keep their
 * order. */
static bool filter(state *s, const char *conditions)
{
    mf_condition condition[MF_FILTER_CONDITIONS];
    replay_row *r = s->row;
    size_t n, kept = 0;
    if (!s->exact || !mf__conditions_read(conditions, &n, condition))
        return false;
    for (size_t i = 0; i < n; i++)
        condition[i].value = (double)(float)condition[i].value;
    for (size_t c = 0; c < r->n; c++) {
        bool liked = !r->given[c] && !r->numbers;
        if (liked || mf__conditions_hold(n, condition, s->x[c]))
            swap(r, s->x, kept++, c);
        else if (!r->condition)
            r->condition = conditions;
    }
    r->n = kept;
    return true;
}

static const char *option(const mf_stage *stage, const char *tool, const char *name)
{
    for (size_t i = 0; strcmp(stage->tool, tool) == 0 && i < stage->options; i++)
        if (strcmp(stage->option[i].name, name) == 0)
            return stage->option[i].value;
    return NULL;
}

/* Is a stage that changes rows before a join? */
static bool is_joined(const mf_model *model)
{
    bool any = false;
    for (size_t i = 0; i < model->stages; i++) {
        const mf_stage *s = &model->stage[i];
        any |= option(s, "mf-transform", "op") || option(s, "mf-filter", "value");
        if (any && option(s, "mf-convert", "join"))
            return true;
    }
    return false;
}

static bool apply_stages(state *s, const mf_model *model)
{
    if (is_joined(model))
        return false;
    for (size_t i = 0; i < model->stages; i++) {
        const char *ops = option(&model->stage[i], "mf-transform", "op"),
                   *conditions = option(&model->stage[i], "mf-filter", "value");
        if ((ops && !transform(s, ops)) || (conditions && !filter(s, conditions)))
            return false;
    }
    return true;
}

int mf__rec_replay(replay_row *row, const mf_model *model, bool *done, mf_err *err)
{
    state s = {.row = row,
               .x = mf__new(row->n, sizeof *s.x),
               .fold = mf__new(row->n, 1),
               .exact = true};
    bool whole = s.x && s.fold;
    for (size_t c = 0; whole && c < row->n; c++) {
        s.x[c] = (double)row->value[c];
        s.fold[c] = MF_FOLD_IN;
    }
    *done = whole && apply_stages(&s, model);
    for (size_t c = 0; *done && c < row->n; c++) {
        bool liked = !row->given[c] && !row->numbers; /* whatever becomes of its 1 */
        row->value[c] = liked && !(s.x[c] > 0) ? 1 : (float)s.x[c];
    }
    free(s.x);
    free(s.fold);
    return whole ? MF_OK : mf__nomem(err);
}
