/* Arrays in mapped files: what they hold, and what of them is in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/disk.h"

enum { MB = 1 << 20, N = 24 * MB }; /* 96 MB of uint32_t */

static size_t resident_mb(void)
{
    unsigned long all, now = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lu %lu", &all, &now), 2);
    fclose(f);
    return now * 4096 / MB;
}

/* Bounded by so many MB beside what is there. */
static mf_disk *open_with(size_t mb)
{
    mf_disk *d;
    assert_int_equal(mf__disk_open(&d, "/tmp", (resident_mb() + mb) * MB, NULL), MF_OK);
    return d;
}

static void an_array_keeps_its_values_and_the_bound(void **state)
{
    (void)state;
    mf_disk *d = open_with(32);
    size_t before = resident_mb(), most = 0;
    uint32_t *x;
    assert_int_equal(mf__disk_new(d, &x, N, sizeof *x, NULL), MF_OK);
    assert_int_equal(x[N - 1], 0);
    for (size_t t = 0; t < N; t++) {
        mf__disk_beat_at(d, t);
        x[t] = (uint32_t)(t * 2654435761u);
        if (t % (1 << 18) == 0 && resident_mb() > most)
            most = resident_mb();
    }
    for (size_t t = 0; t < N; t++) {
        mf__disk_beat_at(d, t);
        if (x[t] != (uint32_t)(t * 2654435761u))
            fail_msg("at %zu", t);
        if (t % (1 << 18) == 0 && resident_mb() > most)
            most = resident_mb();
    }
    assert_true(most <= before + 32);
    assert_true(most > before + 16); /* and it is used */
    mf__disk_rest(d);
    assert_true(resident_mb() < before + 4);
    mf__disk_free(d, x);
    mf__disk_close(d);
}

static void an_array_grows_and_no_further_than_asked(void **state)
{
    (void)state;
    mf_disk *d = open_with(32);
    uint32_t *x = NULL;
    size_t cap = 0;
    for (uint32_t t = 0; t < 300000; t++) {
        assert_int_equal(mf__disk_reserve(d, &x, &cap, t + 1, 200000, sizeof *x, NULL),
                         MF_OK);
        assert_true(cap >= t + 1 && (t >= 200000 || cap <= 200000));
        x[t] = t;
    }
    for (uint32_t t = 0; t < 300000; t++)
        assert_int_equal(x[t], t);
    mf__disk_close(d); /* frees it */
}

static void what_is_allowed_is_in_memory(void **state)
{
    (void)state;
    mf_disk *d = open_with(64);
    size_t before = resident_mb();
    char *x, *y;
    mf__disk_allow(d, 24 * MB);
    assert_int_equal(mf__disk_keep(d, &x, 16 * MB, 1, NULL), MF_OK);
    assert_int_equal(mf__disk_keep(d, &y, 16 * MB, 1, NULL), MF_OK); /* on disk */
    assert_true(resident_mb() >= before + 15 && resident_mb() <= before + 20);
    mf__disk_rest(d);
    assert_true(resident_mb() >= before + 15);
    x[0] = y[16 * MB - 1] = 1;
    mf__disk_free(d, x);
    assert_int_equal(mf__disk_keep(d, &x, 20 * MB, 1, NULL), MF_OK); /* again */
    assert_int_equal(x[0] + y[16 * MB - 1], 1);
    assert_true(resident_mb() >= before + 19);
    mf__disk_close(d);
}

static void without_a_disk_all_is_memory(void **state)
{
    (void)state;
    char *x;
    mf_disk *d = open_with(64);
    assert_int_equal(mf__disk_new(NULL, &x, 10, 1, NULL), MF_OK);
    assert_int_equal(x[9], 0);
    mf__disk_free(NULL, x);
    mf__disk_relax(d);
    assert_true(mf__disk_relaxed(d) && mf__disk_relaxed(NULL));
    assert_int_equal(mf__disk_new(d, &x, 10, 1, NULL), MF_OK);
    free(x); /* plain memory */
    mf__disk_close(d);
    assert_int_equal(mf__disk_room(NULL), SIZE_MAX);
}

static void the_least_bound_leaves_room(void **state)
{
    (void)state;
    assert_int_equal(mf__disk_least(0), 14 * MB);             /* 8 and 6 */
    assert_int_equal(mf__disk_least(292 * MB), 320 * MB);     /* 300 is 15 / 16 of it */
    assert_int_equal(mf__disk_least((size_t)9992 * MB), (size_t)10256 * MB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_array_keeps_its_values_and_the_bound),
        cmocka_unit_test(an_array_grows_and_no_further_than_asked),
        cmocka_unit_test(what_is_allowed_is_in_memory),
        cmocka_unit_test(without_a_disk_all_is_memory),
        cmocka_unit_test(the_least_bound_leaves_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
