/* fuzz.h - what the harnesses share. A broken promise aborts. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mf/io.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PROMISE(what)                                                                  \
    do {                                                                               \
        if (!(what)) {                                                                 \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #what);         \
            abort();                                                                   \
        }                                                                              \
    } while (0)

/* A file in memory, kept from run to run, that holds the bytes. */
static inline int fuzz_file(const void *data, size_t size)
{
    static int fd = -1;
    if (fd < 0)
        fd = memfd_create("fuzz", 0);
    PROMISE(fd >= 0 && ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
    PROMISE(size == 0 || pwrite(fd, data, size, 0) == (ssize_t)size);
    return fd;
}

/* An error is one line with a code. */
static inline void fuzz_error(int code, const mf_err *err)
{
    PROMISE(code < 0 && err->code == code && err->text[0] != '\0');
    for (const char *p = err->text; *p; p++)
        PROMISE(*p != '\n');
}

#endif
