#include "mf/ratings.h"

#include <stdlib.h>
#include <string.h>

#include "data/cell_hash.h"
#include "data/ratings.h"
#include "data/time.h"

void mf_ratings_free(mf_ratings *r)
{
    mf_ids_free(&r->users);
    mf_ids_free(&r->items);
    mf_csr_free(&r->x);
    free(r->count);
    free(r->fold);
    free(r->time);
    *r = (mf_ratings){0};
}

bool mf_time_parse(const char *text, int64_t *seconds)
{
    return mf__time_parse((mf_field){text, strlen(text)}, seconds);
}

/* Whether cell t is in a fold of `mask` and, unless all are wanted, liked. */
static bool is_wanted(const mf_ratings *r, unsigned mask, bool all, size_t t)
{
    return (mask >> r->fold[t] & 1) && (all || mf__likes(r->x.val[t]));
}

static int copy_cells(mf_csr *out, const mf_ratings *r, unsigned mask, bool all,
                      mf_err *err)
{
    size_t n = 0;
    for (size_t t = 0; t < r->x.nnz; t++)
        n += is_wanted(r, mask, all, t);
    int code = mf_csr_alloc(out, r->x.rows, r->x.cols, n, err);
    if (code < 0)
        return code;
    n = 0;
    for (uint32_t u = 0; u < r->x.rows; u++) {
        for (size_t t = r->x.ptr[u]; t < r->x.ptr[u + 1]; t++)
            if (is_wanted(r, mask, all, t)) {
                out->col[n] = r->x.col[t];
                out->val[n++] = r->x.val[t];
            }
        out->ptr[u + 1] = n;
    }
    return MF_OK;
}

int mf_ratings_folds(mf_csr *out, const mf_ratings *r, unsigned mask, mf_err *err)
{
    return copy_cells(out, r, mask, true, err);
}

int mf__ratings_liked(mf_csr *out, const mf_ratings *r, unsigned mask, mf_err *err)
{
    return copy_cells(out, r, mask, false, err);
}

int mf_ratings_digest(const mf_ratings *r, unsigned mask, bool values, uint64_t *digest,
                      mf_err *err)
{
    mf_cell_hash hash = {0};
    *digest = 0;
    for (uint32_t u = 0; u < r->x.rows; u++) {
        if (mf__cell_hash_user(&hash, &r->users, u, err) < 0) {
            mf__cell_hash_free(&hash);
            return MF_ENOMEM;
        }
        for (size_t t = r->x.ptr[u]; t < r->x.ptr[u + 1]; t++) {
            uint32_t bits = 0;
            if (!(mask >> r->fold[t] & 1))
                continue;
            if (values)
                memcpy(&bits, &r->x.val[t], sizeof bits);
            *digest += mf__cell_hash_item(&hash, &r->items, r->x.col[t], bits);
        }
    }
    mf__cell_hash_free(&hash);
    return MF_OK;
}
