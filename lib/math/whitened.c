#include "math/whitened.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "math/linalg.h"

void mf__whitened_free(mf_whitened *s)
{
    free(s->dim);
    free(s->scale);
    mf__basis_free(&s->own);
    *s = (mf_whitened){0};
}

/* Directions in which no item has a component count nothing: V has rank < k, or what is
 * left of a factor that training gave up is rounding, and its eigenvalue a millionth of
 * the largest. Of trained models it is 4e-4 or more, with 256 factors too. */
static void scale_dimensions(mf_whitened *s, const mf_basis *basis)
{
    double least = fmax(1e-6 * basis->eigenvalues[basis->k - 1], 1e-76);
    for (uint32_t f = 0; f < s->k; f++) {
        double e = f < basis->k ? basis->eigenvalues[f] : 0;
        s->dim[f] = e > least ? (float)(1 / sqrt(e)) : 0;
    }
}

static void scale_items(mf_whitened *s, int threads)
{
#pragma omp parallel for schedule(static) num_threads(threads)
    for (uint32_t i = 0; i < s->n; i++) {
        const float *row = s->rows + (size_t)i * s->k;
        double norm = 0;
        for (uint32_t f = 0; f < s->k; f++)
            norm += (double)(row[f] * s->dim[f]) * (double)(row[f] * s->dim[f]);
        s->scale[i] = norm > 0 ? (float)(1 / sqrt(norm)) : 0;
    }
}

static int open_space(mf_whitened *s, const float *rows, uint32_t n, uint32_t k,
                      mf_err *err)
{
    *s = (mf_whitened){.n = n,
                       .k = k,
                       .rows = rows,
                       .dim = mf__new_aligned(k, sizeof *s->dim),
                       .scale = mf__new(n, sizeof *s->scale)};
    if (s->dim && s->scale)
        return MF_OK;
    mf__whitened_free(s);
    return mf__nomem(err);
}

int mf__whiten_units(mf_whitened *s, const mf_tensor *unit, mf_err *err)
{
    int code = open_space(s, unit->data, unit->n, unit->k, err);
    for (uint32_t f = 0; code == MF_OK && f < s->k; f++)
        s->dim[f] = 1;
    for (uint32_t i = 0; code == MF_OK && i < s->n; i++)
        s->scale[i] = 1;
    return code;
}

int mf__whiten_in(mf_whitened *s, const mf_basis *basis, int threads, mf_err *err)
{
    int code = open_space(s, basis->rows, basis->n, (uint32_t)basis->stride, err);
    if (code < 0)
        return code;
    scale_dimensions(s, basis);
    scale_items(s, threads);
    return MF_OK;
}

int mf__whiten(mf_whitened *s, const mf_tensor *v, int threads, mf_err *err)
{
    uint32_t k = v->k;
    mf_basis basis = {0};
    double *gram = mf__new((size_t)k * k, sizeof *gram);
    *s = (mf_whitened){0};
    int code = gram ? mf__gram(gram, v->data, v->n, k, threads, err) : mf__nomem(err);
    if (code == MF_OK)
        code = mf__basis_make(&basis, v, gram, 1, threads, err);
    if (code == MF_OK)
        code = mf__whiten_in(s, &basis, threads, err);
    if (code == MF_OK)
        s->own = basis;
    else
        mf__basis_free(&basis);
    free(gram);
    return code;
}
