/* kernel/rank_update.h - the part of kernel/body.h that sums outer products of rows. */

/* Cache lines of rows to fetch, one now and then: memory serves only so many at a
 * time. */
typedef struct lines {
    const float *const *row, *const *end;
    const float *at;
    uint32_t left, each; /* lines left of this row, and lines of any row */
    uint32_t pace;       /* multiplications of vectors between two lines */
} lines;

/* Into the first cache, though lines may leave it for the second: prefetches into the
 * second are dropped by AMD's Zen 5 when more than a few are under way. */
INLINE void fetch_line(lines *l)
{
    if (l->row == l->end)
        return;
    __builtin_prefetch(l->at);
    l->at += 16;
    if (--l->left == 0 && ++l->row < l->end) {
        l->at = *l->row;
        l->left = l->each;
    }
}

/* Copy row i, from where it lies, into the panel. */
INLINE void fill_row(float *panel, uint32_t n, size_t i, const kernel_rows *of,
                     uint32_t k)
{
    size_t later = i + AHEAD;
    if (later >= of->fetched && later < of->ahead)
        fetch(of->src + (size_t)of->row[later] * k, k);
    copy_row(panel + i * n, of->src + (size_t)of->row[i] * k, k,
             all(of->scale ? of->scale[i] : 1), NULL);
}

enum { EARLY = 4 }; /* rows copied before they are summed */

/* Rows r .. r + R of A and V vectors of its columns from c on, while lines are
 * fetched. With `of`, whose rows have k floats, the panel is filled on the way, so
 * that some rows come from memory while others are summed. */
INLINE void update_tile(int R, int V, uint32_t n, size_t m, const float *panel,
                        uint32_t r, uint32_t c, float *a, bool add, lines *next,
                        const kernel_rows *of, float *fill, uint32_t k)
{
    const float *left = panel + r, *right = panel + c;
    float *to = a + (size_t)r * n + c;
    lines some = *next;
    uint32_t period = some.pace / (uint32_t)(R * V), wait = 1;
    vec sum[16][3];
    UNROLL
    for (int q = 0; q < R; q++)
        UNROLL
    for (int v = 0; v < V; v++)
        sum[q][v] = add ? load(to + (size_t)q * n + v * W) : (vec){0};
    for (size_t i = 0; of && i < m && i < EARLY; i++)
        fill_row(fill, n, i, of, k);
    for (size_t i = 0; i < m; i++, left += n, right += n) {
        vec x[3];
        if (--wait == 0) {
            fetch_line(&some);
            wait = period;
        }
        if (of && i + EARLY < m)
            fill_row(fill, n, i + EARLY, of, k);
        UNROLL
        for (int v = 0; v < V; v++)
            x[v] = load(right + v * W);
        UNROLL
        for (int q = 0; q < R; q++) {
            vec y = all(left[q]);
            UNROLL
            for (int v = 0; v < V; v++)
                sum[q][v] += y * x[v];
        }
    }
    *next = some;
    UNROLL
    for (int q = 0; q < R; q++)
        UNROLL
    for (int v = 0; v < V; v++)
        store(to + (size_t)q * n + v * W, sum[q][v]);
}

/* A tile, and the first tile, which also fills the panel. */
#define UPDATE_TILE(R, V)                                                              \
    static __attribute__((noinline)) void update_##V(                                  \
        uint32_t n, size_t m, const float *panel, uint32_t r, uint32_t c, float *a,    \
        bool add, lines *next)                                                         \
    {                                                                                  \
        update_tile(R, V, n, m, panel, r, c, a, add, next, NULL, NULL, 0);             \
    }                                                                                  \
    static __attribute__((noinline)) void first_##V(                                   \
        uint32_t n, size_t m, float *panel, float *a, bool add, lines *next,           \
        const kernel_rows *of)                                                         \
    {                                                                                  \
        if (of->k == 64)                                                               \
            update_tile(R, V, 64, m, panel, 0, 0, a, add, next, of, panel, 64);        \
        else if (of->k == 128)                                                         \
            update_tile(R, V, 128, m, panel, 0, 0, a, add, next, of, panel, 128);      \
        else                                                                           \
            update_tile(R, V, n, m, panel, 0, 0, a, add, next, of, panel, of->k);      \
    }
UPDATE_TILE(PAD, 1)
UPDATE_TILE(SUB, 2)
UPDATE_TILE(SUB, 3)

/* How many of `left` vectors the next tile takes. */
INLINE uint32_t tile_width(uint32_t left)
{
    return left == 1 ? 1 : left == 2 || left == 4 ? 2 : 3;
}

