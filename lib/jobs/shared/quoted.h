/* jobs/shared/quoted.h - a piece of the input as a message shows it. */
#ifndef JOBS_SHARED_QUOTED_H
#define JOBS_SHARED_QUOTED_H

#include "mf/io.h"

enum { QUOTED_BYTES = 60 };

/* Terminated: all of a text of up to QUOTED_BYTES, else whole characters of its
 * beginning and "...". */
typedef struct quoted {
    char text[QUOTED_BYTES + 4];
} quoted;

quoted mf__quoted(mf_field text);
quoted mf__quoted_text(const char *text); /* terminated */

#endif
