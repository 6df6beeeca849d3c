#include "jobs/tune/space.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "jobs/train/describe.h"
#include "wire/stage.h"

const char *const mf_tune_axis_names[] = {
    "unobserved", "lambda", "factors", "personas", "overlap", "popularity", NULL};

enum { FARTHEST = 24 }; /* points to each side where there is no end */
enum { SHORT = 5, FEW = 24, LONGEST = 10 }; /* sweeps, see mf__space_short */
enum { WHOLE = 16 }; /* at least, as mf-als has it where it may stop by itself */

/* How values go along an axis: by factors, or by steps. */
static const struct {
    double factor, step;
    int unit;
    bool trades;
} ALONG[MF_TUNE_AXES] = {
    [MF_TUNE_UNOBSERVED] = {.factor = M_SQRT2, .unit = 4, .trades = true},
    [MF_TUNE_LAMBDA] = {.factor = M_SQRT2, .unit = 4, .trades = true},
    [MF_TUNE_FACTORS] = {.factor = 2, .unit = 1},
    [MF_TUNE_PERSONAS] = {.step = 1, .unit = 1},
    [MF_TUNE_OVERLAP] = {.step = .1, .unit = 3},
    [MF_TUNE_POPULARITY] = {.step = .125, .unit = 4},
};

static double start_of(mf_tune_axis what, const mf_als_params *p)
{
    switch (what) {
    case MF_TUNE_UNOBSERVED: return p->unobserved;
    case MF_TUNE_LAMBDA: return p->lambda_users > 0 ? p->lambda_users : p->lambda_items;
    case MF_TUNE_FACTORS: return p->k;
    case MF_TUNE_PERSONAS: return p->personas;
    case MF_TUNE_OVERLAP: return p->overlap;
    default: return p->popularity;
    }
}

/* What the value at the start is taken times, or what is added to it, `at` points
 * away. */
static double away(mf_tune_axis what, double start, int at)
{
    return ALONG[what].factor > 0 ? start * pow(ALONG[what].factor, at)
                                  : start + ALONG[what].step * at;
}

/* Three digits, so that what is printed says all. */
static double rounded(double value)
{
    char text[NUMBER_TEXT];
    mf__snprintf(text, sizeof text, "%.3g", value);
    return mf__strtod(text, NULL);
}

static void set(mf_als_params *p, mf_tune_axis what, double start, int at)
{
    double value = away(what, start, at);
    if (at == 0)
        return;
    switch (what) {
    case MF_TUNE_UNOBSERVED: p->unobserved = rounded(value); break;
    case MF_TUNE_LAMBDA:
        p->lambda_items = rounded(p->lambda_items * value / start);
        p->lambda_users = rounded(p->lambda_users * value / start);
        break;
    case MF_TUNE_FACTORS: p->k = (uint32_t)lround(value); break;
    case MF_TUNE_PERSONAS: p->personas = (uint32_t)lround(value); break;
    case MF_TUNE_OVERLAP: p->overlap = rounded(value); break;
    default: p->popularity = rounded(value);
    }
}

/* True if a value is not past an end, by more than rounding. */
static bool is_within(const mf_tune_range *r, double value)
{
    double slack = 1e-9 * fabs(value);
    bool above = !(r->low > 0) || value >= r->low - slack;
    return above && value >= -1e-12 && (!isfinite(r->high) || value <= r->high + slack);
}

/* Of two values that go together: the one that is the start goes to the end itself. */
static double moved(double value, double start, double to)
{
    return value == start ? to : rounded(value * to / start);
}

/* Put the start between the ends. */
static void move_start(space *s, mf_tune_axis what, const mf_tune_range *r)
{
    double start = start_of(what, &s->base), to = start;
    if (r->low > 0 && start < r->low)
        to = r->low;
    if (isfinite(r->high) && start > r->high)
        to = r->high;
    if (to == start)
        return;
    mf_als_params *p = &s->base;
    switch (what) {
    case MF_TUNE_UNOBSERVED: p->unobserved = to; break;
    case MF_TUNE_LAMBDA:
        p->lambda_items = moved(p->lambda_items, start, to);
        p->lambda_users = moved(p->lambda_users, start, to);
        break;
    case MF_TUNE_FACTORS: p->k = (uint32_t)lround(to); break;
    case MF_TUNE_PERSONAS: p->personas = (uint32_t)lround(to); break;
    case MF_TUNE_OVERLAP: p->overlap = to; break;
    default: p->popularity = to;
    }
}

