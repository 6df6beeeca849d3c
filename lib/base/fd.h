/* base/fd.h - what input and output do alike with file descriptors. */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <stdbool.h>

/* A copy, the caller's to free, or NULL. */
char *mf__copy_name(const char *name);

/* After a call on fd has failed: true if it is worth another try, once fd is ready for
 * `events` of poll(2). */
bool mf__fd_again(int fd, short events);

/* Make the buffer of a pipe larger, so that the programs at its two ends take turns
 * less often. It is a favour: what the system does not grant stays as it was. */
void mf__fd_widen(int fd);

#endif
