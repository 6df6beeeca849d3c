/* Bundles with sound checks and hostile content: mf-info --check refuses what any tool
 * refuses as a bundle, and what it accepts every tool accepts. */
#include <math.h>
#include <string.h>

#include "lies.h"
#include "mf/convert.h"
#include "mf/evaluate.h"
#include "mf/filter.h"
#include "mf/info.h"
#include "mf/model.h"
#include "mf/recommend.h"
#include "mf/split.h"
#include "mf/train.h"
#include "mf/transform.h"
#include "pieces.h"

static mf_in *bundle(const uint8_t *data, size_t size)
{
    mf_in *in;
    PROMISE(mf_in_open(&in, fuzz_file_of(MODEL_FILE, data, size), "lie", NULL) ==
            MF_OK);
    return in;
}

static int check(mf_in *in, mf_out *out, mf_err *err)
{
    mf_info info;
    (void)out;
    int code = mf_info_read(&info, in, err);
    if (code == MF_OK)
        mf_info_free(&info);
    return code;
}

static int tell(mf_in *in, mf_out *out, mf_err *err)
{
    mf_info info;
    int code = mf_info_read(&info, in, err);
    if (code < 0)
        return code;
    code = mf_info_json(&info, out, err);
    if (code == MF_OK)
        code = mf_info_text(&info, out, err);
    mf_info_free(&info);
    return code;
}

/* What mf-bundle(5) promises to those who have a model in memory. */
static void promised(const mf_model *m)
{
    const mf_tensor *side[] = {&m->users, &m->items};
    PROMISE(mf_csr_check(&m->ratings.x, NULL) == MF_OK);
    for (size_t s = 0; s < 2; s++) {
        size_t floats = (size_t)side[s]->n * side[s]->personas * side[s]->k;
        for (size_t i = 0; side[s]->data && i < floats; i++)
            PROMISE(isfinite(side[s]->data[i]));
        for (size_t i = 0; side[s]->bias && i < side[s]->n; i++)
            PROMISE(isfinite(side[s]->bias[i]));
    }
    for (size_t t = 0; m->z && t < m->zptr[m->users.n]; t++)
        PROMISE(m->z[t] < m->users.personas);
    if (m->users.data) {
        PROMISE(m->card.overlap >= 0 && m->card.overlap <= 1);
        PROMISE(m->card.unobserved >= 0 && isfinite(m->card.unobserved));
        PROMISE(m->card.lambda_users >= 0 && m->card.lambda_items >= 0);
    }
}

static int load(mf_in *in, mf_out *out, mf_err *err)
{
    mf_model m;
    (void)out;
    int code =
        mf_model_load(&m, in, MF_WANT_RATINGS | MF_WANT_FACTORS, NULL, NULL, err);
    if (code == MF_OK)
        promised(&m);
    mf_model_free(&m);
    return code;
}

static int split(mf_in *in, mf_out *out, mf_err *err)
{
    mf_split_params params = mf_split_defaults();
    params.threads = 1;
    return mf_split_run(in, out, &params, NULL, err);
}

static int transform(mf_in *in, mf_out *out, mf_err *err)
{
    mf_transform_params params = {.n = 1};
    PROMISE(mf_transform_parse(&params.op[0], "log2:1", NULL) == MF_OK);
    return mf_transform_run(in, out, &params, NULL, err);
}

static int filter(mf_in *in, mf_out *out, mf_err *err)
{
    mf_filter_params params = mf_filter_defaults();
    mf_filter_lists lists = {0};
    params.keep_empty = true; /* nothing is dropped: it streams */
    return mf_filter_run(in, out, &params, &lists, NULL, err);
}

static int convert(mf_in *in, mf_out *out, mf_err *err)
{
    mf_convert_to_params params = mf_convert_to_defaults();
    return mf_convert_to_run(in, out, &params, NULL, err);
}

static int history(mf_in *in, mf_out *out, mf_err *err)
{
    mf_convert_to_params params = mf_convert_to_defaults();
    params.part = MF_PART_HISTORY;
    return mf_convert_to_run(in, out, &params, NULL, err);
}

static int evaluate(mf_in *in, mf_out *out, mf_err *err)
{
    mf_evaluate_params params = mf_evaluate_defaults();
    mf_evaluation shown = {0};
    params.replicates = 0;
    params.threads = 1;
    const mf_evaluation_style style = {.format = MF_EVALUATION_TEXT};
    int code = mf_evaluate_run(&shown, 1, &in, &params, err);
    if (code == MF_OK)
        code = mf_evaluation_write(&shown, &style, out, err);
    mf_evaluation_free(&shown);
    return code;
}

static int recommend(mf_in *in, mf_out *out, mf_err *err)
{
    mf_recommend_params params = mf_recommend_defaults();
    params.threads = 1;
    params.explain = true;
    return mf_recommend_run(in, out, &params, err);
}

static int train(mf_in *in, mf_out *out, mf_err *err)
{
    mf_train_params params = mf_train_defaults(MF_PRESET_IMPLICIT);
    params.als.k = 2;
    params.als.personas = 2;
    params.als.iterations = params.als.warmup = 1;
    params.als.threads = 1;
    return mf_train_run(in, out, &params, err);
}

/* Run the job on the bundle; its code and words. What it wrote is a bundle, if it is to
 * be one. */
static int run(int (*job)(mf_in *, mf_out *, mf_err *), bool writes,
               const uint8_t *data, size_t size, mf_err *err)
{
    mf_in *in = bundle(data, size);
    mf_out *out = result_open();
    result r = result_close(out, job(in, out, err), err);
    mf_in_close(in);
    if (r.code == MF_OK && writes) {
        mf_err worse = {0};
        in = bundle(r.data, r.size);
        PROMISE(check(in, NULL, &worse) == MF_OK);
        mf_in_close(in);
    }
    free(r.data);
    return r.code;
}

static size_t accepted, refused;

void fuzz_account(FILE *to)
{
    fprintf(to, ", %zu sound, %zu refused, by all alike", accepted, refused);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        const char *name;
        int (*run)(mf_in *, mf_out *, mf_err *);
        bool writes;
    } job[] = {{"info", tell, false},           {"load", load, false},
               {"split", split, true},          {"transform", transform, true},
               {"filter", filter, true},        {"convert", convert, false},
               {"history", history, false},     {"eval", evaluate, false},
               {"recommend", recommend, false}, {"als", train, true}};
    size_t bytes;
    uint8_t *lie = lies_make(data, size, &bytes);
    mf_err first = {0};
    int sound = run(check, false, lie, bytes, &first);
    PROMISE(sound == MF_OK || sound == MF_EFORMAT);
    *(sound == MF_OK ? &accepted : &refused) += 1;
    for (size_t i = 0; i < sizeof job / sizeof *job; i++) {
        mf_err err = {0};
        int code = run(job[i].run, job[i].writes, lie, bytes, &err);
        bool differs = sound < 0 ? code == MF_OK : strstr(err.text, "frame ") != NULL;
        if (differs)
            fprintf(stderr, "check: %s\n%s: %d %s\n", sound < 0 ? first.text : "sound",
                    job[i].name, code, err.text);
        PROMISE(!differs);
    }
    free(lie);
    return 0;
}
