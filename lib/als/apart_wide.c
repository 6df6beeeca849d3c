/* Many factors. Short items are solved by the rank that has them, where the vectors of
 * their users come together; long ones by conjugate gradients, whose vectors are with
 * that rank and whose products with the users' vectors are summed over the ranks. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "als/apart.h"
#include "base/mem.h"

enum {
    FLOATS = 8 << 20, /* of the vectors of a block, at most */
    TOGETHER = 16     /* short items that one thread takes at a time */
};
static const double UNFIT = 1e15; /* terms of an item that has no dual */

/* What all blocks share, and the buffers of the one at hand. */
typedef struct apart {
    mf_als *als;
    mf_ranks *ranks;
    const als_wide_side *side;
    als_wide_work *work; /* [threads] */
    als_apart_list *list;
    bool plain;     /* all weights are 1 */
    double *terms;  /* [n], of all ranks, or UNFIT; owned, like what follows */
    uint32_t *item; /* [n], those of the kind at hand, */
    uint32_t items; /* so many */
    size_t *to_at, *from_at, *at; /* [size + 1] */
    float *out, *in, *found;
    uint32_t *head, *own_head;
    size_t *place, *own_place;
    size_t out_cap, in_cap, found_cap, head_cap, own_head_cap, place_cap, own_place_cap;
    /* of the block: */
    const uint32_t *of; /* [n], its items */
    uint32_t n, lo, hi; /* those lo .. hi - 1 are its own */
} apart;

static void apart_close(apart *a)
{
    free(a->terms);
    free(a->item);
    free(a->to_at);
    free(a->from_at);
    free(a->at);
    free(a->out);
    free(a->in);
    free(a->found);
    free(a->head);
    free(a->own_head);
    free(a->place);
    free(a->own_place);
}

static int apart_open(apart *a, mf_err *err)
{
    size_t n = a->als->items.n, size = (size_t)a->ranks->size;
    a->terms = mf__new(n, sizeof *a->terms);
    a->item = mf__new(n, sizeof *a->item);
    a->to_at = mf__new(size + 1, sizeof *a->to_at);
    a->from_at = mf__new(size + 1, sizeof *a->from_at);
    a->at = mf__new(size + 1, sizeof *a->at);
    int code =
        a->terms && a->item && a->to_at && a->from_at && a->at ? MF_OK : mf__nomem(err);
    for (int t = 0; code == MF_OK && t < a->als->threads; t++)
        code = mf__als_wide_reserve(&a->work[t], a->side->dual_max, err);
    return code;
}

/* The terms of each item, of all ranks. */
static int count_terms(apart *a, mf_err *err)
{
    mf_als *als = a->als;
    if (a->plain) {
        for (uint32_t i = 0; i < als->items.n; i++)
            a->terms[i] = (double)als->item_cells[i];
        return MF_OK;
    }
#pragma omp parallel for schedule(dynamic, 64) num_threads(als->threads)
    for (uint32_t i = 0; i < als->items.n; i++) {
        als_wide_system s;
        a->list(als, &a->work[omp_get_thread_num()], i, &s);
        a->terms[i] = (double)s.m;
        for (size_t t = 0; s.weight && t < s.m; t++)
            if (!(s.weight[t] > MF_TINY))
                a->terms[i] = UNFIT;
    }
    return mf__ranks_sum(a->ranks, MF_OK, RANKS_ITEMS, a->terms, als->items.n, err);
}

static void begin_block(apart *a, uint32_t first, uint32_t room)
{
    a->of = a->item + first;
    a->n = a->items - first < room ? a->items - first : room;
    a->lo = (uint32_t)mf__ranks_part(a->ranks, a->n, a->ranks->rank);
    a->hi = (uint32_t)mf__ranks_part(a->ranks, a->n, a->ranks->rank + 1);
}

static size_t part(const apart *a, size_t rank)
{
    return mf__ranks_part(a->ranks, a->n, (int)rank);
}