#if W == 16
/* With rows in steps of 8 and vectors of 16, every other step has half a vector left in
 * the last 8 columns. Two such halves make a vector, and two or four make a tile. Two
 * steps of one vector each are a tile on the diagonal, of whose 16 x 16 elements three
 * quarters are summed. */

/* Steps r and r + 8, each with the vector from its diagonal on. */
static __attribute__((noinline)) void update_stair(uint32_t n, size_t m,
                                                   const float *panel, uint32_t r,
                                                   float *a, bool add, lines *next)
{
    const float *row = panel + r;
    float *to = a + (size_t)r * n + r;
    lines some = *next;
    uint32_t period = some.pace / 16, wait = 1;
    vec sum[16];
    UNROLL
    for (int q = 0; q < 16; q++)
        sum[q] = add ? load(to + (size_t)q * n + q / 8 * 8) : (vec){0};
    for (size_t i = 0; i < m; i++, row += n) {
        vec x[2] = {load(row), load(row + 8)};
        if (--wait == 0) {
            fetch_line(&some);
            wait = period;
        }
        UNROLL
        for (int q = 0; q < 16; q++)
            sum[q] += all(row[q]) * x[q / 8];
    }
    *next = some;
    UNROLL
    for (int q = 0; q < 16; q++)
        store(to + (size_t)q * n + q / 8 * 8, sum[q]);
}

INLINE vec load_halves(const float *low, const float *high)
{
    typedef float half __attribute__((vector_size(32)));
    half x, y;
    memcpy(&x, low, sizeof x);
    memcpy(&y, high, sizeof y);
    return __builtin_shufflevector(x, y, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
                                   14, 15);
}

/* The last 8 columns of 2 V steps, transposed. */
INLINE void last_tile(int V, uint32_t n, size_t m, const float *panel,
                      const uint32_t step[], float *a, bool add, lines *next)
{
    lines some = *next;
    uint32_t period = some.pace / (uint32_t)(8 * V), wait = 1;
    vec sum[2][8];
    UNROLL
    for (int v = 0; v < V; v++) {
        const float *low = a + (size_t)step[2 * v] * n + n - 8;
        const float *high = a + (size_t)step[2 * v + 1] * n + n - 8;
        UNROLL
        for (size_t q = 0; q < 8; q++)
            sum[v][q] = add ? load_halves(low + q * n, high + q * n) : (vec){0};
        if (add)
            transpose_8(sum[v]);
    }
    for (size_t i = 0; i < m; i++, panel += n) {
        vec x[2];
        if (--wait == 0) {
            fetch_line(&some);
            wait = period;
        }
        UNROLL
        for (int v = 0; v < V; v++)
            x[v] = load_halves(panel + step[2 * v], panel + step[2 * v + 1]);
        UNROLL
        for (int q = 0; q < 8; q++) {
            vec y = all(panel[n - 8 + (size_t)q]);
            UNROLL
            for (int v = 0; v < V; v++)
                sum[v][q] += y * x[v];
        }
    }
    *next = some;
    UNROLL
    for (int v = 0; v < V; v++) {
        float *low = a + (size_t)step[2 * v] * n + n - 8;
        float *high = a + (size_t)step[2 * v + 1] * n + n - 8;
        transpose_8(sum[v]);
        UNROLL
        for (size_t q = 0; q < 8; q++) {
            memcpy(low + q * n, &sum[v][q], 8 * sizeof *low);
            memcpy(high + q * n, (char *)&sum[v][q] + 8 * sizeof *high,
                   8 * sizeof *high);
        }
    }
}

#define LAST_TILE(V)                                                                   \
    static __attribute__((noinline)) void last_##V(                                    \
        uint32_t n, size_t m, const float *panel, const uint32_t step[], float *a,     \
        bool add, lines *next)                                                         \
    {                                                                                  \
        last_tile(V, n, m, panel, step, a, add, next);                                 \
    }
LAST_TILE(1)
LAST_TILE(2)

