/* New users take the place of those of the model, so that what comes after need not
 * tell them apart. */
#include "jobs/recommend/new_users.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/par.h"
#include "base/report.h"
#include "data/nearest.h"
#include "data/tensor.h"
#include "jobs/recommend/batches.h"
#include "jobs/recommend/replay.h"
#include "wire/card.h"

new_users mf__rec_new_users_for(const mf_card *card)
{
    bool implicit = strcmp(card->preset, "implicit") == 0;
    return (new_users){.must = strcmp(card->preset, "explicit") == 0,
                       .sizes = !implicit || mf__card_has_confidence(card),
                       .numbers = mf__card_takes_numbers(card)};
}

void mf__rec_new_users_free(new_users *users)
{
    mf_ids_free(&users->ids);
    free(users->cell);
    users->cell = NULL;
    users->n = users->cap = 0;
}

int mf__rec_new_users_add(new_users *users, new_cell cell, mf_err *err)
{
    int code = mf__reserve(&users->cell, &users->cap, users->n + 1, sizeof cell, err);
    if (code == MF_OK)
        users->cell[users->n++] = cell;
    return code;
}

/* --- rows --- */

/* The rows of all users, being made. */
typedef struct rows {
    recommend_job *job;
    new_users *users;
    const mf_lines *from;
    mf_model model; /* users and ratings alone */
    new_cell *cell; /* [ptr[users]], by user, */
    size_t *ptr;    /* [users + 1], */
    size_t *n;      /* [users], of which the first n stand for items */
    bool *given;    /* [n of all], of the ratings */
    /* what replay did */
    size_t left_out, empty, undone; /* cells; users left with none, or as they are */
    const char *condition; /* by which a cell of the first of such users went */
    uint32_t condition_of;
} rows;

static void rows_free(rows *r)
{
    free(r->cell);
    free(r->ptr);
    free(r->n);
    free(r->given);
    mf_model_free(&r->model);
}

/* Sort the cells by user. */
static int gather(rows *r, mf_err *err)
{
    const new_users *from = r->users;
    size_t users = from->ids.n;
    r->cell = mf__new(from->n, sizeof *r->cell);
    r->ptr = mf__new0(users + 2, sizeof *r->ptr);
    r->n = mf__new(users, sizeof *r->n);
    if (!r->cell || !r->ptr || !r->n)
        return mf__nomem(err);
    for (size_t c = 0; c < from->n; c++)
        r->ptr[from->cell[c].user + 2]++;
    for (size_t u = 2; u <= users; u++)
        r->ptr[u] += r->ptr[u - 1];
    for (size_t c = 0; c < from->n; c++)
        r->cell[r->ptr[from->cell[c].user + 1]++] = from->cell[c];
    free(r->users->cell);
    r->users->cell = NULL;
    return MF_OK;
}

/* By item, then by value, so that a sum has one order. */
static int compare_cells(const void *a, const void *b)
{
    const new_cell *x = a, *y = b;
    if (x->item != y->item)
        return x->item < y->item ? -1 : 1;
    return (x->value > y->value) - (x->value < y->value);
}

/* The first line that has the item of another one, and that; 0: none does. */
typedef struct repeated {
    uint32_t line, before;
} repeated;

static void offer_repeated(repeated *r, repeated other)
{
    if (other.line > 0 && (r->line == 0 || other.line < r->line))
        *r = other;
}

/* Of a row that is sorted. */
static repeated find_repeated(const rows *r, uint32_t u)
{
    const new_cell *cell = r->cell + r->ptr[u];
    size_t all = r->ptr[u + 1] - r->ptr[u];
    repeated found = {0};
    for (size_t c = 0, end; c < all; c = end) {
        uint32_t first = UINT32_MAX, second = UINT32_MAX;
        for (end = c; end < all && cell[end].item == cell[c].item; end++) {
            uint32_t line = cell[end].line;
            second = line < first ? first : line < second ? line : second;
            first = line < first ? line : first;
        }
        if (end - c > 1)
            offer_repeated(&found, (repeated){second, first});
    }
    return found;
}

/* Sum the values of an item. False: they are too large. */
static bool sum_row(rows *r, uint32_t u)
{
    new_cell *cell = r->cell + r->ptr[u];
    size_t all = r->ptr[u + 1] - r->ptr[u], n = 0;
    for (size_t c = 0; c < all; n++) {
        new_cell sum = cell[c];
        double value = 0;
        for (; c < all && cell[c].item == sum.item; c++) {
            value += (double)cell[c].value;
            sum.given |= cell[c].given;
        }
        sum.value = (float)value;
        cell[n] = sum;
        if (!isfinite(sum.value))
            return false;
    }
    r->n[u] = n;
    return true;
}

