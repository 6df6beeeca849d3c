/* What jobs and streams say of how far they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mf/als.h"
#include "mf/bootstrap.h"
#include "mf/io.h"

/* The phases in their order, and how far the last call of each was. */
typedef struct seen {
    size_t phases;
    char what[8][32], step[8][32];
    uint64_t done[8], total[8];
} seen;

static void see(void *self, const mf_progress *now)
{
    seen *s = self;
    if (s->phases == 0 || strcmp(s->what[s->phases - 1], now->what) != 0) {
        assert_in_range(s->phases, 0, 7);
        snprintf(s->what[s->phases++], sizeof *s->what, "%s", now->what);
    }
    size_t last = s->phases - 1;
    snprintf(s->step[last], sizeof *s->step, "%s", now->step ? now->step : "");
    assert_true(now->done >= s->done[last]);
    s->done[last] = now->done;
    s->total[last] = now->total;
}

static void training_and_clustering_count_their_rows(void **state)
{
    static const uint32_t row[] = {0, 0, 0, 1, 1, 1, 2, 2, 2},
                          col[] = {0, 1, 2, 1, 2, 3, 0, 2, 3};
    static const float val[] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    mf_csr x;
    mf_als *als;
    seen s = {0};
    const mf_report report = {.self = &s, .progress = see};
    mf_als_params p = mf_als_defaults(MF_PRESET_IMPLICIT);
    (void)state;
    p.k = p.personas = p.iterations = 2;
    p.persona_cells = 1;
    p.threads = 1;
    assert_int_equal(mf_csr_from_triplets(&x, 3, 4, 9, row, col, val, NULL), MF_OK);
    assert_int_equal(mf_als_open(&als, &x, NULL, &p, NULL), MF_OK);
    mf_als_tell(als, &report);
    assert_int_equal(mf_als_run(als, NULL, NULL, NULL), MF_OK);
    assert_int_equal(s.phases, 3);
    assert_string_equal(s.what[0], "training");
    assert_string_equal(s.step[0], "sweep 2 of 2");
    assert_int_equal(s.done[0], 2 * (3 + 4)); /* sweeps of users and items */
    assert_int_equal(s.total[0], 2 * (3 + 4));
    assert_string_equal(s.what[1], "clustering");
    assert_int_equal(s.done[1], 3);
    assert_string_equal(s.what[2], "solving users");
    assert_int_equal(s.done[2], 3);
    assert_int_equal(s.total[2], 3);
    mf_als_close(als);
    mf_csr_free(&x);
}

static void the_bootstrap_counts_its_samples(void **state)
{
    static const double num[] = {1, 2, 3, 4};
    const mf_series series = {.num = num, .form = MF_FORM_RATIO};
    seen s = {0};
    const mf_report report = {.self = &s, .progress = see};
    const mf_resampling how = {.replicates = 20, .threads = 1, .report = &report};
    mf_bootstrap b;
    (void)state;
    assert_int_equal(mf_bootstrap_run(&b, &how, 4, 1, &series, NULL), MF_OK);
    assert_int_equal(s.phases, 1);
    assert_string_equal(s.what[0], "sampling");
    assert_int_equal(s.done[0], 20);
    assert_int_equal(s.total[0], 20);
    mf_bootstrap_free(&b);
}

static void watch(void *self, const char *name, uint64_t done, uint64_t total)
{
    uint64_t *last = self;
    assert_string_equal(name, "file");
    last[0] = done;
    last[1] = total;
}

static void reading_counts_the_bytes_of_a_file(void **state)
{
    static const char text[] = "some bytes";
    FILE *file = tmpfile();
    mf_in *in;
    const uint8_t *data;
    size_t have;
    uint64_t last[2] = {0};
    (void)state;
    assert_non_null(file);
    assert_int_equal(write(fileno(file), text, 10), 10);
    assert_int_equal(lseek(fileno(file), 2, SEEK_SET), 2);
    assert_int_equal(mf_in_open(&in, fileno(file), "file", NULL), MF_OK);
    mf_in_watch(in, watch, last);
    assert_int_equal(mf_in_peek(in, 8, &data, &have, NULL), MF_OK);
    assert_int_equal(last[0], 8); /* from where it stood */
    assert_int_equal(last[1], 8);
    mf_in_close(in);
    fclose(file);
}

static void count_call(void *self)
{
    ++*(int *)self;
}

static void the_first_write_is_told_before_it(void **state)
{
    int fd[2], calls = 0;
    mf_out *out;
    (void)state;
    assert_int_equal(pipe(fd), 0);
    assert_int_equal(mf_out_open(&out, fd[1], "pipe", NULL), MF_OK);
    mf_out_before(out, count_call, &calls);
    assert_int_equal(mf_out_flush(out, NULL), MF_OK); /* of nothing */
    assert_int_equal(calls, 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(mf_out_write(out, "x", 1, NULL), MF_OK);
        assert_int_equal(calls, i);
        assert_int_equal(mf_out_flush(out, NULL), MF_OK);
        assert_int_equal(calls, 1);
    }
    mf_out_close(out);
    close(fd[0]);
    close(fd[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_and_clustering_count_their_rows),
        cmocka_unit_test(the_bootstrap_counts_its_samples),
        cmocka_unit_test(reading_counts_the_bytes_of_a_file),
        cmocka_unit_test(the_first_write_is_told_before_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
