/* mf-recommend: a history, candidates and excluded items as people type them,
 * and lists of users. */
#include "golden.h"
#include "mf/recommend.h"
#include "pieces.h"

static result recommend(const pieces *p)
{
    static golden model = {.name = "persona-model.mf"};
    mf_err err = {0};
    mf_recommend_params params = mf_recommend_defaults();
    mf_lines *lines[3] = {pieces_lines(p, 0), pieces_lines(p, 1), pieces_lines(p, 2)};
    *(p->choice & 1 ? &params.user_list : &params.history) = lines[0];
    params.candidates = lines[1];
    params.excluded = lines[2];
    params.history_name = "fuzz";
    params.skip_unknown = p->choice >> 1 & 1;
    params.explain = p->choice >> 2 & 1;
    params.format = (mf_recommend_format)((p->choice >> 3 & 3) % 3);
    params.no_fallback = p->choice >> 5 & 1;
    params.threads = 1;
    mf_in *in = golden_open(&model);
    mf_out *out = result_open();
    int code = mf_recommend_check(&params, &err);
    if (code == MF_OK)
        code = mf_recommend_run(in, out, &params, &err);
    result r = result_close(out, code, &err);
    mf_in_close(in);
    for (size_t i = 0; i < 3; i++)
        mf_lines_close(lines[i]);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pieces p = pieces_cut(data, size, 3);
    if (p.n == 0)
        return 0;
    result one = recommend(&p), two = recommend(&p);
    result_same(&one, &two);
    free(one.data);
    return 0;
}
