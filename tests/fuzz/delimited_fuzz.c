/* mf-convert --from tsv, csv, inter, ndjson and lists. */
#include "convert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const mf_format format[] = {MF_FORMAT_TSV, MF_FORMAT_CSV, MF_FORMAT_INTER,
                                       MF_FORMAT_NDJSON};
    static const char *const columns[] = {NULL, "2,1", "user,item,count", "1,2,3,4"};
    static const mf_duplicates rule[] = {
        MF_DUPLICATES_SUM, MF_DUPLICATES_ERROR, MF_DUPLICATES_LAST, MF_DUPLICATES_FIRST,
        MF_DUPLICATES_MAX, MF_DUPLICATES_MEAN,  MF_DUPLICATES_LAST, MF_DUPLICATES_SUM};
    pieces p = pieces_cut(data, size, 3);
    if (p.n == 0)
        return 0;
    unsigned way = p.choice >> 5;
    mf_convert_from_params params = {.format = format[p.choice & 3],
                                     .header = p.choice >> 2 & 1,
                                     .columns = columns[p.choice >> 3 & 3],
                                     .duplicates = rule[way],
                                     .fold_items = way == 7};
    if (params.format == MF_FORMAT_NDJSON && params.header) { /* it has none */
        params.header = false;
        params.columns = params.columns ? "a.b,c.d.e,,,t" : NULL;
    } else if (params.format == MF_FORMAT_INTER && params.header) {
        params.header = false;
        params.format = MF_FORMAT_LISTS;
        params.columns = NULL;
        params.separator = way & 1 ? "|" : NULL;
    } else if (way == 6 && params.format != MF_FORMAT_INTER) {
        params.separator = params.format == MF_FORMAT_CSV ? ";" : "whitespace";
        params.columns = params.columns ? "1,2,3,,4" : NULL;
    }
    convert_round(&p, &params);
    return 0;
}
