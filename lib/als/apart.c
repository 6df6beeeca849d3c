#include "als/apart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "als/sum.h"
#include "base/mem.h"

enum { FLOATS = 8 << 20 };             /* of a block that one rank sends, at most */
static const uint32_t SUMS = 1u << 31; /* a head: of the form of sums */

/* Some items, which are shared out by their places: what this rank sends of each, and
 * what it gets of its own from each rank. */
typedef struct block {
    mf_als *als;
    const als_item_side *side;
    mf_ranks *ranks;
    uint32_t room, own_room; /* items, and of them those of a rank, at most */
    uint32_t first, n, lo,
        hi;         /* items first + (0 .. n - 1); lo .. hi - 1 are its own */
    size_t sums;    /* floats of that form */
    size_t weights; /* beside each vector */
    uint32_t *head; /* [room], how many vectors are sent of each, or SUMS; owned, like
                       what follows */
    size_t *at;     /* [room + 1], where what is sent of each begins */
    uint32_t *own_head;      /* [size * own_room], what comes */
    size_t *own_at;          /* [size * own_room + 1] */
    size_t *to_at, *from_at; /* [size + 1], bytes */
    float *out, *in;
    size_t out_cap, in_cap;
    uint32_t *row; /* [chunk], 0, 1 ... */
    float *ones;   /* [chunk] */
} block;

static void block_close(block *b)
{
    free(b->head);
    free(b->at);
    free(b->own_head);
    free(b->own_at);
    free(b->to_at);
    free(b->from_at);
    free(b->out);
    free(b->in);
    free(b->row);
    free(b->ones);
}

static int block_open(block *b, const als_item_side *side, mf_err *err)
{
    mf_als *als = side->als;
    size_t k = als->p.k, size = (size_t)als->ranks->size, chunk = als->work[0].chunk;
    *b = (block){.als = als, .side = side, .ranks = als->ranks};
    b->sums = side->eigenvectors ? 2 * k : k * (k + 3) / 2;
    b->weights = als->unit ? 0 : 2;
    size_t fit = FLOATS / b->sums, all = als->items.n;
    fit = fit < size ? size : fit > all ? all : fit;
    b->room = (uint32_t)fit;
    b->own_room = (uint32_t)(fit / size + 1);
    b->head = mf__new(fit, sizeof *b->head);
    b->at = mf__new(fit + 1, sizeof *b->at);
    b->own_head = mf__new(size * b->own_room, sizeof *b->own_head);
    b->own_at = mf__new(size * b->own_room + 1, sizeof *b->own_at);
    b->to_at = mf__new(size + 1, sizeof *b->to_at);
    b->from_at = mf__new(size + 1, sizeof *b->from_at);
    b->row = mf__new(chunk, sizeof *b->row);
    b->ones = mf__new(chunk, sizeof *b->ones);
    if (!b->head || !b->at || !b->own_head || !b->own_at || !b->to_at || !b->from_at ||
        !b->row || !b->ones)
        return mf__nomem(err);
    for (size_t t = 0; t < chunk; t++) {
        b->row[t] = (uint32_t)t;
        b->ones[t] = 1;
    }
    return MF_OK;
}

/* --- what is sent --- */

static size_t floats_of(const block *b, uint32_t head)
{
    return head == SUMS ? b->sums : head * (b->als->p.k + b->weights);
}

/* The shorter form of what this rank has of an item. */
static uint32_t head_of(const block *b, uint32_t i)
{
    const mf_als *als = b->als;
    size_t n = als->by_item.ptr[i + 1] - als->by_item.ptr[i];
    if (n == 0)
        return 0;
    if (als->users.personas > 1 || b->side->eigenvectors ||
        n * (als->p.k + b->weights) >= b->sums)
        return SUMS;
    return (uint32_t)n;
}

