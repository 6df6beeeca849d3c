/* wire/stage.h - more of provenance than callers need. */
#ifndef WIRE_STAGE_H
#define WIRE_STAGE_H

#include "mf/bundle.h"

/* The shortest text that gives the number back; a whole one has no exponent. */
enum { MF_STAGE_DIGITS = 32 };
void mf__stage_digits(char text[MF_STAGE_DIGITS], double value);

/* Take an option away, if it is there. */
void mf__stage_drop(mf_stage *stage, const char *name);

#endif
