/* What happens between two sweeps: stopping, saving, going on, warm starts. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aid.h"
#include "als_aid.h"
#include "jobs/train/checkpoint.h"
#include "jobs/train/stop.h"

/* --- stopping --- */

static mf_metric metric(const char *name)
{
    mf_metric_list list;
    assert_int_equal(mf_metrics_parse(&list, name, NULL), MF_OK);
    return list.metric[0];
}

static mf_history_entry entry(uint32_t iteration, const char *half, double loss,
                              double valid)
{
    mf_history_entry e = {.iteration = iteration, .loss = loss, .valid = valid};
    snprintf(e.half, sizeof e.half, "%s", half);
    return e;
}

static bool see(stop_rule *s, uint32_t iteration, const char *half, double loss,
                double valid)
{
    mf_history_entry e = entry(iteration, half, loss, valid);
    return mf__stop_see(s, &e);
}

static void patience_counts_sweeps_since_the_best(void **state)
{
    (void)state;
    mf_metric ndcg = metric("ndcg@10");
    stop_rule s = mf__stop_make(&ndcg, 2, 0, false, 0);
    assert_false(see(&s, 0, "start", 9, .9)); /* random factors are no model */
    assert_true(see(&s, 1, "users", 8, .2));
    assert_true(see(&s, 2, "users", 7, .3));
    assert_false(see(&s, 3, "items", 7, NAN));
    assert_false(see(&s, 3, "users", 7, .3)); /* as good is no better */
    assert_null(mf__stop_why(&s));
    assert_false(see(&s, 4, "users", 7, .29));
    assert_non_null(mf__stop_why(&s));
    assert_int_equal(s.best, 2);
}

static void of_errors_the_smaller_is_better(void **state)
{
    (void)state;
    mf_metric rmse = metric("rmse");
    stop_rule s = mf__stop_make(&rmse, 1, 0, true, 0);
    assert_true(see(&s, 0, "start", 9, 2)); /* of another model */
    assert_true(see(&s, 1, "users", 8, 1));
    assert_null(mf__stop_why(&s));
    assert_false(see(&s, 2, "users", 8, 1.5));
    assert_non_null(mf__stop_why(&s));
    assert_int_equal(s.best, 1);
}

static void the_warm_up_counts_from_its_clustering(void **state)
{
    (void)state;
    mf_metric ndcg = metric("ndcg@10");
    stop_rule s = mf__stop_make(&ndcg, 1, .5, false, 2);
    see(&s, 0, "start", 100, .1);
    assert_false(see(&s, 1, "users", 99, .9));
    assert_null(mf__stop_why(&s));
    assert_false(see(&s, 2, "users", 98.9, .8));
    assert_true(see(&s, 2, "cluster", 300, .2));
    assert_null(mf__stop_why(&s));
    assert_true(see(&s, 3, "users", 100, .3)); /* fell by more than half */
    assert_null(mf__stop_why(&s));
    assert_int_equal(s.best, 3);
}

static void tolerance_is_a_share_of_the_loss(void **state)
{
    (void)state;
    mf_metric none = {.name = ""};
    stop_rule s = mf__stop_make(&none, 0, .01, false, 0);
    see(&s, 0, "start", 1000, NAN);
    see(&s, 1, "users", 500, NAN);
    assert_null(mf__stop_why(&s));
    see(&s, 2, "users", 494, NAN);
    assert_null(mf__stop_why(&s));
    see(&s, 3, "users", 490, NAN);
    assert_non_null(mf__stop_why(&s));
    s = mf__stop_make(&none, 0, 0, false, 0);
    see(&s, 0, "start", 5, NAN);
    see(&s, 1, "users", 5, NAN);
    assert_null(mf__stop_why(&s)); /* nobody asked */
}

/* --- saving and going on --- */

static mf_als *open_als(const mf_csr *train, const mf_als_params *params)
{
    mf_als *als;
    mf_err err = {0};
    if (mf_als_open(&als, train, NULL, params, &err) != MF_OK)
        fail_msg("%s", err.text);
    return als;
}

static void sweeps(mf_als *als, int n)
{
    for (int i = 0; i < n; i++)
        assert_int_equal(mf_als_sweep(als, NULL, NULL, NULL), MF_OK);
}

