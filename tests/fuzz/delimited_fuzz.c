/* mf-convert --from tsv, csv, inter and ndjson. */
#include "convert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const mf_format format[] = {MF_FORMAT_TSV, MF_FORMAT_CSV, MF_FORMAT_INTER,
                                       MF_FORMAT_NDJSON};
    static const char *const columns[] = {NULL, "2,1", "user,item,count", "1,2,3,4"};
    pieces p = pieces_cut(data, size, 3);
    if (p.n == 0)
        return 0;
    mf_convert_from_params params = {.format = format[p.choice & 3],
                                     .header = p.choice >> 2 & 1,
                                     .columns = columns[p.choice >> 3 & 3],
                                     .refuse_duplicates = p.choice >> 5 & 1};
    convert_round(&p, &params);
    return 0;
}
