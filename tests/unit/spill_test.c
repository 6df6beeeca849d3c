/* Records to rows, in memory and through runs in files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "jobs/aggregate/records.h"
#include "jobs/aggregate/spill.h"

enum { USERS = 300, ITEMS = 70 };

/* The sums that must come out, by user and item. */
typedef struct oracle {
    uint64_t count[USERS][ITEMS], lines[USERS][ITEMS];
} oracle;

typedef struct fixture {
    idtable *users;
    uint32_t code[USERS];
    records records[2];
    oracle want;
    mf_rng rng;
} fixture;

static fixture *set_up(size_t largest)
{
    fixture *f = calloc(1, sizeof *f);
    f->rng = mf__rng_make(3, 1, 0);
    assert_int_equal(mf__idtable_open(&f->users, NULL), 0);
    for (uint32_t u = 0; u < USERS; u++) {
        char text[8];
        const name *put;
        snprintf(text, sizeof text, "u%04u", u); /* rank is u */
        assert_int_equal(mf__idtable_put(f->users, text, 5,
                                         mf__idtable_hash(f->users, text, 5), 0, &put,
                                         NULL),
                         0);
        f->code[u] = put->code;
    }
    for (int t = 0; t < 2; t++)
        f->records[t].largest = largest;
    return f;
}

static void tear_down(fixture *f)
{
    for (int t = 0; t < 2; t++)
        mf__records_free(&f->records[t]);
    mf__idtable_close(f->users);
    free(f);
}

static void add(fixture *f, uint32_t user, uint32_t item, uint32_t count)
{
    records *to = &f->records[mf__rng_below(&f->rng, 2)];
    assert_int_equal(records_add(to, f->code[user], item, count, NULL), 0);
    f->want.count[user][item] += count;
    f->want.lines[user][item]++;
}

static void add_some(fixture *f, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t user = mf__rng_below(&f->rng, USERS);
        user = i % 3 ? user : 7; /* who has a third of all */
        add(f, user, mf__rng_below(&f->rng, ITEMS), 1 + mf__rng_below(&f->rng, 9));
    }
}

static int group(fixture *f, part_rows parts[RECORD_PARTS])
{
    grouper g = {0};
    int code = 0;
    for (unsigned p = 0; p < RECORD_PARTS && code == 0; p++)
        code = mf__records_group(&parts[p], &g, f->records, 2, p,
                                 mf__idtable_in_shard(f->users, p), NULL, NULL, NULL);
    mf__grouper_free(&g);
    return code;
}

static void free_parts(part_rows parts[RECORD_PARTS])
{
    for (unsigned p = 0; p < RECORD_PARTS; p++)
        mf__part_rows_free(&parts[p]);
}

static void expect_row(const fixture *f, uint32_t u, const item_sum *row, uint32_t n)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < ITEMS; i++) {
        if (f->want.lines[u][i] == 0)
            continue;
        assert_true(at < n);
        assert_int_equal(row[at].item, i);
        assert_int_equal(row[at].count, f->want.count[u][i]);
        assert_int_equal(row[at].lines, f->want.lines[u][i]);
        at++;
    }
    assert_int_equal(at, n);
}

static void records_become_sorted_sums(void **state)
{
    (void)state;
    for (size_t largest = 1; largest < 100000; largest *= 30) {
        fixture *f = set_up(largest);
        part_rows parts[RECORD_PARTS] = {{0}};
        add_some(f, 20000);
        assert_int_equal(group(f, parts), 0);
        for (uint32_t u = 0; u < USERS; u++) {
            const part_rows *p = &parts[f->code[u] % RECORD_PARTS];
            expect_row(f, u, p->at[f->code[u] / RECORD_PARTS],
                       p->len[f->code[u] / RECORD_PARTS]);
        }
        free_parts(parts);
        tear_down(f);
    }
}

static int spill_now(fixture *f, spill *s, const ranks *now)
{
    part_rows parts[RECORD_PARTS] = {{0}};
    int code = group(f, parts);
    if (code == 0)
        code = mf__spill_put(s, (const part_rows *)parts, now, NULL);
    free_parts(parts);
    return code;
}

/* One run, as many as are merged at once, and more than two levels of them. */
static void runs_merge_to_the_same_sums(void **state)
{
    (void)state;
    static const int runs[] = {1, 2, 15, 16, 17, 33, 300};
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        fixture *f = set_up(50);
        spill s = {.folder = "."};
        ranks now = {.users = USERS};
        uint32_t *rank;
        rows out;
        assert_int_equal(mf__idtable_sort(f->users, &now.user, &rank, NULL), 0);
        now.user_rank = rank;
        for (int k = 0; k < runs[i]; k++) {
            add_some(f, 200);
            assert_int_equal(spill_now(f, &s, &now), 0);
            assert_true(s.n < 40);
        }
        assert_int_equal(mf__spill_merge(&s, &now, &out, NULL), 0);
        for (int again = 0; again < 2; again++) {
            assert_int_equal(mf__rows_rewind(&out, NULL), 0);
            uint32_t u = 0;
            while (mf__rows_window(&out, NULL) == 1)
                for (; u < out.hi; u++)
                    expect_row(f, u, rows_row(&out, u), out.len[u]);
            assert_int_equal(u, USERS);
        }
        mf__rows_free(&out);
        mf__spill_free(&s);
        free(now.user);
        free(rank);
        tear_down(f);
    }
}

/* Of a row in memory or in the window. */
static uint32_t count_of(const item_sum *row, uint32_t n, uint32_t item)
{
    for (uint32_t t = 0; t < n; t++)
        if (row[t].item == item)
            return row[t].count;
    fail();
    return 1;
}

/* However the lines are parted, and with more of them after. */
static void a_sum_that_is_too_large_stays_so(void **state)
{
    (void)state;
    fixture *f = set_up(50);
    part_rows parts[RECORD_PARTS] = {{0}};
    add_some(f, 500);
    add(f, 9, 5, UINT32_MAX);
    add(f, 9, 5, 1);
    add(f, 9, 5, 1);
    assert_int_equal(group(f, parts), 0);
    const part_rows *p = &parts[f->code[9] % RECORD_PARTS];
    uint32_t number = f->code[9] / RECORD_PARTS;
    assert_int_equal(count_of(p->at[number], p->len[number], 5), 0);
    free_parts(parts);
    tear_down(f);

    f = set_up(50);
    spill s = {.folder = "."};
    ranks now = {.users = USERS};
    rows out;
    uint32_t *rank;
    assert_int_equal(mf__idtable_sort(f->users, &now.user, &rank, NULL), 0);
    now.user_rank = rank;
    for (int k = 0; k < 4; k++) {
        add(f, 8, 6, k ? 1 : UINT32_MAX);
        add(f, 8, 7, k ? 1 : UINT32_MAX - 3); /* the largest there is */
        assert_int_equal(spill_now(f, &s, &now), 0);
    }
    assert_int_equal(mf__spill_merge(&s, &now, &out, NULL), 0);
    assert_int_equal(mf__rows_rewind(&out, NULL), 0);
    assert_int_equal(mf__rows_window(&out, NULL), 1);
    uint32_t u = rank[f->code[8]];
    assert_int_equal(count_of(rows_row(&out, u), out.len[u], 6), 0);
    assert_int_equal(count_of(rows_row(&out, u), out.len[u], 7), UINT32_MAX);
    mf__rows_free(&out);
    mf__spill_free(&s);
    free(now.user);
    free(rank);
    tear_down(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_become_sorted_sums),
        cmocka_unit_test(runs_merge_to_the_same_sums),
        cmocka_unit_test(a_sum_that_is_too_large_stays_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
