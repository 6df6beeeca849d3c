/* kernel/descend.h - the part of kernel_body.h that takes conjugate gradients. */

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

static void descend(uint32_t n, size_t m, const float *panel, const float *weight,
                    const float *aim, uint32_t steps, float *x, float *room)
{
    float *r = room, *p = r + n, *ap = p + n, *d = ap + n;
    apply(d, n, m, panel, x);
    for (size_t i = 0; i < m; i++)
        d[i] = aim[i] - weight[i] * d[i];
    combine(r, n, m, panel, d, false);
    add_to(r, -1, x, n);
    memcpy(p, r, n * sizeof *p);
    float rest = dot_of(r, r, n);
    for (uint32_t step = 0; step < steps && rest > MF_TINY; step++) {
        apply(d, n, m, panel, p);
        for (size_t i = 0; i < m; i++)
            d[i] *= weight[i];
        combine(ap, n, m, panel, d, false);
        add_to(ap, 1, p, n);
        float length = rest / dot_of(p, ap, n);
        add_to(x, length, p, n);
        add_to(r, -length, ap, n);
        float next = dot_of(r, r, n), turn = next / rest;
        for (uint32_t i = 0; i < n; i += W)
            store(p + i, load(r + i) + all(turn) * load(p + i));
        rest = next;
    }
}
