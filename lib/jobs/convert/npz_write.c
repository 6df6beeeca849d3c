/* A matrix in compressed sparse rows, as scipy.sparse.load_npz reads it. */
#include <stdlib.h>

#include "base/mem.h"
#include "jobs/convert/format.h"
#include "jobs/convert/npz.h"
#include "jobs/convert/zip.h"

static int put_array(zip_writer *z, int which, const char *descr, uint64_t n,
                     const void *data, size_t bytes, mf_err *err)
{
    char head[NPY_HEAD];
    mf__npy_head(head, descr, which != NPZ_FORMAT, &n);
    return mf__zip_put(z, mf__npz_member[which], head, sizeof head, data, bytes, err);
}

/* scipy wants both index arrays in one type, int32 where that will do. */
static int put_indices(zip_writer *z, const mf_csr *x, mf_err *err)
{
    size_t rows = (size_t)x->rows + 1;
    if (x->cols > INT32_MAX || x->nnz > INT32_MAX)
        return mf_fail(err, MF_ERANGE,
                       "more than 2147483647 items or cells: too many for "
                       "--to=npz");
    uint32_t *indptr = mf__new(rows, sizeof *indptr);
    if (!indptr)
        return mf__nomem(err);
    for (size_t r = 0; r < rows; r++)
        indptr[r] = (uint32_t)x->ptr[r];
    int code = put_array(z, NPZ_INDICES, "<i4", x->nnz, x->col, x->nnz * 4, err);
    if (code == MF_OK)
        code = put_array(z, NPZ_INDPTR, "<i4", rows, indptr, rows * 4, err);
    free(indptr);
    return code;
}

int mf__npz_write(mf_out *out, const mf_model *m, const mf_convert_to_params *params,
                  const char *name, mf_err *err)
{
    (void)params;
    (void)name;
    const mf_csr *x = &m->ratings.x;
    const int64_t shape[] = {x->rows, x->cols};
    bool counts = m->header.value == MF_U32;
    const void *data = counts ? (const void *)m->ratings.count : x->val;
    zip_writer z = {.out = out};
    int code = put_indices(&z, x, err);
    if (code == MF_OK)
        code = put_array(&z, NPZ_FORMAT, "|S3", 0, "csr", 3, err);
    if (code == MF_OK)
        code = put_array(&z, NPZ_SHAPE, "<i8", 2, shape, sizeof shape, err);
    if (code == MF_OK)
        code = put_array(&z, NPZ_DATA, counts ? "<u4" : "<f4", x->nnz, data, x->nnz * 4,
                         err);
    return code == MF_OK ? mf__zip_end(&z, err) : code;
}
