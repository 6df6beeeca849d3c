/* mf/search.h: the lists are those of scoring everything, to the bit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "kernel/kernel.h"
#include "math/rank.h"
#include "mf/search.h"

enum { ITEMS = 1500, TOP = 200 };

/* How factors are drawn. */
typedef enum draw_kind {
    NORMAL,
    WHOLE, /* small whole numbers: most scores tie */
    SPREAD /* some items are much longer: most are pruned */
} draw_kind;

typedef struct problem {
    mf_tensor users, items;
    mf_panels panels;
    uint8_t *barred; /* [items], or NULL */
    double mu;
} problem;

static mf_rng rng;

static mf_tensor draw(uint32_t n, uint32_t personas, uint32_t k, draw_kind kind,
                      bool bias)
{
    mf_tensor t;
    assert_int_equal(mf_tensor_alloc(&t, n, personas, k, NULL), MF_OK);
    for (uint32_t r = 0; r < n; r++) {
        float scale = kind == SPREAD ? (float)(1 / (.05 + mf__rng_uniform(&rng))) : 1;
        for (size_t f = 0; f < (size_t)personas * k; f++) {
            float x = kind == WHOLE ? (float)mf__rng_below(&rng, 3) - 1
                                    : (float)mf__rng_normal(&rng);
            t.data[(size_t)r * personas * k + f] = scale * x;
        }
    }
    if (n > 0) /* a zero vector: all items tie */
        memset(t.data, 0, (size_t)personas * k * sizeof *t.data);
    if (bias) {
        assert_int_equal(mf_tensor_add_bias(&t, NULL), MF_OK);
        for (uint32_t r = 0; r < n; r++)
            t.bias[r] = (float)mf__rng_below(&rng, 9) - 4;
    }
    return t;
}

static problem make(uint32_t items, uint32_t personas, uint32_t k, draw_kind kind,
                    bool bias, bool bar)
{
    problem p = {.mu = bias ? .75 : 0};
    p.users = draw(MF_SEARCH_USERS, personas, k, kind, bias);
    p.items = draw(items, 1, k, kind, bias);
    assert_int_equal(mf__panels_build(&p.panels, &p.items, items, NULL, NULL), MF_OK);
    if (bar) {
        p.barred = mf__new(items, 1);
        assert_non_null(p.barred);
        for (uint32_t i = 0; i < items; i++)
            p.barred[i] = mf__rng_below(&rng, 3) == 0;
    }
    return p;
}

static void unmake(problem *p)
{
    mf__panels_free(&p->panels);
    mf_tensor_free(&p->users);
    mf_tensor_free(&p->items);
    free(p->barred);
}

/* The list of user j, by scores of everything. */
static uint32_t brute(const problem *p, const mf_query *query, uint32_t j, uint32_t top,
                      mf_hit list[])
{
    mf_rank_block block;
    mf_ranked ranked[TOP];
    assert_int_equal(
        mf__rank_block_alloc(&block, p->items.n, p->users.personas, p->users.k, NULL),
        MF_OK);
    mf__rank_score(&block, &p->users, &p->items, &p->panels, p->mu, 1, &j,
                   &query->active);
    float *score = mf_rank_row(&block, 0);
    for (uint32_t i = 0; i < query->hidden; i++)
        score[query->hide[i]] = -INFINITY;
    for (uint32_t i = 0; p->barred && i < p->items.n; i++)
        if (p->barred[i])
            score[i] = -INFINITY;
    uint32_t found = mf__rank_top(score, p->items.n, top, ranked);
    for (uint32_t i = 0; i < found; i++)
        list[i] = (mf_hit){ranked[i].item, ranked[i].score,
                           mf_rank_personas(&block, 0)[ranked[i].item]};
    mf__rank_block_free(&block);
    return found;
}

static void fill_queries(const problem *p, mf_query query[], uint32_t hide[][40])
{
    uint32_t personas = p->users.personas;
    for (uint32_t j = 0; j < MF_SEARCH_USERS; j++) {
        query[j] = (mf_query){
            .vectors = mf_tensor_at(&p->users, j, 0), .hide = hide[j], .base = p->mu};
        query[j].active = 1 + mf__rng_below(&rng, (1u << personas) - 1);
        if (p->users.bias)
            query[j].base += (double)p->users.bias[j];
        for (uint32_t i = 0; i < p->items.n && query[j].hidden < 40; i++)
            if (mf__rng_below(&rng, 20) == 0)
                hide[j][query[j].hidden++] = i;
    }
}

static void hold(const problem *p, uint32_t top)
{
    static mf_hit got[MF_SEARCH_USERS * TOP], want[TOP];
    mf_query query[MF_SEARCH_USERS];
    uint32_t hide[MF_SEARCH_USERS][40], found[MF_SEARCH_USERS];
    mf_catalogue *catalogue;
    mf_search *search;
    assert_int_equal(mf_catalogue_open(&catalogue, &p->items, p->barred, NULL), MF_OK);
    assert_int_equal(mf_search_open(&search, catalogue, p->users.personas, top, NULL),
                     MF_OK);
    for (uint32_t n = 1; n <= MF_SEARCH_USERS; n = n == 1 ? 7 : n == 7 ? 64 : 65) {
        fill_queries(p, query, hide);
        mf_search_users(search, n, query, got, found);
        for (uint32_t j = 0; j < n; j++) {
            uint32_t m = brute(p, &query[j], j, top, want);
            assert_int_equal(found[j], m);
            for (uint32_t i = 0; i < m; i++) {
                const mf_hit *x = &got[j * top + i];
                assert_int_equal(x->item, want[i].item);
                assert_true(x->score == want[i].score);
                assert_int_equal(x->persona, want[i].persona);
            }
        }
    }
    mf_search_close(search);
    mf_catalogue_close(catalogue);
}