/* Give all ranks the vectors that were found of the own items of the block. */
static void share(apart *a)
{
    mf_als *als = a->als;
    size_t k = als->p.k;
    for (size_t q = 0; q <= (size_t)a->ranks->size; q++)
        a->at[q] = part(a, q) * k * sizeof *a->found;
    mf__ranks_gather(a->ranks, RANKS_V, a->found, a->at);
    for (uint32_t j = 0; j < a->n; j++)
        memcpy(mf_tensor_at(&als->items, a->of[j], 0), a->found + j * k,
               k * sizeof *a->found);
}

static als_wide_system system_of(const apart *a, uint32_t i)
{
    const mf_als *als = a->als;
    return (als_wide_system){.share = (float)als_item_weight(&als->items, i),
                             .ridge = (float)mf__als_lambda_item(als, i)};
}

/* --- short items --- */

/* The most terms first, so that systems of one order come together. */
static void list_short(apart *a)
{
    uint32_t n = a->als->items.n, most = a->side->dual_max, at[256] = {0};
    for (uint32_t i = 0; i < n; i++)
        if (a->terms[i] > 0 && a->terms[i] <= most)
            at[most - (uint32_t)a->terms[i] + 1]++;
    for (uint32_t m = 0; m < most; m++)
        at[m + 1] += at[m];
    a->items = at[most];
    for (uint32_t i = 0; i < n; i++)
        if (a->terms[i] > 0 && a->terms[i] <= most)
            a->item[at[most - (uint32_t)a->terms[i]]++] = i;
}

/* Send how many terms this rank has of each item, and then their vectors; or instead
 * the weights, two to a term. */
static int send_heads(apart *a, mf_err *err)
{
    size_t size = (size_t)a->ranks->size, own = a->hi - a->lo, n = a->n;
    int code = mf__reserve(&a->head, &a->head_cap, n, sizeof *a->head, err);
    if (code == MF_OK)
        code = mf__reserve(&a->place, &a->place_cap, n + 1, sizeof *a->place, err);
    if (code == MF_OK)
        code = mf__reserve(&a->own_head, &a->own_head_cap, size * own,
                           sizeof *a->own_head, err);
    if (code == MF_OK)
        code = mf__reserve(&a->own_place, &a->own_place_cap, size * own + 1,
                           sizeof *a->own_place, err);
    if ((code = mf_ranks_agree(a->ranks, code, err)) < 0)
        return code;
    a->place[0] = 0;
    for (uint32_t j = 0; j < n; j++) {
        als_wide_system s;
        a->list(a->als, &a->work[0], a->of[j], &s);
        a->head[j] = (uint32_t)s.m;
        a->place[j + 1] = a->place[j] + s.m;
    }
    for (size_t q = 0; q <= size; q++) {
        a->to_at[q] = part(a, q) * sizeof *a->head;
        a->from_at[q] = q * own * sizeof *a->head;
    }
    mf__ranks_exchange(a->ranks, RANKS_ITEMS, a->head, a->to_at, a->own_head,
                       a->from_at);
    a->own_place[0] = 0;
    for (size_t j = 0; j < size * own; j++)
        a->own_place[j + 1] = a->own_place[j] + a->own_head[j];
    return MF_OK;
}

/* Send `width` floats of each term. */
static void send_terms(apart *a, const float *from, float *to, size_t width)
{
    size_t size = (size_t)a->ranks->size, own = a->hi - a->lo;
    for (size_t q = 0; q <= size; q++) {
        a->to_at[q] = a->place[part(a, q)] * width * sizeof *from;
        a->from_at[q] = a->own_place[q * own] * width * sizeof *to;
    }
    mf__ranks_exchange(a->ranks, RANKS_ITEMS, from, a->to_at, to, a->from_at);
}

