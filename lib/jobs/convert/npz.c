/* scipy.sparse's .npz of a CSR, CSC or COO matrix: arrays as .npy members of a zip
 * archive.
 *
 * A few megabytes can inflate to gigabytes. So no array is given memory before its
 * length was held against those of the others: a file is gone through twice, the first
 * time for the headers alone; in a pipe an array that stands before what its length
 * follows from may have UNSURE_MAX bytes. */
#include "jobs/convert/npz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/number.h"
#include "jobs/convert/format.h"
#include "jobs/convert/zip.h"

enum { SMALL = 256, UNSURE_MAX = 1 << 30, STEP = 1 << 20 };

const char *const mf__npz_member[NPZ_ARRAYS] = {
    "indices.npy", "indptr.npy", "format.npy", "shape.npy",
    "data.npy",    "row.npy",    "col.npy"};

/* What save_npz wrote. */
enum { CSR, CSC, COO };

typedef struct npz {
    const char *source;
    bool twice; /* the file can be read again: this time for the headers alone */
    bool there[NPZ_ARRAYS];
    uint8_t *bytes[NPZ_ARRAYS]; /* owned */
    npy array[NPZ_ARRAYS];      /* over them */
    int layout;                 /* CSR, CSC or COO */
    uint64_t shape[2];
} npz;

static void npz_free(npz *z)
{
    for (size_t i = 0; i < NPZ_ARRAYS; i++)
        free(z->bytes[i]);
}

static int fail(const npz *z, int which, mf_err *err, const char *why)
{
    return mf_fail(err, MF_EFORMAT, "%s: %s: %s", z->source, mf__npz_member[which],
                   why);
}

static bool is_integer(const npy *a)
{
    return a->kind == 'i' || a->kind == 'u';
}

static bool is_small(int which)
{
    return which == NPZ_FORMAT || which == NPZ_SHAPE;
}

/* Does an array have an element for each entry of the matrix? */
static bool of_entries(int which)
{
    return which == NPZ_INDICES || which == NPZ_DATA || which == NPZ_ROW ||
           which == NPZ_COL;
}

/* Which layout the text is, of bytes or UTF-32; -1: another. */
static int read_layout(const npy *a)
{
    static const char *const names[] = {"csr", "csc", "coo"};
    size_t step = a->kind == 'U' ? 4 : 1;
    if ((a->kind != 'U' && a->kind != 'S') || a->n != 1 || a->width != 3 * step)
        return -1;
    for (int i = 0; i < 3; i++) {
        bool same = true;
        for (size_t b = 0; b < a->width; b++)
            same = same && a->data[b] == (b % step ? 0 : names[i][b / step]);
        if (same)
            return i;
    }
    return -1;
}

/* What format.npy and shape.npy hold. */
static int understand(npz *z, int which, mf_err *err)
{
    const npy *a = &z->array[which];
    if (which == NPZ_FORMAT && (z->layout = read_layout(a)) < 0)
        return fail(z, which, err,
                    "the matrix is not CSR, CSC or COO; save it with .tocsr()");
    if (which != NPZ_SHAPE)
        return MF_OK;
    if (!is_integer(a) || a->dims != 1 || a->n != 2)
        return fail(z, which, err, "wanted two numbers");
    for (size_t i = 0; i < 2; i++) {
        z->shape[i] = (uint64_t)mf__npy_int(a, i);
        if (z->shape[i] > UINT32_MAX)
            return fail(z, which, err,
                        "more than 4294967295 rows or columns, or fewer than none");
    }
    return MF_OK;
}

/* Hold the length and type of an array against those that came before. *sure: one of
 * them says how long it must be. */
