/* Runs a harness over files and the files of folders, without libFuzzer: what
 * was found once stays found. A finding aborts. */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

int main(int argc, char *argv[])
{
    int failed = 0;
    for (int i = 1; i < argc; i++) {
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
    printf("%zu inputs replayed\n", replayed);
    return failed || replayed == 0;
}
