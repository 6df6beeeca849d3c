#include "als/split.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "math/linalg.h"

int mf__als_split_open(als_split *s, const mf_whitened *space, const mf_als_params *p,
                       size_t longest, mf_err *err)
{
    *s = (als_split){.p = p};
    int code = mf__cluster_open(&s->cluster, space, p->personas, longest, err);
    s->cluster.restarts = p->restarts;
    if (code < 0)
        return code;
    s->center = mf__new((size_t)p->personas * space->k, sizeof *s->center);
    return s->center ? mf__als_split_reserve(s, longest, err) : mf__nomem(err);
}

void mf__als_split_close(als_split *s)
{
    mf__cluster_close(&s->cluster);
    free(s->item);
    free(s->z);
    free(s->center);
    *s = (als_split){0};
}

int mf__als_split_reserve(als_split *s, size_t longest, mf_err *err)
{
    int code = mf__cluster_reserve(&s->cluster, longest, err);
    if (code == MF_OK)
        code = mf__reserve(&s->item, &s->item_cap, longest, sizeof *s->item, err);
    return code == MF_OK ? mf__reserve(&s->z, &s->z_cap, longest, sizeof *s->z, err)
                         : code;
}

/* The part, of those in `owners`, whose center is nearest. */
static uint8_t nearest_part(const als_split *s, uint64_t owners, uint32_t item)
{
    const mf_whitened *space = s->cluster.space;
    const float *x = space->rows + (size_t)item * space->k;
    uint8_t best = 0;
    float most = -2;
    for (uint32_t q = 0; q < s->cluster.parts; q++) {
        float cosine =
            space->scale[item] * mf__dot(s->center + (size_t)q * space->k, x, space->k);
        if ((owners >> q & 1) && cosine > most) {
            most = cosine;
            best = (uint8_t)q;
        }
    }
    return best;
}

void mf__als_split_history(als_split *s, uint32_t have, size_t n, const uint32_t item[],
                           const float value[], uint64_t seed, uint64_t index,
                           uint8_t z[])
{
    mf_cluster *c = &s->cluster;
    size_t liked = 0, next = 0;
    uint64_t owners = 0;
    uint32_t parts = mf__als_parts(s->p, s->p->personas, n);
    c->parts = parts > have ? parts : have;
    if (c->parts == 1) {
        memset(z, 0, n);
        return;
    }
    for (size_t t = 0; value && t < n; t++)
        if (value[t] > 0) {
            s->item[liked] = item[t];
            s->z[liked++] = z[t];
        }
    if (!value || liked == n) {
        mf__cluster_history_from(c, have, n, item, seed, index, z);
        return;
    }
    mf__cluster_history_from(c, have, liked, s->item, seed, index, s->z);
    for (size_t t = 0; t < liked; t++)
        owners |= (uint64_t)1 << s->z[t];
    for (uint32_t q = 0; q < c->parts; q++)
        mf__cluster_center(c, q, liked, s->item, s->z,
                           s->center + (size_t)q * c->space->k);
    for (size_t t = 0; t < n; t++)
        z[t] = value[t] > 0 ? s->z[next++] : nearest_part(s, owners, item[t]);
}