static void same_bits(const mf_als *a, const mf_als *b, size_t cells)
{
    const mf_tensor *x[] = {mf_als_users(a), mf_als_items(a)};
    const mf_tensor *y[] = {mf_als_users(b), mf_als_items(b)};
    for (int side = 0; side < 2; side++) {
        assert_int_equal(x[side]->personas, y[side]->personas);
        size_t n = (size_t)x[side]->n * x[side]->personas * x[side]->k;
        assert_memory_equal(x[side]->data, y[side]->data, n * sizeof(float));
        assert_int_equal(x[side]->bias != NULL, y[side]->bias != NULL);
        if (x[side]->bias)
            assert_memory_equal(x[side]->bias, y[side]->bias,
                                x[side]->n * sizeof(float));
    }
    assert_memory_equal(mf_als_personas(a), mf_als_personas(b), cells);
}

static checkpoint_of identity(const mf_als_params *p, const mf_csr *train)
{
    checkpoint_of of = {.stage = mf_stage_make("mf-als"),
                        .ratings = 77,
                        .users = train->rows,
                        .items = train->cols,
                        .k = p->k,
                        .personas = p->personas,
                        .bias = p->bias,
                        .cells = train->nnz};
    mf_stage_option(&of.stage, "factors", "%u", p->k);
    return of;
}

static aid_bytes write_state(const mf_als *als, const checkpoint_of *of,
                             const mf_als_factors *best)
{
    int fd;
    mf_out *out = aid_out(&fd);
    mf_history_entry h[] = {entry(0, "start", 5.5, NAN), entry(1, "users", 4.25, .125)};
    checkpoint_state now = {mf_als_users(als), mf_als_items(als), mf_als_personas(als),
                            mf_als_next_personas(als)};
    checkpoint_state kept = {0};
    if (best)
        kept = (checkpoint_state){&best->users, &best->items, best->z, NULL};
    assert_int_equal(mf__checkpoint_write(out, of, mf_als_iteration(als), &now, 2, h,
                                          best ? &kept : NULL, NULL),
                     MF_OK);
    assert_int_equal(mf_out_flush(out, NULL), MF_OK);
    return aid_out_close(out, fd);
}

static int read_state(checkpoint *c, const void *data, size_t size,
                      const checkpoint_of *of, mf_err *err)
{
    mf_in *in = aid_in(data, size);
    int code = mf__checkpoint_read(c, in, of, err);
    aid_in_close(in);
    return code;
}

static mf_als_params small_params(mf_preset preset)
{
    mf_als_params p = aid_numbers(preset);
    p.k = 3;
    p.personas = 3;
    p.persona_cells = 0;
    p.iterations = 8;
    p.warmup = p.init == MF_INIT_CLUSTER ? 3 : 0;
    p.threads = 2;
    return p;
}

static void a_run_goes_on_from_any_sweep_with_the_same_bits(void **state)
{
    (void)state;
    static const mf_preset presets[] = {MF_PRESET_IMPLICIT, MF_PRESET_WRMF,
                                        MF_PRESET_EXPLICIT, MF_PRESET_STUDY};
    for (size_t i = 0; i < 4; i++) {
        mf_csr train;
        mf_als_params p = small_params(presets[i]);
        aid_cells(&train, 13, 11, 5, false);
        mf_als *whole = open_als(&train, &p);
        assert_int_equal(mf_als_run(whole, NULL, NULL, NULL), MF_OK);
        checkpoint_of of = identity(&p, &train);
        for (int at = 0; at <= 8; at++) {
            mf_als *first = open_als(&train, &p), *second = open_als(&train, &p);
            assert_int_equal(mf_als_begin(first, NULL, NULL, NULL), MF_OK);
            sweeps(first, at);
            aid_bytes bytes = write_state(first, &of, NULL);
            checkpoint c;
            mf_err err = {0};
            if (read_state(&c, bytes.data, bytes.size, &of, &err) != MF_OK)
                fail_msg("%s", err.text);
            assert_int_equal(c.iteration, at);
            assert_int_equal(c.history_n, 2);
            assert_true(isnan(c.history[0].valid) && c.history[1].valid == .125);
            assert_false(c.has_best);
            assert_int_equal(mf_als_restore(second, &c.now, c.iteration, NULL), MF_OK);
            sweeps(second, 8 - at);
            same_bits(whole, second, train.nnz);
            mf__checkpoint_free(&c);
            aid_free(&bytes);
            mf_als_close(first);
            mf_als_close(second);
        }
        mf_als_close(whole);
        mf_csr_free(&train);
    }
}