/* After the vectors of all terms come the weights of all. */
static int send_short(apart *a, mf_err *err)
{
    mf_als *als = a->als;
    size_t k = als->p.k, size = (size_t)a->ranks->size;
    int code = send_heads(a, err);
    if (code < 0)
        return code;
    size_t out = a->place[a->n], in = a->own_place[size * (a->hi - a->lo)];
    code = mf__reserve(&a->out, &a->out_cap, out * (k + 2), sizeof *a->out, err);
    if (code == MF_OK)
        code = mf__reserve(&a->in, &a->in_cap, in * (k + 2), sizeof *a->in, err);
    if ((code = mf_ranks_agree(a->ranks, code, err)) < 0)
        return code;
#pragma omp parallel for schedule(dynamic, 16) num_threads(als->threads)
    for (uint32_t j = 0; j < a->n; j++) {
        als_wide_system s;
        float *to = a->out + a->place[j] * k, *weights = a->out + out * k;
        a->list(als, &a->work[omp_get_thread_num()], a->of[j], &s);
        for (size_t t = 0; t < s.m; t++)
            memcpy(to + t * k, a->side->rows + (size_t)s.row[t] * k, k * sizeof *to);
        weights += 2 * a->place[j];
        for (size_t t = 0; !a->plain && t < s.m; t++) {
            weights[2 * t] = s.weight[t];
            weights[2 * t + 1] = s.rhs_weight[t];
        }
    }
    send_terms(a, a->out, a->in, k);
    if (!a->plain)
        send_terms(a, a->out + out * k, a->in + in * k, 2);
    return MF_OK;
}

/* The j-th own item of the block, whose vectors have come. */
static void add_short(apart *a, uint32_t j, als_wide_work *w, als_wide_system *s)
{
    size_t own = a->hi - a->lo, size = (size_t)a->ranks->size;
    const float *weights = a->in + a->own_place[size * own] * a->side->k;
    *s = system_of(a, a->of[a->lo + j]);
    s->x = a->found + (size_t)(a->lo + j) * a->side->k;
    for (size_t q = 0; q < size; q++)
        for (size_t t = a->own_place[q * own + j]; t < a->own_place[q * own + j + 1];
             t++) {
            w->index[s->m] = (uint32_t)t;
            w->weight[s->m] = a->plain ? 1 : weights[2 * t];
            w->rhs_weight[s->m++] = a->plain ? 1 : weights[2 * t + 1];
        }
    s->row = w->index;
    s->weight = a->plain ? NULL : w->weight;
    s->rhs_weight = a->plain ? NULL : w->rhs_weight;
    mf__als_wide_add(w, s);
}

static int solve_short(apart *a, uint32_t first, uint32_t room, mf_err *err)
{
    mf_als *als = a->als;
    als_wide_side came = *a->side;
    begin_block(a, first, room);
    int code = send_short(a, err);
    if (code == MF_OK)
        code = mf__reserve(&a->found, &a->found_cap, (size_t)a->n * a->side->k,
                           sizeof *a->found, err);
    if ((code = mf_ranks_agree(a->ranks, code, err)) < 0)
        return code;
    came.rows = a->in;
    for (int t = 0; t < als->threads; t++)
        a->work[t].side = &came;
    uint32_t own = a->hi - a->lo;
#pragma omp parallel for schedule(dynamic, 1) num_threads(als->threads)
    for (uint32_t j = 0; j < own; j += TOGETHER) {
        als_wide_work *w = &a->work[omp_get_thread_num()];
        als_wide_system s[TOGETHER];
        uint32_t n = own - j < TOGETHER ? own - j : TOGETHER;
        for (uint32_t l = 0; l < n; l++)
            add_short(a, j + l, w, &s[l]);
        mf__als_wide_flush(w);
        for (uint32_t l = 0; l < n; l++) {
            als->gain[a->of[a->lo + j + l]] = -s[l].value;
            if (s[l].failed)
                s[l].x[0] = NAN;
        }
    }
    for (int t = 0; t < als->threads; t++)
        a->work[t].side = a->side;
    share(a);
    return MF_OK;
}

/* --- long items --- */

/* An own item: vectors of k floats, and where its steps are. */
typedef struct descent {
    float *x, *r, *p;
    double value, bound;
    uint32_t steps;
    bool active;
} descent;

/* A block of them. */
typedef struct steps {
    apart *a;
    descent *own;    /* [hi - lo]; owned, like what follows */
    float *vectors;  /* [3 * own * k] */
    uint8_t *active; /* [n], 1 */
    uint32_t *which; /* [n], those that are active */
    uint32_t n;      /* so many */
    float *p;        /* [n * k], their directions */
} steps;

