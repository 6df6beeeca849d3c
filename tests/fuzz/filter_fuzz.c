/* mf-filter: lists of users and of items, to be kept or not. */
#include "golden.h"
#include "mf/filter.h"
#include "pieces.h"

static golden ratings = {.name = "split.mf"};

/* What is left of the cells by the lists, or by all that they do not name. */
static result filter(const pieces *p, const mf_filter_params *params, bool others,
                     size_t *cells)
{
    mf_err err = {0};
    mf_lines *users = pieces_lines(p, 0), *items = pieces_lines(p, 1);
    mf_filter_lists lists = {.users = others ? NULL : users,
                             .not_users = others ? users : NULL,
                             .items = p->choice & 1 ? items : NULL,
                             .not_items = p->choice & 1 ? NULL : items};
    mf_in *in = golden_open(&ratings);
    mf_out *out = result_open();
    result r =
        result_close(out, mf_filter_run(in, out, params, &lists, NULL, &err), &err);
    mf_in_close(in);
    mf_lines_close(users);
    mf_lines_close(items);
    *cells = 0;
    if (r.code == MF_OK) {
        mf_model m;
        PROMISE(mf_in_open(&in, fuzz_file_of(MODEL_FILE, r.data, r.size), "bundle",
                           NULL) == MF_OK);
        PROMISE(mf_model_load(&m, in, MF_WANT_RATINGS, NULL, NULL, NULL) == MF_OK);
        PROMISE(mf_csr_check(&m.ratings.x, NULL) == MF_OK);
        *cells = m.ratings.x.nnz;
        mf_model_free(&m);
        mf_in_close(in);
    }
    return r;
}

/* Of a list and of all that it does not name the cells are those of no list at all. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pieces p = pieces_cut(data, size, 2);
    if (p.n == 0)
        return 0;
    mf_filter_params params = mf_filter_defaults();
    params.keep_empty = p.choice >> 1 & 1;
    params.conditions = p.choice >> 2 & 1;
    params.condition[0] = (mf_condition){.compare = MF_AT_LEAST, .value = 10};
    size_t named, others, all;
    result one = filter(&p, &params, false, &named);
    result two = filter(&p, &params, true, &others);
    if (one.code == MF_OK && two.code == MF_OK) {
        pieces rest = {.choice = p.choice,
                       .n = p.n,
                       .text = {(const uint8_t *)"none\n"},
                       .len = {5}};
        if (p.n > 1) {
            rest.text[1] = p.text[1];
            rest.len[1] = p.len[1];
        }
        result whole = filter(&rest, &params, true, &all);
        PROMISE(whole.code == MF_OK && named + others == all);
        free(whole.data);
    }
    params.core = p.choice >> 3 & 1;
    params.min_items = params.min_users = 2;
    result three = filter(&p, &params, false, &named);
    free(one.data);
    free(two.data);
    free(three.data);
    return 0;
}
