/* Metrics worked out by hand: mf/metrics.h. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mf/metrics.h"
#include "near.h"

static double value(const char *name, uint32_t relevant, const uint32_t rank[])
{
    mf_metric_list list;
    mf_outcome outcome = {
        .relevant = relevant, .rank = rank, .squared = 12.5, .absolute = 4.5};
    assert_int_equal(mf_metrics_parse(&list, name, NULL), MF_OK);
    return mf_metric_of(&list.metric[0], &outcome);
}

static void a_list_with_hits_at_one_and_three(void **state)
{
    (void)state;
    const uint32_t rank[] = {1, 3, 7};
    assert_near(value("precision@5", 3, rank), 2. / 5, 1e-15);
    assert_near(value("recall@5", 3, rank), 2. / 3, 1e-15);
    assert_near(value("recall@2", 3, rank), 1. / 2, 1e-15); /* of min(N, 3) */
    assert_near(value("recall-all@2", 3, rank), 1. / 3, 1e-15);
    assert_near(value("recall-all@5", 3, rank), 2. / 3, 1e-15);
    assert_near(value("hr@1", 3, rank), 1, 0);
    assert_near(value("map@5", 3, rank), (1. / 1 + 2. / 3) / 3, 1e-15);
    assert_near(value("mrr", 3, rank), 1, 0);
    /* (1 + 1/2) / (1 + 1/log2(3) + 1/2) */
    assert_near(value("ndcg@5", 3, rank), 1.5 / 2.1309297535714573, 1e-15);
    assert_near(value("ndcg@2", 3, rank), 1 / 1.6309297535714573, 1e-15);
}

static void a_user_with_one_item(void **state)
{
    (void)state;
    const uint32_t rank[] = {4};
    assert_near(value("precision@4", 1, rank), 0.25, 0);
    assert_near(value("recall@3", 1, rank), 0, 0);
    assert_near(value("recall@4", 1, rank), 1, 0);
    assert_near(value("hr@3", 1, rank), 0, 0);
    assert_near(value("ndcg@3", 1, rank), 0, 0);
    assert_near(value("ndcg@10", 1, rank), 1 / log2(5), 1e-15);
    assert_near(value("map@10", 1, rank), 0.25, 0);
    assert_near(value("mrr", 1, rank), 0.25, 0);
}

static void a_list_that_was_cut_does_not_hold_all(void **state)
{
    (void)state;
    const uint32_t rank[] = {2, MF_RANK_NONE, MF_RANK_NONE}, none[] = {MF_RANK_NONE};
    assert_near(value("precision@1000000", 3, rank), 1e-6, 1e-18);
    assert_near(value("recall@1000000", 3, rank), 1. / 3, 1e-15);
    assert_near(value("map@5", 3, rank), 0.5 / 3, 1e-15);
    assert_near(value("mrr", 3, rank), 0.5, 0);
    assert_near(value("mrr", 1, none), 0, 0);
    assert_near(value("hr@1000000", 1, none), 0, 0);
    assert_near(value("ndcg@1000000", 1, none), 0, 0);
}

static void a_cut_beyond_the_catalogue(void **state)
{
    (void)state;
    const uint32_t rank[] = {1, 2};
    assert_near(value("precision@1000", 2, rank), 0.002, 1e-18);
    assert_near(value("recall@1000", 2, rank), 1, 0);
    assert_near(value("ndcg@1000", 2, rank), 1, 0);
    assert_near(value("map@1000", 2, rank), 1, 0);
}

static double auc(uint32_t relevant, const uint32_t rank[], uint32_t ranked)
{
    mf_metric metric = {.kind = MF_METRIC_AUC};
    mf_outcome outcome = {.relevant = relevant, .rank = rank, .ranked = ranked};
    return mf_metric_of(&metric, &outcome);
}

static void auc_is_the_share_of_pairs_in_order(void **state)
{
    (void)state;
    const uint32_t first[] = {1, 2}, last[] = {4, 5}, mixed[] = {1, 4};
    assert_near(auc(2, first, 5), 1, 0);
    assert_near(auc(2, last, 5), 0, 0);
    /* of three others none stands before the one, two before the other */
    assert_near(auc(2, mixed, 5), (3. + 1) / 6, 1e-15);
    assert_near(auc(1, mixed + 1, 4), 0, 0);
    assert_true(isnan(auc(2, first, 2))); /* nothing else is ranked */
}

