/* Going on from the factors of another model. */
#include <stdlib.h>
#include <string.h>

#include "als/private.h"
#include "base/mem.h"

static bool is_zero(const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (x[i] != 0)
            return false;
    return true;
}

/* Give each of nobody's cells to the persona that fits it best. */
static void place_cells(mf_als *als, uint32_t u)
{
    als_view view = mf__als_view_of(als);
    als_row row = mf__als_row_of(als, u), cell = row;
    cell.n = cell.ahead = 1;
    for (size_t t = 0; t < row.n; t++) {
        cell.item = row.item + t;
        cell.a = row.a ? row.a + t : NULL;
        cell.b = row.b ? row.b + t : NULL;
        cell.z = row.z + t;
        if (*cell.z >= view.personas)
            mf__als_row_assign(&view, &cell);
    }
}

/* Name the parts that each history has. One part is none: its clustering is
 * that of a start of its own. */
static void find_parts(mf_als *als, uint8_t have[])
{
    uint32_t p = als->users.personas;
    size_t width = (size_t)p * als->p.k;
#pragma omp parallel for schedule(dynamic, 64) num_threads(als->threads)
    for (uint32_t u = 0; u < als->train->rows; u++) {
        have[u] = 0;
        if (p == 1 && als->p.personas > 1)
            continue;
        if (p > 1 && is_zero(mf_tensor_at(&als->users, u, 0), width))
            continue;
        place_cells(als, u);
        have[u] = (uint8_t)p;
    }
}

int mf_als_start_from(mf_als *als, const mf_als_factors *given,
                      void (*each)(void *self, const mf_als_state *state), void *self,
                      mf_err *err)
{
    uint32_t p = given->users.personas;
    if (p == 0 || p > als->p.personas)
        return mf_fail(err, MF_EINVAL, "a model of %u personas cannot start one of %u",
                       p, als->p.personas);
    uint8_t *have = mf__new(als->train->rows, 1);
    if (!have)
        return mf__nomem(err);
    int code = mf_als_restore(als, given, 0, err);
    if (code == MF_OK) {
        find_parts(als, have);
        code = mf__als_split_histories(als, have, err);
    }
    free(have);
    if (code == MF_OK && p < als->p.personas)
        code = mf__als_set_personas(als, als->p.personas, err);
    if (code == MF_OK)
        code = mf_als_solve_users(als, err);
    return code == MF_OK ? mf__als_show(als, "start", 0, each, self, err) : code;
}
