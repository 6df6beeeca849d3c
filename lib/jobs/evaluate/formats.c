#include "jobs/evaluate/formats.h"

/* Both in the order of mf_evaluation_format. */
const char *const mf_evaluation_format_names[] = {"text", "tsv", "json", "table", NULL};
static evaluation_format *const FORMATS[] = {mf__evaluation_text, mf__evaluation_tsv,
                                             mf__evaluation_json, mf__evaluation_table};

int mf_evaluation_write(const mf_evaluation *e, const mf_evaluation_style *style,
                        mf_out *out, mf_err *err)
{
    if ((size_t)style->format >= sizeof FORMATS / sizeof *FORMATS)
        return mf_fail(err, MF_EINVAL, "a format that is not known");
    return FORMATS[style->format](e, style, out, err);
}
