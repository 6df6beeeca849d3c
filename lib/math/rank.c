#include "math/rank.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "kernel/kernel.h"

/* The length of the longest vector of T. */
static double longest(const mf_tensor *t, mf_disk *disk)
{
    double most = 0;
    size_t vectors = (size_t)t->n * t->personas;
    for (size_t v = 0; v < vectors; v++) {
        double sum = 0;
        mf__disk_beat_at(disk, v << 8); /* of 256 vectors */
        for (uint32_t j = 0; j < t->k; j++)
            sum += (double)t->data[v * t->k + j] * t->data[v * t->k + j];
        most = fmax(most, sum);
    }
    return sqrt(most);
}

static double largest_bias(const mf_tensor *t)
{
    double most = 0;
    for (uint32_t r = 0; t->bias && r < t->n; r++)
        most = fmax(most, fabs((double)t->bias[r]));
    return most;
}

int mf_search_check(const mf_tensor *users, const mf_tensor *items, double mu,
                    mf_err *err)
{
    return mf__rank_check(users, items, mu, NULL, err);
}

int mf__rank_check(const mf_tensor *users, const mf_tensor *items, double mu,
                   mf_disk *disk, mf_err *err)
{
    /* Half of the range, so that rounding on the way cannot exceed it either. */
    double offset = fabs(mu) + largest_bias(users) + largest_bias(items);
    if (longest(users, disk) * longest(items, NULL) + offset < FLT_MAX / 2)
        return MF_OK;
    return mf_fail(err, MF_ERANGE,
                   "the factors are too large: scores would overflow; "
                   "train with more regularization");
}

int mf__rank_block_alloc(mf_rank_block *out, uint32_t items, uint32_t personas,
                         uint32_t k, mf_err *err)
{
    size_t rows = MF_TILE_ROWS + personas;
    *out = (mf_rank_block){.items = items, .personas = personas, .k = k};
    out->score = mf__new_aligned((size_t)MF_RANK_USERS * items, sizeof *out->score);
    out->persona = mf__new_aligned((size_t)MF_RANK_USERS * items, 1);
    out->vector = mf__new(rows, sizeof *out->vector);
    out->tile = mf__new_aligned(rows * MF_TILE, sizeof *out->tile);
    if (out->score && out->persona && out->vector && out->tile)
        return MF_OK;
    mf__rank_block_free(out);
    return mf__nomem(err);
}

void mf__rank_block_free(mf_rank_block *block)
{
    free(block->score);
    free(block->persona);
    free(block->vector);
    free(block->tile);
    *block = (mf_rank_block){0};
}

/* Take the scores of persona q where they are larger. That is hard to predict: no
 * branches. */
static void take_larger(const float *restrict row, uint32_t q, uint32_t width,
                        float *restrict score, uint8_t *restrict persona)
{
#pragma omp simd
    for (uint32_t i = 0; i < width; i++) {
        uint8_t larger = (uint8_t) - (row[i] > score[i]);
        score[i] = row[i] > score[i] ? row[i] : score[i];
        persona[i] = (uint8_t)((persona[i] & ~larger) | (q & larger));
    }
}

/* The largest score of any active persona for `width` items, from rows of products. */
static void take_largest(const float *row, uint64_t active, uint32_t width,
                         float *score, uint8_t *persona)
{
    bool first = true;
    for (uint32_t q = 0; q < MF_PERSONAS_MAX && active >> q; q++) {
        if (!(active >> q & 1))
            continue;
        if (first) {
            memcpy(score, row, width * sizeof *score);
            memset(persona, (int)q, width);
        } else
            take_larger(row, q, width, score, persona);
        first = false;
        row += MF_TILE;
    }
}

/* Score a tile of items for users first .. last - 1, whose vectors are gathered. */
static void score_tile(mf_rank_block *block, const mf_panels *panels, uint32_t tile,
                       uint32_t first, uint32_t last, const uint64_t active[],
                       uint32_t rows)
{
    uint32_t lo = tile * MF_TILE, left = block->items - lo;
    uint32_t width = left < MF_TILE ? left : MF_TILE, row = 0;
    mf__panels_score(panels, tile, rows, block->vector, block->tile);
    for (uint32_t j = first; j < last; j++) {
        size_t at = (size_t)j * block->items + lo;
        take_largest(block->tile + (size_t)row * MF_TILE, active[j], width,
                     block->score + at, block->persona + at);
        row += (uint32_t)__builtin_popcountll(active[j]);
    }
}

