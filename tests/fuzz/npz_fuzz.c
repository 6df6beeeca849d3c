/* mf-convert --from npz: members, npy and the matrix.
 *
 * A fuzzer cannot guess checks, so those of stored members are made right first. */
#include <zlib.h>

#include "convert.h"

static size_t number(const uint8_t *p, size_t bytes)
{
    size_t n = 0;
    while (bytes-- > 0)
        n = n << 8 | p[bytes];
    return n;
}

/* Put the right CRC-32 before each stored member, and into its entry of the directory. */
static void mend(uint8_t *data, size_t size)
{
    for (size_t at = 0; at + 46 <= size; at++) {
        if (memcmp(data + at, "PK\1\2", 4) != 0 || number(data + at + 10, 2) != 0)
            continue;
        size_t local = number(data + at + 42, 4), packed = number(data + at + 20, 4);
        if (local > size || size - local < 30)
            continue;
        size_t begin =
            local + 30 + number(data + local + 26, 2) + number(data + local + 28, 2);
        if (begin > size || size - begin < packed)
            continue;
        uint32_t crc = (uint32_t)crc32_z(0, data + begin, packed);
        for (size_t i = 0; i < 4; i++)
            data[at + 16 + i] = data[local + 14 + i] = (uint8_t)(crc >> 8 * i);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    PROMISE(copy);
    if (size)
        memcpy(copy, data, size);
    mend(copy, size);
    pieces p = {.n = 1, .text = {copy}, .len = {size}};
    mf_convert_from_params params = {.format = MF_FORMAT_NPZ};
    convert_round(&p, &params);
    free(copy);
    return 0;
}
