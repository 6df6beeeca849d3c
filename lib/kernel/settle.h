/* kernel/settle.h - the part of kernel_body.h that finds owners of cells, and their
 * nearest centers. */

typedef uint8_t bytes __attribute__((vector_size(W)));

INLINE vec choose(ivec mask, vec x, vec y)
{
    return (vec)(((ivec)x & mask) | ((ivec)y & ~mask));
}

/* The first `left` of the names of W cells. */
INLINE void put_names(uint8_t *to, ivec names, size_t left)
{
    bytes narrow = __builtin_convertvector(names, bytes);
    uint8_t name[W];
    memcpy(name, &narrow, sizeof name);
    if (left >= W)
        memcpy(to, name, sizeof name);
    else
        for (size_t l = 0; l < left; l++)
            to[l] = name[l];
}

/* W cells from i on, of which the first `left` are there. */
INLINE void settle_some(vec sum[3], ivec *moved, size_t i, size_t left, uint32_t p,
                        const float *score, size_t stride, const kernel_settle *how,
                        const uint8_t *z, uint8_t *owner)
{
    bytes narrow;
    memcpy(&narrow, z + i, sizeof narrow);
    ivec is = __builtin_convertvector(narrow, ivec), who = {0}, there = {0};
    vec all_squares = {0}, own = {0}, least = all(INFINITY), cheapest = least;
    for (int l = 0; l < W; l++)
        there[l] = (size_t)l < left ? -1 : 0;
    for (uint32_t j = 0; j < p; j++) {
        const float *from = score + j * stride + i;
        ivec q = (ivec){0} + (int32_t)how->persona[j], mine = is == q;
        vec error = all(how->base) +
                    choose(mine, all(how->own), all(how->sibling)) * load(from);
        error = choose(there, error, (vec){0});
        vec square = error * error, cost = how->squares ? square : error;
        vec spoken = error + all(how->silent[j]);
        all_squares += all(how->times[j]) * square;
        own = choose(mine, square, own);
        least = choose(spoken < least, spoken, least);
        ivec cheaper = cost < cheapest;
        who = (q & cheaper) | (who & ~cheaper);
        cheapest = choose(cheaper, cost, cheapest);
    }
    sum[0] += all_squares;
    sum[1] += own;
    sum[2] += least * least;
    *moved -= (who != is) & there;
    if (owner)
        put_names(owner + i, who, left);
}

INLINE double add_lanes(vec x)
{
    double sum[4] = {0};
    for (int l = 0; l < W; l += 4)
        UNROLL
    for (int i = 0; i < 4; i++)
        sum[i] += (double)x[l + i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static void settle(kernel_sums *sums, size_t n, uint32_t p, const float *score,
                   size_t stride, const kernel_settle *how, const uint8_t *z,
                   uint8_t *owner)
{
    vec sum[3] = {{0}, {0}, {0}};
    ivec moved = {0};
    size_t i = 0;
    for (; i + W <= n; i += W)
        settle_some(sum, &moved, i, W, p, score, stride, how, z, owner);
    if (i < n)
        settle_some(sum, &moved, i, n - i, p, score, stride, how, z, owner);
    *sums = (kernel_sums){add_lanes(sum[0]), add_lanes(sum[1]), add_lanes(sum[2]), 0};
    for (int l = 0; l < W; l++)
        sums->moved += (size_t)moved[l];
}

static void nearest(uint8_t *best, size_t n, uint32_t p, const float *score,
                    size_t stride, const float *scale)
{
    for (size_t i = 0; i < n; i += W) {
        ivec who = {0};
        vec most = all(scale[0]) * load(score + i);
        for (uint32_t q = 1; q < p; q++) {
            vec cosine = all(scale[q]) * load(score + q * stride + i);
            ivec more = cosine > most;
            who = (((ivec){0} + (int32_t)q) & more) | (who & ~more);
            most = choose(more, cosine, most);
        }
        put_names(best + i, who, n - i);
    }
}
