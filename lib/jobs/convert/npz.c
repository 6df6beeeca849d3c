/* scipy.sparse's .npz of a CSR matrix: indices, indptr, format, shape and data
 * as .npy members of a zip archive. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/mem.h"
#include "jobs/convert/format.h"
#include "jobs/convert/npy.h"
#include "jobs/convert/zip.h"

enum { INDICES, INDPTR, FORMAT, SHAPE, DATA, ARRAYS };

static const char *const MEMBER[ARRAYS] = {"indices.npy", "indptr.npy", "format.npy",
                                           "shape.npy", "data.npy"};

typedef struct npz {
    uint8_t *bytes[ARRAYS]; /* owned */
    npy array[ARRAYS];      /* over them */
} npz;

static int load(npz *z, mf_in *in, uint64_t *digest, mf_err *err)
{
    const uint8_t *archive;
    size_t have, size;
    int code = mf_in_peek(in, SIZE_MAX, &archive, &have, err); /* all of it */
    if (code < 0)
        return code;
    *digest = XXH3_64bits(archive, have);
    for (size_t i = 0; i < ARRAYS; i++) {
        code = mf__zip_extract(archive, have, MEMBER[i], mf_in_name(in), &z->bytes[i],
                               &size, err);
        if (code < 0)
            return code;
        const char *why = mf__npy_parse(&z->array[i], z->bytes[i], size);
        if (why)
            return mf_fail(err, MF_EFORMAT, "%s: %s: %s", mf_in_name(in), MEMBER[i],
                           why);
    }
    return MF_OK;
}

static bool is_integer(const npy *a)
{
    return a->kind == 'i' || a->kind == 'u';
}

/* The bytes "csr", or the same as UTF-32. */
static bool is_csr(const npy *a)
{
    const char *text = a->kind == 'U' ? "c\0\0\0s\0\0\0r\0\0" : "csr";
    size_t step = a->kind == 'U' ? 4 : 1;
    return (a->kind == 'U' || a->kind == 'S') && a->n == 1 && a->width == 3 * step &&
           memcmp(a->data, text, 3 * step) == 0;
}

/* NULL if the arrays make a matrix of the shape. */
static const char *check_matrix(const npz *z, uint64_t shape[2])
{
    const npy *indices = &z->array[INDICES], *indptr = &z->array[INDPTR];
    const npy *size = &z->array[SHAPE], *data = &z->array[DATA];
    if (!is_csr(&z->array[FORMAT]))
        return "format.npy: the matrix is not CSR; save it with .tocsr()";
    if (!is_integer(size) || size->dims != 1 || size->n != 2)
        return "shape.npy: wanted two numbers";
    for (size_t i = 0; i < 2; i++) {
        shape[i] = (uint64_t)mf__npy_int(size, i);
        if (shape[i] > UINT32_MAX)
            return "shape.npy: more than 4294967295 rows or columns, or fewer than "
                   "none";
    }
    if (!is_integer(indptr) || indptr->dims != 1 || indptr->n != shape[0] + 1)
        return "indptr.npy: wanted one number more than there are rows";
    if (!is_integer(indices) || indices->dims != 1)
        return "indices.npy: wanted a list of column numbers";
    if (data->kind == 'S' || data->kind == 'U' || data->dims != 1 ||
        data->n != indices->n)
        return "data.npy: wanted one number for each of indices.npy";
    uint64_t before = 0;
    for (size_t r = 0; r < indptr->n; r++) {
        uint64_t at = (uint64_t)mf__npy_int(indptr, r);
        if (at < before || (r == 0 && at != 0) || at > indices->n)
            return "indptr.npy: the rows do not ascend within indices.npy";
        before = at;
    }
    return before == indices->n ? NULL : "indptr.npy: the rows do not span indices.npy";
}

/* Entry t as a value for mf__cells_put. False if no float can hold it. */
static bool read_value(const npy *data, size_t t, entry *e)
{
    e->whole = data->kind != 'f';
    if (e->whole) {
        int64_t number = mf__npy_int(data, t);
        if (number >= 0 && number <= UINT32_MAX) {
            e->value = (double)number;
            return true;
        }
        e->whole = false;
        e->value =
            data->kind == 'u' ? (double)(float)(uint64_t)number : (double)(float)number;
        return true;
    }
    e->value = (double)(float)mf__npy_real(data, t);
    return isfinite(e->value);
}

static int put_cells(cells *c, const npz *z, const uint64_t shape[2], mf_err *err)
{
    const npy *indices = &z->array[INDICES], *indptr = &z->array[INDPTR];
    for (size_t r = 0; r < shape[0]; r++) {
        size_t t = (size_t)mf__npy_int(indptr, r),
               end = (size_t)mf__npy_int(indptr, r + 1);
        for (; t < end; t++) {
            uint64_t col = (uint64_t)mf__npy_int(indices, t);
            entry e = {.line = t + 1};
            if (col >= shape[1])
                return mf__cells_fail(c, err, "indices.npy: entry %zu is no column", t);
            if (!read_value(&z->array[DATA], t, &e))
                return mf__cells_fail(c, err, "data.npy: entry %zu is not finite", t);
            e.user = cells_index(c, MF_USER, (uint32_t)r);
            e.item = cells_index(c, MF_ITEM, (uint32_t)col);
            int code = mf__cells_put(c, &e, err);
            if (code < 0)
                return code;
        }
    }
    return MF_OK;
}

int mf__npz_read(cells *c, const mf_convert_input *input,
                 const mf_convert_from_params *params, reading *got, mf_err *err)
{
    (void)params;
    mf_in *in = input->binary;
    npz z = {0};
    uint64_t shape[2] = {0, 0};
    int code = load(&z, in, &got->digest, err);
    if (code == MF_OK) {
        const char *why = check_matrix(&z, shape);
        if (why)
            code = mf_fail(err, MF_EFORMAT, "%s: %s", mf_in_name(in), why);
    }
    if (code == MF_OK)
        code = mf__cells_extent(c, MF_USER, shape[0], 0, err);
    if (code == MF_OK)
        code = mf__cells_extent(c, MF_ITEM, shape[1], 0, err);
    if (code == MF_OK)
        code = put_cells(c, &z, shape, err);
    for (size_t i = 0; i < ARRAYS; i++)
        free(z.bytes[i]);
    return code;
}

static int put_array(zip_writer *z, int which, const char *descr, uint64_t n,
                     const void *data, size_t bytes, mf_err *err)
{
    char head[NPY_HEAD];
    mf__npy_head(head, descr, which != FORMAT, &n);
    return mf__zip_put(z, MEMBER[which], head, sizeof head, data, bytes, err);
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
    int code = put_array(z, INDICES, "<i4", x->nnz, x->col, x->nnz * 4, err);
    if (code == MF_OK)
        code = put_array(z, INDPTR, "<i4", rows, indptr, rows * 4, err);
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
        code = put_array(&z, FORMAT, "|S3", 0, "csr", 3, err);
    if (code == MF_OK)
        code = put_array(&z, SHAPE, "<i8", 2, shape, sizeof shape, err);
    if (code == MF_OK)
        code =
            put_array(&z, DATA, counts ? "<u4" : "<f4", x->nnz, data, x->nnz * 4, err);
    return code == MF_OK ? mf__zip_end(&z, err) : code;
}
