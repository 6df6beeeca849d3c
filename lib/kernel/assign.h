/* kernel/assign.h - the part of kernel/body.h that finds the persona of each cell, and
 * that clusters cells. */

typedef uint8_t bytes __attribute__((vector_size(W)));

INLINE vec choose(ivec mask, vec x, vec y)
{
    return (vec)(((ivec)x & mask) | ((ivec)y & ~mask));
}

/* The personas of W cells, of which the first `left` are stored. */
INLINE void store_personas(uint8_t *to, ivec personas, size_t left)
{
    bytes narrow = __builtin_convertvector(personas, bytes);
    uint8_t persona[W];
    memcpy(persona, &narrow, sizeof persona);
    if (left >= W)
        memcpy(to, persona, sizeof persona);
    else
        for (size_t l = 0; l < left; l++)
            to[l] = persona[l];
}

/* W cells from i on, of which the first `left` count. */
INLINE void assign_vector(vec sum[3], ivec *moved, size_t i, size_t left, uint32_t p,
                          const float *score, size_t stride, const kernel_assign *how,
                          const uint8_t *z, uint8_t *next_z)
{
    bytes narrow;
    memcpy(&narrow, z + i, sizeof narrow);
    ivec owner = __builtin_convertvector(narrow, ivec), next = {0}, counts = {0};
    vec all_squares = {0}, own = {0}, least = all(INFINITY), cheapest = least;
    for (int l = 0; l < W; l++)
        counts[l] = (size_t)l < left ? -1 : 0;
    for (uint32_t j = 0; j < p; j++) {
        const float *from = score + j * stride + i;
        ivec q = (ivec){0} + (int32_t)how->persona[j], mine = owner == q;
        vec error = all(how->base) +
                    choose(mine, all(how->own), all(how->sibling)) * load(from);
        error = choose(counts, error, (vec){0});
        vec square = error * error, cost = how->squares ? square : error;
        vec active_error = error + all(how->inactive[j]);
        all_squares += all(how->multiplicity[j]) * square;
        own = choose(mine, square, own);
        least = choose(active_error < least, active_error, least);
        ivec cheaper = cost < cheapest;
        next = (q & cheaper) | (next & ~cheaper);
        cheapest = choose(cheaper, cost, cheapest);
    }
    sum[0] += all_squares;
    sum[1] += own;
    sum[2] += least * least;
    *moved -= (next != owner) & counts;
    if (next_z)
        store_personas(next_z + i, next, left);
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

static void assign(kernel_sums *sums, size_t n, uint32_t p, const float *score,
                   size_t stride, const kernel_assign *how, const uint8_t *z,
                   uint8_t *next_z)
{
    vec sum[3] = {{0}, {0}, {0}};
    ivec moved = {0};
    size_t i = 0;
    for (; i + W <= n; i += W)
        assign_vector(sum, &moved, i, W, p, score, stride, how, z, next_z);
    if (i < n)
        assign_vector(sum, &moved, i, n - i, p, score, stride, how, z, next_z);
    *sums = (kernel_sums){add_lanes(sum[0]), add_lanes(sum[1]), add_lanes(sum[2]), 0};
    for (int l = 0; l < W; l++)
        sums->moved += (size_t)moved[l];
}

static void nearest(uint8_t *best, size_t n, uint32_t p, const float *score,
                    size_t stride, const float *scale)
{
    for (size_t i = 0; i < n; i += W) {
        ivec center = {0};
        vec most = all(scale[0]) * load(score + i);
        for (uint32_t q = 1; q < p; q++) {
            vec cosine = all(scale[q]) * load(score + q * stride + i);
            ivec more = cosine > most;
            center = (((ivec){0} + (int32_t)q) & more) | (center & ~more);
            most = choose(more, cosine, most);
        }
        store_personas(best + i, center, n - i);
    }
}

/* The first `left` lanes, then zeros. */
INLINE vec first_lanes(vec x, size_t left)
{
    ivec counts = {0};
    for (int l = 0; l < W; l++)
        counts[l] = (size_t)l < left ? -1 : 0;
    return choose(counts, x, (vec){0});
}

static void sum_own(float *sum, size_t n, uint32_t p, const float *score, size_t stride,
                    const uint8_t *z)
{
    for (uint32_t q = 0; q < p; q++) {
        vec own = {0};
        for (size_t i = 0; i < n; i += W) {
            bytes narrow;
            memcpy(&narrow, z + i, sizeof narrow);
            ivec mine = __builtin_convertvector(narrow, ivec) == (int32_t)q;
            vec x = choose(mine, load(score + q * stride + i), (vec){0});
            own += i + W <= n ? x : first_lanes(x, n - i);
        }
        sum[q] = (float)add_lanes(own);
    }
}

static float approach(float *distance, size_t n, const float *score, float scale)
{
    vec sum = {0};
    for (size_t i = 0; i < n; i += W) {
        vec old = load(distance + i), x = all(1) - all(scale) * load(score + i);
        x = choose(x > (vec){0}, x, (vec){0});
        x = choose(x < old, x, old);
        store(distance + i, x);
        sum += i + W <= n ? x : first_lanes(x, n - i);
    }
    return (float)add_lanes(sum);
}

/* V vectors of the sum. */
INLINE void add_rows_tile(int V, float *out, size_t n, bool add, float sign, size_t m,
                          const uint16_t *row, const float *src)
{
    vec sum[4];
    UNROLL
    for (int v = 0; v < V; v++)
        sum[v] = (vec){0};
    for (size_t i = 0; i < m; i++)
        UNROLL
    for (int v = 0; v < V; v++)
        sum[v] += load(src + row[i] * n + v * W);
    UNROLL
    for (int v = 0; v < V; v++)
        store(out + v * W,
              add ? load(out + v * W) + all(sign) * sum[v] : all(sign) * sum[v]);
}

static void add_rows(float *out, uint32_t n, bool add, float sign, size_t m,
                     const uint16_t *row, const float *src)
{
    uint32_t c = 0;
    for (; c + 4 * W <= n; c += 4 * W)
        add_rows_tile(4, out + c, n, add, sign, m, row, src + c);
    if (c + 2 * W <= n) {
        add_rows_tile(2, out + c, n, add, sign, m, row, src + c);
        c += 2 * W;
    }
    if (c + W <= n)
        add_rows_tile(1, out + c, n, add, sign, m, row, src + c);
}
