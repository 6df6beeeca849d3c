/* Numbers keep their point where the program has set a locale with another. */
#include <locale.h>
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
#include "base/number.h"
#include "data/text.h"
#include "mf/mf.h"
#include "scratch.h"

/* --- locales, made here: Debian has none but C --- */

/* A point of one byte, and one of two, as in Pashto. */
static const struct {
    const char *name, *point, *one_and_a_half;
} LOCALES[] = {{"mf_comma", "<U002C>", "1,5"}, {"mf_wide", "<U066B>", "1\xd9\xab\x35"}};
enum { LOCALES_COUNT = sizeof LOCALES / sizeof *LOCALES };

static char folder[] = "/tmp/mf-locale.XXXXXX";
static bool there[LOCALES_COUNT];

static FILE *create(const char *name)
{
    char path[100];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return fopen(path, "w");
}

static int make_locales(void **state)
{
    (void)state;
    FILE *to;
    char command[300];
    if (!mkdtemp(folder) || setenv("LOCPATH", folder, 1) ||
        !(to = create("characters")))
        return -1;
    fputs("<code_set_name> UTF-8\n<mb_cur_min> 1\n<mb_cur_max> 4\n<comment_char> %\n"
          "<escape_char> /\nCHARMAP\n",
          to);
    for (unsigned c = 0; c < 128; c++)
        fprintf(to, "<U%04X> /x%02x one\n", c, c);
    fputs("<U066B> /xd9/xab one\nEND CHARMAP\n", to);
    fclose(to);
    for (int i = 0; i < LOCALES_COUNT; i++) {
        if (!(to = create("numeric")))
            return -1;
        fprintf(to,
                "LC_NUMERIC\ndecimal_point \"%s\"\nthousands_sep \"\"\ngrouping -1\n"
                "END LC_NUMERIC\n",
                LOCALES[i].point);
        fclose(to);
        snprintf(command, sizeof command,
                 "cd %s && localedef -c --no-archive -f ./characters -i ./numeric "
                 "./%s >log 2>&1",
                 folder, LOCALES[i].name);
        (void)!system(command); /* it warns of all that is not defined */
        there[i] = setlocale(LC_NUMERIC, LOCALES[i].name) != NULL;
        setlocale(LC_ALL, "C");
        if (!there[i])
            printf("# localedef cannot make the locale %s\n", LOCALES[i].name);
    }
    return 0;
}