/* All tiles or, if `begun`, all but the first. */
static void update_tiles(uint32_t n, size_t m, const float *panel, float *a, bool add,
                         lines *next, bool begun)
{
    if (n == 16 && !begun)
        update_1(n, m, panel, 0, 0, a, add, next);
    if (n == 16)
        return;
    for (uint32_t r = 0; r + 24 < n; r += 8)
        for (uint32_t c = r, wide; c + 16 <= n; c += wide * 16) {
            wide = tile_width((n - c) / 16);
            if (begun)
                begun = false;
            else if (wide == 2)
                update_2(n, m, panel, r, c, a, add, next);
            else
                update_3(n, m, panel, r, c, a, add, next);
        }
    update_stair(n, m, panel, n - 24, a, add, next);
    for (uint32_t r = 8; r < n; r += 64) {
        uint32_t step[4]; /* the first one again where there are no more */
        for (uint32_t s = 0; s < 4; s++)
            step[s] = r + 16 * s < n ? r + 16 * s : r;
        if (r + 32 < n)
            last_2(n, m, panel, step, a, add, next);
        else
            last_1(n, m, panel, step, a, add, next);
    }
}
#else
/* All tiles or, if `begun`, all but the first. */
static void update_tiles(uint32_t n, size_t m, const float *panel, float *a, bool add,
                         lines *next, bool begun)
{
    for (uint32_t r = 0; r < n; r += PAD)
        for (uint32_t c = r, wide; c < n; c += wide * W) {
            wide = tile_width((n - c) / W);
            for (uint32_t s = 0; s < PAD; s += wide == 1 ? PAD : SUB) {
                if (begun)
                    begun = false;
                else if (wide == 1)
                    update_1(n, m, panel, r, c, a, add, next);
                else if (wide == 2)
                    update_2(n, m, panel, r + s, c, a, add, next);
                else
                    update_3(n, m, panel, r + s, c, a, add, next);
            }
        }
}
#endif

static void rank_update(uint32_t n, size_t m, const float *panel, float *a, bool add)
{
    lines none = {.pace = UINT32_MAX};
    update_tiles(n, m, panel, a, add, &none, false);
}

/* The lines of the rows that come next, at a pace that ends somewhat before the sum. */
INLINE lines lines_of(const kernel_rows *of, uint32_t n)
{
    uint32_t each = (of->k + 15) / 16, vectors = n / W;
    uint32_t pace = vectors * (vectors + 1) / 2 * W * 7 / 8 / each;
    lines next = {.row = of->next,
                  .end = of->next + of->next_count,
                  .at = of->next_count > 0 ? of->next[0] : NULL,
                  .left = each,
                  .each = each,
                  .pace = pace < 3 * SUB ? 3 * SUB : pace};
    return next;
}

/* The same for rows that lie apart; they are left in the panel. */
static void update_by_rows(uint32_t n, const kernel_rows *of, float *panel, float *a,
                           bool add)
{
    lines next = lines_of(of, n);
    uint32_t wide = tile_width(n / W);
    if (wide == 1)
        first_1(n, of->m, panel, a, add, &next, of);
    else if (wide == 2)
        first_2(n, of->m, panel, a, add, &next, of);
    else
        first_3(n, of->m, panel, a, add, &next, of);
    update_tiles(n, of->m, panel, a, add, &next, true);
}

/* --- A (+)= P'P and rhs (+)= P't, of rows that lie apart --- */

#if W == 16
/* Rows of one vector each need no panel. Numbers are broadcast from memory; if the row
 * ends before the vector does, from a copy. */
INLINE void accumulate_single(uint32_t k, float *a, float *rhs, bool add,
                              const kernel_rows *of)
{
    float copy[16];
    vec sum[16], right = add ? load(rhs) : (vec){0};
    UNROLL
    for (int q = 0; q < 16; q++)
        sum[q] = add ? load(a + 16 * q) : (vec){0};
    for (size_t i = 0; i < of->m; i++) {
        const float *y = of->src + (size_t)of->row[i] * k;
        size_t later = i + LINES_AHEAD;
        float s = of->scale ? of->scale[i] : 1;
        vec x = k < 16 ? load_part(y, k) : load(y);
        if (k < 16) {
            store(copy, x);
            y = copy;
        }
        x *= all(s);
        if (later < of->ahead)
            fetch(of->src + (size_t)of->row[later] * k, k);
        else if (later - of->ahead < of->next_count)
            fetch(of->next[later - of->ahead], k);
        right += all(of->rhs_weight[i]) * x;
        x *= all(s);
        UNROLL
        for (int q = 0; q < 16; q++)
            sum[q] += all(y[q]) * x;
    }
    UNROLL
    for (int q = 0; q < 16; q++)
        store(a + 16 * q, sum[q]);
    store(rhs, right);
}
#endif

static void accumulate(float *a, float *rhs, bool add, const kernel_rows *of,
                       float *panel)
{
#if W == 16
    if (of->k == 16) {
        accumulate_single(16, a, rhs, add, of);
        return;
    }
    if (of->k < 16) {
        accumulate_single(of->k, a, rhs, add, of);
        return;
    }
#endif
    uint32_t n = (of->k + PAD - 1) / PAD * PAD;
    update_by_rows(n, of, panel, a, add);
    combine(rhs, n, of->m, panel, of->rhs_weight, add);
}
