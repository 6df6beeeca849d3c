#include "jobs/tune/optimizer.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "jobs/tune/surface.h"

enum { AGREE = 3 };          /* trials around the best that it has to outlive */
enum { CANDIDATES = 20000 }; /* more points than these are drawn from */
enum { DRAWN = 4000 };

size_t mf__optimizer_best(size_t n, const double value[])
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (value[i] > value[best])
            best = i;
    return best;
}

int mf__optimizer_rim(size_t axis, size_t n, const optimizer_point point[], size_t best)
{
    bool below = false, above = false;
    for (size_t i = 0; i < n; i++) {
        below |= point[i].at[axis] < point[best].at[axis];
        above |= point[i].at[axis] > point[best].at[axis];
    }
    return above == below ? 0 : above ? -1 : 1;
}

static int half(const optimizer_axis *axis)
{
    return (axis->unit + 1) / 2;
}

/* What the next point is chosen from. */
typedef struct choice {
    size_t axes;
    const optimizer_axis *axis;
    size_t n;
    const optimizer_point *point; /* [n], tried */
    int low[OPTIMIZER_AXES], high[OPTIMIZER_AXES];
    bool trades[OPTIMIZER_AXES];
    surface surface;
    bool any;
    double expected;
    optimizer_point best;
} choice;

static bool was_tried(const choice *c, const optimizer_point *p)
{
    for (size_t i = 0; i < c->n; i++)
        if (memcmp(c->point[i].at, p->at, c->axes * sizeof *p->at) == 0)
            return true;
    return false;
}

static void place(double x[], size_t axes, const optimizer_axis axis[],
                  const optimizer_point *p)
{
    for (size_t a = 0; a < axes; a++)
        x[a] = (double)p->at[a] / axis[a].unit;
}

static void consider(choice *c, const optimizer_point *p)
{
    double x[OPTIMIZER_AXES], expected;
    if (was_tried(c, p))
        return;
    place(x, c->axes, c->axis, p);
    expected = mf__surface_expect(&c->surface, x);
    if (c->any && expected <= c->expected)
        return;
    c->any = true;
    c->expected = expected;
    c->best = *p;
}

/* The points of the first round: the start, and half a unit to each side of it. */
static bool find_first(choice *c)
{
    optimizer_point p = {0};
    if (!was_tried(c, &p)) {
        c->best = p;
        return true;
    }
    for (size_t a = c->axes; a-- > 0;)
        for (int side = 1; side >= -1; side -= 2) {
            const optimizer_axis *axis = &c->axis[a];
            int at = side * half(axis);
            at = at < axis->low ? axis->low : at > axis->high ? axis->high : at;
            p = (optimizer_point){0};
            p.at[a] = at;
            if (!was_tried(c, &p)) {
                c->best = p;
                return true;
            }
        }
    return false;
}

/* The box of the candidates; returns how many points it has, or one more than
 * CANDIDATES. */
static size_t bound(choice *c, const optimizer_point *around)
{
    size_t points = 1;
    for (size_t a = 0; a < c->axes; a++) {
        const optimizer_axis *axis = &c->axis[a];
        int low = around->at[a] - half(axis), high = around->at[a] + half(axis);
        c->low[a] = low < axis->low ? axis->low : low;
        c->high[a] = high > axis->high ? axis->high : high;
        points *= (size_t)(c->high[a] - c->low[a]) + 1;
        points = points > CANDIDATES ? CANDIDATES + 1 : points;
    }
    return points;
}

static void consider_all(choice *c)
{
    optimizer_point p = {0};
    memcpy(p.at, c->low, sizeof c->low);
    for (size_t a = 0; a < c->axes;) {
        if (a == 0)
            consider(c, &p);
        if (p.at[a] < c->high[a]) {
            p.at[a]++;
            a = 0;
        } else {
            p.at[a] = c->low[a];
            a++;
        }
    }
}

/* Where there are too many: points drawn from the box, and each with one axis as at
 * `around`, the best so far. */