static int check_head(const npz *z, int which, bool *sure, mf_err *err)
{
    const npy *a = &z->array[which];
    *sure = is_small(which);
    if (is_small(which))
        return a->n * a->width > SMALL ? fail(z, which, err, "is too long") : MF_OK;
    if (a->dims != 1 ||
        (which == NPZ_DATA ? a->kind == 'S' || a->kind == 'U' : !is_integer(a)))
        return fail(z, which, err, "wanted a list of numbers");
    for (int i = 0; i < NPZ_ARRAYS; i++) {
        if (i == which || !z->there[i] || !of_entries(i) || !of_entries(which))
            continue;
        *sure = true;
        if (z->array[i].n != a->n)
            return mf_fail(err, MF_EFORMAT,
                           "%s: %s: has %zu number%s, %s has %zu; wanted one for each",
                           z->source, mf__npz_member[which], a->n, mf__plural(a->n),
                           mf__npz_member[i], z->array[i].n);
    }
    if (which == NPZ_INDPTR && z->there[NPZ_SHAPE] && z->there[NPZ_FORMAT]) {
        *sure = true;
        if (a->n != z->shape[z->layout == CSC] + 1)
            return fail(z, which, err, "wanted one number more than there are rows");
    }
    return MF_OK;
}

/* The data of an array, into memory that grows with what comes. */
static int read_data(npz *z, zip_reader *zip, int which, mf_err *err)
{
    npy *a = &z->array[which];
    size_t want = a->n * a->width, used = 0, cap = 0, got = 1;
    uint8_t **to = &z->bytes[which], more;
    while (used < want && got > 0) {
        size_t step = want - used < STEP ? want - used : STEP;
        if (mf__reserve(to, &cap, used + step, 1, err) < 0)
            return MF_ENOMEM;
        int code = mf__zip_read(zip, *to + used, step, &got, err);
        if (code < 0)
            return code;
        used += got;
    }
    int code = mf__zip_read(zip, &more, 1, &got, err); /* its check sum, at its end */
    if (code < 0)
        return code;
    if (used < want || got > 0)
        return fail(z, which, err, "the array has not as many bytes as its shape says");
    if (!*to && !(*to = mf__new(1, 1)))
        return mf__nomem(err);
    a->data = *to;
    return MF_OK;
}

static int read_member(npz *z, zip_reader *zip, int which, uint64_t size, mf_err *err)
{
    uint8_t head[NPY_HEAD_MAX];
    size_t got, before;
    bool sure;
    npy *a = &z->array[which];
    if (z->there[which])
        return fail(z, which, err, "is in the archive twice");
    int code = mf__zip_read(zip, head, NPY_MAGIC, &got, err);
    if (code < 0)
        return code;
    if (got < NPY_MAGIC || !(before = mf__npy_before(head)))
        return fail(z, which, err, "not a .npy array");
    if ((code = mf__zip_read(zip, head + NPY_MAGIC, before - NPY_MAGIC, &got, err)) < 0)
        return code;
    if (got < before - NPY_MAGIC)
        return fail(z, which, err, "the header of the array is cut short");
    const char *why = mf__npy_scan(a, head, before);
    if (!why && size != UINT64_MAX && size != before + a->n * a->width)
        why = "the array has not as many bytes as its shape says";
    if (why)
        return fail(z, which, err, why);
    z->there[which] = true;
    if ((code = check_head(z, which, &sure, err)) < 0)
        return code;
    if (z->twice && !is_small(which))
        return MF_OK;
    if (!sure && !z->array[which].data && a->n * a->width > UNSURE_MAX)
        return fail(z, which, err,
                    "has more than 1 GiB, which cannot be checked before it is read "
                    "from a pipe; give the file by its name");
    code = read_data(z, zip, which, err);
    return code == MF_OK ? understand(z, which, err) : code;
}

/* See that what the layout needs is there, all of one length. */
static int check_whole(npz *z, mf_err *err)
{
    bool sure;
    for (int i = 0; i < NPZ_ARRAYS; i++) {
        bool coo = i == NPZ_ROW || i == NPZ_COL,
             needed = is_small(i) || i == NPZ_DATA ||
                      (z->there[NPZ_FORMAT] && (z->layout == COO) == coo);
        if (needed && !z->there[i])
            return fail(z, i, err,
                        "missing from the archive: not a matrix of scipy.sparse, which "
                        "save_npz writes");
        int code = z->there[i] ? check_head(z, i, &sure, err) : MF_OK;
        if (code < 0)
            return code;
    }
    return MF_OK;
}