static int remove_locales(void **state)
{
    (void)state;
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

/* The next of them; -1 after the last. The first call skips the test if there are
 * none. */
static int next_locale(int last)
{
    if (last < 0 && !there[0] && !there[1])
        skip();
    for (int i = last + 1; i < LOCALES_COUNT; i++)
        if (there[i]) {
            char text[16];
            assert_non_null(setlocale(LC_ALL, LOCALES[i].name));
            snprintf(text, sizeof text, "%g", 1.5);
            assert_string_equal(text, LOCALES[i].one_and_a_half);
            return i;
        }
    setlocale(LC_ALL, "C");
    return -1;
}

/* --- the module --- */

static void numbers_are_parsed_and_formatted_with_a_point(void **state)
{
    (void)state;
    for (int i = next_locale(-1); i >= 0; i = next_locale(i)) {
        char text[NUMBER_TEXT], *end;
        float single;
        assert_true(mf__strtod("-1.5e3 ", &end) == -1500 && *end == ' ');
        assert_true(mf__strtof("0.25", &end) == .25f && *end == '\0');
        assert_true(mf__strtod(LOCALES[i].one_and_a_half, &end) == 1 && *end);
        assert_true(mf__text_float((mf_field){"2.5", 3}, &single) && single == 2.5f);
        assert_int_equal(mf__snprintf(text, sizeof text, "%.2f %d", 2.5, 7), 6);
        assert_string_equal(text, "2.50 7");
        mf__number_shortest(text, .1);
        assert_string_equal(text, "0.1");
        mf__number_plain(text, -1.0 / 3);
        assert_string_equal(text, "-0.3333333333333333");
        mf_err err = {0};
        mf_fail(&err, MF_EINVAL, "%g is not in %g", .5, 1.5);
        assert_string_equal(err.text, "0.5 is not in 1.5");
    }
}

static void the_locale_of_the_program_stays(void **state)
{
    (void)state;
    for (int i = next_locale(-1); i >= 0; i = next_locale(i)) {
        char text[NUMBER_TEXT];
        locale_t own = newlocale(LC_ALL_MASK, "C", (locale_t)0);
        mf__number_shortest(text, .1);
        snprintf(text, sizeof text, "%g", 1.5);
        assert_string_equal(text, LOCALES[i].one_and_a_half);
        locale_t global = uselocale(own);
        mf__number_shortest(text, .1);
        assert_ptr_equal(uselocale(global), own);
    }
}

static void texts_have_as_few_digits_as_give_the_number_back(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *shortest, *plain;
    } cases[] = {
        {0, "0", "0"},
        {.1, "0.1", "0.1"},
        {1.0 / 3, "0.3333333333333333", "0.3333333333333333"},
        {1e6, "1e+06", "1000000"},
        {123456789, "123456789", "123456789"},
        {-1e15, "-1e+15", "-1e+15"},
        {999999999999999, "999999999999999", "999999999999999"},
        {5e-324, "5e-324", "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308", "1.7976931348623157e+308"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[NUMBER_TEXT];
        mf__number_shortest(text, cases[i].value);
        assert_string_equal(text, cases[i].shortest);
        mf__number_plain(text, cases[i].value);
        assert_string_equal(text, cases[i].plain);
    }
}

/* --- the jobs --- */

static void must(int code, const mf_err *err)
{
    if (code < 0)
        fail_msg("%s", err->text);
}

static void keep_line(void *self, const char *line)
{
    aid_add(self, line, strlen(line));
}

/* Run a job from bytes to bytes, which are added to `all`. */
#define JOB(result, from, call)                                                        \
    do {                                                                               \
        int fd, in_fd = scratch_fd((from).data, (from).size);                          \
        mf_out *out = aid_out(&fd);                                                    \
        mf_in *in;                                                                     \
        must(mf_in_open(&in, in_fd, "test", &err), &err);                              \
        must(call, &err);                                                              \
        mf_in_close(in);                                                               \
        close(in_fd);                                                                  \
        (result) = aid_out_close(out, fd);                                             \
        aid_add(&all, (result).data, (result).size);                                   \
    } while (0)

/* And one whose result is text, which nothing reads. */
#define SHOW(from, call)                                                               \
    do {                                                                               \
        aid_bytes shown;                                                               \
        JOB(shown, from, call);                                                        \
        aid_free(&shown);                                                              \
    } while (0)

static int convert_from(mf_format format, aid_bytes text, mf_out *out, mf_err *err)
{
    mf_convert_from_params params = mf_convert_from_defaults();
    mf_convert_input input = {0};
    params.format = format;
    int fd = scratch_fd(text.data, text.size);
    int code = mf_lines_open(&input.text, fd, "text", err);
    if (code == MF_OK)
        code = mf_convert_from_run(&input, out, &params, NULL, err);
    mf_lines_close(input.text);
    close(fd);
    return code;
}

static int convert_to(mf_format format, mf_part part, mf_in *in, mf_out *out,
                      mf_err *err)
{
    mf_convert_to_params params = mf_convert_to_defaults();
    params.format = format;
    params.part = part;
    return mf_convert_to_run(in, out, &params, NULL, err);
}

static int evaluate(mf_in *in, mf_out *out, mf_err *err)
{
    mf_evaluation e;
    mf_evaluate_params params = mf_evaluate_defaults();
    params.replicates = 20;
    params.baselines = MF_BASELINE_POPULARITY | MF_BASELINE_MEAN;
    int code = mf_evaluate_run(&e, 1, &in, &params, err);
    for (int format = 0; code == MF_OK && format <= MF_EVALUATION_TABLE; format++) {
        mf_evaluation_style style = {.format = (mf_evaluation_format)format};
        code = mf_evaluation_write(&e, &style, out, err);
    }
    if (code == MF_OK)
        code = mf_evaluation_write_users(&e, false, out, err);
    mf_evaluation_free(&e);
    return code;
}

static int show_info(mf_in *in, mf_out *out, mf_err *err)
{
    mf_info info;
    int code = mf_info_read(&info, in, err);
    if (code == MF_OK)
        code = mf_info_json(&info, out, err);
    if (code == MF_OK)
        code = mf_info_text(&info, out, err);
    mf_info_free(&info);
    return code;
}

static int recommend(mf_recommend_format format, mf_in *in, mf_out *out, mf_err *err)
{
    mf_recommend_params params = mf_recommend_defaults();
    params.format = format;
    params.explain = format != MF_RECOMMEND_TREC;
    params.rarity = .25;
    return mf_recommend_run(in, out, &params, err);
}

/* What people and programs read of a whole pipeline, and its notes and errors. */
static aid_bytes run_everything(void)
{
    aid_bytes all = {0}, text = {0}, plays, values, split, model, lines, back;
    mf_err err = {0};
    mf_report report = {.self = &all, .note = keep_line, .warn = keep_line};
    for (int u = 0; u < 30; u++)
        for (int c = 0; c < 12; c++) {
            char line[64];
            int n = snprintf(line, sizeof line, "u%d\ti%d\t%d.%d\n", u,
                             (u * u + c * (c % 2 ? 3 : 5)) % 40, 1 + (u + c) % 7, c);
            aid_add(&text, line, (size_t)n);
        }
    JOB(plays, text, convert_from(MF_FORMAT_TSV, text, out, &err));
    mf_transform_params transform = {.n = 1};
    must(mf_transform_parse(&transform.op[0], "log2:0.8", &err), &err);
    JOB(values, plays, mf_transform_run(in, out, &transform, &report, &err));
    mf_split_params splitting = mf_split_defaults();
    splitting.valid = (mf_split_amount){true, .1};
    JOB(split, values, mf_split_run(in, out, &splitting, &report, &err));
    mf_train_params train = mf_train_defaults(MF_PRESET_IMPLICIT);
    train.als.k = 4;
    train.als.iterations = 6;
    train.als.warmup = 3;
    train.als.confidence = MF_CONFIDENCE_LOG;
    train.als.alpha = 1.5;
    train.als.eps = .25;
    train.report = &report;
    JOB(model, split, mf_train_run(in, out, &train, &err));

    for (int f = MF_RECOMMEND_TSV; f <= MF_RECOMMEND_TREC; f++)
        SHOW(model, recommend((mf_recommend_format)f, in, out, &err));
    SHOW(model, evaluate(in, out, &err));
    SHOW(model, show_info(in, out, &err));
    SHOW(model, convert_to(MF_FORMAT_TSV, MF_PART_HISTORY, in, out, &err));
    SHOW(model, convert_to(MF_FORMAT_NPY, MF_PART_ITEMS, in, out, &err));
    static const mf_format formats[] = {MF_FORMAT_CSV, MF_FORMAT_MTX, MF_FORMAT_INTER,
                                        MF_FORMAT_NDJSON};
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
        JOB(lines, plays, convert_to(formats[f], MF_PART_RATINGS, in, out, &err));
        JOB(back, lines, convert_from(formats[f], lines, out, &err));
        aid_free(&lines);
        aid_free(&back);
    }

    train.als.overlap = 1.5;
    assert_int_equal(mf_train_check(&train, &err), MF_EINVAL);
    keep_line(&all, err.text);
    aid_free(&text);
    aid_free(&plays);
    aid_free(&values);
    aid_free(&split);
    aid_free(&model);
    return all;
}

