/* The three block minimizations. Each row is one thread's alone. */
#include <math.h>
#include <string.h>

#include <omp.h>

#include "als_private.h"

double als_lambda_user(const mf_als *als, uint32_t user)
{
    double cells = (double)(als->train->ptr[user + 1] - als->train->ptr[user]);
    double weight = als_mean_rho(als) * (cells + als->p.unobserved * als->train->cols);
    return als->p.lambda_users * pow(weight, als->p.nu);
}

double als_lambda_item(const mf_als *als, uint32_t item)
{
    double cells = (double)(als->by_item.ptr[item + 1] - als->by_item.ptr[item]);
    double weight = als->users.personas * als_mean_rho(als) *
                    (cells + als->p.unobserved * als->train->rows);
    return als->p.lambda_items * pow(weight, als->p.nu);
}

uint8_t als_best_persona(const mf_als *als, uint32_t u, size_t cell)
{
    const float *v = mf_tensor_at(&als->items, als->train->col[cell], 0);
    double a = als_a(als), b = als_b(als, cell), best = INFINITY;
    uint8_t owner = 0;
    for (uint32_t q = 0; q < als->users.personas; q++) {
        double s = (double)mf_dot(mf_tensor_at(&als->users, u, q), v, als->p.k);
        double cost = als_cost(a, b, s);
        if (cost < best) {
            best = cost;
            owner = (uint8_t)q;
        }
    }
    return owner;
}

void mf_als_assign(mf_als *als, double *moved)
{
    uint32_t p = als->users.personas;
    size_t changed = 0;
    *moved = 0;
    if (p == 1 || als->train->nnz == 0)
        return;
#pragma omp parallel for schedule(dynamic, 64) num_threads(als->threads) reduction(+ : changed)
    for (uint32_t u = 0; u < als->train->rows; u++)
        for (size_t t = als->train->ptr[u]; t < als->train->ptr[u + 1]; t++) {
            uint8_t owner = als_best_persona(als, u, t);
            changed += owner != als->z[t];
            als->z[t] = owner;
        }
    *moved = (double)changed / (double)als->train->nnz;
}

/* Keep the first row that cannot be solved, whichever thread met it first. */
static void note_failure(uint32_t row, uint32_t *failed)
{
#pragma omp critical(als_failure)
    if (row < *failed)
        *failed = row;
}

static int report(const char *side, uint32_t failed, mf_err *err)
{
    if (failed == UINT32_MAX)
        return MF_OK;
    return mf_fail(err, MF_EMATH, "the system of %s %u cannot be solved: it is singular or "
                   "overflows; raise --lambda or check the values", side, failed);
}

static int solve_item(mf_als *als, mf_ridge *w, uint32_t i)
{
    const mf_csr *x = &als->by_item;
    uint32_t p = als->users.personas;
    float *v = mf_tensor_at(&als->items, i, 0);
    double a = als_a(als);
    if (x->ptr[i] == x->ptr[i + 1]) {
        memset(v, 0, als->p.k * sizeof *v);
        return MF_OK;
    }
    mf_ridge_begin(w, als->gram, als_unobserved(als), als_lambda_item(als, i));
    for (size_t t = x->ptr[i]; t < x->ptr[i + 1]; t++) {
        size_t cell = als->cell[t];
        for (uint32_t q = 0; q < p; q++) {
            double rho = q == als->z[cell] ? 1 : als->p.overlap;
            const float *u = mf_tensor_at(&als->users, x->col[t], q);
            if (rho * a > 0)
                mf_ridge_add(w, u, rho * a);
            mf_ridge_aim(w, u, rho * als_b(als, cell));
        }
    }
    return mf_ridge_solve(w, v);
}

int mf_als_solve_items(mf_als *als, mf_err *err)
{
    uint32_t failed = UINT32_MAX, k = als->p.k;
    size_t vectors = (size_t)als->users.n * als->users.personas;
    int code = mf_gram(als->gram, als->users.data, vectors, k, als->threads, err);
    if (code < 0)
        return code;
#pragma omp parallel for schedule(dynamic, 8) num_threads(als->threads)
    for (uint32_t i = 0; i < als->items.n; i++)
        if (solve_item(als, &als->work[omp_get_thread_num()], i) < 0)
            note_failure(i, &failed);
    return report("item", failed, err);
}

static int solve_user(mf_als *als, mf_ridge *w, uint32_t u, uint32_t q)
{
    const mf_csr *x = als->train;
    float *vector = mf_tensor_at(&als->users, u, q);
    double a = als_a(als);
    if (x->ptr[u] == x->ptr[u + 1]) {
        memset(vector, 0, als->p.k * sizeof *vector);
        return MF_OK;
    }
    mf_ridge_begin(w, als->gram, als_unobserved(als), als_lambda_user(als, u));
    for (size_t t = x->ptr[u]; t < x->ptr[u + 1]; t++) {
        double rho = als->users.personas == 1 || q == als->z[t] ? 1 : als->p.overlap;
        const float *v = mf_tensor_at(&als->items, x->col[t], 0);
        if (rho * a > 0)
            mf_ridge_add(w, v, rho * a);
        mf_ridge_aim(w, v, rho * als_b(als, t));
    }
    return mf_ridge_solve(w, vector);
}

int mf_als_solve_users(mf_als *als, mf_err *err)
{
    uint32_t failed = UINT32_MAX, k = als->p.k;
    int code = mf_gram(als->gram, als->items.data, als->items.n, k, als->threads, err);
    if (code < 0)
        return code;
#pragma omp parallel for schedule(dynamic, 8) num_threads(als->threads)
    for (uint32_t u = 0; u < als->users.n; u++)
        for (uint32_t q = 0; q < als->users.personas; q++)
            if (solve_user(als, &als->work[omp_get_thread_num()], u, q) < 0)
                note_failure(u, &failed);
    return report("user", failed, err);
}
