#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"

enum { PIPE_BYTES = 1 << 20 };

char *mf__copy_name(const char *name)
{
    size_t bytes = strlen(name) + 1;
    char *copy = mf__new(bytes, 1);
    if (copy)
        memcpy(copy, name, bytes);
    return copy;
}

bool mf__fd_again(int fd, short events)
{
    if (errno == EINTR)
        return 1;
    if (errno != EAGAIN && errno != EWOULDBLOCK)
        return 0;
    struct pollfd ready = {.fd = fd, .events = events};
    return poll(&ready, 1, -1) >= 0 || errno == EINTR;
}

void mf__fd_widen(int fd)
{
#ifdef F_SETPIPE_SZ
    struct stat what;
    if (fstat(fd, &what) == 0 && S_ISFIFO(what.st_mode) &&
        fcntl(fd, F_GETPIPE_SZ) < PIPE_BYTES)
        (void)fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);
#else
    (void)fd;
#endif
}