static void sort_row(const rows *r, uint32_t u)
{
    qsort(r->cell + r->ptr[u], r->ptr[u + 1] - r->ptr[u], sizeof *r->cell,
          compare_cells);
}

static int fail_repeated(const rows *r, repeated found, mf_err *err)
{
    return mf_fail(err, MF_EFORMAT,
                   "%s:%u: the same user and item as on line %u; this model predicts "
                   "ratings, of which there is one: leave out the other",
                   mf_lines_name(r->from), found.line, found.before);
}

/* The error of the first user who has one is reported; of repeated items, that of the
 * first line. */
static int sum_rows(rows *r, int threads, mf_err *err)
{
    uint32_t users = r->users->ids.n, bad = users;
    repeated found = {0};
#pragma omp parallel for schedule(dynamic, 64) num_threads(threads)
    for (uint32_t u = 0; u < users; u++) {
        sort_row(r, u);
        const repeated own = r->users->must ? find_repeated(r, u) : (repeated){0};
        bool fits = sum_row(r, u);
        if (own.line > 0 || !fits) {
#pragma omp critical(mf__rec_sum_failure)
            {
                offer_repeated(&found, own);
                bad = !fits && u < bad ? u : bad;
            }
        }
    }
    if (found.line > 0)
        return fail_repeated(r, found, err);
    if (bad == users)
        return MF_OK;
    size_t len;
    const char *id = mf_ids_get(&r->users->ids, bad, &len);
    return mf_fail(err, MF_ERANGE,
                   "%s: user '%.*s': the values of an item sum to more than a float "
                   "holds",
                   mf_lines_name(r->from), mf__nearest_clip(id, len, 76), id);
}

/* Ratings of the rows: all are fold-in cells. */
static int make_ratings(rows *r, mf_err *err)
{
    mf_ratings *to = &r->model.ratings;
    uint32_t users = r->users->ids.n;
    mf_csr *x = &to->x;
    to->users = r->users->ids;
    r->users->ids = (mf_ids){0};
    x->ptr = mf__new0((size_t)users + 1, sizeof *x->ptr);
    if (!x->ptr)
        return mf__nomem(err);
    x->rows = users;
    x->cols = r->job->model.ratings.items.n;
    for (uint32_t u = 0; u < users; u++)
        x->ptr[u + 1] = x->ptr[u] + r->n[u];
    x->nnz = x->ptr[users];
    x->col = mf__new(x->nnz, sizeof *x->col);
    x->val = mf__new(x->nnz, sizeof *x->val);
    to->fold = mf__new(x->nnz, 1);
    r->given = mf__new(x->nnz, sizeof *r->given);
    if (!x->col || !x->val || !to->fold || !r->given)
        return mf__nomem(err);
    memset(to->fold, MF_FOLD_IN, x->nnz);
    for (uint32_t u = 0; u < users; u++)
        for (size_t c = 0; c < r->n[u]; c++) {
            const new_cell *from = &r->cell[r->ptr[u] + c];
            x->col[x->ptr[u] + c] = from->item;
            x->val[x->ptr[u] + c] = from->value;
            r->given[x->ptr[u] + c] = from->given;
        }
    return MF_OK;
}

/* --- the cells as those of the model were --- */

/* Sort a row by item once more, of which the first `kept` cells stay fold-in cells. */
static void part_row(rows *r, uint32_t u, size_t kept)
{
    mf_ratings *ratings = &r->model.ratings;
    size_t lo = ratings->x.ptr[u], n = r->n[u];
    new_cell *cell = r->cell + r->ptr[u];
    for (size_t c = 0; c < n; c++)
        cell[c] = (new_cell){.item = ratings->x.col[lo + c],
                             .value = ratings->x.val[lo + c],
                             .given = c < kept};
    qsort(cell, n, sizeof *cell, compare_cells);
    for (size_t c = 0; c < n; c++) {
        ratings->x.col[lo + c] = cell[c].item;
        ratings->x.val[lo + c] = cell[c].value;
        ratings->fold[lo + c] = cell[c].given ? MF_FOLD_IN : MF_VALID;
    }
}

