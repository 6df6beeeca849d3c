#include "base/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

const char *mf__temporary_folder(const char *asked)
{
    const char *folder = asked ? asked : getenv("TMPDIR");
    return folder && *folder ? folder : "/tmp";
}

/* For a file system that has no files without a name: one that loses its name before
 * a signal can come. */
static int open_named(const char *folder)
{
    static const char base[] = "/mfpipe.XXXXXX";
    sigset_t all, before;
    char *path = mf__new(strlen(folder) + sizeof base, 1);
    if (!path)
        return -1;
    memcpy(path, folder, strlen(folder));
    memcpy(path + strlen(folder), base, sizeof base);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int fd = mkostemp(path, O_CLOEXEC);
    int why = errno;
    if (fd >= 0)
        unlink(path);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    free(path);
    errno = why;
    return fd;
}

int mf__temporary_open(const char *folder, int *fd, mf_err *err)
{
    *fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (*fd < 0 &&
        (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL || errno == ENOENT))
        *fd = open_named(folder);
    if (*fd < 0)
        return mf_fail(err, MF_EIO,
                       "%s: cannot create a temporary file: %s; name another folder "
                       "with --tmpdir",
                       folder, strerror(errno));
    return MF_OK;
}
