/* How much more lambda the training cells want than their numbers say. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "mf/als.h"
#include "near.h"

enum { USERS = 600, ITEMS = 480, EACH = 6, TASTES = 24 };

/* EACH items of each user, from all or from those of one of so many tastes, which have
 * as many items each; the first ones are popular. */
static void draw(mf_csr *x, uint32_t users, uint32_t tastes, float value)
{
    uint32_t *row = calloc((size_t)users * EACH, sizeof *row), n = 0,
             *col = calloc((size_t)users * EACH, sizeof *col), own = ITEMS / tastes;
    float *val = calloc((size_t)users * EACH, sizeof *val);
    assert_true(row && col && val);
    for (uint32_t u = 0; u < users; u++) {
        mf_rng rng = mf__rng_make(5, MF_STREAM_TEST, u);
        uint32_t first = n;
        while (n < first + EACH) {
            double at = pow(mf__rng_uniform(&rng), 3);
            uint32_t item = u % tastes * own + (uint32_t)(own * at), t = first;
            while (t < n && col[t] != item)
                t++;
            if (t < n)
                continue;
            row[n] = u;
            col[n] = item;
            val[n++] = value;
        }
    }
    assert_int_equal(mf_csr_from_triplets(x, users, ITEMS, n, row, col, val, NULL),
                     MF_OK);
    free(row);
    free(col);
    free(val);
}

static mf_als_params defaults(mf_preset preset)
{
    mf_als_params p = mf_als_defaults(preset);
    p.threads = 1;
    return p;
}

static double noise_of(const mf_csr *x, const mf_als_params *p)
{
    mf_als_shape shape;
    assert_int_equal(mf_als_measure_shape(&shape, p, x, NULL), MF_OK);
    return shape.noise;
}

/* Where cells are chance they say nothing of the hidden one: the less is learned beyond
 * what is popular, the better. Those of a taste say that it is one of its 20 items. */
static void chance_wants_more_lambda_and_tastes_do_not(void **state)
{
    (void)state;
    mf_csr chance, tastes;
    draw(&chance, USERS, 1, 1);
    draw(&tastes, USERS, TASTES, 1);
    for (int preset = MF_PRESET_IMPLICIT; preset <= MF_PRESET_WRMF; preset++) {
        mf_als_params p = defaults((mf_preset)preset);
        assert_near(noise_of(&chance, &p), 2, 1e-15);
        assert_near(noise_of(&tastes, &p), 1, 0);
    }
    mf_csr_free(&chance);
    mf_csr_free(&tastes);
}

/* c = 6 cells of a user, w = (1 + r) c. */
static void lambda_is_multiplied_by_the_noise(void **state)
{
    (void)state;
    mf_csr x;
    mf_als_shape shape;
    mf_als_params p = defaults(MF_PRESET_IMPLICIT);
    draw(&x, USERS, 1, 1);
    assert_int_equal(mf_als_measure_shape(&shape, &p, &x, NULL), MF_OK);
    double r = 4.5 * sqrt(shape.skew);
    assert_int_equal(mf_als_settle(&p, &x, NULL), MF_OK);
    assert_near(p.lambda_users, 2 * .23 / sqrt((1 + r) * EACH), 1e-12);
    assert_near(p.lambda_items, p.lambda_users, 0);
    assert_near(p.unobserved, r * shape.density, 1e-12);
    p.lambda_items = MF_ALS_AUTO; /* the other is given, and so is W0 */
    p.lambda_users = .01;
    assert_int_equal(mf_als_settle(&p, &x, NULL), MF_OK);
    assert_near(p.lambda_users, .01, 0);
    assert_near(p.lambda_items, 2 * .23 / sqrt((1 + r) * EACH), 1e-12);
    mf_csr_free(&x);
}

static void noise_depends_on_cells_alone(void **state)
{
    (void)state;
    mf_csr x;
    mf_als_params p = defaults(MF_PRESET_IMPLICIT);
    draw(&x, USERS, 1, 1);
    for (uint32_t i = 1; i <= 2; i++) {
        p.threads = (int)i;
        p.seed = i;
        p.personas = i;
        p.k = 8 * i;
        assert_near(noise_of(&x, &p), 2, 1e-15);
    }
    mf_csr_free(&x);
}

/* Where no lambda is left to the cells nothing is measured, nor where fewer than 200
 * users like two items, nor in explicit, where all is a number. */
static void noise_is_1_where_it_is_not_measured(void **state)
{
    (void)state;
    mf_csr x, few, dislikes;
    mf_als_params p = defaults(MF_PRESET_IMPLICIT), given = p,
                  numbers = defaults(MF_PRESET_EXPLICIT);
    given.lambda_users = given.lambda_items = .01;
    draw(&x, USERS, 1, 1);
    draw(&few, 199, 1, 1);
    draw(&dislikes, USERS, 1, -1);
    assert_near(noise_of(&x, &p), 2, 1e-15);
    assert_near(noise_of(&x, &given), 1, 0);
    assert_near(noise_of(&x, &numbers), 1, 0);
    assert_near(noise_of(&few, &p), 1, 0);
    assert_near(noise_of(&dislikes, &p), 1, 0);
    mf_csr_free(&x);
    mf_csr_free(&few);
    mf_csr_free(&dislikes);
}

/* What cannot be trained is said by the training, not here: W0 and the confidence A
 * overflow. */
static void what_cannot_be_trained_has_no_noise(void **state)
{
    (void)state;
    mf_csr x;
    mf_als_params p = defaults(MF_PRESET_IMPLICIT);
    p.confidence = MF_CONFIDENCE_LINEAR;
    p.alpha = 2;
    draw(&x, USERS, 1, 1e30f);
    assert_near(noise_of(&x, &p), 1, 0);
    mf_csr_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chance_wants_more_lambda_and_tastes_do_not),
        cmocka_unit_test(lambda_is_multiplied_by_the_noise),
        cmocka_unit_test(noise_depends_on_cells_alone),
        cmocka_unit_test(noise_is_1_where_it_is_not_measured),
        cmocka_unit_test(what_cannot_be_trained_has_no_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