static void no_damage_of_a_checkpoint_passes(void **state)
{
    (void)state;
    mf_csr train;
    mf_als_params p = small_params(MF_PRESET_EXPLICIT);
    aid_cells(&train, 6, 5, 5, false);
    mf_als *als = open_als(&train, &p);
    mf_als_factors best = {0};
    checkpoint c;
    assert_int_equal(mf_als_start(als, NULL, NULL, NULL), MF_OK);
    assert_int_equal(mf_als_save(als, &best, NULL), MF_OK);
    sweeps(als, 1);
    checkpoint_of of = identity(&p, &train), other = of;
    aid_bytes bytes = write_state(als, &of, &best);
    assert_int_equal(read_state(&c, bytes.data, bytes.size, &of, NULL), MF_OK);
    assert_true(c.has_best);
    assert_memory_equal(c.best.z, best.z, train.nnz);
    mf__checkpoint_free(&c);
    for (size_t cut = 0; cut < bytes.size; cut++)
        assert_int_equal(read_state(&c, bytes.data, cut, &of, NULL), MF_EFORMAT);
    for (size_t bit = 0; bit < 8 * bytes.size; bit++) {
        bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(read_state(&c, bytes.data, bytes.size, &of, NULL), MF_EFORMAT);
        assert_null(c.history);
        bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    other.ratings++;
    assert_int_equal(read_state(&c, bytes.data, bytes.size, &other, NULL), MF_EFORMAT);
    other = of;
    other.users++; /* shapes that lie are found by what there is */
    assert_int_equal(read_state(&c, bytes.data, bytes.size, &other, NULL), MF_EFORMAT);
    other = of;
    mf_stage_option(&other.stage, "tol", "0.1");
    assert_int_equal(read_state(&c, bytes.data, bytes.size, &other, NULL), MF_EFORMAT);
    aid_free(&bytes);
    mf_als_factors_free(&best);
    mf_als_close(als);
    mf_csr_free(&train);
}

/* --- warm starts --- */

static void a_trained_model_is_its_own_start(void **state)
{
    (void)state;
    mf_csr train;
    mf_als_params p = small_params(MF_PRESET_IMPLICIT);
    aid_cells(&train, 13, 11, 5, false);
    mf_als *trained = open_als(&train, &p);
    mf_als_factors given = {0};
    assert_int_equal(mf_als_run(trained, NULL, NULL, NULL), MF_OK);
    assert_int_equal(mf_als_save(trained, &given, NULL), MF_OK);
    p.init = MF_INIT_MODEL;
    p.warmup = 0;
    mf_als *als = open_als(&train, &p);
    assert_int_equal(mf_als_begin(als, NULL, NULL, NULL), MF_EINVAL);
    assert_int_equal(mf_als_start_from(als, &given, NULL, NULL, NULL), MF_OK);
    same_bits(trained, als, train.nnz);
    /* cells of no persona go where they cost least: where the next sweep puts them */
    double moved;
    memset(given.z, MF_ALS_NO_PERSONA, train.nnz);
    assert_int_equal(mf_als_start_from(als, &given, NULL, NULL, NULL), MF_OK);
    mf_als_assign(trained, &moved);
    assert_memory_equal(mf_als_personas(als), mf_als_personas(trained), train.nnz);
    given.users.personas = 9;
    assert_int_equal(mf_als_start_from(als, &given, NULL, NULL, NULL), MF_EINVAL);
    given.users.personas = p.personas;
    mf_als_factors_free(&given);
    mf_als_close(als);
    mf_als_close(trained);
    mf_csr_free(&train);
}

static void parts_are_split_and_strangers_are_clustered(void **state)
{
    (void)state;
    mf_csr train;
    mf_als_params p = small_params(MF_PRESET_IMPLICIT);
    p.personas = 2;
    aid_cells(&train, 13, 11, 5, false);
    mf_als *two = open_als(&train, &p);
    mf_als_factors given = {0};
    assert_int_equal(mf_als_run(two, NULL, NULL, NULL), MF_OK);
    assert_int_equal(mf_als_save(two, &given, NULL), MF_OK);
    memset(mf_tensor_at(&given.users, 3, 0), 0, (size_t)2 * p.k * sizeof(float));
    for (size_t t = train.ptr[3]; t < train.ptr[4]; t++)
        given.z[t] = MF_ALS_NO_PERSONA;
    for (uint32_t personas = 2; personas <= 5; personas++) {
        p.init = MF_INIT_MODEL;
        p.warmup = 0;
        p.personas = personas;
        mf_als *als = open_als(&train, &p);
        assert_int_equal(mf_als_start_from(als, &given, NULL, NULL, NULL), MF_OK);
        assert_int_equal(mf_als_users(als)->personas, personas);
        size_t owned[5] = {0};
        for (size_t t = 0; t < train.nnz; t++) {
            assert_true(mf_als_personas(als)[t] < personas);
            owned[mf_als_personas(als)[t]]++;
        }
        for (uint32_t q = 0; q < personas; q++)
            assert_true(owned[q] > 0);
        size_t stranger[5] = {0}, used = 0;
        for (size_t t = train.ptr[3]; t < train.ptr[4]; t++)
            used += stranger[mf_als_personas(als)[t]]++ == 0;
        assert_true(used >= 2);
        mf_als_close(als);
    }
    mf_als_factors_free(&given);
    mf_als_close(two);
    mf_csr_free(&train);
}

/* --- personas after the last sweep --- */

static void note_division(void *self, const mf_als_state *s)
{
    uint32_t *at = self;
    if (strcmp(s->half, "cluster") == 0)
        *at = s->iteration;
}

/* V is that of plain ALS, and each history is in as many parts as it has room for: a cell
 * or two are one, three to five two, more are three. */
static void personas_at_the_end_leave_v_alone(void **state)
{
    (void)state;
    mf_csr train;
    size_t several = 0;
    aid_cells(&train, 23, 17, 5, false);
    for (int cg = 0; cg < 2; cg++) {
        mf_als_params p = small_params(MF_PRESET_IMPLICIT);
        p.warmup = MF_WARMUP_ALL;
        p.persona_cells = 3;
        p.solver = cg ? MF_SOLVER_CG : MF_SOLVER_AUTO;
        p.steps = 2;
        uint32_t divided = UINT32_MAX;
        mf_als *als = open_als(&train, &p);
        assert_int_equal(mf_als_run(als, note_division, &divided, NULL), MF_OK);
        assert_int_equal(divided, p.iterations);
        p.personas = 1;
        mf_als *plain = open_als(&train, &p);
        assert_int_equal(mf_als_run(plain, NULL, NULL, NULL), MF_OK);
        assert_memory_equal(mf_als_items(als)->data, mf_als_items(plain)->data,
                            (size_t)17 * p.k * sizeof(float));
        assert_int_equal(mf_als_users(als)->personas, 3);
        for (uint32_t u = 0; u < train.rows; u++) {
            size_t n = train.ptr[u + 1] - train.ptr[u];
            int owners = __builtin_popcountll(mf_als_active(als, u));
            if (n > 0)
                assert_in_range(owners, 1, n < 3 ? 1 : n < 6 ? 2 : 3);
            several += n > 2 && owners > 1;
            if (n > 0 && n < 3) /* plain ALS, scaled: the same vector */
                for (uint32_t f = 0; f < p.k; f++)
                    assert_true(fabsf(mf_tensor_at(mf_als_users(als), u, 0)[f] -
                                      mf_tensor_at(mf_als_users(plain), u, 0)[f]) <
                                1e-4f);
        }
        mf_als_close(als);
        mf_als_close(plain);
    }
    assert_true(several > 10);
    mf_csr_free(&train);
}

/* --- how far apart --- */

enum { FIRST = 20, APART_USERS = 5, APART_ITEMS = 52 };

/* Personas (1,0) and (0,1) of three users, and two others. Items 0 to 19 are (1,0), 20 to
 * 39 (0,1), 40 to 49 (2,2), 50 and 51 (0,0). Who knows the last two lists with either
 * persona 40 to 49 and ten that the other does not: half is common; with copies, all; who
 * knows 40 to 51, nothing. User 2 has cells of one persona alone, user 4 none. */
static void agreement_and_entropy_are_what_they_say(void **state)
{
    (void)state;
    float users[] = {1, 0, 0, 1, 1, 1, 2, 2, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0};
    float items[2 * APART_ITEMS] = {0}, val[18];
    uint32_t row[18], col[18], n = 0;
    uint8_t z[18];
    for (uint32_t i = 0; i < 50; i++) {
        items[2 * i] = i < FIRST ? 1 : i < 40 ? 0 : 2;
        items[2 * i + 1] = i < FIRST ? 0 : i < 40 ? 1 : 2;
    }
    for (uint32_t u = 0; u < 4; u++)
        for (uint32_t i = u < 3 ? 50 : 40; i < APART_ITEMS; i++, n++) {
            row[n] = u;
            col[n] = i;
            val[n] = 1;
            z[n] = u == 2 ? 1 : i % 2;
        }
    mf_csr train;
    assert_int_equal(n, 18);
    assert_int_equal(
        mf_csr_from_triplets(&train, APART_USERS, APART_ITEMS, n, row, col, val, NULL),
        MF_OK);
    mf_als_params p = aid_numbers(MF_PRESET_IMPLICIT);
    p.k = p.personas = 2;
    mf_als *als = open_als(&train, &p);
    mf_als_factors f = {{.n = APART_USERS, .personas = 2, .k = 2, .data = users},
                        {.n = APART_ITEMS, .personas = 1, .k = 2, .data = items},
                        z,
                        NULL};
    mf_als_separation apart;
    assert_int_equal(mf_als_restore(als, &f, 1, NULL), MF_OK);
    assert_int_equal(mf_als_measure_separation(als, &apart, NULL), MF_OK);
    assert_true(fabs(apart.agreement - (.5 + 1 + 0) / 3) < 1e-9);
    assert_true(fabs(apart.entropy - (1. + 1 + 0 + 1) / 4) < 1e-9);
    items[2] = 3e38f; /* lists out of the range of float are not made */
    users[0] = 3e38f;
    assert_int_equal(mf_als_restore(als, &f, 1, NULL), MF_OK);
    assert_int_equal(mf_als_measure_separation(als, &apart, NULL), MF_OK);
    assert_true(isnan(apart.agreement) && isfinite(apart.entropy));
    f.users.personas = 1;
    assert_int_equal(mf_als_restore(als, &f, 1, NULL), MF_OK);
    assert_int_equal(mf_als_measure_separation(als, &apart, NULL), MF_OK);
    assert_true(isnan(apart.agreement) && isnan(apart.entropy));
    f.users.n = 2;
    assert_int_equal(mf_als_restore(als, &f, 1, NULL), MF_EINVAL);
    mf_als_close(als);
    mf_csr_free(&train);
}

/* V of more floats than are searched at a time: two lists of 20 with 10 items in common,
 * some of them of the first block and some of the last. */
enum { WIDE = 4096, WIDE_ITEMS = 1100 };

static void measures_agreement_in_blocks(void **state)
{
    (void)state;
    float users[2 * WIDE] = {[0] = 1, [WIDE + 1] = 1};
    float *items = calloc((size_t)WIDE_ITEMS * WIDE, sizeof *items);
    uint32_t row[] = {0, 0}, col[] = {600, 601};
    float val[] = {1, 1};
    uint8_t z[] = {0, 1};
    assert_non_null(items);
    for (uint32_t i = 0; i < 10; i++) {
        uint32_t first = i, last = WIDE_ITEMS - 10 + i, other = 500 + i;
        items[(size_t)first * WIDE] = 3;
        items[(size_t)last * WIDE] = 4;
        if (i < 5)
            items[(size_t)first * WIDE + 1] = items[(size_t)last * WIDE + 1] = 2;
        items[(size_t)other * WIDE + 1] = 5;
        items[(size_t)(700 + i) * WIDE + 1] = 1; /* comes after those */
    }
    mf_csr train;
    assert_int_equal(
        mf_csr_from_triplets(&train, 1, WIDE_ITEMS, 2, row, col, val, NULL), MF_OK);
    mf_als_params p = aid_numbers(MF_PRESET_IMPLICIT);
    p.k = WIDE;
    p.personas = 2;
    mf_als *als = open_als(&train, &p);
    mf_als_factors f = {{.n = 1, .personas = 2, .k = WIDE, .data = users},
                        {.n = WIDE_ITEMS, .personas = 1, .k = WIDE, .data = items},
                        z,
                        NULL};
    mf_als_separation apart;
    assert_int_equal(mf_als_restore(als, &f, 1, NULL), MF_OK);
    assert_int_equal(mf_als_measure_separation(als, &apart, NULL), MF_OK);
    assert_true(fabs(apart.agreement - .5) < 1e-9);
    mf_als_close(als);
    mf_csr_free(&train);
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patience_counts_sweeps_since_the_best),
        cmocka_unit_test(of_errors_the_smaller_is_better),
        cmocka_unit_test(the_warm_up_counts_from_its_clustering),
        cmocka_unit_test(tolerance_is_a_share_of_the_loss),
        cmocka_unit_test(a_run_goes_on_from_any_sweep_with_the_same_bits),
        cmocka_unit_test(no_damage_of_a_checkpoint_passes),
        cmocka_unit_test(a_trained_model_is_its_own_start),
        cmocka_unit_test(parts_are_split_and_strangers_are_clustered),
        cmocka_unit_test(personas_at_the_end_leave_v_alone),
        cmocka_unit_test(agreement_and_entropy_are_what_they_say),
        cmocka_unit_test(measures_agreement_in_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