/* All of the archive, or of its headers. */
static int load(npz *z, mf_in *in, uint64_t *digest, mf_err *err)
{
    zip_reader *zip;
    const char *name;
    uint64_t size;
    int code = mf__zip_open(&zip, in, err);
    while (code >= 0 && (code = mf__zip_next(zip, &name, &size, err)) == 1)
        for (int i = 0; code >= 0 && i < NPZ_ARRAYS; i++)
            if (strcmp(name, mf__npz_member[i]) == 0)
                code = read_member(z, zip, i, size, err);
    if (code >= 0)
        code = check_whole(z, err);
    if (code >= 0)
        *digest = mf__zip_digest(zip);
    mf__zip_close(zip);
    return code;
}

/* The rows of CSR, the columns of CSC, must follow each other and span all entries. */
static const char *check_indptr(const npz *z)
{
    const npy *indptr = &z->array[NPZ_INDPTR];
    uint64_t before = 0, entries = z->array[NPZ_DATA].n;
    for (size_t r = 0; r < indptr->n; r++) {
        uint64_t at = (uint64_t)mf__npy_int(indptr, r);
        if (at < before || (r == 0 && at != 0) || at > entries)
            return "the rows do not ascend within indices.npy";
        before = at;
    }
    return before == entries ? NULL : "the rows do not span indices.npy";
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

/* Put entry t, at[MF_USER] and at[MF_ITEM]; `which` says what is wrong with an axis. */
static int put_entry(cells *c, const npz *z, size_t t, const uint64_t at[2],
                     const int which[2], mf_err *err)
{
    entry e = {.line = t + 1};
    for (int axis = MF_USER; axis <= MF_ITEM; axis++)
        if (at[axis] >= z->shape[axis])
            return mf__cells_fail(c, err, "%s: entry %zu is no %s",
                                  mf__npz_member[which[axis]], t,
                                  axis == MF_USER ? "row" : "column");
    if (!read_value(&z->array[NPZ_DATA], t, &e))
        return mf__cells_fail(c, err, "data.npy: entry %zu is not finite", t);
    e.user = cells_index(c, MF_USER, (uint32_t)at[MF_USER]);
    e.item = cells_index(c, MF_ITEM, (uint32_t)at[MF_ITEM]);
    return mf__cells_put(c, &e, err);
}

static int put_cells(cells *c, const npz *z, mf_err *err)
{
    static const int coo[2] = {NPZ_ROW, NPZ_COL}, cs[2] = {NPZ_INDICES, NPZ_INDICES};
    size_t entries = z->array[NPZ_DATA].n, row = 0;
    bool by_row = z->layout == CSR;
    int code = MF_OK;
    for (size_t t = 0; code == MF_OK && t < entries; t++) {
        uint64_t at[2];
        if (z->layout == COO) {
            for (int axis = MF_USER; axis <= MF_ITEM; axis++)
                at[axis] = (uint64_t)mf__npy_int(&z->array[coo[axis]], t);
        } else {
            while ((size_t)mf__npy_int(&z->array[NPZ_INDPTR], row + 1) <= t)
                row++;
            at[!by_row] = row;
            at[by_row] = (uint64_t)mf__npy_int(&z->array[NPZ_INDICES], t);
        }
        code = put_entry(c, z, t, at, z->layout == COO ? coo : cs, err);
    }
    return code;
}

int mf__npz_read(cells *c, const mf_convert_input *input,
                 const mf_convert_from_params *params, reading *got, mf_err *err)
{
    (void)params;
    mf_in *in = input->binary;
    npz z = {.source = mf_in_name(in), .twice = mf__in_can_rewind(in)};
    int code = load(&z, in, &got->digest, err);
    if (code >= 0 && z.twice) {
        npz_free(&z);
        z = (npz){.source = z.source};
        code = mf__in_rewind(in, err);
        if (code == MF_OK)
            code = load(&z, in, &got->digest, err);
    }
    const char *why = code >= 0 && z.layout != COO ? check_indptr(&z) : NULL;
    if (why)
        code = fail(&z, NPZ_INDPTR, err, why);
    for (int axis = MF_USER; code >= 0 && axis <= MF_ITEM; axis++)
        code = mf__cells_extent(c, (mf_axis)axis, z.shape[axis], 0, err);
    if (code >= 0)
        code = put_cells(c, &z, err);
    npz_free(&z);
    return code;
}
