/* mf-eval --merge: partial results with sound checks and hostile content, alone or
 * among the sound ones of other shards. */
#include <string.h>

#include "lies.h"
#include "mf/evaluate.h"
#include "pieces.h"

enum { PARTS = 4, PART_FILE = 0, FORMATS = 4 };

/* Shards 1/1, 1/3, 2/3 and 3/3, as they are written. */
static const uint8_t *sound(size_t which, size_t *bytes)
{
    static uint8_t *data[PARTS];
    static size_t size[PARTS];
    if (!data[which]) {
        mf_evaluate_params p = mf_evaluate_defaults();
        mf_in *in;
        FILE *f = fopen("tests/golden/persona-model.mf", "rb");
        PROMISE(f && mf_in_open(&in, fileno(f), "model", NULL) == MF_OK);
        PROMISE(mf_metrics_parse(&p.metrics, "mrr,rmse,coverage@2,gini@2,tastes@2",
                                 NULL) == MF_OK);
        p.by = which ? MF_BY_POPULARITY : MF_BY_ACTIVITY;
        p.slices = 2;
        p.baselines = MF_BASELINE_POPULARITY;
        p.replicates = 3;
        p.threads = 1;
        p.shard = which ? (uint32_t)which : 1;
        p.shards = which ? 3 : 1;
        mf_out *out = result_open();
        mf_err err = {0};
        result r = result_close(out, mf_evaluate_part(out, 1, &in, &p, &err), &err);
        PROMISE(r.code == MF_OK);
        data[which] = r.data;
        size[which] = r.size;
        mf_in_close(in);
        fclose(f);
    }
    *bytes = size[which];
    return data[which];
}

static int put(mf_evaluate_merge *m, const uint8_t *data, size_t size, mf_err *err)
{
    mf_in *in;
    PROMISE(mf_in_open(&in, fuzz_file_of(PART_FILE, data, size), "part", NULL) ==
            MF_OK);
    int code = mf_evaluate_merge_put(m, in, err);
    mf_in_close(in);
    return code;
}

/* The lie, and if it is of a shard of three, what is sound of the others. */
static int put_all(mf_evaluate_merge *m, size_t which, const uint8_t *lie, size_t bytes,
                   mf_err *err)
{
    int code = put(m, lie, bytes, err);
    for (size_t i = 1; code == MF_OK && which && i < PARTS; i++)
        if (i != which) {
            size_t size;
            const uint8_t *data = sound(i, &size);
            code = put(m, data, size, err);
        }
    return code;
}

static int show(mf_evaluate_merge *m, mf_out *out, mf_err *err)
{
    mf_evaluate_params p = mf_evaluate_defaults();
    mf_evaluation e;
    p.threads = 1;
    p.beside_best = true;
    int code = mf_evaluate_merge_finish(m, &e, &p, err);
    for (int f = 0; code == MF_OK && f < FORMATS; f++) {
        mf_evaluation_style style = {.format = (mf_evaluation_format)f};
        code = mf_evaluation_write(&e, &style, out, err);
    }
    if (code == MF_OK)
        code = mf_evaluation_write_users(&e, false, out, err);
    mf_evaluation_free(&e);
    return code;
}

/* What the lie becomes: the result, or what was measured of all users. */
static result merge(size_t which, const uint8_t *lie, size_t bytes, bool part)
{
    mf_err err = {0};
    mf_evaluate_merge *m;
    PROMISE(mf_evaluate_merge_open(&m, NULL) == MF_OK);
    int code = put_all(m, which, lie, bytes, &err);
    mf_out *out = result_open();
    if (code == MF_OK)
        code = part ? mf_evaluate_merge_write(m, out, &err) : show(m, out, &err);
    mf_evaluate_merge_close(m);
    return result_close(out, code, &err);
}

static size_t taken, refused;

void fuzz_account(FILE *to)
{
    fprintf(to, ", %zu taken, %zu refused", taken, refused);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t bytes, all, which = size ? data[0] % PARTS : 0;
    const uint8_t *frames = sound(which, &all);
    uint8_t *lie = lies_of(frames, all, data, size, &bytes);
    result one = merge(which, lie, bytes, true),
           shown = merge(which, lie, bytes, false);
    if (one.code == MF_OK) { /* it is whole, and shows the same */
        result again = merge(0, one.data, one.size, true);
        PROMISE(again.code == MF_OK);
        PROMISE(again.size == one.size && memcmp(again.data, one.data, one.size) == 0);
        free(again.data);
        result same = merge(0, one.data, one.size, false);
        result_same(&shown, &same);
    } else {
        PROMISE(shown.code == one.code && strcmp(shown.err.text, one.err.text) == 0);
    }
    *(shown.code == MF_OK ? &taken : &refused) += 1;
    free(one.data);
    free(shown.data);
    free(lie);
    return 0;
}