static int replay_row_of(rows *r, uint32_t u, mf_err *err)
{
    const mf_csr *x = &r->model.ratings.x;
    size_t lo = x->ptr[u], n = r->n[u];
    bool done, any = r->users->sizes;
    for (size_t c = 0; c < n; c++)
        any |= r->given[lo + c];
    if (!any || n == 0)
        return MF_OK;
    replay_row row = {.n = n,
                      .item = x->col + lo,
                      .value = x->val + lo,
                      .given = r->given + lo,
                      .sizes = r->users->sizes,
                      .numbers = r->users->numbers};
    int code = mf__rec_replay(&row, &r->job->model, &done, err);
    if (code < 0)
        return code;
    if (row.n < n)
        part_row(r, u, row.n);
    if (!done || row.n < n) {
#pragma omp critical(mf__rec_replay_counts)
        {
            r->undone += !done;
            r->left_out += n - row.n;
            r->empty += row.n == 0;
            if (row.condition && (!r->condition || u < r->condition_of)) {
                r->condition = row.condition;
                r->condition_of = u;
            }
        }
    }
    return MF_OK;
}

static int replay_rows(rows *r, int threads, mf_err *err)
{
    int result = MF_OK;
    uint32_t users = r->model.ratings.users.n;
    mf__report_phase(r->job->params->report, "folding in");
#pragma omp parallel for schedule(dynamic, 64) num_threads(threads)
    for (uint32_t u = 0; u < users; u++)
        if (replay_row_of(r, u, NULL) < 0) {
#pragma omp atomic write
            result = MF_ENOMEM;
        }
    return result < 0 ? mf__nomem(err) : MF_OK;
}

/* Of one user, or of several who are counted. */
static void say_replayed(const rows *r)
{
    const mf_report *report = r->job->params->report;
    const char *name = mf_lines_name(r->from);
    char whose[48] = "";
    bool one = r->job->params->history;
    if (!one)
        mf__snprintf(whose, sizeof whose, "of %zu user%s ", r->undone,
                     mf__plural(r->undone));
    if (r->undone)
        mf__report_warn(report,
                        "%s: the values %sare taken as they are: what mf-transform or "
                        "mf-filter did to the model's cannot be done to those of one "
                        "user",
                        name, whose);
    if (r->empty && one)
        mf__report_warn(report,
                        "%s: no item has a value like those of the model, which "
                        "mf-filter kept: --value '%s'",
                        name, r->condition);
    else if (r->empty)
        mf__report_warn(report,
                        "%s: users without an item of a value like those of the model, "
                        "which mf-filter kept: %zu: --value '%s'",
                        name, r->empty, r->condition);
    if (r->left_out && !(r->empty && one))
        mf__report_note(report,
                        "%s: %zu item%s left out, as mf-filter did to the model's: "
                        "--value '%s'",
                        name, r->left_out, mf__plural(r->left_out), r->condition);
}

/* --- the users in the model --- */

/* What else than ratings a model has of the users of a batch: nothing yet. */
static int make_factors(rows *r, mf_err *err)
{
    const mf_model *model = &r->job->model;
    mf_model *out = &r->model;
    uint32_t all = out->ratings.users.n, personas = model->users.personas;
    uint32_t most = mf__rec_batch_users(r->job), users = most < all ? most : all;
    int code = mf_tensor_alloc(&out->users, users, personas, model->users.k, err);
    if (code == MF_OK && model->items.bias)
        code = mf_tensor_add_bias(&out->users, err);
    if (code < 0 || personas == 1)
        return code;
    out->zptr = mf__new0((size_t)users + 1, sizeof *out->zptr); /* no training cells */
    out->z = mf__new0(1, 1);
    return out->zptr && out->z ? MF_OK : mf__nomem(err);
}

/* Exchange what is about users between the model and another. */
static void exchange(mf_model *a, mf_model *b)
{
    mf_model old = *a;
    mf_ids items = a->ratings.items;
    a->ratings = b->ratings;
    a->ratings.items = items;
    b->ratings = old.ratings;
    b->ratings.items = (mf_ids){0};
    a->users = b->users;
    b->users = old.users;
    a->zptr = b->zptr;
    b->zptr = old.zptr;
    a->z = b->z;
    b->z = old.z;
    b->folded_active = old.folded_active;
    a->folded_active = NULL;
}

int mf__rec_new_users_place(recommend_job *job, new_users *users, const mf_lines *from,
                            mf_err *err)
{
    int threads = mf__par_threads(job->params->threads);
    rows r = {.job = job, .users = users, .from = from};
    mf_model *m = &job->model;
    int code = gather(&r, err);
    if (code == MF_OK)
        code = sum_rows(&r, threads, err);
    if (code == MF_OK)
        code = make_ratings(&r, err);
    if (code == MF_OK)
        code = replay_rows(&r, threads, err);
    if (code == MF_OK)
        code = make_factors(&r, err);
    if (code == MF_OK) {
        say_replayed(&r);
        exchange(m, &r.model);
        m->header.users = m->ratings.users.n;
        m->header.nnz = m->ratings.x.nnz;
        m->has_ratings = true;
    }
    rows_free(&r);
    mf__rec_new_users_free(users);
    return code;
}
