/* mf-eval --lists: TREC runs, TSV, CSV and JSON, of whatever program. */
#include <jansson.h>

#include "base/utf8.h"
#include "golden.h"
#include "mf/evaluate.h"
#include "pieces.h"

static golden truth[] = {{.name = "split.mf"}, {.name = "foreign.mf"}};

static result evaluate(const pieces *p, mf_evaluation_format format)
{
    mf_err err = {0};
    mf_evaluate_params params = mf_evaluate_defaults();
    mf_evaluation shown = {0};
    mf_list_input list = {.lines = pieces_lines(p, 0), .name = "lists"};
    params.list = &list;
    params.lists = 1;
    params.replicates = 0;
    params.threads = 1;
    params.by = p->choice >> 1 & 1 ? MF_BY_POPULARITY : MF_BY_NOTHING;
    params.relevant = p->choice >> 2 & 1 ? 3 : params.relevant;
    if (p->choice >> 3 & 1)
        PROMISE(mf_metrics_parse(&params.metrics, "ndcg@2,mrr,coverage@5,novelty@2",
                                 NULL) == MF_OK);
    params.ratings = golden_open(&truth[p->choice & 1]);
    const mf_evaluation_style style = {.format = format};
    mf_out *out = result_open();
    int code = mf_evaluate_run(&shown, 0, NULL, &params, &err);
    if (code == MF_OK)
        code = mf_evaluation_write(&shown, &style, out, &err);
    if (code == MF_OK && format == MF_EVALUATION_TEXT)
        code = mf_evaluation_write_users(&shown, false, out, &err);
    result r = result_close(out, code, &err);
    mf_evaluation_free(&shown);
    mf_in_close(params.ratings);
    mf_lines_close(list.lines);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pieces p = pieces_cut(data, size, 1);
    if (p.n == 0)
        return 0;
    result json = evaluate(&p, MF_EVALUATION_JSON);
    result text = evaluate(&p, MF_EVALUATION_TEXT);
    PROMISE(json.code == text.code && strcmp(json.err.text, text.err.text) == 0);
    if (json.code == MF_OK) {
        json_t *read = json_loadb((const char *)json.data, json.size, 0, NULL);
        PROMISE(read && mf__utf8_valid((const char *)text.data, text.size));
        json_decref(read);
    }
    free(json.data);
    free(text.data);
    return 0;
}
