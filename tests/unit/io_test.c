/* Bytes in and out of descriptors, and memory. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "aid.h"
#include "base/mem.h"
#include "mf/io.h"

static void peeks_grow_and_skips_move(void **state)
{
    (void)state;
    enum { N = 3000000 };
    uint8_t *data = malloc(N);
    for (size_t i = 0; i < N; i++)
        data[i] = (uint8_t)(i * 2654435761u >> 11);
    mf_in *in = aid_in(data, N);
    const uint8_t *p;
    size_t have, at = 0, step = 1;
    while (at < N) {
        assert_int_equal(mf_in_peek(in, step, &p, &have, NULL), MF_OK);
        assert_true(have >= step || have == N - at);
        assert_memory_equal(p, data + at, have < step ? have : step);
        size_t now = have < step ? have : step;
        mf_in_skip(in, now);
        at += now;
        assert_int_equal(mf_in_offset(in), at);
        step = step * 5 % 700001 + 1;
    }
    assert_int_equal(mf_in_peek(in, 1, &p, &have, NULL), MF_OK);
    assert_int_equal(have, 0);
    aid_in_close(in);
    free(data);
}

static void what_is_written_arrives(void **state)
{
    (void)state;
    int fd;
    mf_out *out = aid_out(&fd);
    aid_bytes want = {0};
    uint8_t *big = malloc(1 << 20);
    memset(big, 'x', 1 << 20);
    static const size_t sizes[] = {0, 1,       1000, 262143, 1,      262144, 262145,
                                   5, 1 << 20, 0,    100000, 200000, 3};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        big[0] = (uint8_t)i;
        assert_int_equal(mf_out_write(out, big, sizes[i], NULL), MF_OK);
        aid_add(&want, big, sizes[i]);
    }
    assert_int_equal(mf_out_printf(out, NULL, "%d %s\n", 42, "text"), MF_OK);
    aid_add(&want, "42 text\n", 8);
    assert_int_equal(mf_out_printf(out, NULL, "%2000d", 1),
                     MF_OK); /* past the small buffer */
    for (int i = 0; i < 1999; i++)
        aid_add(&want, " ", 1);
    aid_add(&want, "1", 1);
    aid_bytes got = aid_out_close(out, fd);
    assert_int_equal(got.size, want.size);
    assert_memory_equal(got.data, want.data, want.size);
    aid_free(&got);
    aid_free(&want);
    free(big);
}

static void errors_name_the_file(void **state)
{
    (void)state;
    mf_err err = {0};
    mf_in *in;
    mf_out *out;
    const uint8_t *p;
    size_t have;
    assert_int_equal(mf_in_open(&in, -1, "some file", NULL), MF_OK);
    assert_int_equal(mf_in_peek(in, 1, &p, &have, &err), MF_EIO);
    assert_string_equal(err.text, "some file: cannot read: Bad file descriptor");
    mf_in_close(in);

    int full = open("/dev/full", O_WRONLY);
    assert_true(full >= 0);
    err = (mf_err){0};
    assert_int_equal(mf_out_open(&out, full, "disk", NULL), MF_OK);
    assert_int_equal(mf_out_write(out, "abc", 3, &err),
                     MF_OK); /* still in the buffer */
    assert_int_equal(mf_out_sync(out, &err), MF_EIO);
    assert_string_equal(err.text, "disk: cannot write: No space left on device");
    mf_out_close(out);
    close(full);
}

/* What is written to a disk that has room again would stand after a hole. */
static void the_first_failure_of_an_output_sticks(void **state)
{
    (void)state;
    enum { N = 300000 };
    static const uint8_t data[N];
    const char *words = "disk: cannot write: No space left on device";
    int fd = open("/dev/full", O_WRONLY);
    mf_out *out;
    mf_err err[5] = {{0}};
    FILE *roomy = tmpfile();
    assert_true(fd >= 0 && roomy);
    assert_int_equal(mf_out_open(&out, fd, "disk", NULL), MF_OK);
    assert_int_equal(mf_out_check(out, NULL), MF_OK);
    assert_int_equal(mf_out_write(out, data, N, &err[0]), MF_EIO);
    assert_int_equal(dup2(fileno(roomy), fd), fd);
    assert_int_equal(mf_out_write(out, data, 3, &err[1]), MF_EIO);
    assert_int_equal(mf_out_printf(out, &err[2], "%d", 3), MF_EIO);
    assert_int_equal(mf_out_check(out, &err[3]), MF_EIO);
    assert_int_equal(mf_out_flush(out, NULL), MF_EIO);
    assert_int_equal(mf_out_sync(out, &err[4]), MF_EIO);
    for (int i = 0; i < 5; i++)
        assert_string_equal(err[i].text, words);
    assert_int_equal(lseek(fd, 0, SEEK_END), 0);
    mf_out_close(out);
    close(fd);
    fclose(roomy);
}