static void consider_some(choice *c, const optimizer_point *around)
{
    for (uint32_t i = 0; i < DRAWN; i++) {
        mf_rng rng = mf__rng_make(c->n, MF_STREAM_TUNE, i);
        optimizer_point p = {0};
        for (size_t a = 0; a < c->axes; a++) {
            uint32_t width = (uint32_t)(c->high[a] - c->low[a]) + 1;
            bool stays = i % 4 != 0 && mf__rng_below(&rng, 2) == 0;
            int drawn = c->low[a] + (int)mf__rng_below(&rng, width);
            p.at[a] = stays ? around->at[a] : drawn;
        }
        consider(c, &p);
    }
}

/* True if a point was tried that is the same or next to it on one axis. */
static bool is_near_tried(const choice *c, const optimizer_point *p)
{
    for (size_t i = 0; i < c->n; i++) {
        int apart = 0;
        for (size_t a = 0; a < c->axes; a++)
            apart += abs(c->point[i].at[a] - p->at[a]);
        if (apart <= 1)
            return true;
    }
    return false;
}

/* Half a unit from the best on one axis, or on two: the surface may be wrong. */
static void consider_sides(choice *c, const optimizer_point *around)
{
    for (size_t a = 0; a < c->axes; a++)
        for (size_t b = a; b < c->axes; b++)
            for (int signs = 0; signs < 4; signs++) {
                optimizer_point p = *around;
                size_t on[] = {a, b};
                bool inside = true;
                for (size_t i = 0; i < (a == b ? 1 : 2); i++) {
                    const optimizer_axis *axis = &c->axis[on[i]];
                    int step = half(axis);
                    int *at = &p.at[on[i]];
                    *at += signs >> i & 1 ? -step : step;
                    inside &= *at >= axis->low && *at <= axis->high;
                }
                if (inside && !is_near_tried(c, &p))
                    consider(c, &p);
            }
}

/* Half a unit from the best along what two axes trade: the way the optimum lies where
 * both single axes are at theirs. False if that was tried, either way. */
static bool find_trade(choice *c, const optimizer_point *around)
{
    for (size_t a = 0; a < c->axes; a++)
        for (size_t b = a + 1; b < c->axes; b++)
            for (int sign = 1; c->trades[a] && c->trades[b] && sign >= -1; sign -= 2) {
                optimizer_point p = *around;
                p.at[a] += sign * half(&c->axis[a]);
                p.at[b] -= sign * half(&c->axis[b]);
                bool inside = p.at[a] >= c->axis[a].low && p.at[a] <= c->axis[a].high &&
                              p.at[b] >= c->axis[b].low && p.at[b] <= c->axis[b].high;
                if (inside && !is_near_tried(c, &p)) {
                    c->best = p;
                    return true;
                }
            }
    return false;
}

int mf__optimizer_next(size_t axes, const optimizer_axis axis[], size_t n,
                       const optimizer_point point[], const double value[],
                       double least, optimizer_point *next, bool *found, mf_err *err)
{
    choice c = {.axes = axes, .axis = axis, .n = n, .point = point};
    *found = find_first(&c);
    *next = c.best;
    if (*found || axes == 0)
        return MF_OK;
    double *x = mf__new(n, axes * sizeof *x);
    if (!x)
        return mf__nomem(err);
    for (size_t i = 0; i < n; i++)
        place(x + i * axes, axes, axis, &point[i]);
    for (size_t a = 0; a < axes; a++)
        c.trades[a] = axis[a].trades;
    int code = mf__surface_fit(&c.surface, n, axes, x, value, c.trades, err);
    if (code == MF_OK) {
        c.best = point[mf__optimizer_best(n, value)];
        optimizer_point around = c.best;
        if (bound(&c, &around) <= CANDIDATES)
            consider_all(&c);
        else
            consider_some(&c, &around);
        *found = c.any && c.expected > least;
        size_t since = mf__optimizer_best(n, value) + 1;
        since = since > 1 + 2 * axes ? since : 1 + 2 * axes; /* the first round */
        if (!*found && find_trade(&c, &around)) {
            *found = true;
        } else if (!*found && n < since + AGREE) {
            c.any = false;
            consider_sides(&c, &around);
            *found = c.any;
        }
        *next = c.best;
    }
    mf__surface_free(&c.surface);
    free(x);
    return code;
}