static void a_whole_pipeline_has_the_same_bytes_in_any_locale(void **state)
{
    (void)state;
    aid_bytes want = run_everything();
    assert_true(want.size > 20000);
    for (int i = next_locale(-1); i >= 0; i = next_locale(i)) {
        aid_bytes got = run_everything();
        assert_int_equal(got.size, want.size);
        assert_memory_equal(got.data, want.data, want.size);
        aid_free(&got);
    }
    aid_free(&want);
}

static void what_does_not_fit_is_cut(void **state)
{
    (void)state;
    char text[8] = "";
    size_t used = 0;
    assert_int_equal(used = mf__append(text, sizeof text, used, "%s", "abc"), 3);
    assert_int_equal(used = mf__append(text, sizeof text, used, "%d", 1234), 7);
    assert_string_equal(text, "abc1234");
    for (int again = 0; again < 3; again++) {
        assert_int_equal(used = mf__append(text, sizeof text, used, "%s", "more"), 7);
        assert_string_equal(text, "abc1234");
    }
    assert_int_equal(mf__append(text, sizeof text, 5, "%s", "longer"), 7);
    assert_string_equal(text, "abc12lo");
}

static void one_has_no_plural(void **state)
{
    (void)state;
    assert_string_equal(mf__plural(1), "");
    assert_string_equal(mf__plural(0), "s");
    assert_string_equal(mf__plural(2), "s");
    assert_string_equal(mf__plural(UINT64_MAX), "s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_parsed_and_formatted_with_a_point),
        cmocka_unit_test(the_locale_of_the_program_stays),
        cmocka_unit_test(texts_have_as_few_digits_as_give_the_number_back),
        cmocka_unit_test(what_does_not_fit_is_cut),
        cmocka_unit_test(a_whole_pipeline_has_the_same_bytes_in_any_locale),
        cmocka_unit_test(one_has_no_plural),
    };
    return cmocka_run_group_tests(tests, make_locales, remove_locales);
}
