/* Values of options that the library reads: metrics, transforms, conditions, moments,
 * columns and separators. What is read is written in one form, which reads the same. */
#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "mf/convert.h"
#include "mf/filter.h"
#include "mf/metrics.h"
#include "mf/ratings.h"
#include "mf/transform.h"

static void metrics(const char *text)
{
    mf_metric_list list, again;
    mf_err err = {0};
    int code = mf_metrics_parse(&list, text, &err);
    if (code < 0) {
        fuzz_error(code, &err);
        return;
    }
    PROMISE(list.n > 0 && list.n <= MF_METRICS_MAX);
    for (size_t i = 0; i < list.n; i++) {
        PROMISE(mf_metrics_parse(&again, list.metric[i].name, NULL) == MF_OK);
        PROMISE(again.n == 1 && !strcmp(again.metric[0].name, list.metric[i].name));
        for (size_t j = 0; j < i; j++)
            PROMISE(strcmp(list.metric[i].name, list.metric[j].name) != 0);
    }
}

static void transform(const char *text)
{
    mf_transform_op op, again;
    char one[MF_TRANSFORM_TEXT], two[MF_TRANSFORM_TEXT];
    mf_err err = {0};
    int code = mf_transform_parse(&op, text, &err);
    if (code < 0) {
        fuzz_error(code, &err);
        return;
    }
    mf_transform_format(&op, one);
    PROMISE(mf_transform_parse(&again, one, NULL) == MF_OK);
    mf_transform_format(&again, two);
    PROMISE(strcmp(one, two) == 0);
}

static void condition(const char *text)
{
    mf_condition c;
    mf_err err = {0};
    int code = mf_condition_parse(&c, text, &err);
    if (code < 0)
        fuzz_error(code, &err);
    else
        PROMISE(isfinite(c.value));
}

static void moment(const char *text)
{
    int64_t seconds;
    if (mf_time_parse(text, &seconds))
        PROMISE(seconds >= -62167219200 && seconds <= 253402300799);
}

static void columns(const char *text, mf_format format)
{
    for (int i = 0; i < 2; i++) {
        mf_err err = {0};
        mf_convert_from_params params = {.format = format,
                                         .columns = i == 0 ? text : NULL,
                                         .separator = i == 1 ? text : NULL};
        int code = mf_convert_from_check(&params, &err);
        if (code < 0)
            fuzz_error(code, &err);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    PROMISE(text);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    metrics(text);
    transform(text);
    condition(text);
    moment(text);
    columns(text, MF_FORMAT_TSV);
    columns(text, MF_FORMAT_CSV);
    columns(text, MF_FORMAT_NDJSON);
    columns(text, MF_FORMAT_LISTS);
    free(text);
    return 0;
}
