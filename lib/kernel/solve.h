/* kernel/solve.h - the part of kernel/body.h that factors batches of systems.
 *
 * A = U'U, by blocks of 8 rows, U above the diagonal of A. The work of one
 * system on the columns to the right runs along its rows; the 8 x 8 blocks on
 * the diagonal, where each step waits for the last, are factored for all
 * systems at once, one system to a lane. */

/* One block of 8 rows: 1 / U_qq, and U_qp for q < p, one system to a lane. */
typedef struct block {
    vec *inverse; /* [8] */
    vec *upper;   /* [8 x 8] */
} block;

/* Rows r .. r + 8 of V vectors of columns: with `update`, subtract what the rows above
 * contribute; with `divide`, solve with the block on the diagonal. */
INLINE void strip(int V, float *a, size_t lda, size_t r, size_t c, bool update,
                  bool divide, const float *inverse, const float *upper, uint32_t u)
{
    vec sum[8][3];
    UNROLL
    for (size_t q = 0; q < 8; q++)
        UNROLL
    for (int v = 0; v < V; v++)
        sum[q][v] = load(a + (r + q) * lda + c + (size_t)v * W);
    for (size_t j = 0; update && j < r; j++) {
        const float *above = a + j * lda;
        vec x[3];
        UNROLL
        for (int v = 0; v < V; v++)
            x[v] = load(above + c + (size_t)v * W);
        UNROLL
        for (size_t q = 0; q < 8; q++) {
            vec y = all(above[r + q]);
            UNROLL
            for (int v = 0; v < V; v++)
                sum[q][v] -= y * x[v];
        }
    }
    if (divide) {
        UNROLL
        for (size_t q = 0; q < 8; q++) {
            vec d = all(inverse[q * W + u]);
            UNROLL
            for (int v = 0; v < V; v++)
                sum[q][v] *= d;
            UNROLL
            for (size_t p = q + 1; p < 8; p++) {
                vec y = all(upper[(q * 8 + p) * W + u]);
                UNROLL
                for (int v = 0; v < V; v++)
                    sum[p][v] -= y * sum[q][v];
            }
        }
    }
    UNROLL
    for (size_t q = 0; q < 8; q++)
        UNROLL
    for (int v = 0; v < V; v++)
        store(a + (r + q) * lda + c + (size_t)v * W, sum[q][v]);
}

#define STRIP(name, V, update, divide)                                                 \
    static __attribute__((noinline)) void name(float *a, size_t lda, size_t r,         \
                                               size_t c, const block *b, uint32_t u)   \
    {                                                                                  \
        strip(V, a, lda, r, c, update, divide, (const float *)b->inverse,              \
              (const float *)b->upper, u);                                             \
    }
STRIP(update_diagonal, W == 4 ? 2 : 1, true, false)
#if W > 8
STRIP(divide_diagonal, 1, false, true)
#endif
STRIP(strip_1, 1, true, true)
STRIP(strip_2, 2, true, true)
STRIP(strip_3, 3, true, true)

/* Factor the block on the diagonal; keep the worst loss. */
INLINE void factor_block(vec d[8][8], const block *b, const vec *diagonal, vec *worst)
{
    UNROLL
    for (int q = 0; q < 8; q++) {
        vec pivot = d[q][q];
        vec inverse = 1.0f / square_root(pivot), loss = diagonal[q] / pivot;
        /* once NaN, the worst stays NaN */
        ivec more = ~(loss <= *worst) & (*worst == *worst);
        *worst = (vec)(((ivec)loss & more) | ((ivec)*worst & ~more));
        b->inverse[q] = inverse;
        UNROLL
        for (int p = q + 1; p < 8; p++) {
            d[q][p] *= inverse;
            b->upper[q * 8 + p] = d[q][p];
        }
        UNROLL
        for (int p = q + 1; p < 8; p++)
            UNROLL
        for (int s = p; s < 8; s++)
            d[p][s] -= d[q][p] * d[q][s];
    }
}

/* The first column vector that holds column r. */
INLINE size_t first_column(size_t r)
{
    return W > 8 ? r / W * W : r;
}

/* Everything to the right of the block on the diagonal, for one system. */
INLINE void finish_rows(float *a, size_t n, size_t lda, size_t r, const block *b,
                        uint32_t u)
{
    size_t c = r + 8;
#if W > 8
    if (r % W == 0) {
        divide_diagonal(a, lda, r, r, b, u);
    } else {
        for (size_t q = 0; q < 8;
             q++) /* elements to the left of the block count as 0 */
            memset(a + (r + q) * lda + r - 8, 0, 8 * sizeof *a);
    }
    c = r / W * W + W;
#endif
    for (uint32_t wide; c < n; c += wide * W) {
        wide = tile_width((uint32_t)((n - c + W - 1) / W));
        if (wide == 1)
            strip_1(a, lda, r, c, b, u);
        else if (wide == 2)
            strip_2(a, lda, r, c, b, u);
        else
            strip_3(a, lda, r, c, b, u);
    }
}

