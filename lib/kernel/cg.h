/* kernel/cg.h - the part of kernel/body.h that takes steps of conjugate gradients. */

/* Loops over vectors of k floats, the last of which may be short. */
#define EACH_VECTOR(i, k) (uint32_t i = 0; i < (k); i += W)

INLINE float sum_of(vec x)
{
    float sum = 0;
    for (int l = 0; l < W; l++)
        sum += x[l];
    return sum;
}

/* out += sum_r c_r y_r, c_r = t_r - s_r <y_r, x>, for 8 rows of k floats, of which
 * the first `rows` count; the scores <y_r, x> go to score[]. out and x are padded.
 * Meanwhile the rows `next` are fetched, unless it is NULL: line by line, or memory
 * would be waited for. */
INLINE void pass_rows(float *out, uint32_t k, const float *const y[8],
                      const float *const next[8], size_t rows, const float *s,
                      const float *t, float t_all, const float *x, float score[8])
{
    vec sum[8];
    float c[8];
    uint32_t i = 0;
    UNROLL
    for (int r = 0; r < 8; r++)
        sum[r] = (vec){0};
    for (; i + W <= k; i += W) {
        vec z = load(x + i);
        UNROLL
        for (int r = 0; r < 8; r++) {
            sum[r] += z * load(y[r] + i);
            if (next && (W >= 16 || i % 16 == 0))
                __builtin_prefetch(next[r] + i);
        }
    }
    if (i < k) {
        vec z = load(x + i);
        UNROLL
        for (int r = 0; r < 8; r++)
            sum[r] += z * load_part(y[r] + i, k - i);
    }
    sum_lanes(sum, score);
    for (size_t r = 0; r < 8; r++)
        c[r] = r < rows ? (t ? t[r] : t_all) - (s ? s[r] : 1) * score[r] : 0;
    for (i = 0; i + W <= k; i += W) {
        vec z = load(out + i);
        UNROLL
        for (int r = 0; r < 8; r++)
            z += all(c[r]) * load(y[r] + i);
        store(out + i, z);
    }
    if (i < k) {
        vec z = load(out + i);
        UNROLL
        for (int r = 0; r < 8; r++)
            z += all(c[r]) * load_part(y[r] + i, k - i);
        store(out + i, z);
    }
}

enum {
    PASS_SPILL = 1024,    /* rows that are summed in float */
    PASS_CACHED = 1 << 17 /* floats that stay in the second cache */
};

/* out = sum c y over all rows of the system. With `squares`, it gets sum s score^2 -
 * 2 t score. */
INLINE void pass(const kernel_system *of, float *out, bool rhs, const float *x,
                 double *squares, double *wide)
{
    uint32_t k = of->k, padded = (k + PAD - 1) / PAD * PAD;
    /* Rows are fetched the first time, and where they do not stay in a cache. */
    bool fetches = squares || of->m * k > PASS_CACHED;
    memset(out, 0, padded * sizeof *out);
    if (of->m > PASS_SPILL)
        memset(wide, 0, padded * sizeof *wide);
    for (size_t at = 0; at < of->m; at += 8) {
        const float *y[8], *next[8], *s = of->weight ? of->weight + at : NULL;
        const float *t = rhs && of->rhs_weight ? of->rhs_weight + at : NULL;
        float score[8], t_all = rhs && !of->rhs_weight ? 1 : 0;
        size_t rows = of->m - at < 8 ? of->m - at : 8;
        for (size_t r = 0; r < 8; r++) { /* those that do not count are read again */
            size_t after = at + 8 + r;
            y[r] = of->src + (size_t)of->row[at + (r < rows ? r : 0)] * k;
            next[r] = of->src + (size_t)of->row[after < of->m ? after : at] * k;
        }
        if (fetches)
            pass_rows(out, k, y, next, rows, s, t, t_all, x, score);
        else
            pass_rows(out, k, y, NULL, rows, s, t, t_all, x, score);
        for (size_t r = 0; squares && r < rows; r++)
            *squares += (double)((s ? s[r] : 1) * score[r] * score[r] -
                                 2 * (t ? t[r] : t_all) * score[r]);
        if (of->m > PASS_SPILL && ((at + 8) % PASS_SPILL == 0 || at + 8 >= of->m)) {
            for (uint32_t i = 0; i < k; i++)
                wide[i] += (double)out[i];
            memset(out, 0, padded * sizeof *out);
        }
    }
    for (uint32_t i = 0; of->m > PASS_SPILL && i < k; i++)
        out[i] = (float)wide[i];
}

static void pass_all(const kernel_system *of, float *out, bool rhs, const float *x,
                     double *squares, double *wide)
{
    pass(of, out, rhs, x, squares, wide);
}

/* sum x y z */
INLINE double triple(const float *x, const float *y, const float *z, uint32_t n)
{
    vec sum = {0};
    for
        EACH_VECTOR(i, n)
    sum += load(x + i) * load(y + i) * load(z + i);
    return (double)sum_of(sum);
}

static kernel_solution cg(const kernel_system *of, float *x, float *scratch)
{
    uint32_t k = of->k, n = (k + PAD - 1) / PAD * PAD, step = 0;
    float *r = scratch, *p = r + n, *q = p + n, *d = q + n, *inverse = d + n,
          *at = inverse + n;
    double *wide = (double *)(void *)(at + n), squares = 0;
    memcpy(at, x, k * sizeof *at);
    memset(at + k, 0, (n - k) * sizeof *at);
    for
        EACH_VECTOR(i, n)
        {
            vec diagonal = load(of->shared + i) + all(of->ridge);
            store(d + i, diagonal);
            store(inverse + i, 1.0f / diagonal);
        }
    pass(of, r, true, at, &squares, wide);
    kernel_solution out = {.value = squares + triple(d, at, at, n)};
    vec sum = {0};
    for
        EACH_VECTOR(i, n)
        {
            vec residual = load(r + i) - load(d + i) * load(at + i);
            vec z = residual * load(inverse + i);
            store(r + i, residual);
            store(p + i, z);
            sum += residual * z;
        }
    double bound = (double)sum_of(sum);
    for (; step < of->steps_max; step++) {
        if (!(bound > (double)MF_TINY) ||
            (step >= of->steps && bound <= of->tolerance * -out.value))
            break;
        pass(of, q, false, p, NULL, wide); /* less than 0 */
        vec along = {0};
        for
            EACH_VECTOR(i, n)
            {
                vec ap = load(d + i) * load(p + i) - load(q + i);
                store(q + i, ap);
                along += load(p + i) * ap;
            }
        float alpha = (float)(bound / (double)sum_of(along));
        sum = (vec){0};
        for
            EACH_VECTOR(i, n)
            {
                vec residual = load(r + i) - all(alpha) * load(q + i);
                store(at + i, load(at + i) + all(alpha) * load(p + i));
                store(r + i, residual);
                sum += residual * residual * load(inverse + i);
            }
        out.value -= (double)alpha * bound;
        double next = (double)sum_of(sum);
        float beta = (float)(next / bound);
        for
            EACH_VECTOR(i, n)
        store(p + i, load(r + i) * load(inverse + i) + all(beta) * load(p + i));
        bound = next;
    }
    memcpy(x, at, k * sizeof *x);
    out.bound = bound;
    out.steps = step;
    return out;
}
