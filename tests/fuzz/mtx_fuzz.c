/* mf-convert --from mtx, with files of names or without. */
#include "convert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pieces p = pieces_cut(data, size, 3);
    if (p.n == 0)
        return 0;
    mf_convert_from_params params = {.format = MF_FORMAT_MTX,
                                     .duplicates = p.choice & 1 ? MF_DUPLICATES_ERROR
                                                                : MF_DUPLICATES_SUM};
    convert_round(&p, &params);
    return 0;
}
