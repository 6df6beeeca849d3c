/* fuzz.h - what the harnesses share. A broken promise aborts. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mf/io.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A harness may have this: what it counted, for the line that a replay ends in. */
void fuzz_account(FILE *to) __attribute__((weak));

#define PROMISE(what)                                                                  \
    do {                                                                               \
        if (!(what)) {                                                                 \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #what);         \
            abort();                                                                   \
        }                                                                              \
    } while (0)

enum { FUZZ_FILES = 8 };

/* The descriptor of file i in memory, kept from run to run. */
static inline int fuzz_fd(size_t i)
{
    static int file[FUZZ_FILES]; /* + 1 */
    PROMISE(i < FUZZ_FILES);
    if (file[i] == 0)
        file[i] = memfd_create("fuzz", 0) + 1;
    return file[i] - 1;
}

/* File i, which holds the bytes, at its beginning. */
static inline int fuzz_file_of(size_t i, const void *data, size_t size)
{
    int fd = fuzz_fd(i);
    PROMISE(fd >= 0 && ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
    PROMISE(size == 0 || pwrite(fd, data, size, 0) == (ssize_t)size);
    return fd;
}

static inline int fuzz_file(const void *data, size_t size)
{
    return fuzz_file_of(0, data, size);
}

/* What file i holds now, to be freed. */
static inline uint8_t *fuzz_bytes(size_t i, size_t *size)
{
    off_t end = lseek(fuzz_fd(i), 0, SEEK_END);
    PROMISE(end >= 0);
    *size = (size_t)end;
    uint8_t *data = malloc(*size + 1);
    PROMISE(data && pread(fuzz_fd(i), data, *size, 0) == (ssize_t)*size);
    return data;
}

/* An error is one line with a code. */
static inline void fuzz_error(int code, const mf_err *err)
{
    PROMISE(code < 0 && err->code == code && err->text[0] != '\0');
    for (const char *p = err->text; *p; p++)
        PROMISE(*p != '\n');
}

#endif
