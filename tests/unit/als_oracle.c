#include "als_oracle.h"

#include <math.h>
#include <string.h>

/* The presets in which the sign of a value says what is liked. */
static bool likes(const oracle *o)
{
    return o->params.preset == MF_PRESET_IMPLICIT || o->params.preset == MF_PRESET_WRMF;
}

/* The power of an item's cells, in shares of their mean. */
static void weigh_items(oracle *o)
{
    double cells[ORACLE_MAX] = {0}, all = 0, items = 0;
    for (int i = 0; i < o->n; i++) {
        for (int u = 0; u < o->m; u++)
            cells[i] += o->seen[u][i];
        all += cells[i];
        items += cells[i] > 0;
    }
    for (int i = 0; i < o->n; i++)
        o->h[i] = o->params.popularity == 0 ? 1
                  : cells[i] == 0           ? 0
                                  : pow(cells[i] / (all / items), o->params.popularity);
}

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
            if (likes(o) && train->val[t] == 0)
                continue; /* as if it were not there */
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
    weigh_items(o);
    if (!params->bias)
        return;
    for (size_t t = 0; t < train->nnz; t++)
        o->mu += (double)train->val[t] / (double)train->nnz;
    for (int u = 0; u < o->m; u++)
        o->bu[u] = (double)users->bias[u];
    for (int i = 0; i < o->n; i++)
        o->bi[i] = (double)items->bias[i];
}

static bool study(const oracle *o)
{
    return o->params.preset == MF_PRESET_STUDY;
}

static double confidence(const oracle *o, int u, int i)
{
    switch (o->params.confidence) {
    case MF_CONFIDENCE_LINEAR: return o->params.alpha * fabs(o->x[u][i]);
    case MF_CONFIDENCE_LOG:
        return o->params.alpha * log(1 + fabs(o->x[u][i]) / o->params.eps);
    default: return 1;
    }
}

static double coefficient_a(const oracle *o, int u, int i)
{
    switch (o->params.preset) {
    case MF_PRESET_STUDY: return 0;
    case MF_PRESET_EXPLICIT: return 1;
    default: return confidence(o, u, i);
    }
}

static double coefficient_b(const oracle *o, int u, int i)
{
    if (likes(o) && o->x[u][i] < 0)
        return 0;
    switch (o->params.preset) {
    case MF_PRESET_STUDY: return o->x[u][i];
    case MF_PRESET_EXPLICIT: return o->x[u][i] - o->mu - o->bu[u] - o->bi[i];
    case MF_PRESET_WRMF: return 1 + confidence(o, u, i);
    default: return confidence(o, u, i);
    }
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
    int parts = o->p;
    if (o->params.persona_cells > 0 && 1 + cells / (int)o->params.persona_cells < o->p)
        parts = 1 + cells / (int)o->params.persona_cells;
    if (parts == 1)
        return mean_rho(o);
    double own = mean_rho(o) * parts / (1 + (parts - 1) * overlap);
    return q == o->z[u][i] ? own : overlap * own;
}

static double w0(const oracle *o)
{
    return study(o) ? o->params.unobserved : mean_rho(o) * o->params.unobserved;
}

static int user_cells(const oracle *o, int u)
{
    int cells = 0;
    for (int i = 0; i < o->n; i++)
        cells += o->seen[u][i];
    return cells;
}

static int item_cells(const oracle *o, int i)
{
    int cells = 0;
    for (int u = 0; u < o->m; u++)
        cells += o->seen[u][i];
    return cells;
}

static double ridge(const oracle *o, double lambda, double mean, double weight)
{
    return lambda * (study(o) ? pow(mean * weight, o->params.nu)
                              : mean * pow(weight, o->params.nu));
}

static double lambda_user(const oracle *o, int u)
{
    double everywhere = 0;
    for (int i = 0; i < o->n; i++)
        everywhere += o->h[i];
    return ridge(o, o->params.lambda_users, mean_rho(o),
                 user_cells(o, u) + o->params.unobserved * everywhere);
}

static double lambda_item(const oracle *o, int i)
{
    return ridge(o, o->params.lambda_items, o->p * mean_rho(o),
                 item_cells(o, i) + o->params.unobserved * o->h[i] * o->m);
}

static double beta(const oracle *o, int cells)
{
    return ridge(o, o->params.lambda_bias, o->p * mean_rho(o), cells);
}

double oracle_persona_score(const oracle *o, int u, int q, int i)
{
    return score(o, u, q, i);
}

double oracle_cost(const oracle *o, int u, int q, int i)
{
    double s = score(o, u, q, i);
    return coefficient_a(o, u, i) * s * s - 2 * coefficient_b(o, u, i) * s;
}