static void steps_close(steps *s)
{
    free(s->own);
    free(s->vectors);
    free(s->active);
    free(s->which);
    free(s->p);
}

enum { SQUARES = 2 }; /* a double, in floats */

static int steps_open(steps *s, apart *a, mf_err *err)
{
    size_t own = a->hi - a->lo, k = a->side->k, n = a->n;
    size_t width = k + SQUARES, size = (size_t)a->ranks->size;
    *s = (steps){.a = a,
                 .own = mf__new0(own, sizeof *s->own),
                 .vectors = mf__new(3 * own * k, sizeof *s->vectors),
                 .active = mf__new(n, 1),
                 .which = mf__new(n, sizeof *s->which),
                 .p = mf__new(n * k, sizeof *s->p)};
    if (!s->own || !s->vectors || !s->active || !s->which || !s->p)
        return mf__nomem(err);
    for (size_t j = 0; j < own; j++) {
        s->own[j].x = s->vectors + 3 * j * k;
        s->own[j].r = s->own[j].x + k;
        s->own[j].p = s->own[j].r + k;
    }
    int code = mf__reserve(&a->out, &a->out_cap, n * width, sizeof *a->out, err);
    if (code == MF_OK)
        code = mf__reserve(&a->in, &a->in_cap, size * own * width, sizeof *a->in, err);
    return code == MF_OK
               ? mf__reserve(&a->found, &a->found_cap, n * k, sizeof *a->found, err)
               : code;
}

/* out[k] = sum (t - s <y, x>) y over the users of item i that are here, t being 0 unless
 * `squares` gets its sum. */
static void multiply(apart *a, uint32_t i, const float *x, float *out, double *squares)
{
    als_wide_work *w = &a->work[omp_get_thread_num()];
    als_wide_system s;
    uint32_t k = a->side->k, n = w->width;
    float *at = w->cg, *sum = at + n;
    double *wide = (double *)(void *)(sum + n);
    a->list(a->als, w, i, &s);
    memcpy(at, x, k * sizeof *at);
    memset(at + k, 0, (n - k) * sizeof *at);
    kernel_system of = {.k = k,
                        .m = s.m,
                        .row = s.row,
                        .src = a->side->rows,
                        .weight = s.weight,
                        .rhs_weight = s.rhs_weight};
    w->kernel->pass(&of, sum, squares != NULL, at, squares, wide);
    memcpy(out, sum, k * sizeof *out);
}

/* Sum what all ranks have of the active items over the ranks, `width` floats each. */
static void send_products(steps *s, size_t width)
{
    apart *a = s->a;
    size_t size = (size_t)a->ranks->size, own = 0;
    for (size_t q = 0, j = 0; q <= size; q++) {
        while (j < s->n && s->which[j] < part(a, q))
            j++;
        a->to_at[q] = j * width * sizeof *a->out;
        own = q == (size_t)a->ranks->rank + 1 ? a->to_at[q] - a->to_at[q - 1] : own;
    }
    for (size_t q = 0; q <= size; q++)
        a->from_at[q] = q * own;
    mf__ranks_exchange(a->ranks, RANKS_ITEMS, a->out, a->to_at, a->in, a->from_at);
    size_t floats = own / sizeof *a->in;
#pragma omp parallel for schedule(static) num_threads(a->als->threads)
    for (size_t j = 0; j < floats / width; j++)
        for (size_t q = 1; q < size; q++)
            for (size_t f = 0; f < width; f++)
                if (f < a->side->k)
                    a->in[j * width + f] += a->in[q * floats + j * width + f];
}

/* The diagonal that the systems share, as far as this one does. */
static float diagonal(const apart *a, const als_wide_system *s, uint32_t f)
{
    return s->share * a->side->shared[f] + s->ridge;
}

static double squares_of(const apart *a, size_t own, size_t j)
{
    size_t width = a->side->k + SQUARES;
    double sum = 0, x;
    for (size_t q = 0; q < (size_t)a->ranks->size; q++) {
        memcpy(&x, a->in + (q * own + j) * width + a->side->k, sizeof x);
        sum += x;
    }
    return sum;
}

