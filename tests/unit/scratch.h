/* scratch.h - inputs and outputs in memory, for tests of whole jobs. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mf/io.h"

/* A file in memory that holds the bytes, read from the start. */
static inline int scratch_fd(const void *data, size_t size)
{
    int fd = memfd_create("scratch", 0);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) < 0)
        abort();
    return fd;
}

/* The bytes of a file, malloced, with a NUL after them. */
static inline char *scratch_bytes(int fd, size_t *size)
{
    off_t end = lseek(fd, 0, SEEK_END);
    char *bytes = malloc((size_t)end + 1);
    if (end < 0 || !bytes || pread(fd, bytes, (size_t)end, 0) != end)
        abort();
    bytes[end] = '\0';
    *size = (size_t)end;
    return bytes;
}

#endif
