#include "rank_oracle.h"

#include <assert.h>
#include <math.h>
#include <string.h>

double oracle_score(const mf_tensor *users, const mf_tensor *items, double mu,
                    uint64_t active, uint32_t u, uint32_t i, uint32_t *persona)
{
    double best = -INFINITY;
    for (uint32_t q = 0; q < users->personas; q++) {
        double dot = 0;
        for (uint32_t j = 0; j < users->k; j++)
            dot += (double)mf_tensor_at(users, u, q)[j] * mf_tensor_at(items, i, 0)[j];
        if ((active >> q & 1) && dot > best) {
            best = dot;
            *persona = q;
        }
    }
    if (users->bias)
        mu += (double)users->bias[u] + (double)items->bias[i];
    return mu + best;
}

uint32_t oracle_sort(const double score[], uint32_t n, const bool out[],
                     uint32_t order[])
{
    uint32_t have = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (out[i])
            continue;
        uint32_t at = have++;
        for (; at > 0 && score[order[at - 1]] < score[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    return have;
}

double oracle_metric(const char *name, uint32_t cut, uint32_t n, const uint32_t order[],
                     const bool relevant[])
{
    double all = 0, hits = 0, dcg = 0, ideal = 0, precisions = 0, first = 0;
    for (uint32_t place = 1; place <= n; place++)
        if (relevant[order[place - 1]]) {
            all++;
            if (first == 0)
                first = place;
        }
    for (uint32_t place = 1; place <= n && place <= cut; place++)
        if (relevant[order[place - 1]]) {
            hits++;
            dcg += log(2) / log(place + 1.0);
            precisions += hits / place;
        }
    for (uint32_t place = 1; place <= cut && place <= all; place++)
        ideal += log(2) / log(place + 1.0);
    double possible = all < cut ? all : cut;
    if (strcmp(name, "precision") == 0)
        return hits / cut;
    if (strcmp(name, "recall") == 0)
        return hits / possible;
    if (strcmp(name, "hr") == 0)
        return hits > 0 ? 1 : 0;
    if (strcmp(name, "ndcg") == 0)
        return dcg / ideal;
    if (strcmp(name, "map") == 0)
        return precisions / possible;
    assert(strcmp(name, "mrr") == 0);
    return 1 / first;
}
