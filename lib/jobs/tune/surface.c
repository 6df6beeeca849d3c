/* Numbers are few, some dozens: a plain Cholesky, which gives the same bits anywhere. */
#include "jobs/tune/surface.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

static const double QUADRATIC = .1, REST = .01, REACH = 1.5;
/* Values are exact, but the surface is not smooth in the small: .1 % of the metric. */
static const double ROUGHNESS = 1e-6;
/* Far below the best, differences count less: a fall by half as one by some tenths. */
static const double FAR = .1;

/* C: twice both W0 and lambda costs some percent, twice one and half the other less. */
static const double ACROSS = .025;

/* What is expected beforehand, against the largest value. */
static double prior(const surface *s, const double x[])
{
    double sum = 0;
    size_t trading = 0;
    for (size_t a = 0; s->trades && a < s->axes; a++)
        if (s->trades[a]) {
            sum += x[a] - s->peak[a];
            trading++;
        }
    return trading > 1 ? -ACROSS * sum * sum : 0;
}

static double covariance(const surface *s, const double x[], const double y[])
{
    double product = 0, square = 0;
    for (size_t a = 0; a < s->axes; a++) {
        product += (x[a] - s->peak[a]) * (y[a] - s->peak[a]);
        square += (x[a] - y[a]) * (x[a] - y[a]);
    }
    return QUADRATIC * (1 + product) * (1 + product) +
           REST * exp(-square / (2 * REACH * REACH));
}

/* x = L^-1 x */
static void forward(const surface *s, double x[])
{
    for (size_t i = 0; i < s->n; i++) {
        for (size_t j = 0; j < i; j++)
            x[i] -= s->factor[i * s->n + j] * x[j];
        x[i] /= s->factor[i * s->n + i];
    }
}

/* x = L'^-1 x */
static void backward(const surface *s, double x[])
{
    for (size_t i = s->n; i-- > 0;) {
        for (size_t j = i + 1; j < s->n; j++)
            x[i] -= s->factor[j * s->n + i] * x[j];
        x[i] /= s->factor[i * s->n + i];
    }
}

static void factorize(surface *s)
{
    size_t n = s->n;
    double *l = s->factor;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = covariance(s, s->x + i * s->axes, s->x + j * s->axes);
            for (size_t m = 0; m < j; m++)
                sum -= l[i * n + m] * l[j * n + m];
            /* rounding leaves no less than the roughness on the diagonal */
            l[i * n + j] = i == j ? sqrt(fmax(sum, 0) + ROUGHNESS) : sum / l[j * n + j];
        }
}

int mf__surface_fit(surface *out, size_t n, size_t axes, const double x[],
                    const double y[], const bool trades[], mf_err *err)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (y[i] > y[best])
            best = i;
    *out = (surface){.n = n,
                     .axes = axes,
                     .x = x,
                     .peak = x + best * axes,
                     .trades = trades,
                     .factor = mf__new(n, n * sizeof(double)),
                     .coefficient = mf__new(n, sizeof(double)),
                     .work = mf__new(n, sizeof(double))};
    if (!out->factor || !out->coefficient || !out->work) {
        mf__surface_free(out);
        return mf__nomem(err);
    }
    factorize(out);
    for (size_t i = 0; i < n; i++)
        out->coefficient[i] =
            -FAR * log1p((y[best] - y[i]) / FAR) - prior(out, x + i * axes);
    forward(out, out->coefficient);
    for (size_t i = 0; i < n;
         i++) /* y' C^-1 y, whose mean is 1 if the scale is right */
        out->scale += out->coefficient[i] * out->coefficient[i] / (double)n;
    out->scale = sqrt(fmax(out->scale, 1e-12));
    backward(out, out->coefficient);
    return MF_OK;
}

void mf__surface_free(surface *s)
{
    free(s->factor);
    free(s->coefficient);
    free(s->work);
    *s = (surface){0};
}

double mf__surface_expect(const surface *s, const double x[])
{
    double mean = prior(s, x), variance = covariance(s, x, x);
    for (size_t i = 0; i < s->n; i++) {
        s->work[i] = covariance(s, x, s->x + i * s->axes);
        mean += s->work[i] * s->coefficient[i];
    }
    forward(s, s->work);
    for (size_t i = 0; i < s->n; i++)
        variance -= s->work[i] * s->work[i];
    double deviation = s->scale * sqrt(fmax(variance, 1e-12)), z = mean / deviation;
    return mean * .5 * erfc(-z * M_SQRT1_2) +
           deviation * exp(-z * z / 2) * M_SQRT1_2 * .5 * M_2_SQRTPI;
}