static void add_axis(space *s, mf_tune_axis what, const mf_tune_range *r)
{
    optimizer_axis axis = {.unit = ALONG[what].unit, .trades = ALONG[what].trades};
    move_start(s, what, r);
    double start = start_of(what, &s->base);
    if (ALONG[what].factor > 0 && !(start > 0))
        return;
    while (axis.low > -FARTHEST && is_within(r, away(what, start, axis.low - 1)))
        axis.low--;
    while (axis.high < FARTHEST && is_within(r, away(what, start, axis.high + 1)))
        axis.high++;
    s->what[s->axes] = what;
    s->axis[s->axes++] = axis;
}

/* Give what is searched, and is left to the training cells, the value to start from:
 * what they say, to three digits. What is not searched stays as it is, but for a
 * confidence that would follow W0. */
static int settle(mf_als_params *base, const mf_tune_range range[], const mf_csr *train,
                  mf_err *err)
{
    mf_als_params p = *base;
    mf_als_shape shape;
    int code = mf_als_measure_shape(&shape, base, train, err);
    if (code == MF_OK)
        code = mf_als_settle_by(&p, &shape, err);
    if (code < 0)
        return code;
    if (range[MF_TUNE_UNOBSERVED].searched && base->unobserved == MF_ALS_AUTO) {
        base->unobserved = rounded(p.unobserved / shape.density);
        base->unobserved_unit = MF_W0_DENSITY;
    } else if (range[MF_TUNE_UNOBSERVED].searched && base->alpha == MF_ALS_AUTO &&
               base->unobserved_unit == MF_W0_PLAIN)
        base->alpha = rounded(p.alpha);
    if (range[MF_TUNE_LAMBDA].searched && base->lambda_users == MF_ALS_AUTO)
        base->lambda_users = rounded(p.lambda_users);
    if (range[MF_TUNE_LAMBDA].searched && base->lambda_items == MF_ALS_AUTO)
        base->lambda_items = rounded(p.lambda_items);
    return MF_OK;
}

int mf__space_make(space *s, const mf_tune_params *params, const mf_csr *train,
                   mf_err *err)
{
    *s = (space){
        .base = params->train.als, .sweeps = params->sweeps, .warmup = params->warmup};
    int code = settle(&s->base, params->range, train, err);
    if (code < 0)
        return code;
    for (int what = 0; what < MF_TUNE_AXES; what++)
        if (params->range[what].searched)
            add_axis(s, (mf_tune_axis)what, &params->range[what]);
    return MF_OK;
}

mf_als_params mf__space_at(const space *s, const optimizer_point *point)
{
    mf_als_params p = s->base;
    for (size_t j = 0; j < s->axes; j++)
        set(&p, s->what[j], start_of(s->what[j], &s->base), point->at[j]);
    return p;
}

static void set_sweeps(const space *s, mf_als_params *p, uint32_t sweeps)
{
    p->iterations = sweeps;
    if (!s->warmup)
        p->warmup = MF_WARMUP_ALL;
    *p = mf__train_canonical(p);
}

void mf__space_whole(const space *s, mf_als_params *p)
{
    uint32_t sweeps = mf_als_default_iterations(p->preset, p->k);
    set_sweeps(s, p, s->sweeps ? s->base.iterations : sweeps > WHOLE ? sweeps : WHOLE);
}

/* With few factors settings take longer to stand in their order. */
void mf__space_short(const space *s, mf_als_params *p)
{
    uint32_t sweeps = SHORT + FEW / p->k;
    sweeps = sweeps < LONGEST ? sweeps : LONGEST;
    if (s->warmup && sweeps < s->base.warmup + 2)
        sweeps = s->base.warmup + 2;
    if (s->sweeps && sweeps > s->base.iterations)
        sweeps = s->base.iterations;
    set_sweeps(s, p, sweeps);
}

/* --- words --- */

void mf__space_value(char text[SPACE_TEXT], const space *s, size_t j,
                     const mf_als_params *p)
{
    char number[NUMBER_TEXT];
    mf_tune_axis what = s->what[j];
    mf__number_plain(number, start_of(what, p));
    bool times = what == MF_TUNE_UNOBSERVED && p->unobserved_unit == MF_W0_DENSITY;
    snprintf(text, SPACE_TEXT, "%s%s", number, times ? "x" : "");
}

static const char *value_of(const mf_stage *stage, const char *name)
{
    for (size_t i = 0; i < stage->options; i++)
        if (strcmp(stage->option[i].name, name) == 0)
            return stage->option[i].value;
    return "";
}

static size_t put(char text[SPACE_OPTIONS], size_t used, const char *name,
                  const char *value)
{
    /* options without a value stand in provenance with "yes" */
    bool flag = strcmp(value, "yes") == 0;
    return mf__append(text, SPACE_OPTIONS, used, "%s--%s%s%s", used ? " " : "", name,
                      flag ? "" : "=", flag ? "" : value);
}

