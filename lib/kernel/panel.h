/* kernel/panel.h - the part of kernel/body.h that works on panels of rows. */

enum { AHEAD = 12, LINES_AHEAD = 24 }; /* rows fetched in advance; of one line each */

INLINE void fetch(const float *row, size_t floats)
{
    for (size_t i = 0; i < floats; i += 16)
        __builtin_prefetch(row + i);
    if (floats % 16 != 0) /* it may end on one more line */
        __builtin_prefetch(row + floats - 1);
}

INLINE void copy_row(float *to, const float *row, uint32_t k, vec scale,
                     const float *dim)
{
    uint32_t i = 0;
    UNROLL_IF_KNOWN
    for (; i + W <= k; i += W) {
        vec x = load(row + i) * scale;
        store(to + i, dim ? x * load(dim + i) : x);
    }
    if (i < k) {
        vec x = load_part(row + i, k - i) * scale;
        store(to + i, dim ? x * load_part(dim + i, k - i) : x);
        i += W;
    }
    for (; i < (k + PAD - 1) / PAD * PAD; i += W)
        store(to + i, (vec){0});
}

INLINE void copy_rows(float *panel, size_t m, size_t ahead, const uint32_t *group,
                      uint32_t p, const float *src, uint32_t k, const float *scale,
                      const float *dim)
{
    size_t width = (size_t)p * k;
    uint32_t n = (k + PAD - 1) / PAD * PAD;
    for (size_t i = 0; i < m; i++) {
        const float *row = src + (size_t)group[i] * width;
        if (i + AHEAD < ahead)
            fetch(src + (size_t)group[i + AHEAD] * width, width);
        for (uint32_t q = 0; q < p; q++, panel += n, row += k)
            copy_row(panel, row, k, all(scale ? scale[i * p + q] : 1), dim);
    }
}

/* The usual lengths of rows have loops that the compiler knows the length of. */
static void gather(float *panel, size_t m, size_t ahead, const uint32_t *group,
                   uint32_t p, const float *src, uint32_t k, const float *scale,
                   const float *dim)
{
    if (k == 16)
        copy_rows(panel, m, ahead, group, p, src, 16, scale, dim);
    else if (k == 64)
        copy_rows(panel, m, ahead, group, p, src, 64, scale, dim);
    else if (k == 128)
        copy_rows(panel, m, ahead, group, p, src, 128, scale, dim);
    else
        copy_rows(panel, m, ahead, group, p, src, k, scale, dim);
}

static void transpose(float *out, uint32_t rows, uint32_t n, const float *panel)
{
    for (uint32_t r = 0; r<rows; r += W> 8 ? 16 : W) {
        const float *src[W > 8 ? 16 : W];
        for (uint32_t u = 0; u < W; u++)
            src[u] = panel + (size_t)(r + u) * n;
        for (uint32_t c = 0; c < n; c += 8) {
            vec x[8];
            interleave(src, c, x);
            UNROLL
            for (uint32_t i = 0; i < 8; i++)
                store(out + (size_t)(c + i) * rows + r, x[i]);
        }
    }
}

/* --- whole matrices --- */

static void merge(uint32_t n, float x, float *a, float y, const float *b, float d)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i / W * W; j < n; j += W)
            store(a + i * n + j,
                  all(x) * load(a + i * n + j) + all(y) * load(b + i * n + j));
        a[i * n + i] += d;
    }
}

static void add_diagonals(uint32_t n, uint32_t lda, const float *a, uint32_t systems,
                          float *const to[], const float *const d[])
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i / W * W; j < lda; j += W) {
            vec x = load(a + i * lda + j);
            for (uint32_t s = 0; s < systems; s++)
                store(to[s] + i * lda + j, x);
        }
        for (uint32_t s = 0; s < systems; s++)
            to[s][i * lda + i] += d[s][i];
    }
}

static void spill(uint32_t n, double *sum, const float *a)
{
    typedef double wide __attribute__((vector_size(8 * W)));
    for (size_t i = 0; i < n; i++)
        for (size_t j = i / W * W; j < n; j += W) {
            wide x;
            memcpy(&x, sum + i * n + j, sizeof x);
            x += __builtin_convertvector(load(a + i * n + j), wide);
            memcpy(sum + i * n + j, &x, sizeof x);
        }
}

INLINE vec square_root(vec x)
{
    for (int l = 0; l < W; l++)
        x[l] = sqrtf(x[l]);
    return x;
}

static void inverse_roots(float *out, uint32_t n, const float *d, float ridge)
{
    for (uint32_t i = 0; i < n; i += W)
        store(out + i, 1.0f / square_root(load(d + i) + all(ridge)));
}

/* --- vectors --- */

/* V vectors of columns of R rows at a time, each with its own sum: additions to a
 * single one would wait for each other. */
INLINE void combine_tile(int V, int R, float *out, uint32_t n, size_t m,
                         const float *panel, const float *weight, bool add)
{
    vec sum[8];
    size_t i = 0;
    UNROLL
    for (int v = 0; v < V * R; v++)
        sum[v] = add && v < V ? load(out + v * W) : (vec){0};
    for (; i + (size_t)R <= m; i += (size_t)R)
        UNROLL
    for (int r = 0; r < R; r++) {
        vec y = all(weight[i + (size_t)r]);
        UNROLL
        for (int v = 0; v < V; v++)
            sum[r * V + v] += y * load(panel + (i + (size_t)r) * n + v * W);
    }
    for (; i < m; i++) {
        vec y = all(weight[i]);
        UNROLL
        for (int v = 0; v < V; v++)
            sum[v] += y * load(panel + i * n + v * W);
    }
    UNROLL
    for (int v = V; v < V * R; v++)
        sum[v % V] += sum[v];
    UNROLL
    for (int v = 0; v < V; v++)
        store(out + v * W, sum[v]);
}