/* b := U'^-1 b */
static void forwards(size_t n, size_t lda, uint32_t systems, float *const a[],
                     const float *const from[], float *const to[], vec *inverse,
                     vec *upper)
{
    for (size_t r = 0; r < n; r += 8) {
        vec y[8], lane[8];
        interleave(from, r, y);
        UNROLL
        for (size_t q = 0; q < 8; q++) {
            y[q] *= inverse[r + q];
            UNROLL
            for (size_t p = q + 1; p < 8; p++)
                y[p] -= upper[(r + q) * 8 + p] * y[q];
        }
        UNROLL
        for (int q = 0; q < 8; q++)
            lane[q] = y[q];
        const float *known = (const float *)lane;
        for (uint32_t u = 0; u < systems; u++)
            for (size_t c = W > 8 ? first_column(r) : r + 8; c < n; c += W) {
                vec t = load(to[u] + c);
                UNROLL
                for (size_t q = 0; q < 8; q++)
                    t -= all(known[q * W + u]) * load(a[u] + (r + q) * lda + c);
                store(to[u] + c, t);
            }
        deinterleave(to, systems, r, y);
    }
}

/* b := U^-1 b */
static void backwards(size_t n, size_t lda, uint32_t systems, float *const a[],
                      float *const b[], vec *inverse, vec *upper)
{
    float sum[W][8];
    const float *from[W];
    for (size_t u = 0; u < W; u++)
        from[u] = sum[u < systems ? u : 0];
    for (size_t r = n; r > 0;) {
        r -= 8;
        for (uint32_t u = 0; u < systems; u++) {
            const float *rows = a[u] + r * lda;
            vec s[8];
            UNROLL
            for (int q = 0; q < 8; q++)
                s[q] = (vec){0};
            size_t c = r + 8;
#if W > 8
            if (r % W == 0 && c < n) { /* the half to the right of the block */
                vec x = {0};
                memcpy((char *)&x + 8 * sizeof(float), b[u] + c, 8 * sizeof(float));
                UNROLL
                for (size_t q = 0; q < 8; q++)
                    s[q] += x * load(rows + q * lda + r);
            }
            c = r / W * W + W;
#endif
            for (; c < n; c += W) {
                vec x = load(b[u] + c);
                UNROLL
                for (size_t q = 0; q < 8; q++)
                    s[q] += x * load(rows + q * lda + c);
            }
            sum_lanes(s, sum[u]);
            for (size_t q = 0; q < 8; q++)
                sum[u][q] = b[u][r + q] - sum[u][q];
        }
        vec y[8];
        interleave(from, 0, y);
        UNROLL
        for (int q = 7; q >= 0; q--) {
            y[q] *= inverse[r + (size_t)q];
            UNROLL
            for (int p = 0; p < q; p++)
                y[p] -= upper[(r + (size_t)p) * 8 + (size_t)q] * y[q];
        }
        deinterleave(b, systems, r, y);
    }
}

static void solve(uint32_t order, uint32_t columns, uint32_t systems, float *const a[],
                  float *const b[], float *loss, float *scratch)
{
    size_t n = order, lda = columns;
    const float *from[W], *right[W];
    vec *upper = (vec *)(void *)scratch, *inverse = upper + n * 8,
        *diagonal = inverse + n;
    vec worst = {0};
    for (uint32_t u = 0; u < W; u++) {
        from[u] = a[u < systems ? u : 0];
        right[u] = b[u < systems ? u : 0];
        for (size_t j = 0; j < n; j++)
            diagonal[j][u] = from[u][j * lda + j];
        if (u < systems) /* vectors may reach beyond n */
            memset(b[u] + n, 0, (lda - n) * sizeof *b[u]);
    }
    for (size_t r = 0; r < n; r += 8) {
        block at = {inverse + r, upper + r * 8};
        vec d[8][8];
        for (uint32_t u = 0; r > 0 && u < systems; u++)
            update_diagonal(a[u], lda, r, first_column(r), &at, u);
        for (size_t q = 0; q < 8; q++)
            interleave(from, (r + q) * lda + r, d[q]);
        factor_block(d, &at, diagonal + r, &worst);
        for (uint32_t u = 0; u < systems; u++)
            finish_rows(a[u], n, lda, r, &at, u);
    }
    forwards(n, lda, systems, a, right, b, inverse, upper);
    backwards(n, lda, systems, a, b, inverse, upper);
    for (uint32_t u = 0; u < systems; u++)
        loss[u] = worst[u];
}