static void hold_all(void)
{
    static const uint32_t items[] = {0, 1, 63, 64, 513, ITEMS};
    static const uint32_t tops[] = {1, 10, TOP};
    rng = mf__rng_make(11, MF_STREAM_TEST, 0);
    for (size_t a = 0; a < sizeof items / sizeof *items; a++)
        for (int kind = NORMAL; kind <= SPREAD; kind++)
            for (uint32_t personas = 1; personas <= 4; personas += 3) {
                bool bias = mf__rng_below(&rng, 2), bar = mf__rng_below(&rng, 2);
                uint32_t k = 1 + mf__rng_below(&rng, 40);
                problem p = make(items[a], personas, k, (draw_kind)kind, bias, bar);
                hold(&p, tops[mf__rng_below(&rng, 3)]);
                unmake(&p);
            }
}

static void lists_are_those_of_scoring_everything(void **state)
{
    (void)state;
    for (int i = 0; mf__kernel_names[i]; i++)
        if (mf__kernel_find(mf__kernel_names[i])) {
            setenv("MF_KERNEL", mf__kernel_names[i], 1);
            hold_all();
        }
    unsetenv("MF_KERNEL");
}

static void most_of_a_spread_catalogue_is_never_multiplied(void **state)
{
    (void)state;
    static mf_hit hit[MF_SEARCH_USERS * 10];
    mf_query query[MF_SEARCH_USERS];
    uint32_t hide[MF_SEARCH_USERS][40], found[MF_SEARCH_USERS];
    mf_catalogue *catalogue;
    mf_search *search;
    uint64_t done, all;
    rng = mf__rng_make(12, MF_STREAM_TEST, 0);
    problem p = make(10000, 1, 8, SPREAD, false, false);
    assert_int_equal(mf_catalogue_open(&catalogue, &p.items, NULL, NULL), MF_OK);
    assert_int_equal(mf_search_open(&search, catalogue, 1, 10, NULL), MF_OK);
    fill_queries(&p, query, hide);
    mf_search_users(search, MF_SEARCH_USERS, query, hit, found);
    mf_search_work(search, &done, &all);
    assert_int_equal(all, MF_SEARCH_USERS * ((10000 + 511) / 512));
    assert_true(done < all / 3);
    mf_search_close(search);
    mf_catalogue_close(catalogue);
    unmake(&p);
}

/* Item 1 is the best, 2 the next; the second user hides nothing. */
static void an_item_that_is_hidden_twice_is_hidden(void **state)
{
    (void)state;
    mf_catalogue *catalogue;
    mf_search *search;
    mf_tensor v;
    float u[] = {1}, length[] = {1, 3, 2};
    uint32_t hide[] = {1, 1}, found[2];
    mf_hit hit[2 * 3];
    assert_int_equal(mf_tensor_alloc(&v, 3, 1, 1, NULL), MF_OK);
    memcpy(v.data, length, sizeof length);
    assert_int_equal(mf_catalogue_open(&catalogue, &v, NULL, NULL), MF_OK);
    assert_int_equal(mf_search_open(&search, catalogue, 1, 3, NULL), MF_OK);
    mf_query query[] = {{.vectors = u, .active = 1, .hidden = 2, .hide = hide},
                        {.vectors = u, .active = 1}};
    for (int again = 0; again < 2; again++) {
        mf_search_users(search, 2, query, hit, found);
        assert_int_equal(found[0], 2);
        assert_int_equal(hit[0].item, 2);
        assert_int_equal(hit[1].item, 0);
        assert_int_equal(found[1], 3);
        assert_int_equal(hit[3].item, 1);
    }
    mf_search_close(search);
    mf_catalogue_close(catalogue);
    mf_tensor_free(&v);
}

static void what_is_too_large_is_refused(void **state)
{
    (void)state;
    mf_catalogue *catalogue;
    mf_search *search;
    mf_tensor v = draw(3, 1, 2, NORMAL, false);
    assert_int_equal(mf_catalogue_open(&catalogue, &v, NULL, NULL), MF_OK);
    assert_int_equal(mf_search_open(&search, catalogue, 1, MF_SEARCH_TOP + 1, NULL),
                     MF_EINVAL);
    assert_int_equal(mf_search_open(&search, catalogue, 65, 1, NULL), MF_EINVAL);
    assert_int_equal(mf_search_open(&search, catalogue, 0, 1, NULL), MF_EINVAL);
    mf_err err = {0};
    assert_int_equal(mf_search_open(&search, catalogue, 1, 0, &err), MF_EINVAL);
    assert_string_equal(err.text, "top: 0 is not in 1 .. 4096");
    mf_catalogue_close(catalogue);
    mf_tensor_free(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_those_of_scoring_everything),
        cmocka_unit_test(most_of_a_spread_catalogue_is_never_multiplied),
        cmocka_unit_test(an_item_that_is_hidden_twice_is_hidden),
        cmocka_unit_test(what_is_too_large_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