/* One cell and persona in the textbook forms, where p is 1 if the cell is liked, else 0: study w0' (rho x / w0' - s)^2;
 * explicit rho (x - mu - b_u - b_i - s)^2 + w0' s^2; implicit rho c (p - s)^2 +
 * w0' s^2; wrmf (1 + c) (p - s)^2, which at another rho, number of personas or w0 reads as
 * below: a heard cell has the weight w0' of all, and c more. */
static double cell_loss(const oracle *o, int u, int q, int i)
{
    double s = score(o, u, q, i), r = o->seen[u][i] ? rho(o, u, q, i) : 0;
    double w = w0(o) * o->h[i];
    double c = o->seen[u][i] ? confidence(o, u, i) : 0, p = o->x[u][i] > 0;
    switch (o->params.preset) {
    case MF_PRESET_STUDY: return w0(o) * pow(r * o->x[u][i] / w0(o) - s, 2);
    case MF_PRESET_EXPLICIT:
        return r * pow(o->x[u][i] - o->mu - o->bu[u] - o->bi[i] - s, 2) + w0(o) * s * s;
    case MF_PRESET_WRMF: return r * (p + c) * (p - s) * (p - s) + (w - r * p) * s * s;
    default: return r * c * (p - s) * (p - s) + w * s * s;
    }
}

double oracle_loss(const oracle *o)
{
    double loss = 0;
    for (int u = 0; u < o->m; u++)
        for (int q = 0; q < o->p; q++)
            for (int i = 0; i < o->n; i++)
                loss += cell_loss(o, u, q, i);
    for (int u = 0; u < o->m; u++)
        loss += beta(o, user_cells(o, u)) * o->bu[u] * o->bu[u];
    for (int i = 0; i < o->n; i++)
        loss += beta(o, item_cells(o, i)) * o->bi[i] * o->bi[i];
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

/* One more term weight * s^2 - 2 rhs * s of x, for s = <x, y>. */
static void add_term(int k, double a[ORACLE_K][ORACLE_K], double b[ORACLE_K],
                     const double *y, double weight, double rhs)
{
    for (int f = 0; f < k; f++) {
        for (int g = 0; g < k; g++)
            a[f][g] += weight * y[f] * y[g];
        b[f] += rhs * y[f];
    }
}

/* Means of the residuals of the observed cells, shrunk by beta. */
void oracle_user_biases(oracle *o)
{
    for (int u = 0; u < o->m && o->params.bias; u++) {
        double sum = 0, weight = beta(o, user_cells(o, u));
        for (int i = 0; i < o->n; i++)
            for (int q = 0; o->seen[u][i] && q < o->p; q++) {
                sum += rho(o, u, q, i) *
                       (o->x[u][i] - o->mu - o->bi[i] - score(o, u, q, i));
                weight += rho(o, u, q, i);
            }
        o->bu[u] = user_cells(o, u) ? sum / weight : 0;
    }
}

void oracle_item_biases(oracle *o)
{
    for (int i = 0; i < o->n && o->params.bias; i++) {
        double sum = 0, weight = beta(o, item_cells(o, i));
        for (int u = 0; u < o->m; u++)
            for (int q = 0; o->seen[u][i] && q < o->p; q++) {
                sum += rho(o, u, q, i) *
                       (o->x[u][i] - o->mu - o->bu[u] - score(o, u, q, i));
                weight += rho(o, u, q, i);
            }
        o->bi[i] = item_cells(o, i) ? sum / weight : 0;
    }
}

void oracle_items(oracle *o)
{
    for (int i = 0; i < o->n; i++) {
        double a[ORACLE_K][ORACLE_K] = {{0}}, b[ORACLE_K] = {0};
        for (int u = 0; u < o->m; u++)
            for (int q = 0; q < o->p; q++) {
                double r = o->seen[u][i] ? rho(o, u, q, i) : 0;
                add_term(o->k, a, b, o->u[u][q],
                         w0(o) * o->h[i] + r * coefficient_a(o, u, i),
                         r * coefficient_b(o, u, i));
            }
        for (int f = 0; f < o->k; f++)
            a[f][f] +=
                item_cells(o, i) ? lambda_item(o, i) : 1; /* else the zero vector */
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
                add_term(o->k, a, b, o->v[i],
                         w0(o) * o->h[i] + r * coefficient_a(o, u, i),
                         r * coefficient_b(o, u, i));
            }
            for (int f = 0; f < o->k; f++)
                a[f][f] += user_cells(o, u) ? lambda_user(o, u) : 1;
            eliminate(o->k, a, b, o->u[u][q]);
        }
}
