/* memory.h - the k-th allocation fails, for every k: of each job below, until none
 * does.
 *
 * It must say that memory ran out, or give what it gave without the fault. malloc,
 * calloc, realloc and aligned_alloc of our own code are wrapped by the linker; under
 * AddressSanitizer leaks are found too; there fewer and fewer of many are tried, unless
 * TEST_FULL is set. */
#ifndef FAULT_MEMORY_H
#define FAULT_MEMORY_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mf/io.h"
#include "unit/aid.h"

static long countdown = -1; /* allocations until the fault; negative: none is due */
static int fired;

static int due(void)
{
    fired |= countdown == 0;
    return countdown >= 0 && countdown-- == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void *__wrap_malloc(size_t size)
{
    return due() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return due() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    return due() ? NULL : __real_realloc(block, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return due() ? NULL : __real_aligned_alloc(alignment, size);
}

/* Files in memory that jobs read, each from its beginning; and an empty one to write.
 */
enum { SOURCES = 16 };
static int source[SOURCES], sources, sink;

static int keep_source(int fd)
{
    if (fd < 0 || sources == SOURCES)
        abort();
    return source[sources++] = fd;
}

/* A copy of a file. */
static inline int source_copy(const char *path)
{
    char piece[4096];
    ssize_t got;
    int file = open(path, O_RDONLY), to = memfd_create("in", 0);
    while ((got = read(file, piece, sizeof piece)) > 0)
        if (write(to, piece, (size_t)got) != got)
            abort();
    if (got < 0) {
        perror(path);
        exit(2);
    }
    close(file);
    return keep_source(to);
}

static inline int source_text(const char *text)
{
    int to = memfd_create("text", 0);
    if (write(to, text, strlen(text)) != (ssize_t)strlen(text))
        abort();
    return keep_source(to);
}

static void rewind_all(void)
{
    for (int i = 0; i < sources; i++)
        if (lseek(source[i], 0, SEEK_SET) < 0)
            abort();
    if (ftruncate(sink, 0) < 0 || lseek(sink, 0, SEEK_SET) < 0)
        abort();
}

/* Run a job with allocation k failing; -1: with none. */
static int run(int (*job)(mf_err *), long k, mf_err *err, aid_bytes *result)
{
    uint8_t piece[4096];
    *result = (aid_bytes){0};
    rewind_all();
    fired = 0;
    countdown = k;
    int code = job(err);
    countdown = -1;
    off_t at = 0;
    for (ssize_t got; (got = pread(sink, piece, sizeof piece, at)) > 0; at += got)
        aid_add(result, piece, (size_t)got);
    return code;
}

static long step_after(long k)
{
#ifdef __SANITIZE_ADDRESS__
    if (!getenv("TEST_FULL"))
        return 1 + k / 48;
#endif
    (void)k;
    return 1;
}

/* NULL if every fault was met well, else what went wrong. */
static const char *try(int (*job)(mf_err *), long *faults)
{
    static char why[700];
    mf_err err = {0};
    aid_bytes want, got;
    if (run(job, -1, &err, &want) != 0) {
        snprintf(why, sizeof why, "without a fault: %s", err.text);
        return why;
    }
    if (want.size == 0)
        return "without a fault: nothing is written";
    long tried = 0;
    for (long k = 0;; k += step_after(k), tried++) {
        err = (mf_err){0};
        int code = run(job, k, &err, &got);
        bool same = got.size == want.size && memcmp(got.data, want.data, got.size) == 0;
        bool well =
            code == 0 ? same : code == MF_ENOMEM && strstr(err.text, "out of memory");
        aid_free(&got);
        if (!well) {
            snprintf(why, sizeof why, "allocation %ld: %d %s", k, code, err.text);
            aid_free(&want);
            return why;
        }
        if (!fired) {
            *faults = tried;
            aid_free(&want);
            return NULL;
        }
    }
}

typedef struct memory_job {
    const char *name;
    int (*run)(mf_err *);
} memory_job;

/* Print TAP, and to the file TEST_COUNTS how many allocations failed. Returns what main
 * does. */
static int memory_jobs(const char *title, int n, const memory_job job[])
{
    int failed = 0;
    long all = 0;
    printf("1..%d\n", n);
    for (int i = 0; i < n; i++) {
        long faults = 0;
        const char *why = try(job[i].run, &faults);
        if (!why && faults < 3)
            why = "hardly any allocation was made to fail";
        printf("%s %d - %s: %ld allocations fail, one by one\n", why ? "not ok" : "ok",
               i + 1, job[i].name, faults);
        if (why)
            printf("# %s\n", why);
        failed |= why != NULL;
        all += faults;
    }
    const char *path = getenv("TEST_COUNTS");
    FILE *counts = path ? fopen(path, "a") : NULL;
    if (counts) {
        fprintf(counts, "allocations, %s: %ld fail in %d jobs, %s\n", title, all, n,
                failed ? "not all well" : "0 wrong");
        fclose(counts);
    }
    return failed;
}

#endif
