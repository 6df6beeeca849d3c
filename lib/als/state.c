/* The state between two sweeps, copied out and in. */
#include "als/cells.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void mf_als_factors_free(mf_als_factors *f)
{
    mf__als_factors_free(NULL, f);
}

void mf__als_factors_free(mf_disk *disk, mf_als_factors *f)
{
    mf__disk_free(disk, f->users.data);
    mf__disk_free(disk, f->items.data);
    mf__disk_free(disk, f->z);
    mf__disk_free(disk, f->next_z);
    f->users.data = f->items.data = NULL;
    mf_tensor_free(&f->users);
    mf_tensor_free(&f->items);
    *f = (mf_als_factors){0};
}

static int copy_tensor(const mf_als *als, mf_tensor *to, const mf_tensor *from,
                       mf_err *err)
{
    if (to->n != from->n || to->personas != from->personas || to->k != from->k ||
        !to->data) {
        mf__als_tensor_free(als, to);
        int code = mf__als_tensor(als, to, from->n, from->personas, err);
        if (code < 0)
            return code;
    }
    size_t floats = (size_t)from->n * from->personas * from->k;
    mf__disk_copy(als->p.disk, to->data, from->data, floats * sizeof *to->data);
    if (!from->bias)
        return MF_OK;
    int code = mf_tensor_add_bias(to, err);
    if (code == MF_OK && from->n)
        memcpy(to->bias, from->bias, from->n * sizeof *to->bias);
    return code;
}

static int save_items(const mf_als *als, mf_als_factors *f, mf_err *err)
{
    int code =
        f->z ? MF_OK : mf__disk_new(als->p.disk, &f->z, als->given->nnz, 1, err);
    if (code < 0)
        return code;
    mf__als_cells_give(als, als->z, f->z);
    return copy_tensor(als, &f->items, &als->items, err);
}

int mf_als_save_result(const mf_als *als, mf_als_factors *f, mf_err *err)
{
    if (!als->wide)
        return mf_als_save(als, f, err);
    mf__als_tensor_free(als, &f->users);
    mf__disk_free(als->p.disk, f->next_z);
    f->next_z = NULL;
    return save_items(als, f, err);
}

int mf_als_save(const mf_als *als, mf_als_factors *f, mf_err *err)
{
    int code;
    if ((code = copy_tensor(als, &f->users, &als->users, err)) < 0 ||
        (code = save_items(als, f, err)) < 0)
        return code;
    if (!als->next_z_known) {
        mf__disk_free(als->p.disk, f->next_z);
        f->next_z = NULL;
        return MF_OK;
    }
    if (!f->next_z && (code = mf__disk_new(als->p.disk, &f->next_z, als->given->nnz, 1,
                                           err)) < 0)
        return code;
    mf__als_cells_give(als, als->next_z, f->next_z);
    return MF_OK;
}

/* Give a model with biases those that it lacks, as 0; take them from any other. */
static int match_biases(mf_als *als, mf_err *err)
{
    if (als->p.bias) {
        int code = mf_tensor_add_bias(&als->users, err);
        return code == MF_OK ? mf_tensor_add_bias(&als->items, err) : code;
    }
    free(als->users.bias);
    free(als->items.bias);
    als->users.bias = als->items.bias = NULL;
    return MF_OK;
}

static void restore_next_z(mf_als *als, const mf_als_factors *f)
{
    als->next_z_known = f->next_z && als->next_z;
    als->next_z_moved = 0;
    if (als->next_z_known)
        mf__als_cells_take(als, f->next_z, als->next_z);
    for (size_t t = 0; als->next_z_known && t < als->train->nnz; t++) {
        mf__disk_beat_at(als->p.disk, t);
        als->next_z_moved += als->next_z[t] != als->z[t];
    }
    double moved = (double)als->next_z_moved;
    mf__ranks_total(als->ranks, &moved, 1);
    als->next_z_moved = (size_t)moved;
}

int mf_als_restore(mf_als *als, const mf_als_factors *f, uint32_t iteration,
                   mf_err *err)
{
    const mf_tensor *u = &f->users, *v = &f->items;
    bool result = als->wide && !u->data && u->n == 0;
    int code = MF_OK;
    if ((!result && (u->n != als->train->rows || u->k != als->p.k || u->personas < 1 ||
                     u->personas > als->p.personas)) ||
        v->n != als->train->cols || v->k != als->p.k || v->personas != 1)
        code = mf_fail(err, MF_EINVAL, "factors have not the shapes of this problem");
    if ((code = mf_ranks_agree(als->ranks, code, err)) < 0)
        return code;
    als->begun = false;
    als_invalidate(als, true);
    als->basis_current = false;
    if (!result)
        code = copy_tensor(als, &als->users, u, err);
    if (code == MF_OK)
        code = copy_tensor(als, &als->items, v, err);
    if (code == MF_OK)
        code = match_biases(als, err);
    if ((code = mf_ranks_agree(als->ranks, code, err)) < 0)
        return code;
    mf__als_cells_take(als, f->z, als->z);
    als->iteration = iteration;
    restore_next_z(als, f);
    als->begun = true;
    return MF_OK;
}
