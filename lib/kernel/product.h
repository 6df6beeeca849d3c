/* kernel/product.h - the part of kernel/body.h that multiplies large matrices. */

enum { LANES = W > 8 ? 3 : 2, SLAB = LANES * W }; /* vectors and columns of a slab */

static void pack(float *slabs, size_t rows, uint32_t k, const float *x, size_t stride)
{
    for (uint32_t c = 0; c < k; c += SLAB) {
        const float *from = x + c;
        uint32_t left = k - c;
        for (size_t r = 0; r < rows; r++, from += stride, slabs += SLAB) {
            UNROLL
            for (uint32_t v = 0; v < LANES; v++) {
                vec part = {0};
                if (left >= (v + 1) * W)
                    part = load(from + v * W);
                else if (left > v * W)
                    part = load_part(from + v * W, left - v * W);
                store(slabs + v * W, part);
            }
        }
    }
}

/* R rows and V vectors of C. */
INLINE void product_tile(int R, int V, float *c, size_t ldc, bool add, size_t depth,
                         const float *a, size_t row_step, size_t depth_step,
                         const float *slab)
{
    vec sum[8][LANES];
    UNROLL
    for (int r = 0; r < R; r++)
        UNROLL
    for (int v = 0; v < V; v++)
        sum[r][v] = add ? load(c + (size_t)r * ldc + v * W) : (vec){0};
    for (size_t d = 0; d < depth; d++, a += depth_step, slab += SLAB) {
        vec x[LANES];
        UNROLL
        for (int v = 0; v < V; v++)
            x[v] = load(slab + v * W);
        UNROLL
        for (int r = 0; r < R; r++) {
            vec y = all(a[(size_t)r * row_step]);
            UNROLL
            for (int v = 0; v < V; v++)
                sum[r][v] += y * x[v];
        }
    }
    UNROLL
    for (int r = 0; r < R; r++)
        UNROLL
    for (int v = 0; v < V; v++)
        store(c + (size_t)r * ldc + v * W, sum[r][v]);
}

/* Rows of a tile: 32 registers, or 16. */
#define TALL (W > 8 ? 8 : 4)

INLINE void product_rows(int V, float *c, size_t ldc, bool add, size_t rows,
                         size_t depth, const float *a, size_t row_step,
                         size_t depth_step, const float *slab)
{
    size_t r = 0;
    for (; r + TALL <= rows; r += TALL)
        product_tile(TALL, V, c + r * ldc, ldc, add, depth, a + r * row_step, row_step,
                     depth_step, slab);
    for (; r < rows; r++)
        product_tile(1, V, c + r * ldc, ldc, add, depth, a + r * row_step, row_step,
                     depth_step, slab);
}

static void multiply(float *c, size_t ldc, bool add, size_t rows, uint32_t columns,
                     size_t depth, const float *a, size_t row_step, size_t depth_step,
                     const float *slab)
{
    if (columns <= W)
        product_rows(1, c, ldc, add, rows, depth, a, row_step, depth_step, slab);
    else if (columns <= 2 * W && LANES > 2)
        product_rows(2, c, ldc, add, rows, depth, a, row_step, depth_step, slab);
    else
        product_rows(LANES, c, ldc, add, rows, depth, a, row_step, depth_step, slab);
}
