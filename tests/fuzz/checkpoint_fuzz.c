/* mf-als --resume: checkpoints with sound checks and hostile content. */
#include <string.h>

#include "golden.h"
#include "lies.h"
#include "mf/info.h"
#include "mf/train.h"
#include "pieces.h"

enum { CHECKPOINT_FILE = 1 };

static golden ratings = {.name = "split.mf"};

static mf_train_params small(void)
{
    mf_train_params params = mf_train_defaults(MF_PRESET_IMPLICIT);
    params.als.k = 2;
    params.als.personas = 2;
    params.als.iterations = params.als.warmup = 3;
    params.als.threads = 1;
    params.patience = 0;
    return params;
}

static mf_out *half; /* the checkpoint that is being written */

static int begin_half(void *self, mf_out **out, mf_err *err)
{
    (void)self;
    int code =
        mf_out_open(&half, fuzz_file_of(CHECKPOINT_FILE, NULL, 0), "checkpoint", err);
    *out = half;
    return code;
}

static int commit_half(void *self, mf_err *err)
{
    (void)self;
    int code = mf_out_flush(half, err);
    mf_out_close(half);
    return code;
}

/* A checkpoint as it is written. */
static const uint8_t *sound(size_t *bytes)
{
    static uint8_t *data;
    static size_t size;
    static const mf_train_store store = {.begin = begin_half, .commit = commit_half};
    if (!data) {
        mf_train_params params = small();
        params.checkpoint = &store;
        mf_in *in = golden_open(&ratings);
        mf_out *out = result_open();
        PROMISE(mf_train_run(in, out, &params, NULL) == MF_OK);
        mf_out_close(out);
        mf_in_close(in);
        data = fuzz_bytes(CHECKPOINT_FILE, &size);
    }
    *bytes = size;
    return data;
}

static result resume(const uint8_t *data, size_t size)
{
    mf_err err = {0};
    mf_train_params params = small();
    PROMISE(mf_in_open(&params.resume, fuzz_file_of(CHECKPOINT_FILE, data, size),
                       "checkpoint", NULL) == MF_OK);
    mf_in *in = golden_open(&ratings);
    mf_out *out = result_open();
    result r = result_close(out, mf_train_run(in, out, &params, &err), &err);
    mf_in_close(in);
    mf_in_close(params.resume);
    return r;
}

static size_t taken, refused;

void fuzz_account(FILE *to)
{
    fprintf(to, ", %zu taken, %zu refused", taken, refused);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t bytes, all;
    const uint8_t *frames = sound(&all);
    uint8_t *lie = lies_of(frames, all, data, size, &bytes);
    result one = resume(lie, bytes), two = resume(lie, bytes);
    result_same(&one, &two);
    *(one.code == MF_OK ? &taken : &refused) += 1;
    if (one.code == MF_OK) { /* it made a sound bundle */
        mf_in *in;
        mf_info info;
        PROMISE(mf_in_open(&in, fuzz_file_of(MODEL_FILE, one.data, one.size), "result",
                           NULL) == MF_OK);
        PROMISE(mf_info_read(&info, in, NULL) == MF_OK);
        mf_info_free(&info);
        mf_in_close(in);
    }
    free(one.data);
    free(lie);
    return 0;
}