/* The residual where V stands, and the first direction. */
static void start(steps *s)
{
    apart *a = s->a;
    mf_als *als = a->als;
    uint32_t k = a->side->k, own = a->hi - a->lo;
    size_t width = k + SQUARES;
    s->n = a->n;
#pragma omp parallel for schedule(dynamic, 1) num_threads(als->threads)
    for (uint32_t j = 0; j < a->n; j++) {
        double squares = 0;
        float *to = a->out + j * width;
        multiply(a, a->of[j], mf_tensor_at(&als->items, a->of[j], 0), to, &squares);
        memcpy(to + k, &squares, sizeof squares);
        s->which[j] = j;
    }
    send_products(s, width);
    for (uint32_t j = 0; j < own; j++) {
        uint32_t i = a->of[a->lo + j];
        als_wide_system of = system_of(a, i);
        descent *d = &s->own[j];
        const float *product = a->in + j * width, *v = mf_tensor_at(&als->items, i, 0);
        double ridge = 0, bound = 0;
        memcpy(d->x, v, k * sizeof *v);
#pragma omp simd reduction(+ : ridge, bound)
        for (uint32_t f = 0; f < k; f++) {
            float along = diagonal(a, &of, f);
            float r = product[f] - along * v[f], z = r / along;
            d->r[f] = r;
            d->p[f] = z;
            bound += (double)(r * z);
            ridge += (double)(along * v[f] * v[f]);
        }
        d->bound = bound;
        d->value = squares_of(a, own, j) + ridge;
    }
}

/* A step of an own item, whose product is known. */
static void descend(const apart *a, descent *d, uint32_t i, const float *product)
{
    als_wide_system of = system_of(a, i);
    uint32_t k = a->side->k;
    float along = 0, sum = 0;
#pragma omp simd reduction(+ : along)
    for (uint32_t f = 0; f < k; f++)
        along += d->p[f] * (diagonal(a, &of, f) * d->p[f] - product[f]);
    float alpha = (float)(d->bound / (double)along);
#pragma omp simd reduction(+ : sum)
    for (uint32_t f = 0; f < k; f++) {
        float by = diagonal(a, &of, f);
        float r = d->r[f] - alpha * (by * d->p[f] - product[f]);
        d->x[f] += alpha * d->p[f];
        d->r[f] = r;
        sum += r * r / by;
    }
    d->value -= (double)alpha * d->bound;
    float beta = (float)((double)sum / d->bound);
#pragma omp simd
    for (uint32_t f = 0; f < k; f++)
        d->p[f] = d->r[f] / diagonal(a, &of, f) + beta * d->p[f];
    d->bound = (double)sum;
    d->steps++;
}

/* Agree on the items that take another step, and give all their directions. */
static void share_directions(steps *s)
{
    apart *a = s->a;
    size_t k = a->side->k, size = (size_t)a->ranks->size;
    for (uint32_t j = a->lo; j < a->hi; j++) {
        descent *d = &s->own[j - a->lo];
        bool enough =
            d->steps >= a->side->steps_max || !(d->bound > (double)MF_TINY) ||
            (d->steps >= a->side->steps && d->bound <= a->side->tolerance * -d->value);
        s->active[j] = d->active = !enough;
    }
    for (size_t q = 0; q <= size; q++)
        a->at[q] = part(a, q);
    mf__ranks_gather(a->ranks, RANKS_SMALL, s->active, a->at);
    s->n = 0;
    for (size_t q = 0; q < size; q++) {
        a->at[q] = s->n * k * sizeof *s->p;
        for (size_t j = part(a, q); j < part(a, q + 1); j++)
            if (s->active[j]) {
                if ((int)q == a->ranks->rank)
                    memcpy(s->p + s->n * k, s->own[j - a->lo].p, k * sizeof *s->p);
                s->which[s->n++] = (uint32_t)j;
            }
    }
    a->at[size] = s->n * k * sizeof *s->p;
    mf__ranks_gather(a->ranks, RANKS_ITEMS, s->p, a->at);
}