/* Add mu and biases to a row of scores. */
static void add_biases(float *score, const mf_tensor *users, const mf_tensor *items,
                       double mu, uint32_t user)
{
    double base = mu + (users->bias ? (double)users->bias[user] : 0);
    if (base == 0 && !items->bias)
        return;
    for (uint32_t i = 0; i < items->n; i++) {
        double offset = base + (items->bias ? (double)items->bias[i] : 0);
        score[i] = (float)(offset + (double)score[i]);
    }
}

void mf__rank_score(mf_rank_block *block, const mf_tensor *users,
                    const mf_tensor *items, const mf_panels *panels, double mu,
                    uint32_t n, const uint32_t user[], const uint64_t active[])
{
    uint32_t rows = 0, first = 0;
    for (uint32_t j = 0; j < n; j++) {
        for (uint32_t q = 0; q < block->personas; q++)
            if (active[j] >> q & 1)
                block->vector[rows++] = mf_tensor_at(users, user[j], q);
        if (rows < MF_TILE_ROWS && j + 1 < n)
            continue;
        for (uint32_t lo = 0, tile = 0; lo < block->items; lo += MF_TILE, tile++)
            score_tile(block, panels, tile, first, j + 1, active, rows);
        first = j + 1;
        rows = 0;
    }
    for (uint32_t j = 0; j < n; j++)
        add_biases(mf_rank_row(block, j), users, items, mu, user[j]);
}

/* True if a comes before b in a ranking. */
static bool before(mf_ranked a, mf_ranked b)
{
    return a.score > b.score || (a.score == b.score && a.item < b.item);
}

static int compare(const void *a, const void *b)
{
    return before(*(const mf_ranked *)a, *(const mf_ranked *)b) ? -1 : 1;
}

/* Sift heap[0], the only element out of place, down; the last in order is on top. */
static void sift_down(mf_ranked heap[], uint32_t n)
{
    mf_ranked x = heap[0];
    size_t at = 0, child;
    while ((child = 2 * at + 1) < n) {
        if (child + 1 < n && before(heap[child], heap[child + 1]))
            child++;
        if (!before(x, heap[child]))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = x;
}

/* A heap. Items come by ascending index, so one whose score equals that of the last
 * of a full list never enters it. */
uint32_t mf__rank_top(const float score[], uint32_t items, uint32_t n, mf_ranked top[])
{
    uint32_t have = 0, i = 0;
    for (; i < items && have < n; i++)
        if (score[i] > -INFINITY) {
            mf_ranked x = {i, score[i]};
            size_t at = have++;
            for (; at > 0 && before(top[(at - 1) / 2], x); at = (at - 1) / 2)
                top[at] = top[(at - 1) / 2];
            top[at] = x;
        }
    for (; n > 0 && i < items; i++)
        if (score[i] > top[0].score) {
            top[0] = (mf_ranked){i, score[i]};
            sift_down(top, n);
        }
    qsort(top, have, sizeof *top, compare);
    return have;
}

/* Each item is counted at the first given item that it does not come after; the rank of
 * a given item is then the sum of the counts up to its own. */
static void rank_many(const float score[], uint32_t items, uint32_t m,
                      const mf_ranked found[], uint32_t rank[])
{
    for (uint32_t r = 0; r < m; r++)
        rank[r] = 0;
    for (uint32_t i = 0; i < items; i++) {
        uint32_t lo = 0, hi = m;
        while (lo < hi) {
            uint32_t mid = lo + (hi - lo) / 2;
            if (before(found[mid], (mf_ranked){i, score[i]}))
                lo = mid + 1;
            else
                hi = mid;
        }
        if (lo < m)
            rank[lo]++;
    }
    for (uint32_t r = 1; r < m; r++)
        rank[r] += rank[r - 1];
}

/* For each given item, count what comes before it. */
static void rank_few(const float score[], uint32_t items, uint32_t m,
                     const mf_ranked found[], uint32_t rank[])
{
    const mf_kernel *kernel = mf__kernel_choose();
    for (uint32_t r = 0; r < m; r++) {
        uint32_t at = found[r].item;
        rank[r] = 1 + kernel->count(score, at, found[r].score, true) +
                  kernel->count(score + at + 1, items - at - 1, found[r].score, false);
    }
}

void mf__rank_of(const float score[], uint32_t items, uint32_t m,
                 const uint32_t given[], uint32_t rank[], mf_ranked found[])
{
    enum { FEW = 64 }; /* a pass over all items for each is cheaper than searching */
    for (uint32_t r = 0; r < m; r++)
        found[r] = (mf_ranked){given[r], score[given[r]]};
    qsort(found, m, sizeof *found, compare);
    if (m <= FEW)
        rank_few(score, items, m, found, rank);
    else
        rank_many(score, items, m, found, rank);
}
