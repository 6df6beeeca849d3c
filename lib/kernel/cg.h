/* kernel/cg.h - the part of kernel/body.h that takes steps of conjugate gradients. */

INLINE float dot_of(const float *x, const float *y, uint32_t n)
{
    vec sum[8] = {{0}};
    float out[8];
    for (uint32_t i = 0; i < n; i += W)
        sum[0] += load(x + i) * load(y + i);
    sum_lanes(sum, out);
    return out[0];
}

/* y += a x */
INLINE void add_to(float *y, float a, const float *x, uint32_t n)
{
    for (uint32_t i = 0; i < n; i += W)
        store(y + i, load(y + i) + all(a) * load(x + i));
}

static void cg(uint32_t n, size_t m, const float *panel, const float *weight,
               const float *rhs_weight, uint32_t steps, float *x, float *scratch)
{
    float *r = scratch, *p = r + n, *ap = p + n, *d = ap + n;
    apply(d, n, m, panel, x);
    for (size_t i = 0; i < m; i++)
        d[i] = rhs_weight[i] - weight[i] * d[i];
    combine(r, n, m, panel, d, false);
    add_to(r, -1, x, n);
    memcpy(p, r, n * sizeof *p);
    float residual = dot_of(r, r, n);
    for (uint32_t step = 0; step < steps && residual > MF_TINY; step++) {
        apply(d, n, m, panel, p);
        for (size_t i = 0; i < m; i++)
            d[i] *= weight[i];
        combine(ap, n, m, panel, d, false);
        add_to(ap, 1, p, n);
        float alpha = residual / dot_of(p, ap, n);
        add_to(x, alpha, p, n);
        add_to(r, -alpha, ap, n);
        float next = dot_of(r, r, n), beta = next / residual;
        for (uint32_t i = 0; i < n; i += W)
            store(p + i, load(r + i) + all(beta) * load(p + i));
        residual = next;
    }
}