static void take_step(steps *s)
{
    apart *a = s->a;
    size_t k = a->side->k;
    uint32_t first = 0;
#pragma omp parallel for schedule(dynamic, 1) num_threads(a->als->threads)
    for (uint32_t j = 0; j < s->n; j++)
        multiply(a, a->of[s->which[j]], s->p + j * k, a->out + j * k, NULL);
    send_products(s, k);
    while (first < s->n && s->which[first] < a->lo)
        first++;
    for (uint32_t j = first; j < s->n && s->which[j] < a->hi; j++)
        descend(a, &s->own[s->which[j] - a->lo], a->of[s->which[j]],
                a->in + (j - first) * k);
}

static int solve_long(apart *a, uint32_t from, uint32_t room, mf_err *err)
{
    steps s;
    size_t k = a->side->k;
    begin_block(a, from, room);
    int code = mf_ranks_agree(a->ranks, steps_open(&s, a, err), err);
    if (code == MF_OK) {
        als_wide_counts *counts = &a->work[0].counts;
        start(&s);
        for (share_directions(&s); s.n > 0; share_directions(&s))
            take_step(&s);
        for (uint32_t j = a->lo; j < a->hi; j++) {
            const descent *d = &s.own[j - a->lo];
            float *x = a->found + j * k;
            memcpy(x, d->x, k * sizeof *x);
            if ((!(d->bound <= a->side->tolerance * -d->value) &&
                 !(d->bound <= (double)MF_TINY)) ||
                !als_all_finite(x, (uint32_t)k))
                x[0] = NAN;
            a->als->gain[a->of[j]] = -d->value;
            counts->cg++;
            counts->longer += d->steps > a->side->steps;
        }
        share(a);
    }
    steps_close(&s);
    return code;
}

/* --- all --- */

/* Items whose vectors need no users: those without cells, and those that are left to
 * double at once. They have no terms from here on. */
static void set_others(apart *a)
{
    mf_als *als = a->als;
    for (uint32_t i = 0; i < als->items.n; i++) {
        als_wide_system s = system_of(a, i);
        float *v = mf_tensor_at(&als->items, i, 0);
        als->gain[i] = 0;
        if (a->terms[i] == 0)
            memset(v, 0, als->p.k * sizeof *v);
        else if (s.ridge < s.share * a->side->least_ridge) {
            v[0] = NAN;
            a->terms[i] = 0;
        }
    }
}

static int solve(apart *a, mf_err *err)
{
    uint32_t n = a->als->items.n, k = a->side->k, size = (uint32_t)a->ranks->size;
    uint32_t few = FLOATS / (k * a->side->dual_max), many = FLOATS / k;
    few = few < size ? size : few;
    many = many < size ? size : many;
    int code = count_terms(a, err);
    if (code < 0)
        return code;
    set_others(a);
    list_short(a);
    for (uint32_t at = 0; code == MF_OK && at < a->items; at += few)
        code = solve_short(a, at, few, err);
    a->items = 0;
    for (uint32_t i = 0; i < n; i++)
        if (a->terms[i] > a->side->dual_max)
            a->item[a->items++] = i;
    for (uint32_t at = 0; code == MF_OK && at < a->items; at += many)
        code = solve_long(a, at, many, err);
    return code;
}

int mf__als_apart_wide(mf_als *als, const als_wide_side *side, als_wide_work work[],
                       als_apart_list *list, uint32_t *failed, mf_err *err)
{
    apart a = {.als = als,
               .ranks = als->ranks,
               .side = side,
               .work = work,
               .list = list,
               .plain = als->unit && als->users.personas == 1};
    int code = mf_ranks_agree(als->ranks, apart_open(&a, err), err);
    if (code == MF_OK)
        code = solve(&a, err);
    apart_close(&a);
    if (code < 0)
        return code;
    double bad = 0;
    for (uint32_t i = 0; i < als->items.n; i++)
        bad += isnan(*mf_tensor_at(&als->items, i, 0));
    if (bad == 0)
        return MF_OK;
    als->user_gram_known = false; /* that of before they were turned */
    code = mf__als_make_user_gram(als, mf__gram_in_double, err);
    return code == MF_OK ? mf__als_apart_in_double(als, failed, err) : code;
}
