#include "als/cells.h"

#include "base/mem.h"
#include "data/tensor.h"

/* Copy the cells that say something, of which there are n. */
static int copy_said(mf_als *als, size_t n, mf_err *err)
{
    const mf_csr *x = als->given;
    mf_disk *disk = als->p.disk;
    mf_csr *said = &als->said;
    *said = (mf_csr){.rows = x->rows, .cols = x->cols, .nnz = n};
    if (!(said->ptr = mf__new0((size_t)x->rows + 1, sizeof *said->ptr)))
        return mf__nomem(err);
    int code = mf__disk_new(disk, &said->col, n, sizeof *said->col, err);
    if (code == MF_OK)
        code = mf__disk_new(disk, &said->val, n, sizeof *said->val, err);
    if (code == MF_OK)
        code = mf__disk_new(disk, &als->given_z[0], x->nnz, 1, err);
    if (code == MF_OK)
        code = mf__disk_new(disk, &als->given_z[1], x->nnz, 1, err);
    if (code < 0)
        return code;
    n = 0;
    for (uint32_t u = 0; u < x->rows; u++) {
        mf__als_beat(als, u);
        for (size_t t = x->ptr[u]; t < x->ptr[u + 1]; t++)
            if (als_says_something(&als->p, x->val[t])) {
                als->said.col[n] = x->col[t];
                als->said.val[n++] = x->val[t];
            }
        als->said.ptr[u + 1] = n;
    }
    als->train = &als->said;
    return MF_OK;
}

int mf__als_cells_open(mf_als *als, mf_err *err)
{
    const mf_csr *x = als->train = als->given;
    size_t said = 0, spoken = 0;
    for (size_t t = 0; t < x->nnz; t++) {
        mf__disk_beat_at(als->p.disk, t);
        said += als_says_something(&als->p, x->val[t]);
        spoken += als_speaks(&als->p, x->val[t]);
    }
    double dislikes = (double)(said - spoken);
    mf__ranks_total(als->ranks, &dislikes, 1);
    als->dislikes = dislikes > 0;
    return said < x->nnz ? copy_said(als, said, err) : MF_OK;
}

uint64_t mf__als_cells_active(const mf_als *als, const uint8_t z[], uint32_t u)
{
    const mf_csr *x = als->train;
    size_t begin = x->ptr[u];
    return mf__active_personas(z + begin, als->dislikes ? x->val + begin : NULL,
                               x->ptr[u + 1] - begin, als->users.personas);
}

void mf__als_cells_give(const mf_als *als, const uint8_t z[], uint8_t given[])
{
    const mf_csr *x = als->given;
    if (als->train == x) {
        mf__disk_copy(als->p.disk, given, z, x->nnz);
        return;
    }
    for (uint32_t u = 0; u < x->rows; u++) {
        mf__als_beat(als, u);
        uint8_t first = mf__first_persona(mf__als_cells_active(als, z, u));
        size_t from = als->train->ptr[u];
        for (size_t t = x->ptr[u]; t < x->ptr[u + 1]; t++)
            given[t] = als_says_something(&als->p, x->val[t]) ? z[from++] : first;
    }
}

void mf__als_cells_take(const mf_als *als, const uint8_t given[], uint8_t z[])
{
    const mf_csr *x = als->given;
    size_t to = 0;
    for (size_t t = 0; t < x->nnz; t++) {
        mf__disk_beat_at(als->p.disk, t);
        if (als_says_something(&als->p, x->val[t]))
            z[to++] = given[t];
    }
}