static void what_is_not_about_held_out_items_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        mf_metric_about about;
        bool own;
    } what[] = {
        {"loss", MF_ABOUT_CELLS, false},
        {"auc", MF_ABOUT_RANKS, false},
        {"ndcg@3", MF_ABOUT_RANKS, false},
        {"novelty@1", MF_ABOUT_LISTS, false},
        {"popularity@10", MF_ABOUT_LISTS, false},
        {"diversity@2", MF_ABOUT_LISTS, true},
        {"variety@2", MF_ABOUT_LISTS, false},
        {"tastes@20", MF_ABOUT_LISTS, false},
        {"coverage@1", MF_ABOUT_ALL_LISTS, false},
        {"gini@5", MF_ABOUT_ALL_LISTS, false},
        {"personas", MF_ABOUT_PERSONAS, false},
        {"personas@3", MF_ABOUT_PERSONAS, false},
        {"entropy", MF_ABOUT_PERSONAS, false},
        {"entropy@20", MF_ABOUT_PERSONAS, false},
        {"distance", MF_ABOUT_PERSONAS, true},
    };
    for (size_t i = 0; i < sizeof what / sizeof *what; i++) {
        mf_metric_list list;
        assert_int_equal(mf_metrics_parse(&list, what[i].name, NULL), MF_OK);
        assert_int_equal(mf_metric_is_about(&list.metric[0]), what[i].about);
        assert_int_equal(mf_metric_is_own(&list.metric[0]), what[i].own);
        mf_outcome outcome = {.relevant = 1};
        if (what[i].about != MF_ABOUT_CELLS && what[i].about != MF_ABOUT_RANKS)
            assert_true(isnan(mf_metric_of(&list.metric[0], &outcome)));
    }
}

static void predictions_are_sums_over_cells(void **state)
{
    (void)state;
    mf_metric_list list;
    double cells = 2;
    assert_int_equal(mf_metrics_parse(&list, "loss,rmse,mae,mse", NULL), MF_OK);
    const double want[] = {12.5, 2.5, 2.25, 6.25};
    for (size_t i = 0; i < 4; i++) {
        mf_outcome outcome = {.relevant = 2, .squared = 12.5, .absolute = 4.5};
        double num = mf_metric_of(&list.metric[i], &outcome);
        mf_series one = {&num, &cells, mf_metric_form(&list.metric[i])};
        assert_true(mf_metric_is_prediction(&list.metric[i]));
        assert_near(mf_series_value(&one, 1), want[i], 1e-15);
    }
}

static void lists_are_read_in_order(void **state)
{
    (void)state;
    mf_metric_list list;
    assert_int_equal(mf_metrics_parse(&list, "ndcg@100,MRR,Recall@20,hr@1000000", NULL),
                     MF_OK);
    assert_int_equal(list.n, 4);
    assert_string_equal(list.metric[0].name, "ndcg@100");
    assert_int_equal(list.metric[0].n, 100);
    assert_int_equal(list.metric[1].kind, MF_METRIC_MRR);
    assert_string_equal(list.metric[2].name, "recall@20");
    assert_string_equal(list.metric[3].name, "hr@1000000");
    assert_false(mf_metric_is_prediction(&list.metric[2]));
}

static void what_is_no_metric_is_named(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "ndgc@10",
                                      "ndcg",
                                      "ndcg@",
                                      "ndcg@0",
                                      "ndcg@-1",
                                      "ndcg@1.5",
                                      "ndcg@01",
                                      "mrr@10",
                                      "rmse@1",
                                      "ndcg@10,",
                                      ",mrr",
                                      "mrr,mrr",
                                      "mrr,MRR",
                                      "ndcg@ 10",
                                      "ndcg@10 ",
                                      "recall@1000001",
                                      "ndcg@99999999999",
                                      "precision@10@20",
                                      "auc@5",
                                      "coverage",
                                      "popularity",
                                      "popularity@0",
                                      "diversity@1",
                                      "variety@1",
                                      "tastes@0",
                                      "personas@0",
                                      "entropy@",
                                      "distance@2"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        mf_metric_list list;
        mf_err err = {0};
        assert_int_equal(mf_metrics_parse(&list, bad[i], &err), MF_EINVAL);
        assert_true(err.text[0] != '\0');
    }
    mf_metric_list list;
    mf_err err = {0};
    assert_int_equal(mf_metrics_parse(&list, "mrr,nonsense@5,rmse", &err), MF_EINVAL);
    assert_non_null(strstr(err.text, "'nonsense@5'"));
}

static void too_many_metrics_are_refused(void **state)
{
    (void)state;
    char text[65 * 16] = "", *to = text;
    mf_metric_list list;
    for (int n = 1; n <= MF_METRICS_MAX; n++)
        to += sprintf(to, "%shr@%d", n > 1 ? "," : "", n);
    assert_int_equal(mf_metrics_parse(&list, text, NULL), MF_OK);
    strcpy(to, ",mrr");
    assert_int_equal(mf_metrics_parse(&list, text, NULL), MF_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_with_hits_at_one_and_three),
        cmocka_unit_test(a_user_with_one_item),
        cmocka_unit_test(a_list_that_was_cut_does_not_hold_all),
        cmocka_unit_test(a_cut_beyond_the_catalogue),
        cmocka_unit_test(auc_is_the_share_of_pairs_in_order),
        cmocka_unit_test(what_is_not_about_held_out_items_is_known),
        cmocka_unit_test(predictions_are_sums_over_cells),
        cmocka_unit_test(lists_are_read_in_order),
        cmocka_unit_test(what_is_no_metric_is_named),
        cmocka_unit_test(too_many_metrics_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
