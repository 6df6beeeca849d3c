/* als/params.h - what the parameters mean: the coefficients of cells, the weights of
 * personas and the ridges, by the formulas of mf/als.h. */
#ifndef ALS_PARAMS_H
#define ALS_PARAMS_H

#include "mf/als.h"

/* Words that jobs, which know the ids, say too. */
#define MF__ALS_SINGULAR                                                               \
    "it is singular or overflows; raise --lambda or check the values"
#define MF__ALS_OVERFLOW "has no confidence: it is too large; transform the values"

/* The most that W0 and lambdas may be. */
#define MF__ALS_MOST 1e12

/* True if nothing is left to mf_als_settle. */
bool mf__als_is_settled(const mf_als_params *p);

/* mf_als_measure_shape with a noise of 1. */
int mf__als_count_shape(mf_als_shape *shape, const mf_als_params *params,
                        const mf_csr *train, mf_err *err) MF_MUST_USE;

/* c of a value: alpha |x| or alpha log(1 + |x| / eps). */
double mf__als_confidence(const mf_als_params *p, float x);

/* True if a and b vary from cell to cell with a confidence. */
bool mf__als_has_confidence(const mf_als_params *p);

/* What a value says. In `explicit` and `study` it is a number, and every cell says its
 * own. In `implicit` and `wrmf` a value above 0 is liked, one below 0 is disliked, and
 * 0 says nothing: the item is known, and that is all. */
bool mf__als_takes_numbers(const mf_als_params *p);

/* True if a cell of value x is trained on: it says something. */
static inline bool als_says_something(const mf_als_params *p, float x)
{
    return x != 0 || mf__als_takes_numbers(p);
}

/* True if a cell of value x makes the persona that owns it active, and has a place in
 * clustering: it is liked, or a number. */
static inline bool als_speaks(const mf_als_params *p, float x)
{
    return x > 0 || mf__als_takes_numbers(p);
}

/* a and b of a cell that says something, of value x, b before mu and biases are
 * subtracted: of a dislike b is 0. False if x has no confidence: c overflows. */
bool mf__als_coefficients(const mf_als_params *p, float x, float *a, float *b);

/* The steps of conjugate gradients that a row takes, where it is solved by them. */
uint32_t mf__als_steps(const mf_als_params *p);

/* a of every cell, where it does not vary. */
static inline double als_constant_a(const mf_als_params *p)
{
    return p->preset == MF_PRESET_STUDY ? 0 : 1;
}

/* What a cell costs a persona whose score for it is s. */
static inline double als_cost(double a, double b, double s)
{
    return a * s * s - 2 * b * s;
}

/* r, the mean of rho over the personas. */
static inline double als_mean_rho(const mf_als_params *p, uint32_t personas)
{
    return (1 + ((double)personas - 1) * p->overlap) / (double)personas;
}

/* w0' */
static inline double als_unobserved(const mf_als_params *p, uint32_t personas)
{
    return p->preset == MF_PRESET_STUDY ? p->unobserved
                                        : als_mean_rho(p, personas) * p->unobserved;
}

/* Into how many parts a history of so many cells is divided, for so many personas. */
uint32_t mf__als_parts(const mf_als_params *p, uint32_t personas, size_t cells);

/* True if histories are divided after the last sweep: nothing revises the division. */
static inline bool als_divides_last(const mf_als_params *p)
{
    return p->init != MF_INIT_GAUSSIAN && p->warmup >= p->iterations;
}

/* rho: what a cell counts for the persona that owns it, and for each of the others. */
typedef struct als_rho {
    double own, sibling;
} als_rho;

/* rho of the cells of a user who has so many. */
als_rho mf__als_rho(const mf_als_params *p, uint32_t personas, size_t cells);

/* lambda_u of a user of so many cells, among items whose weights sum up to n. */
double mf__als_lambda_u(const mf_als_params *p, uint32_t personas, size_t cells,
                        double n);

/* lambda_i of an item of so many cells, whose weight times the number of users is m. */
double mf__als_lambda_i(const mf_als_params *p, uint32_t personas, size_t cells,
                        double m);

/* h, the weight of an item: what its cells weigh that nobody has, as to w0. */
static inline double als_item_weight(const mf_tensor *items, uint32_t i)
{
    return items->weight ? (double)items->weight[i] : 1;
}

/* The sum of the weights of all items. */
double mf__als_sum_weights(const mf_tensor *items);

/* Give items their weights, if the parameters want any, by the cells of each that say
 * something, of which there are `all`. Returns MF_OK or MF_ENOMEM. */
int mf__als_weigh_items(mf_tensor *items, const mf_als_params *p, const size_t cells[],
                        double all, mf_err *err) MF_MUST_USE;

/* mf_als_factors_free, of those that a training with this disk saved. */
void mf__als_factors_free(struct mf_disk *disk, mf_als_factors *f);

/* beta_u or beta_i of a row of so many cells. */
double mf__als_beta(const mf_als_params *p, uint32_t personas, size_t cells);

#endif
