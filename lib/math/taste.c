#include "math/taste.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "math/cluster.h"
#include "math/linalg.h"

struct mf_taste {
    const mf_tensor *map;
    mf_whitened space;
    mf_cluster cluster;
    float *center;   /* [MF_TASTE_CLUSTERS * k] */
    uint32_t *item;  /* [longest], those of a history that are on the map */
    uint8_t *z;      /* [longest], the taste of each */
    uint32_t tastes; /* number of centers; some may own no item */
    uint64_t owns;   /* those that own an item, as bits */
};

/* One seed for all: tastes do not depend on the seed of an evaluation. */
enum { SEED = 1 };

int mf__taste_open(mf_taste **out, const mf_tensor *map, size_t longest, mf_err *err)
{
    mf_taste *t = *out = mf__new0(1, sizeof *t);
    if (!t)
        return mf__nomem(err);
    t->map = map;
    t->item = mf__new(longest, sizeof *t->item);
    t->z = mf__new(longest, 1);
    t->center = mf__new((size_t)MF_TASTE_CLUSTERS * map->k, sizeof *t->center);
    int code = t->item && t->z && t->center ? mf__whiten_units(&t->space, map, err)
                                            : mf__nomem(err);
    if (code == MF_OK)
        code =
            mf__cluster_open(&t->cluster, &t->space, MF_TASTE_CLUSTERS, longest, err);
    if (code < 0) {
        mf__taste_close(t);
        *out = NULL;
    }
    return code;
}

void mf__taste_close(mf_taste *t)
{
    if (!t)
        return;
    mf__cluster_close(&t->cluster);
    mf__whitened_free(&t->space);
    free(t->item);
    free(t->z);
    free(t->center);
    free(t);
}

/* Vectors have length 1 or 0. */
static bool on_map(const mf_tensor *map, uint32_t item)
{
    const float *x = mf_tensor_at(map, item, 0);
    return mf__dot(x, x, map->k) > 0;
}

uint32_t mf__taste_look(mf_taste *t, uint32_t user, size_t n, const uint32_t item[])
{
    size_t have = 0;
    uint32_t k = t->map->k, owned = 0;
    for (size_t i = 0; i < n; i++)
        if (on_map(t->map, item[i]))
            t->item[have++] = item[i];
    mf__cluster_history(&t->cluster, have, t->item, SEED, user, t->z);
    t->tastes = have < MF_TASTE_CLUSTERS ? (uint32_t)have : MF_TASTE_CLUSTERS;
    for (uint32_t q = 0; q < t->tastes; q++)
        mf__cluster_center(&t->cluster, q, have, t->item, t->z, t->center + q * k);
    t->owns = 0;
    for (size_t i = 0; i < have; i++) {
        owned += !(t->owns >> t->z[i] & 1);
        t->owns |= (uint64_t)1 << t->z[i];
    }
    return owned;
}

uint32_t mf__taste_met(const mf_taste *t, uint32_t n, const mf_ranked list[])
{
    uint64_t met = 0;
    uint32_t k = t->map->k, count = 0;
    for (uint32_t i = 0; i < n; i++) {
        const float *x = mf_tensor_at(t->map, list[i].item, 0);
        float best = -2;
        uint32_t nearest = 0;
        for (uint32_t q = 0; q < t->tastes; q++) {
            float cosine = mf__dot(t->center + (size_t)q * k, x, k);
            if (t->owns >> q & 1 && cosine > best) {
                best = cosine;
                nearest = q;
            }
        }
        if (best >= (float)MF_TASTE_NEAR)
            met |= (uint64_t)1 << nearest;
    }
    for (; met; met &= met - 1)
        count++;
    return count;
}