static void a_closed_pipe_is_an_error_where_the_signal_is_ignored(void **state)
{
    (void)state;
    int end[2];
    mf_out *out;
    mf_err err = {0};
    void (*old)(int) = signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(end), 0);
    close(end[0]);
    assert_int_equal(mf_out_open(&out, end[1], "pipe", NULL), MF_OK);
    assert_int_equal(mf_out_write(out, "x", 1, NULL), MF_OK);
    assert_int_equal(mf_out_flush(out, &err), MF_EIO);
    assert_non_null(strstr(err.text, "Broken pipe"));
    mf_out_close(out);
    close(end[1]);
    signal(SIGPIPE, old);
}

static void on_alarm(int number)
{
    (void)number;
}

/* A pipe that takes little at a time, set not to block, under a rain of
 * signals, through both ends. */
static void short_calls_and_signals_are_retried(void **state)
{
    (void)state;
    enum { N = 5000000 };
    int end[2];
    assert_int_equal(pipe2(end, O_NONBLOCK), 0);
    struct sigaction act = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &act, NULL);
    pid_t child = fork();
    if (child == 0) {
        mf_out *out;
        uint8_t *data = malloc(N);
        close(end[0]);
        for (size_t i = 0; data && i < N; i++)
            data[i] = (uint8_t)(i % 251);
        ualarm(500, 500);
        _exit(!data || mf_out_open(&out, end[1], "pipe", NULL) < 0 ||
              mf_out_write(out, data, 1000, NULL) < 0 ||
              mf_out_write(out, data + 1000, N - 1000, NULL) < 0 ||
              mf_out_sync(out, NULL) < 0);
    }
    close(end[1]);
    mf_in *in;
    const uint8_t *p;
    size_t have, at = 0;
    assert_int_equal(mf_in_open(&in, end[0], "pipe", NULL), MF_OK);
    ualarm(700, 700);
    for (;;) {
        assert_int_equal(mf_in_peek(in, 1, &p, &have, NULL), MF_OK);
        if (have == 0)
            break;
        for (size_t i = 0; i < have; i++)
            assert_int_equal(p[i], (at + i) % 251);
        at += have;
        mf_in_skip(in, have);
    }
    ualarm(0, 0);
    assert_int_equal(at, N);
    mf_in_close(in);
    close(end[0]);
    int status;
    while (waitpid(child, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    assert_int_equal(status, 0);
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    void *block = NULL;
    size_t cap = 0, huge = SIZE_MAX / 2;
    assert_null(mf__new(huge, 8));
    assert_null(mf__new0(huge, 8));
    assert_null(mf__new_aligned(huge, 8));
    assert_null(mf__new_aligned(SIZE_MAX, 1));
    assert_int_equal(mf__reserve(&block, &cap, huge, 8, NULL), MF_ENOMEM);
    assert_int_equal(mf__reserve(&block, &cap, SIZE_MAX, 1, NULL), MF_ENOMEM);
    assert_null(block);
    assert_int_equal(cap, 0);
}

static void nothing_has_an_address(void **state)
{
    (void)state;
    void *p[] = {mf__new(0, 8), mf__new0(0, 8), mf__new0(8, 0), mf__new_aligned(0, 8),
                 mf__new_aligned(3, 5)};
    for (int i = 0; i < 5; i++)
        assert_non_null(p[i]);
    assert_int_equal((uintptr_t)p[3] % 64, 0);
    assert_int_equal((uintptr_t)p[4] % 64, 0);
    for (int i = 0; i < 5; i++)
        free(p[i]);
}

static void growing_by_ones_is_linear(void **state)
{
    (void)state;
    uint32_t *block = NULL;
    size_t cap = 0, moves = 0, before = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        assert_int_equal(mf__reserve(&block, &cap, (size_t)i + 1, sizeof *block, NULL),
                         MF_OK);
        block[i] = i;
        moves += cap != before;
        before = cap;
    }
    assert_true(moves < 20);
    for (uint32_t i = 0; i < 100000; i++)
        assert_int_equal(block[i], i);
    free(block);
}

static void the_first_message_stays(void **state)
{
    (void)state;
    mf_err err = {0};
    char longer[2000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_int_equal(mf_fail(&err, MF_EIO, "first %d", 1), MF_EIO);
    assert_int_equal(mf__nomem(&err), MF_ENOMEM);
    assert_int_equal(err.code, MF_EIO);
    assert_string_equal(err.text, "first 1");
    assert_int_equal(mf_fail(NULL, MF_EMATH, "nobody listens"), MF_EMATH);
    err = (mf_err){0};
    assert_int_equal(mf_fail(&err, MF_EIO, "%s", longer), MF_EIO);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peeks_grow_and_skips_move),
        cmocka_unit_test(what_is_written_arrives),
        cmocka_unit_test(errors_name_the_file),
        cmocka_unit_test(the_first_failure_of_an_output_sticks),
        cmocka_unit_test(a_closed_pipe_is_an_error_where_the_signal_is_ignored),
        cmocka_unit_test(short_calls_and_signals_are_retried),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(nothing_has_an_address),
        cmocka_unit_test(growing_by_ones_is_linear),
        cmocka_unit_test(the_first_message_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
