#include "als_oracle.h"

#include <math.h>
#include <string.h>

void oracle_load(oracle *o, const mf_csr *train, const mf_als_params *params,
                 const mf_als *als)
{
    const mf_tensor *users = mf_als_users(als), *items = mf_als_items(als);
    memset(o, 0, sizeof *o);
    o->m = (int)train->rows;
    o->n = (int)train->cols;
    o->k = (int)params->k;
    o->p = (int)users->personas;
    o->params = *params;
    for (int u = 0; u < o->m; u++) {
        for (size_t t = train->ptr[u]; t < train->ptr[u + 1]; t++) {
            o->seen[u][train->col[t]] = true;
            o->x[u][train->col[t]] = (double)train->val[t];
            o->z[u][train->col[t]] = mf_als_personas(als)[t];
        }
        for (int q = 0; q < o->p; q++)
            for (int f = 0; f < o->k; f++)
                o->u[u][q][f] =
                    (double)mf_tensor_at(users, (uint32_t)u, (uint32_t)q)[f];
    }
    for (int i = 0; i < o->n; i++)
        for (int f = 0; f < o->k; f++)
            o->v[i][f] = (double)mf_tensor_at(items, (uint32_t)i, 0)[f];
}

static bool study(const oracle *o)
{
    return o->params.preset == MF_PRESET_STUDY;
}

static double coefficient_a(const oracle *o)
{
    return study(o) ? 0 : 1;
}

static double coefficient_b(const oracle *o, int u, int i)
{
    return study(o) ? o->x[u][i] : 1;
}

static double score(const oracle *o, int u, int q, int i)
{
    double s = 0;
    for (int f = 0; f < o->k; f++)
        s += o->u[u][q][f] * o->v[i][f];
    return s;
}

static double mean_rho(const oracle *o)
{
    return (1 + (o->p - 1) * o->params.overlap) / o->p;
}

static double rho(const oracle *o, int u, int q, int i)
{
    int cells = 0;
    for (int j = 0; j < o->n; j++)
        cells += o->seen[u][j];
    double shrink = o->params.shrink;
    double overlap = (o->params.overlap * cells + shrink) / (cells + shrink);
    double own = mean_rho(o) * o->p / (1 + (o->p - 1) * overlap);
    return q == o->z[u][i] ? own : overlap * own;
}

static double w0(const oracle *o)
{
    return study(o) ? o->params.unobserved : mean_rho(o) * o->params.unobserved;
}

static double lambda_user(const oracle *o, int u)
{
    int cells = 0;
    for (int i = 0; i < o->n; i++)
        cells += o->seen[u][i];
    return o->params.lambda_users *
           pow(mean_rho(o) * (cells + o->params.unobserved * o->n), o->params.nu);
}

static double lambda_item(const oracle *o, int i)
{
    int cells = 0;
    for (int u = 0; u < o->m; u++)
        cells += o->seen[u][i];
    return o->params.lambda_items *
           pow(o->p * mean_rho(o) * (cells + o->params.unobserved * o->m),
               o->params.nu);
}

double oracle_cost(const oracle *o, int u, int q, int i)
{
    double s = score(o, u, q, i);
    return coefficient_a(o) * s * s - 2 * coefficient_b(o, u, i) * s;
}

/* The textbook forms: implicit rho (1 - s)^2 + w0' s^2; study w0' (rho x / w0' - s)^2.
 */
double oracle_loss(const oracle *o)
{
    double loss = 0;
    for (int u = 0; u < o->m; u++)
        for (int q = 0; q < o->p; q++)
            for (int i = 0; i < o->n; i++) {
                double s = score(o, u, q, i), r = o->seen[u][i] ? rho(o, u, q, i) : 0;
                if (study(o))
                    loss += w0(o) * pow(r * o->x[u][i] / w0(o) - s, 2);
                else
                    loss += r * (1 - s) * (1 - s) + w0(o) * s * s;
            }
    for (int u = 0; u < o->m; u++)
        for (int q = 0; q < o->p; q++)
            for (int f = 0; f < o->k; f++)
                loss += lambda_user(o, u) * o->u[u][q][f] * o->u[u][q][f];
    for (int i = 0; i < o->n; i++)
        for (int f = 0; f < o->k; f++)
            loss += lambda_item(o, i) * o->v[i][f] * o->v[i][f];
    return loss;
}

/* Solve A x = b by Gaussian elimination with pivoting. */
static void eliminate(int k, double a[ORACLE_K][ORACLE_K], double b[ORACLE_K],
                      double *x)
{
    for (int c = 0; c < k; c++) {
        int pivot = c;
        for (int r = c + 1; r < k; r++)
            if (fabs(a[r][c]) > fabs(a[pivot][c]))
                pivot = r;
        for (int j = 0; j < k; j++) {
            double t = a[c][j];
            a[c][j] = a[pivot][j];
            a[pivot][j] = t;
        }
        double t = b[c];
        b[c] = b[pivot];
        b[pivot] = t;
        for (int r = 0; r < k; r++) {
            if (r == c)
                continue;
            double factor = a[r][c] / a[c][c];
            for (int j = 0; j < k; j++)
                a[r][j] -= factor * a[c][j];
            b[r] -= factor * b[c];
        }
    }
    for (int c = 0; c < k; c++)
        x[c] = b[c] / a[c][c];
}

/* One more term weight * s^2 - 2 aim * s of x, for s = <x, y>. */
static void add_term(int k, double a[ORACLE_K][ORACLE_K], double b[ORACLE_K],
                     const double *y, double weight, double aim)
{
    for (int f = 0; f < k; f++) {
        for (int g = 0; g < k; g++)
            a[f][g] += weight * y[f] * y[g];
        b[f] += aim * y[f];
    }
}

void oracle_items(oracle *o)
{
    for (int i = 0; i < o->n; i++) {
        double a[ORACLE_K][ORACLE_K] = {{0}}, b[ORACLE_K] = {0};
        for (int u = 0; u < o->m; u++)
            for (int q = 0; q < o->p; q++) {
                double r = o->seen[u][i] ? rho(o, u, q, i) : 0;
                add_term(o->k, a, b, o->u[u][q], w0(o) + r * coefficient_a(o),
                         r * coefficient_b(o, u, i));
            }
        for (int f = 0; f < o->k; f++)
            a[f][f] += lambda_item(o, i);
        eliminate(o->k, a, b, o->v[i]);
    }
}

void oracle_users(oracle *o)
{
    for (int u = 0; u < o->m; u++)
        for (int q = 0; q < o->p; q++) {
            double a[ORACLE_K][ORACLE_K] = {{0}}, b[ORACLE_K] = {0};
            for (int i = 0; i < o->n; i++) {
                double r = o->seen[u][i] ? rho(o, u, q, i) : 0;
                add_term(o->k, a, b, o->v[i], w0(o) + r * coefficient_a(o),
                         r * coefficient_b(o, u, i));
            }
            for (int f = 0; f < o->k; f++)
                a[f][f] += lambda_user(o, u);
            eliminate(o->k, a, b, o->u[u][q]);
        }
}