/* The lambdas as one option where they are equal. */
static size_t put_lambdas(char text[SPACE_OPTIONS], size_t used, const mf_stage *stage)
{
    const char *users = value_of(stage, "lambda-users");
    const char *items = value_of(stage, "lambda-items");
    if (strcmp(users, items) == 0)
        return mf__append(text, SPACE_OPTIONS, used, " -l %s", users);
    used = put(text, used, "lambda-users", users);
    return put(text, used, "lambda-items", items);
}

/* The parameters that hold where nothing but these is said. */
static mf_als_params usual(const mf_als_params *p)
{
    mf_als_params d = mf_als_defaults(p->preset);
    d.k = p->k;
    d.personas = p->personas;
    d.iterations = p->iterations;
    d.warmup = MF_WARMUP_ALL;
    return mf__train_canonical(&d);
}

void mf__space_options(char text[SPACE_OPTIONS], const mf_train_params *train,
                       const mf_als_params *p)
{
    static const char *const said[] = {"factors",      "personas",     "unobserved",
                                       "lambda-users", "lambda-items", "iterations"};
    mf_als_params canonical = mf__train_canonical(p), other = usual(p);
    mf_stage stage = mf__train_stage(&canonical), plain = mf__train_stage(&other);
    size_t used = 0;
    text[0] = '\0';
    if (p->preset != MF_PRESET_IMPLICIT)
        used = put(text, used, "preset", value_of(&stage, "preset"));
    used = mf__append(text, SPACE_OPTIONS, used, "%s-k %s -p %s", used ? " " : "",
                      value_of(&stage, "factors"), value_of(&stage, "personas"));
    const char *unobserved = value_of(&stage, "unobserved");
    if (strcmp(unobserved, "0") != 0 ||
        strcmp(unobserved, value_of(&plain, "unobserved")) != 0)
        used = mf__append(text, SPACE_OPTIONS, used, " -u %s", unobserved);
    used = put_lambdas(text, used, &stage);
    used =
        mf__append(text, SPACE_OPTIONS, used, " -n %s", value_of(&stage, "iterations"));
    for (size_t i = 0; i < stage.options; i++) {
        const char *name = stage.option[i].name, *value = stage.option[i].value;
        bool is_said = strcmp(name, "preset") == 0;
        for (size_t j = 0; j < sizeof said / sizeof *said; j++)
            is_said |= strcmp(name, said[j]) == 0;
        if (!is_said && strcmp(value, value_of(&plain, name)) != 0)
            used = put(text, used, name, value);
    }
    if (p->confidence == MF_CONFIDENCE_NONE && other.confidence != MF_CONFIDENCE_NONE)
        used = put(text, used, "confidence", "none");
    if (train->watch.name[0])
        used = put(text, used, "watch", train->watch.name);
    if (p->seed != 1)
        mf__append(text, SPACE_OPTIONS, used, " --seed=%llu",
                   (unsigned long long)p->seed);
}

void mf__space_fixed(char text[SPACE_OPTIONS], const space *s, const char *metric)
{
    mf_als_params p = mf__train_canonical(&s->base);
    mf_stage stage = mf__train_stage(&p);
    size_t used = 0;
    for (size_t j = 0; j < s->axes; j++) {
        mf__stage_drop(&stage, mf_tune_axis_names[s->what[j]]);
        if (s->what[j] == MF_TUNE_LAMBDA) {
            mf__stage_drop(&stage, "lambda-users");
            mf__stage_drop(&stage, "lambda-items");
        }
        if (s->what[j] == MF_TUNE_POPULARITY)
            mf__stage_drop(&stage, "unobserved-by");
    }
    if (!s->sweeps)
        mf__stage_drop(&stage, "iterations");
    if (!s->warmup)
        mf__stage_drop(&stage, "warmup");
    text[0] = '\0';
    for (size_t i = 0; i < stage.options; i++)
        used = put(text, used, stage.option[i].name, stage.option[i].value);
    used = put(text, used, "metric", metric);
    mf__append(text, SPACE_OPTIONS, used, " --seed=%llu", (unsigned long long)p.seed);
}

bool mf__space_is_last(mf_tune_axis what, int side, const char *value)
{
    if (what < MF_TUNE_FACTORS)
        return false;
    bool counts = what == MF_TUNE_FACTORS || what == MF_TUNE_PERSONAS;
    if (side > 0)
        return !counts && strcmp(value, "1") == 0;
    return strcmp(value, counts ? "1" : "0") == 0;
}
