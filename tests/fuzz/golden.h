/* golden.h - bundles of tests/golden as inputs of harnesses, made once and then kept in
 * memory. */
#ifndef FUZZ_GOLDEN_H
#define FUZZ_GOLDEN_H

#include <fcntl.h>

#include "fuzz.h"
#include "mf/train.h"

typedef struct golden {
    const char *name;
    bool rated; /* not it, but the model of ratings that is trained on it */
    int file;  /* + 1; 0: not made yet */
} golden;

static inline void golden_train(int to, int from)
{
    mf_in *in;
    mf_out *out;
    mf_train_params params = mf_train_defaults(MF_PRESET_EXPLICIT);
    params.als.k = params.als.personas = 2;
    params.als.iterations = params.als.warmup = 3;
    params.als.threads = 1;
    params.patience = 0;
    PROMISE(mf_in_open(&in, from, "golden", NULL) == MF_OK);
    PROMISE(mf_out_open(&out, to, "model", NULL) == MF_OK);
    PROMISE(mf_train_run(in, out, &params, NULL) == MF_OK);
    PROMISE(mf_out_flush(out, NULL) == MF_OK);
    mf_out_close(out);
    mf_in_close(in);
}

/* It, from its beginning. */
static inline mf_in *golden_open(golden *g)
{
    mf_in *in;
    if (g->file == 0) {
        char path[64];
        snprintf(path, sizeof path, "tests/golden/%s", g->name);
        g->file = open(path, O_RDONLY) + 1;
        PROMISE(g->file > 0);
        if (g->rated) {
            int model = memfd_create("golden", 0);
            PROMISE(model >= 0);
            golden_train(model, g->file - 1);
            close(g->file - 1);
            g->file = model + 1;
        }
    }
    PROMISE(lseek(g->file - 1, 0, SEEK_SET) == 0);
    PROMISE(mf_in_open(&in, g->file - 1, g->name, NULL) == MF_OK);
    return in;
}

#endif