/* Weights and vectors of the cells of an item. */
static void put_vectors(const block *b, uint32_t i, float *to)
{
    const mf_als *als = b->als;
    const mf_csr *x = &als->by_item;
    size_t begin = x->ptr[i], n = x->ptr[i + 1] - begin, k = als->p.k;
    for (size_t t = 0; b->weights && t < n; t++) {
        float a = (float)als_item_a(als, begin + t), root = sqrtf(a);
        float rhs = (float)mf__als_item_b(als, x->col[begin + t], i, begin + t);
        to[t] = root;
        to[n + t] = a > MF_TINY ? rhs / root : rhs == 0 ? 0 : NAN; /* left to double */
    }
    to += b->weights * n;
    for (size_t t = 0; t < n; t++)
        memcpy(to + t * k, mf_tensor_at(&als->users, x->col[begin + t], 0),
               k * sizeof *to);
}

/* The upper triangle of A, and rhs. */
static void put_sums(const block *b, uint32_t i, als_work *w, float *to)
{
    const mf_als *als = b->als;
    uint32_t k = als->p.k;
    float *a = als_work_matrix(w, 0), *rhs = als_work_rhs(w, 0);
    if (b->side->eigenvectors) {
        memset(w->sum, 0, w->width * sizeof *w->sum);
        mf__als_item_rhs(als, i, w, w->sum);
        memcpy(to, w->sum, k * sizeof *w->sum);
        return;
    }
    bool all = mf__als_item_sum(als, i, w, a, rhs);
    for (uint32_t r = 0; r < k; r++) {
        memcpy(to, a + (size_t)r * w->width + r, (k - r) * sizeof *to);
        to += k - r;
    }
    memcpy(to, rhs, k * sizeof *to);
    if (!all)
        to[0] = NAN;
}

/* The items of the block, and how they are shared out. */
static void begin(block *b, uint32_t first)
{
    uint32_t left = b->als->items.n - first;
    b->first = first;
    b->n = left < b->room ? left : b->room;
    b->lo = (uint32_t)mf__ranks_part(b->ranks, b->n, b->ranks->rank);
    b->hi = (uint32_t)mf__ranks_part(b->ranks, b->n, b->ranks->rank + 1);
}

static void send_heads(block *b)
{
    size_t size = (size_t)b->ranks->size, own = b->hi - b->lo;
    b->at[0] = 0;
    for (uint32_t j = 0; j < b->n; j++) {
        b->head[j] = head_of(b, b->first + j);
        b->at[j + 1] = b->at[j] + floats_of(b, b->head[j]);
    }
    for (size_t q = 0; q <= size; q++) {
        b->to_at[q] = mf__ranks_part(b->ranks, b->n, (int)q) * sizeof *b->head;
        b->from_at[q] = q * own * sizeof *b->head;
    }
    mf__ranks_exchange(b->ranks, RANKS_ITEMS, b->head, b->to_at, b->own_head,
                       b->from_at);
    b->own_at[0] = 0;
    for (size_t j = 0; j < size * own; j++)
        b->own_at[j + 1] = b->own_at[j] + floats_of(b, b->own_head[j]);
}

static int send_items(block *b, mf_err *err)
{
    mf_als *als = b->als;
    size_t size = (size_t)b->ranks->size, own = b->hi - b->lo;
    send_heads(b);
    int code = mf__reserve(&b->out, &b->out_cap, b->at[b->n], sizeof *b->out, err);
    if (code == MF_OK)
        code =
            mf__reserve(&b->in, &b->in_cap, b->own_at[size * own], sizeof *b->in, err);
    if ((code = mf_ranks_agree(b->ranks, code, err)) < 0)
        return code;
#pragma omp parallel for schedule(dynamic, 8) num_threads(als->threads)
    for (uint32_t j = 0; j < b->n; j++) {
        float *to = b->out + b->at[j];
        if (b->head[j] == SUMS)
            put_sums(b, b->first + j, &als->work[omp_get_thread_num()], to);
        else if (b->head[j] > 0)
            put_vectors(b, b->first + j, to);
    }
    for (size_t q = 0; q <= size; q++) {
        b->to_at[q] = b->at[mf__ranks_part(b->ranks, b->n, (int)q)] * sizeof *b->out;
        b->from_at[q] = b->own_at[q * own] * sizeof *b->in;
    }
    mf__ranks_exchange(b->ranks, RANKS_ITEMS, b->out, b->to_at, b->in, b->from_at);
    return MF_OK;
}

