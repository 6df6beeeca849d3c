/* Room for the stacks of threads, and for the threads. */
#include <pthread.h>
#include <sys/resource.h>

#include <omp.h>

#include "tool_private.h"

/* --- stacks ---
 *
 * Frames of the library have up to 80 KB, and OpenBLAS wants some; a stack that ends
 * is a crash. So a limit below what is needed is told at the start. */

enum { NEEDED = 256 << 10, USUAL = 8 << 20 }; /* bytes */

void tool_room_stacks(tool_io *io)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) < 0 || limit.rlim_cur >= USUAL)
        return;
    /* the first thread's grows while there is need, so this is not too late for it */
    rlim_t most = limit.rlim_max < USUAL ? limit.rlim_max : USUAL;
    if (limit.rlim_cur < most &&
        setrlimit(RLIMIT_STACK, &(struct rlimit){most, limit.rlim_max}) == 0)
        limit.rlim_cur = most;
    if (limit.rlim_cur < NEEDED)
        tool_messages_fail(io, "the stack may have %llu KB (ulimit -s); %d are needed",
                           (unsigned long long)(limit.rlim_cur >> 10), NEEDED >> 10);
    pthread_attr_t others; /* those of other threads are as large as at the start */
    if (pthread_attr_init(&others) == 0) {
        if (pthread_attr_setstacksize(&others, (size_t)limit.rlim_cur) == 0)
            pthread_setattr_default_np(&others);
        pthread_attr_destroy(&others);
    }
}

/* --- threads ---
 *
 * OpenMP ends the process where it cannot start a thread; the result is the same with
 * fewer. */

static void *wait_for(void *held)
{
    pthread_mutex_lock(held);
    pthread_mutex_unlock(held);
    return NULL;
}

void tool_room_threads(tool_io *io)
{
    pthread_t thread[TOOL_THREADS_MAX];
    pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
    int want = io->threads > 0 ? io->threads : omp_get_num_procs(), n = 1;
    if (io->about->one_thread)
        return;
    pthread_mutex_lock(&held); /* all are there at once */
    while (n < want && n < TOOL_THREADS_MAX &&
           pthread_create(&thread[n], NULL, wait_for, &held) == 0)
        n++;
    pthread_mutex_unlock(&held);
    for (int i = 1; i < n; i++)
        pthread_join(thread[i], NULL);
    if (n < want)
        io->threads = n;
}
