/* The state between two sweeps: copied out and in, and how it looks. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "als/private.h"
#include "base/mem.h"
#include "math/beyond.h"

void mf_als_factors_free(mf_als_factors *f)
{
    mf_tensor_free(&f->users);
    mf_tensor_free(&f->items);
    free(f->z);
    free(f->owners);
    *f = (mf_als_factors){0};
}

uint32_t mf_als_iteration(const mf_als *als)
{
    return als->iteration;
}

bool mf_als_warms_up(const mf_als *als)
{
    return als->users.personas < als->p.personas;
}

static int copy_tensor(mf_tensor *to, const mf_tensor *from, mf_err *err)
{
    if (to->n != from->n || to->personas != from->personas || to->k != from->k ||
        !to->data) {
        mf_tensor_free(to);
        int code = mf_tensor_alloc(to, from->n, from->personas, from->k, err);
        if (code < 0)
            return code;
    }
    size_t floats = (size_t)from->n * from->personas * from->k;
    if (floats)
        memcpy(to->data, from->data, floats * sizeof *to->data);
    if (!from->bias)
        return MF_OK;
    int code = mf_tensor_add_bias(to, err);
    if (code == MF_OK && from->n)
        memcpy(to->bias, from->bias, from->n * sizeof *to->bias);
    return code;
}

int mf_als_save(const mf_als *als, mf_als_factors *f, mf_err *err)
{
    int code;
    if (!f->z && !(f->z = mf__new(als->train->nnz, 1)))
        return mf__nomem(err);
    if ((code = copy_tensor(&f->users, &als->users, err)) < 0 ||
        (code = copy_tensor(&f->items, &als->items, err)) < 0)
        return code;
    if (als->train->nnz)
        memcpy(f->z, als->z, als->train->nnz);
    if (!als->owners_known) {
        free(f->owners);
        f->owners = NULL;
        return MF_OK;
    }
    if (!f->owners && !(f->owners = mf__new(als->train->nnz, 1)))
        return mf__nomem(err);
    if (als->train->nnz)
        memcpy(f->owners, als->item_z, als->train->nnz);
    return MF_OK;
}

/* A model with biases has them, 0 if nobody knows better; others have none. */
static int keep_biases(mf_als *als, mf_err *err)
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

int mf_als_restore(mf_als *als, const mf_als_factors *f, uint32_t iteration,
                   mf_err *err)
{
    const mf_tensor *u = &f->users, *v = &f->items;
    int code;
    if (u->n != als->train->rows || v->n != als->train->cols || u->k != als->p.k ||
        v->k != als->p.k || v->personas != 1 || u->personas < 1 ||
        u->personas > als->p.personas)
        return mf_fail(err, MF_EINVAL, "factors have not the shapes of this problem");
    als_forget(als, true);
    if ((code = copy_tensor(&als->users, u, err)) < 0 ||
        (code = copy_tensor(&als->items, v, err)) < 0)
        return code;
    if (als->train->nnz)
        memcpy(als->z, f->z, als->train->nnz);
    als->owners_move = 0;
    als->iteration = iteration;
    for (size_t t = 0; f->owners && t < als->train->nnz; t++) {
        als->item_z[t] = f->owners[t];
        als->owners_move += f->owners[t] != f->z[t];
    }
    als->owners_known = f->owners != NULL;
    return keep_biases(als, err);
}

/* The entropy of the shares of one user's cells, in bits. */
static double user_entropy(const mf_als *als, uint32_t u)
{
    size_t count[UINT8_MAX + 1] = {0};
    for (size_t t = als->train->ptr[u]; t < als->train->ptr[u + 1]; t++)
        count[als->z[t]]++;
    return mf__entropy(count, als->users.personas);
}

mf_als_apart mf_als_measure_apart(const mf_als *als)
{
    double cosines = 0, pairs = 0, bits = 0, users = 0;
    if (als->users.personas == 1)
        return (mf_als_apart){NAN, NAN};
    for (uint32_t u = 0; u < als->train->rows; u++) {
        double sum;
        if (als->train->ptr[u] == als->train->ptr[u + 1])
            continue;
        pairs += mf__persona_cosines(&als->users, u, UINT64_MAX, &sum);
        cosines += sum;
        bits += user_entropy(als, u);
        users++;
    }
    return (mf_als_apart){pairs > 0 ? cosines / pairs : NAN,
                          users > 0 ? bits / users : NAN};
}