static void combine(float *out, uint32_t n, size_t m, const float *panel,
                    const float *weight, bool add)
{
    uint32_t c = 0;
    for (; c + 8 * W <= n; c += 8 * W)
        combine_tile(8, 1, out + c, n, m, panel + c, weight, add);
    for (; c + 4 * W <= n; c += 4 * W)
        combine_tile(4, 2, out + c, n, m, panel + c, weight, add);
    for (; c + 2 * W <= n; c += 2 * W)
        combine_tile(2, 4, out + c, n, m, panel + c, weight, add);
    for (; c < n; c += W)
        combine_tile(1, 8, out + c, n, m, panel + c, weight, add);
}

/* 8 dot products of rows with x. */
INLINE void eight_dots(const float *const row[8], const float *x, uint32_t k,
                       float out[8])
{
    vec sum[8];
    uint32_t c = 0;
    UNROLL
    for (int i = 0; i < 8; i++)
        sum[i] = (vec){0};
    for (; c + W <= k; c += W) {
        vec y = load(x + c);
        UNROLL
        for (int i = 0; i < 8; i++)
            sum[i] += y * load(row[i] + c);
    }
    if (c < k) {
        vec y = load_part(x + c, k - c);
        UNROLL
        for (int i = 0; i < 8; i++)
            sum[i] += y * load_part(row[i] + c, k - c);
    }
    sum_lanes(sum, out);
}

/* To out[i * p + q], or with a stride to out[q * stride + i]. */
INLINE void all_dots(float *out, size_t stride, size_t m, size_t ahead,
                     const uint32_t *item, const float *src, uint32_t k, uint32_t p,
                     const float *x)
{
    for (size_t i = 0; i < m; i += 8) {
        const float *row[8];
        float dot[8];
        size_t rows = m - i < 8 ? m - i : 8;
        for (size_t r = 0; r < 8; r++) {
            row[r] = src + (size_t)item[i + (r < rows ? r : 0)] * k;
            if (i + r + 16 < ahead)
                fetch(src + (size_t)item[i + r + 16] * k, k);
        }
        for (uint32_t q = 0; q < p; q++) {
            eight_dots(row, x + (size_t)q * k, k, dot);
            for (size_t r = 0; r < rows; r++)
                out[stride ? q * stride + i + r : (i + r) * p + q] = dot[r];
        }
    }
}

INLINE void dots_of(float *out, size_t stride, size_t m, size_t ahead,
                    const uint32_t *item, const float *src, uint32_t k, uint32_t p,
                    const float *x)
{
    if (k == 16)
        all_dots(out, stride, m, ahead, item, src, 16, p, x);
    else if (k == 64)
        all_dots(out, stride, m, ahead, item, src, 64, p, x);
    else if (k == 128)
        all_dots(out, stride, m, ahead, item, src, 128, p, x);
    else
        all_dots(out, stride, m, ahead, item, src, k, p, x);
}

static void dots(float *out, size_t m, size_t ahead, const uint32_t *item,
                 const float *src, uint32_t k, uint32_t p, const float *x)
{
    dots_of(out, 0, m, ahead, item, src, k, p, x);
}

/* W rows at a time, transposed: for short rows, the sums of lanes would be most of the
 * work. */
INLINE void transposed_dots(float *out, size_t stride, size_t m, size_t ahead,
                            const uint32_t *item, const float *src, uint32_t k,
                            uint32_t p, const float *x)
{
    for (size_t i = 0; i < m; i += W) {
        const float *row[W];
        vec column[32];
        size_t rows = m - i < W ? m - i : W;
        for (size_t r = 0; r < W; r++) {
            row[r] = src + (size_t)item[i + (r < rows ? r : 0)] * k;
            if (i + r + LINES_AHEAD < ahead)
                fetch(src + (size_t)item[i + r + LINES_AHEAD] * k, k);
        }
        UNROLL_IF_KNOWN
        for (uint32_t c = 0; c < k; c += 8)
            interleave(row, c, column + c);
        for (uint32_t q = 0; q < p; q++) {
            vec sum = {0};
            UNROLL_IF_KNOWN
            for (uint32_t c = 0; c < k; c++)
                sum += all(x[q * k + c]) * column[c];
            if (rows == W)
                store(out + q * stride + i, sum);
            else
                memcpy(out + q * stride + i, &sum, rows * sizeof *out);
        }
    }
}

static void dots_across(float *out, size_t stride, size_t m, size_t ahead,
                        const uint32_t *item, const float *src, uint32_t k, uint32_t p,
                        const float *x)
{
    if (k == 16)
        transposed_dots(out, stride, m, ahead, item, src, 16, p, x);
    else if (k % 8 == 0 && k <= 32)
        transposed_dots(out, stride, m, ahead, item, src, k, p, x);
    else
        dots_of(out, stride, m, ahead, item, src, k, p, x);
}
