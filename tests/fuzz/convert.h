/* convert.h - what the harnesses of conversion share. */
#ifndef FUZZ_CONVERT_H
#define FUZZ_CONVERT_H

#include "mf/convert.h"
#include "pieces.h"

/* Convert the pieces: the file itself and, if they are there, the names. */
static inline result convert_from(const pieces *p, const mf_convert_from_params *params)
{
    mf_err err = {0};
    mf_convert_input input = {.names = {pieces_lines(p, 1), pieces_lines(p, 2)}};
    if (mf_convert_from_binary(params))
        input.binary = pieces_in(p, 0);
    else
        input.text = pieces_lines(p, 0);
    mf_out *out = result_open();
    int code = mf_convert_from_run(&input, out, params, NULL, &err);
    result r = result_close(out, code, &err);
    mf_lines_close(input.text);
    mf_in_close(input.binary);
    mf_lines_close(input.names[0]);
    mf_lines_close(input.names[1]);
    return r;
}

/* A bundle in another format; the bundle is freed. */
static inline result convert_to(result *bundle, const mf_convert_to_params *params)
{
    mf_err err = {0};
    mf_in *in;
    PROMISE(mf_in_open(&in, fuzz_file_of(MODEL_FILE, bundle->data, bundle->size),
                       "bundle", NULL) == MF_OK);
    mf_out *out = result_open();
    int code = mf_convert_to_run(in, out, params, NULL, &err);
    result r = result_close(out, code, &err);
    mf_in_close(in);
    free(bundle->data);
    return r;
}

/* The same twice; what became a bundle is written and read, and has the same cells,
 * but for names that the format replaces by indices and values that lists do not have.
 */
static inline void convert_round(const pieces *p, const mf_convert_from_params *params)
{
    mf_err err = {0};
    if (mf_convert_from_check(params, &err) < 0) {
        fuzz_error(MF_EINVAL, &err);
        return;
    }
    result first = convert_from(p, params), again = convert_from(p, params);
    result_same(&first, &again);
    if (first.code < 0)
        return;
    uint64_t cells = result_cells(&first);
    mf_convert_to_params to = {.format = params->format, .header = params->header};
    result text = convert_to(&first, &to);
    if (text.code < 0) /* it is no cell that the format can hold */
        return;
    mf_convert_from_params back = {.format = params->format, .header = params->header};
    pieces written = {.n = 1, .text = {text.data}, .len = {text.size}};
    result second = convert_from(&written, &back);
    bool by_index = params->format == MF_FORMAT_MTX || params->format == MF_FORMAT_NPZ;
    bool named = p->n > 1, lists = params->format == MF_FORMAT_LISTS;
    PROMISE(second.code == MF_OK);
    PROMISE(result_cells(&second) == cells || (by_index && named) || lists);
    free(second.data);
    free(text.data);
}

#endif
