/* Factors and biases as arrays of NumPy. */
#include "jobs/convert/format.h"
#include "jobs/convert/npy.h"

static int write_array(mf_out *out, size_t dims, const uint64_t shape[],
                       const float data[], mf_err *err)
{
    char head[NPY_HEAD];
    size_t n = 1;
    for (size_t i = 0; i < dims; i++)
        n *= shape[i];
    mf__npy_head(head, "<f4", dims, shape);
    int code = mf_out_write(out, head, sizeof head, err);
    return code < 0 ? code : mf_out_write(out, data, n * sizeof *data, err);
}

/* [n x personas x k], or [n x k] where there is one persona. */
static int write_factors(mf_out *out, const mf_tensor *f, mf_err *err)
{
    const uint64_t shape[] = {f->n, f->personas, f->k}, flat[] = {f->n, f->k};
    return f->personas > 1 ? write_array(out, 3, shape, f->data, err)
                           : write_array(out, 2, flat, f->data, err);
}

static int write_biases(mf_out *out, const mf_tensor *f, const char *name, mf_err *err)
{
    const uint64_t shape[] = {f->n};
    if (f->bias)
        return write_array(out, 1, shape, f->bias, err);
    return mf_fail(err, MF_EFORMAT,
                   "%s: the model has no biases; mf-als "
                   "--preset=explicit makes one that has",
                   name);
}

int mf__npy_write(mf_out *out, const mf_model *m, const mf_convert_to_params *p,
                  const char *name, mf_err *err)
{
    switch (p->part) {
    case MF_PART_USERS: return write_factors(out, &m->users, err);
    case MF_PART_ITEMS: return write_factors(out, &m->items, err);
    case MF_PART_USER_BIASES: return write_biases(out, &m->users, name, err);
    default: return write_biases(out, &m->items, name, err);
    }
}
