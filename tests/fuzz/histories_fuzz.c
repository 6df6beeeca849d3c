/* mf-recommend --histories: many users who are new, in lines of any order. */
#include "golden.h"
#include "jobs/recommend/job.h"
#include "pieces.h"

static golden model[] = {{.name = "persona-model.mf"},
                         {.name = "timed.mf", .rated = true}};

/* What a run says, one line after the other. */
typedef struct said {
    char text[1 << 14];
    size_t n;
} said;

static void hear(void *self, const char *line)
{
    said *to = self;
    int n = snprintf(to->text + to->n, sizeof to->text - to->n, "%s\n", line);
    to->n += n > 0 && (size_t)n < sizeof to->text - to->n ? (size_t)n : 0;
}

static result recommend(const pieces *p, unsigned shard, uint32_t batch, said *to)
{
    mf_err err = {0};
    const mf_report report = {.self = to, .note = hear, .warn = hear};
    mf_recommend_params params = mf_recommend_defaults();
    params.histories = pieces_lines(p, 0);
    params.top = 1 + (p->choice & 1) * 4;
    params.skip_unknown = p->choice >> 1 & 1;
    params.no_fallback = p->choice >> 2 & 1;
    params.explain = p->choice >> 3 & 1;
    params.diversify = p->choice >> 5 & 1 ? MF_DIVERSIFY_PERSONAS : MF_DIVERSIFY_NONE;
    params.format = p->choice >> 6 & 1 ? MF_RECOMMEND_JSON : MF_RECOMMEND_CSV;
    params.rarity = p->choice >> 7 & 1 ? .5 : 0;
    params.shard = shard;
    params.shards = shard ? 2 : 0;
    params.threads = 1;
    params.report = &report;
    to->n = 0;
    mf_in *in = golden_open(&model[p->choice >> 4 & 1]);
    mf_out *out = result_open();
    int code = mf_recommend_check(&params, &err);
    if (code == MF_OK)
        code = mf__rec_run(in, out, &params, batch, &err);
    result r = result_close(out, code, &err);
    mf_in_close(in);
    mf_lines_close(params.histories);
    return r;
}

/* Users in batches of one or of two have the lists of all at once, and the same is said
 * of them; shards, one after the other, are the whole. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static said of_all, of_batches, of_shard;
    pieces p = pieces_cut(data, size, 1);
    if (p.n == 0)
        return 0;
    result all = recommend(&p, 0, 0, &of_all);
    result batches = recommend(&p, 0, 1 + size % 2, &of_batches);
    PROMISE(of_all.n == of_batches.n &&
            !memcmp(of_all.text, of_batches.text, of_all.n));
    result_same(&all, &batches);
    result one = recommend(&p, 1, 0, &of_shard), two = recommend(&p, 2, 1, &of_shard);
    PROMISE(one.code == all.code && two.code == all.code);
    PROMISE(strcmp(one.err.text, all.err.text) == 0);
    PROMISE(one.size + two.size == all.size);
    PROMISE(one.size == 0 || memcmp(all.data, one.data, one.size) == 0);
    PROMISE(two.size == 0 || memcmp(all.data + one.size, two.data, two.size) == 0);
    free(all.data);
    free(one.data);
    free(two.data);
    return 0;
}
