/* jobs/shared/float_text.h - the shortest text of a float, for all jobs that write text. */
#ifndef JOBS_SHARED_FLOAT_TEXT_H
#define JOBS_SHARED_FLOAT_TEXT_H

enum { FLOAT_TEXT = 32 }; /* bytes with the NUL */

/* The shortest decimal text that gives the bits back, whether it is read as float or as
 * double and then rounded; always with a point or an exponent, so that 3.0 stays a
 * float. */
void mf__float_text(char text[FLOAT_TEXT], float value);

#endif
