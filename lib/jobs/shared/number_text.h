/* jobs/shared/number_text.h - numbers as text, for all jobs that write text. */
#ifndef JOBS_SHARED_NUMBER_TEXT_H
#define JOBS_SHARED_NUMBER_TEXT_H

#include <stdint.h>

enum { FLOAT_TEXT = 32, U32_TEXT = 10 }; /* bytes; that of a float has a NUL */

/* The shortest decimal text that gives the bits back, whether it is read as float or as
 * double and then rounded; always with a point or an exponent, so that 3.0 stays a
 * float. */
void mf__float_text(char text[FLOAT_TEXT], float value);

/* The digits, without a NUL. Returns their end. */
char *mf__u32_text(char text[U32_TEXT], uint32_t value);

#endif
