/* Runs a harness over files and the files of folders, without libFuzzer: what
 * was found once stays found. `-n COUNT SEED` goes on with so many inputs of random
 * bytes. A finding aborts. */
#include <dirent.h>
#include <stdbool.h>
#include <string.h>

#include "base/rng.h"
#include "fuzz.h"

static size_t replayed;

static int replay(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = NULL;
    size_t size = 0, cap = 0, got = 1;
    while (f && got > 0) {
        if (size == cap) {
            cap = 2 * cap + 4096;
            uint8_t *more = realloc(data, cap);
            if (!more)
                break;
            data = more;
        }
        got = fread(data + size, 1, cap - size, f);
        size += got;
    }
    bool ok = f && !ferror(f) && got == 0;
    if (f)
        fclose(f);
    uint8_t *exact = ok ? malloc(size ? size : 1) : NULL; /* a step too far is seen */
    if (exact) {
        if (size)
            memcpy(exact, data, size);
        LLVMFuzzerTestOneInput(exact, size);
        replayed++;
    } else {
        perror(path);
    }
    free(exact);
    free(data);
    return exact ? 0 : 1;
}

/* `count` inputs of 1 to 61 random bytes, more often few. */
static void random_inputs(long count, uint64_t seed)
{
    uint8_t data[61];
    for (long i = 0; i < count; i++) {
        mf_rng rng = mf__rng_make(seed, 0, (uint64_t)i);
        size_t size = 1 + mf__rng_below(&rng, 1 + mf__rng_below(&rng, sizeof data));
        uint8_t *exact = malloc(size);
        if (!exact)
            abort();
        for (size_t j = 0; j < size; j++)
            exact[j] = (uint8_t)mf__rng_below(&rng, 256);
        LLVMFuzzerTestOneInput(exact, size);
        free(exact);
        replayed++;
    }
}

int main(int argc, char *argv[])
{
    int failed = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-n") == 0 && i + 2 < argc) {
            random_inputs(atol(argv[i + 1]), strtoull(argv[i + 2], NULL, 10));
            i += 2;
            continue;
        }
        struct dirent **entry;
        int n = scandir(argv[i], &entry, NULL, alphasort);
        if (n < 0) { /* no folder */
            failed |= replay(argv[i]);
            continue;
        }
        for (int j = 0; j < n; j++) {
            char path[4096];
            snprintf(path, sizeof path, "%s/%s", argv[i], entry[j]->d_name);
            if (entry[j]->d_name[0] != '.')
                failed |= replay(path);
            free(entry[j]);
        }
        free(entry);
    }
    printf("%zu inputs replayed", replayed);
    if (fuzz_account)
        fuzz_account(stdout);
    putchar('\n');
    return failed || replayed == 0;
}
