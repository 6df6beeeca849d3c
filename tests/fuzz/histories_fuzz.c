/* mf-recommend --histories: many users who are new, in lines of any order. */
#include "golden.h"
#include "mf/recommend.h"
#include "pieces.h"

static golden model[] = {{.name = "persona-model.mf"},
                         {.name = "timed.mf", .rated = true}};

static result recommend(const pieces *p, unsigned shard)
{
    mf_err err = {0};
    mf_recommend_params params = mf_recommend_defaults();
    params.histories = pieces_lines(p, 0);
    params.top = 1 + (p->choice & 1) * 4;
    params.skip_unknown = p->choice >> 1 & 1;
    params.no_fallback = p->choice >> 2 & 1;
    params.explain = p->choice >> 3 & 1;
    params.diversify = p->choice >> 5 & 1 ? MF_DIVERSIFY_PERSONAS : MF_DIVERSIFY_NONE;
    params.format = p->choice >> 6 & 1 ? MF_RECOMMEND_JSON : MF_RECOMMEND_TSV;
    params.rarity = p->choice >> 7 & 1 ? .5 : 0;
    params.shard = shard;
    params.shards = shard ? 2 : 0;
    params.threads = 1;
    mf_in *in = golden_open(&model[p->choice >> 4 & 1]);
    mf_out *out = result_open();
    int code = mf_recommend_check(&params, &err);
    if (code == MF_OK)
        code = mf_recommend_run(in, out, &params, &err);
    result r = result_close(out, code, &err);
    mf_in_close(in);
    mf_lines_close(params.histories);
    return r;
}

/* The lists of two shards are those of all: no byte more or less, no user in both. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pieces p = pieces_cut(data, size, 1);
    if (p.n == 0)
        return 0;
    result all = recommend(&p, 0), one = recommend(&p, 1), two = recommend(&p, 2);
    PROMISE(one.code == all.code && two.code == all.code);
    PROMISE(one.size + two.size == all.size);
    PROMISE(strcmp(one.err.text, all.err.text) == 0);
    free(all.data);
    free(one.data);
    free(two.data);
    return 0;
}
