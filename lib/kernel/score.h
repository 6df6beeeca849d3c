/* kernel/score.h - the part of kernel/body.h that scores and selects. */

/* Vectors x[0 .. R) against V * W items of a panel, from item c on. */
INLINE void score_tile(int R, int V, float *out, size_t stride, const float *const x[],
                       uint32_t k, const float *panel, uint32_t c)
{
    vec sum[6][4];
    UNROLL
    for (int j = 0; j < R; j++)
        UNROLL
    for (int v = 0; v < V; v++)
        sum[j][v] = (vec){0};
    for (uint32_t f = 0; f < k; f++) {
        const float *row = panel + (size_t)f * KERNEL_PANEL + c;
        vec y[4];
        UNROLL
        for (int v = 0; v < V; v++)
            y[v] = load(row + v * W);
        UNROLL
        for (int j = 0; j < R; j++) {
            vec a = all(x[j][f]);
            UNROLL
            for (int v = 0; v < V; v++)
                sum[j][v] += a * y[v];
        }
    }
    UNROLL
    for (int j = 0; j < R; j++)
        UNROLL
    for (int v = 0; v < V; v++)
        store(out + (size_t)j * stride + c + v * W, sum[j][v]);
}

enum { SCORE_V = W == 16 ? 4 : 2, SCORE_R = W == 4 ? 4 : 6 };

static void score(float *out, size_t stride, uint32_t n, const float *const x[],
                  uint32_t k, const float *panel)
{
    for (uint32_t c = 0; c < KERNEL_PANEL; c += SCORE_V * W) {
        uint32_t j = 0;
        for (; j + SCORE_R <= n; j += SCORE_R)
            score_tile(SCORE_R, SCORE_V, out + j * stride, stride, x + j, k, panel, c);
        for (; j + 2 <= n; j += 2)
            score_tile(2, SCORE_V, out + j * stride, stride, x + j, k, panel, c);
        if (j < n)
            score_tile(1, SCORE_V, out + j * stride, stride, x + j, k, panel, c);
    }
}

/* W pairs, a lane for each; `same`: all have one x. */
INLINE vec pairs_tile(bool same, uint32_t k, const float *const x[],
                      const float *const y[])
{
    vec sum = {0};
    uint32_t f = 0;
    for (; f + 8 <= k; f += 8) {
        vec a[8], b[8];
        interleave(y, f, b);
        if (!same)
            interleave(x, f, a);
        UNROLL
        for (uint32_t c = 0; c < 8; c++)
            sum += (same ? all(x[0][f + c]) : a[c]) * b[c];
    }
    for (; f < k; f++) {
        vec a, b;
        UNROLL
        for (int u = 0; u < W; u++) {
            a[u] = x[u][f];
            b[u] = y[u][f];
        }
        sum += a * b;
    }
    return sum;
}

static void pairs(float *out, size_t n, uint32_t k, const float *const x[],
                  const float *const y[])
{
    const float *last_x[W], *last_y[W];
    for (size_t i = 0; i < n; i += W, x += W, y += W) {
        size_t left = n - i;
        if (left < W) { /* fill up with the first of them */
            for (size_t u = 0; u < W; u++) {
                last_x[u] = x[u < left ? u : 0];
                last_y[u] = y[u < left ? u : 0];
            }
            x = last_x;
            y = last_y;
        }
        bool same = true;
        for (size_t u = 1; u < W; u++)
            same &= x[u] == x[0];
        vec sum = same ? pairs_tile(true, k, x, y) : pairs_tile(false, k, x, y);
        memcpy(out + i, &sum, (left < W ? left : W) * sizeof *out);
    }
}

static uint32_t above(uint32_t *out, const float *x, uint32_t n, float least)
{
    uint32_t found = 0, i = 0;
#if W == 16
    __m512i at =
        _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    for (; i + 16 <= n; i += 16) {
        __mmask16 hit = _mm512_cmp_ps_mask(_mm512_loadu_ps(x + i),
                                           _mm512_set1_ps(least), _CMP_GE_OQ);
        _mm512_mask_compressstoreu_epi32(out + found, hit, at);
        found += (uint32_t)__builtin_popcount(hit);
        at = _mm512_add_epi32(at, _mm512_set1_epi32(16));
    }
#elif W == 8
    for (; i + 8 <= n; i += 8) {
        uint32_t hit = (uint32_t)_mm256_movemask_ps(
            _mm256_cmp_ps(_mm256_loadu_ps(x + i), _mm256_set1_ps(least), _CMP_GE_OQ));
        for (; hit; hit &= hit - 1)
            out[found++] = i + (uint32_t)__builtin_ctz(hit);
    }
#endif
    for (; i < n; i++)
        if (x[i] >= least)
            out[found++] = i;
    return found;
}

static uint32_t count(const float *x, uint32_t n, float y, bool equal)
{
    ivec sum[2] = {{0}, {0}};
    uint32_t i = 0, found = 0;
    vec all_y = all(y);
    for (; i + 2 * W <= n; i += 2 * W)
        UNROLL
    for (uint32_t v = 0; v < 2; v++) {
        vec z = load(x + i + v * W);
        sum[v] -= equal ? z >= all_y : z > all_y;
    }
    sum[0] += sum[1];
    for (int l = 0; l < W; l++)
        found += (uint32_t)sum[0][l];
    for (; i < n; i++)
        found += equal ? x[i] >= y : x[i] > y;
    return found;
}
