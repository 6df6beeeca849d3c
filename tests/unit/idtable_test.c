/* The table of ids that threads share, and the sort of texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <omp.h>
#include <xxhash.h>

#include "base/rng.h"
#include "data/ids.h"
#include "data/idtable.h"
#include "data/texts.h"
#include "mf/ratings.h"

/* --- texts --- */

static int oracle(const void *a, const void *b)
{
    const sortable *x = a, *y = b;
    int order = mf__id_compare(x->text, x->len, y->text, y->len);
    return order ? order : (x->tag > y->tag) - (x->tag < y->tag);
}

static void expect_sorted(sortable *texts, size_t n)
{
    sortable *want = malloc((n + 1) * sizeof *want);
    memcpy(want, texts, n * sizeof *want);
    qsort(want, n, sizeof *want, oracle);
    assert_int_equal(mf__texts_sort(texts, n, NULL), 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(texts[i].tag, want[i].tag);
    free(want);
}

/* From few letters, NUL among them, so that there are equal texts, prefixes and
 * texts that go on with NULs. */
static void texts_come_in_the_order_of_their_bytes(void **state)
{
    (void)state;
    enum { N = 3000 };
    static char text[N][40];
    static sortable texts[N];
    mf_rng rng = mf__rng_make(1, 1, 0);
    for (int round = 0; round < 60; round++) {
        size_t n = mf__rng_below(&rng, round % 3 ? N : 40) + 1;
        uint32_t longest = round % 2 ? 39 : 9, letters = 1 + (uint32_t)round % 4;
        for (uint32_t i = 0; i < n; i++) {
            uint32_t len = mf__rng_below(&rng, longest + 1);
            for (uint32_t c = 0; c < len; c++)
                text[i][c] = (char)(mf__rng_below(&rng, letters) * 85);
            texts[i] = (sortable){.text = text[i], .len = len, .tag = i};
        }
        expect_sorted(texts, n);
    }
    assert_int_equal(mf__texts_sort(NULL, 0, NULL), 0);
}

/* Each text is a prefix of the next, and all have much in common. */
static void a_long_common_beginning_is_no_trouble(void **state)
{
    (void)state;
    enum { N = 4000 };
    static char text[2 * N];
    static sortable texts[N];
    memset(text, 'x', sizeof text);
    for (uint32_t i = 0; i < N; i++)
        texts[i] = (sortable){.text = text, .len = N + (i * 7919) % N, .tag = i};
    expect_sorted(texts, N);
}

/* --- names --- */

enum { IDS = 50000 };

static size_t id(char text[24], uint32_t i)
{
    return (size_t)snprintf(text, 24, "id%u", i);
}

static void every_thread_finds_the_same_names(void **state)
{
    (void)state;
    idtable *table;
    static uint32_t code[4][IDS];
    assert_int_equal(mf__idtable_open(&table, NULL), 0);
#pragma omp parallel for num_threads(4) schedule(static, 1)
    for (int t = 0; t < 4; t++)
        for (uint32_t i = 0; i < IDS; i++) {
            char text[24];
            const name *put;
            uint32_t which = t % 2 ? IDS - 1 - i : i;
            size_t len = id(text, which);
            uint64_t hash = mf__idtable_hash(table, text, len);
            if (mf__idtable_put(table, text, len, hash, which, &put, NULL) < 0)
                abort();
            code[t][which] = put->code;
            if (put != mf__idtable_find(table, text, len, hash) || put->value != which)
                abort();
        }
    assert_int_equal(mf__idtable_count(table), IDS);
    for (int t = 1; t < 4; t++)
        assert_memory_equal(code[t], code[0], sizeof code[0]);

    /* codes are dense in each shard */
    uint32_t all = 0;
    for (unsigned s = 0; s < IDTABLE_SHARDS; s++)
        all += mf__idtable_in_shard(table, s);
    assert_int_equal(all, IDS);
    for (uint32_t i = 0; i < IDS; i++)
        assert_true(code[0][i] / IDTABLE_SHARDS <
                    mf__idtable_in_shard(table, code[0][i] % IDTABLE_SHARDS));
    mf__idtable_close(table);
}

static void ids_looked_for_together_are_those_looked_for_one_by_one(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    idtable *table;
    static char text[MANY][24];
    static lookup ids[MANY];
    const name *put;
    assert_int_equal(mf__idtable_open(&table, NULL), 0);
    for (uint32_t i = 0; i < IDS; i += 3) {
        size_t len = id(text[0], i);
        assert_int_equal(mf__idtable_put(table, text[0], len,
                                         mf__idtable_hash(table, text[0], len), i, &put,
                                         NULL),
                         0);
    }
    for (uint32_t i = 0; i < MANY; i++)
        ids[i] = (lookup){.text = text[i], .len = id(text[i], i)};
    mf__idtable_find_all(table, ids, 0);
    assert_null(ids[0].found);
    mf__idtable_find_all(table, ids, MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        assert_true(ids[i].hash == mf__idtable_hash(table, text[i], ids[i].len));
        assert_ptr_equal(ids[i].found,
                         mf__idtable_find(table, text[i], ids[i].len, ids[i].hash));
        assert_int_equal(ids[i].found != NULL, i % 3 == 0);
        assert_true(!ids[i].found || ids[i].found->value == i);
    }
    mf__idtable_close(table);
}

/* The i-th id, with i for its value. */
static void put_id(idtable *table, uint32_t i)
{
    char text[24];
    const name *put;
    size_t len = id(text, i);
    assert_int_equal(mf__idtable_put(table, text, len,
                                     mf__idtable_hash(table, text, len), i, &put, NULL),
                     0);
}

static void idtable_are_ranked_by_their_bytes(void **state)
{
    (void)state;
    idtable *table;
    const name **order;
    uint32_t *rank;
    assert_int_equal(mf__idtable_open(&table, NULL), 0);
    for (uint32_t i = 0; i < IDS; i++) {
        put_id(table, i);
    }
    assert_int_equal(mf__idtable_sort(table, &order, &rank, NULL), 0);
    for (uint32_t r = 0; r < IDS; r++) {
        assert_int_equal(rank[order[r]->code], r);
        if (r > 0)
            assert_true(mf__id_compare(order[r - 1]->text, order[r - 1]->len,
                                       order[r]->text, order[r]->len) < 0);
    }
    free(order);
    free(rank);
    mf__idtable_close(table);
}

static void long_names_are_kept(void **state)
{
    (void)state;
    idtable *table;
    const name *put;
    static char text[MF_ID_MAX];
    assert_int_equal(mf__idtable_open(&table, NULL), 0);
    for (uint32_t i = 0; i < 400; i++) {
        memset(text, 'a' + (int)i % 20, sizeof text);
        memcpy(text, &i, sizeof i);
        assert_int_equal(mf__idtable_put(table, text, sizeof text,
                                         mf__idtable_hash(table, text, sizeof text), i,
                                         &put, NULL),
                         0);
        assert_memory_equal(put->text, text, sizeof text);
    }
    uint64_t at = 0;
    uint32_t seen = 0;
    while (mf__idtable_next(table, &at))
        seen++;
    assert_int_equal(seen, 400);
    assert_null(mf__idtable_find(table, "b", 1, mf__idtable_hash(table, "b", 1)));
    mf__idtable_close(table);
}

/* Ids of one shard whose first slot is one of two, for the hash without a secret. */
enum { BAD = 500, BAD_SLOTS = 1024 };

static void find_bad_ids(char text[BAD][24], size_t len[BAD])
{
    uint64_t common = (uint64_t)0xff << 56 | (BAD_SLOTS / 2 - 1);
    uint32_t n = 0;
    for (uint64_t number = 0; n < BAD; number++) { /* any bytes will do */
        memcpy(text[n], &number, len[n] = sizeof number);
        n += (XXH3_64bits(&number, sizeof number) & common) == 0;
    }
}

/* The slots that looking up the first n would read, in a table at half its load
 * that hashes without a secret. */
static size_t probes_without_secret(char text[BAD][24], const size_t len[BAD], size_t n)
{
    static bool taken[BAD_SLOTS];
    size_t probes = 0;
    memset(taken, 0, sizeof taken);
    for (size_t i = 0; i < n; i++) {
        size_t at = XXH3_64bits(text[i], len[i]) % BAD_SLOTS;
        for (probes++; taken[at]; probes++)
            at = (at + 1) % BAD_SLOTS;
        taken[at] = true;
    }
    return probes;
}

static void ids_that_were_made_to_collide_take_no_more_probes(void **state)
{
    (void)state;
    static char text[BAD][24];
    static size_t len[BAD];
    find_bad_ids(text, len);
    for (size_t n = BAD / 2; n <= BAD; n += BAD / 2) {
        idtable *table;
        const name *put;
        assert_true(probes_without_secret(text, len, n) > n * n / 8); /* quadratic */
        assert_int_equal(mf__idtable_open(&table, NULL), 0);
        for (uint32_t i = 0; i < n; i++)
            assert_int_equal(mf__idtable_put(table, text[i], len[i],
                                             mf__idtable_hash(table, text[i], len[i]),
                                             i, &put, NULL),
                             0);
        size_t probes = mf__idtable_probes(table);
        assert_true(probes >= n && probes < 2 * n);
        mf__idtable_close(table);
    }
}

/* At any size, and so at any load up to that at which the slots are doubled. */
static void probes_grow_as_the_ids(void **state)
{
    (void)state;
    idtable *table;
    assert_int_equal(mf__idtable_open(&table, NULL), 0);
    for (uint32_t i = 0; i < IDS; i++) {
        put_id(table, i);
        if ((i + 1) % (IDS / 10) == 0)
            assert_true(mf__idtable_probes(table) < 2 * ((size_t)i + 1));
    }
    mf__idtable_close(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_come_in_the_order_of_their_bytes),
        cmocka_unit_test(a_long_common_beginning_is_no_trouble),
        cmocka_unit_test(every_thread_finds_the_same_names),
        cmocka_unit_test(ids_looked_for_together_are_those_looked_for_one_by_one),
        cmocka_unit_test(idtable_are_ranked_by_their_bytes),
        cmocka_unit_test(long_names_are_kept),
        cmocka_unit_test(ids_that_were_made_to_collide_take_no_more_probes),
        cmocka_unit_test(probes_grow_as_the_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