/* --- what has come --- */

/* The vectors that rank q sent of one item. */
static void add_vectors(const block *b, als_sum *sum, uint32_t n, const float *from)
{
    als_work *w = sum->work;
    uint32_t k = b->als->p.k;
    const float *scale = b->weights ? from : NULL;
    const float *rhs = b->weights ? from + n : b->ones;
    const float *x = from + b->weights * n;
    for (uint32_t t = 0, m; t < n; t += m) {
        m = n - t < w->chunk ? n - t : w->chunk;
        mf__als_sum_add(sum, m, m, b->row, x + (size_t)t * k, k,
                        scale ? scale + t : NULL, scale ? rhs + t : rhs);
    }
}

static void add_sums(const block *b, const als_work *w, float *a, float *rhs,
                     const float *from)
{
    uint32_t k = b->als->p.k;
    for (uint32_t r = 0; r < k; r++) {
        float *row = a + (size_t)r * w->width;
        for (uint32_t f = r; f < k; f++)
            row[f] += *from++;
    }
    for (uint32_t f = 0; f < k; f++)
        rhs[f] += from[f];
}

/* A and rhs of the j-th own item, without the Gram matrix and the ridge. */
static void sum_item(const block *b, uint32_t j, als_work *w, float *a, float *rhs)
{
    size_t own = b->hi - b->lo;
    als_sum sum = mf__als_sum_begin(w, a, rhs);
    for (size_t q = 0; q < (size_t)b->ranks->size; q++) {
        uint32_t head = b->own_head[q * own + j];
        if (head != SUMS && head > 0)
            add_vectors(b, &sum, head, b->in + b->own_at[q * own + j]);
    }
    mf__als_sum_end(&sum);
    for (size_t q = 0; q < (size_t)b->ranks->size; q++)
        if (b->own_head[q * own + j] == SUMS)
            add_sums(b, w, a, rhs, b->in + b->own_at[q * own + j]);
}

static void solve_by_eigenvectors(const block *b, uint32_t j, als_work *w)
{
    uint32_t k = b->als->p.k, i = b->first + b->lo + j;
    size_t own = b->hi - b->lo;
    memset(w->sum, 0, w->width * sizeof *w->sum);
    for (size_t q = 0; q < (size_t)b->ranks->size; q++) {
        const float *from = b->in + b->own_at[q * own + j];
        for (uint32_t f = 0; f < k && b->own_head[q * own + j] == SUMS; f++) {
            double x;
            memcpy(&x, from + 2 * f, sizeof x);
            w->sum[f] += x;
        }
    }
    if (!mf__als_item_by_eigenvectors(b->side, i, w->sum, w))
        *mf_tensor_at(&b->als->items, i, 0) = NAN;
}

/* Solve own items j .. j + n - 1, n <= w->systems; the vector of one that is left to
 * double begins with NaN. */
static void solve_batch(const block *b, uint32_t j, uint32_t n, als_work *w)
{
    mf_als *als = b->als;
    uint32_t k = als->p.k, used = 0, owner[KERNEL_BATCH];
    float *a[KERNEL_BATCH], *rhs[KERNEL_BATCH], loss[KERNEL_BATCH];
    for (uint32_t s = 0; s < n; s++) {
        uint32_t i = b->first + b->lo + j + s;
        float *v = mf_tensor_at(&als->items, i, 0);
        als->gain[i] = 0;
        if (als->item_cells[i] == 0)
            memset(v, 0, k * sizeof *v);
        else if (b->side->eigenvectors)
            solve_by_eigenvectors(b, j + s, w);
        else {
            a[used] = als_work_matrix(w, used);
            rhs[used] = als_work_rhs(w, used);
            sum_item(b, j + s, w, a[used], rhs[used]);
            w->kernel->merge(w->width, 1, a[used],
                             (float)als_item_weight(&als->items, i), b->side->gram,
                             (float)mf__als_lambda_item(als, i));
            memcpy(w->saved_rhs + (size_t)used * w->width, rhs[used],
                   k * sizeof *rhs[used]);
            owner[used++] = i;
        }
    }
    if (used > 0)
        w->kernel->solve(w->width, w->width, used, a, rhs, loss, w->scratch);
    for (uint32_t s = 0; s < used; s++) {
        float *v = mf_tensor_at(&als->items, owner[s], 0);
        memcpy(v, rhs[s], k * sizeof *v);
        als->gain[owner[s]] = mf__als_dot(w->saved_rhs + (size_t)s * w->width, v, k);
        if (!(loss[s] <= ALS_LOSS_MAX) || !als_all_finite(v, k))
            v[0] = NAN;
    }
}

