#include "data/hash_secret.h"

#include <sys/random.h>
#include <time.h>

uint64_t mf__hash_secret(void)
{
    uint64_t secret;
    if (getrandom(&secret, sizeof secret, GRND_NONBLOCK) == sizeof secret)
        return secret;
    struct timespec now; /* early in boot: the clock is secret enough */
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_nsec * 0x9e3779b97f4a7c15u;
}
