/* The buffers of OpenBLAS. A thread that calls it takes one that is free, or maps one; if
 * that fails, it tries again for ever. Buffers are kept, so they are made to be there at a
 * moment that can still fail. */
#include <pthread.h>
#include <stdlib.h>

#include <omp.h>

#include "base/mem.h"
#include "math/linalg.h"

enum {
    BUFFER = (128 << 20) + 8192, /* bytes; on some machines they are smaller */
    SPARE = 8 << 20,             /* bytes that are left for others */
    TAKEN = 50                   /* OpenBLAS can have at least so many */
};

/* Of OpenBLAS; no header has them. */
void *blas_memory_alloc(int position) __attribute__((weak));
void blas_memory_free(void *buffer) __attribute__((weak));

static int buffers; /* that are there for sure */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

/* For how many more buffers, up to `most`, there is room. */
static int find_room(int most)
{
    int n = 0;
    void **list = NULL, *spare = mf__new(1, SPARE);
    while (spare && n < most) {
        void **block = mf__new(1, BUFFER);
        if (!block)
            break;
        *block = list;
        list = block;
        n++;
    }
    while (list) {
        void **next = *list;
        free(list);
        list = next;
    }
    free(spare);
    return n;
}

/* Let OpenBLAS have n buffers: those that it has are all free. */
static void take(int n)
{
    void *held[TAKEN];
    int have = 0;
    if (!blas_memory_alloc || !blas_memory_free)
        return;
    while (have < n && have < TAKEN)
        held[have++] = blas_memory_alloc(0);
    while (have > 0)
        blas_memory_free(held[--have]);
}

int mf__linalg_reserve(int threads, mf_err *err)
{
    pthread_mutex_lock(&turn);
    int have = buffers;
    if (have < threads) {
        have += find_room(threads - have);
        take(have);
#pragma omp atomic write
        buffers = have;
    }
    pthread_mutex_unlock(&turn);
    return have > 0 ? MF_OK : mf__nomem(err);
}

bool mf__linalg_enter(void)
{
    int have;
#pragma omp atomic read
    have = buffers;
    bool alone = omp_get_num_threads() > have;
    if (alone)
        pthread_mutex_lock(&turn);
    return alone;
}

void mf__linalg_leave(bool alone)
{
    if (alone)
        pthread_mutex_unlock(&turn);
}