static int solve_block(block *b, uint32_t first, mf_err *err)
{
    mf_als *als = b->als;
    size_t row = als->p.k * sizeof(float);
    uint32_t batch = als->work[0].systems;
    begin(b, first);
    memset(als->gain + first, 0, b->n * sizeof *als->gain);
    int code = send_items(b, err);
    if (code < 0)
        return code;
    uint32_t own = b->hi - b->lo;
#pragma omp parallel for schedule(dynamic, 1) num_threads(als->threads)
    for (uint32_t j = 0; j < own; j += batch)
        solve_batch(b, j, own - j < batch ? own - j : batch,
                    &als->work[omp_get_thread_num()]);
    for (int q = 0; q <= b->ranks->size; q++)
        b->to_at[q] = mf__ranks_part(b->ranks, b->n, q) * row;
    mf__ranks_gather(b->ranks, RANKS_V, mf_tensor_at(&als->items, first, 0), b->to_at);
    return MF_OK;
}

int mf__als_apart_items(const als_item_side *side, uint32_t *failed, mf_err *err)
{
    mf_als *als = side->als;
    block b;
    int code = block_open(&b, side, err);
    code = mf_ranks_agree(als->ranks, code, err);
    for (uint32_t i = 0; code == MF_OK && i < als->items.n; i += b.room)
        code = solve_block(&b, i, err);
    block_close(&b);
    return code == MF_OK ? mf__als_apart_in_double(als, failed, err) : code;
}

/* --- in double --- */

/* The sums of all ranks; rank 0 solves. */
static int solve_in_double(mf_als *als, uint32_t i, uint32_t *failed, mf_err *err)
{
    uint32_t k = als->p.k;
    bool first = als->ranks->rank == 0;
    als_work *work = &als->work[0];
    mf_ridge *w = mf__als_work_ridge(work);
    float *v = mf_tensor_at(&als->items, i, 0);
    if (w) {
        double w0 = als_unobserved(&als->p, als->users.personas) *
                    als_item_weight(&als->items, i);
        mf__ridge_begin(w, first ? als->user_gram : NULL, w0,
                        first ? mf__als_lambda_item(als, i) : 0);
        mf__als_item_add(als, i, w);
        mf__ridge_complete(w);
    }
    work->double_solves += first;
    int code = w ? MF_OK : mf__nomem(err);
    code = mf__ranks_sum(als->ranks, code, RANKS_ITEMS, w ? w->a : NULL, (size_t)k * k,
                         err);
    if (code == MF_OK)
        code = mf__ranks_sum(als->ranks, code, RANKS_ITEMS, w ? w->rhs : NULL, k, err);
    if (code < 0)
        return code;
    double bad = 0;
    als->gain[i] = 0;
    if (first) {
        memcpy(work->sum, w->rhs, k * sizeof *work->sum);
        bad = mf__ridge_solve(w, v) < 0;
        for (uint32_t f = 0; f < k; f++)
            als->gain[i] += work->sum[f] * (double)v[f];
    }
    mf__ranks_total(als->ranks, &bad, 1);
    mf__ranks_broadcast(als->ranks, RANKS_V, v, k * sizeof *v, 0);
    if (bad > 0 && i < *failed)
        *failed = i;
    return MF_OK;
}

int mf__als_apart_in_double(mf_als *als, uint32_t *failed, mf_err *err)
{
    int code = MF_OK;
    for (uint32_t i = 0; code == MF_OK && i < als->items.n; i++)
        if (isnan(*mf_tensor_at(&als->items, i, 0)))
            code = solve_in_double(als, i, failed, err);
    return code;
}
