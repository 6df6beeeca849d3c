/* Ids that collide: collide N prints N ids of 8 characters whose XXH3-64 under seed
 * 0 ends in 32 zero bits. The hash of 8 bytes is a chain of steps that can each be
 * undone, so the ids are computed from the hashes; of those, the ones that are plain
 * text are taken. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

static uint64_t turned(uint64_t x, unsigned n)
{
    n %= 64;
    return n ? x << n | x >> (64 - n) : x;
}

/* The odd number's inverse modulo 2^64, by Newton's steps. */
static uint64_t inverse(uint64_t odd)
{
    uint64_t x = odd;
    for (int i = 0; i < 6; i++)
        x *= 2 - odd * x;
    return x;
}

/* The 8 bytes, as XXH3 mixes them, whose hash this is. */
static uint64_t undone(uint64_t hash)
{
    const uint64_t back = inverse(0x9fb21c651e98df25ull);
    uint64_t x = hash;
    x ^= x >> 28 ^ x >> 56;
    x *= back;
    x ^= (x >> 35) + 8;
    x *= back;
    /* x ^ turned(x, 49) ^ turned(x, 24) is a polynomial whose 64th power is 1 */
    for (unsigned power = 1; power < 64; power *= 2)
        x = x ^ turned(x, 49 * power) ^ turned(x, 24 * power);
    return x;
}

static int plain(uint64_t text)
{
    for (int i = 0; i < 8; i++, text >>= 8)
        if ((text & 0xff) <= ' ' || (text & 0xff) > '~' || (text & 0xff) == ',')
            return 0;
    return 1;
}

int main(int argc, char *argv[])
{
    long want = argc > 1 ? atol(argv[1]) : 0;
    /* what the bytes of "\0\0\0\0\0\0\0\0" become is the constant that is mixed in */
    uint64_t constant = undone(XXH3_64bits("\0\0\0\0\0\0\0\0", 8));
    for (uint64_t high = 1; want > 0 && high >> 32 == 0; high++) {
        uint64_t mixed = undone(high << 32) ^ constant;
        uint64_t first = mixed >> 32, second = mixed & UINT32_MAX; /* of the 8 bytes */
        uint64_t text = second << 32 | first;
        char id[9] = {0};
        if (!plain(text))
            continue;
        memcpy(id, &text, 8);
        if ((XXH3_64bits(id, 8) & UINT32_MAX) != 0) {
            fprintf(stderr, "collide: %s does not collide\n", id);
            return 1;
        }
        puts(id);
        want--;
    }
    return want > 0;
}
