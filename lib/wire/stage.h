/* wire/stage.h - more of provenance than callers need. */
#ifndef WIRE_STAGE_H
#define WIRE_STAGE_H

#include "mf/bundle.h"

/* The value of an option, borrowed; NULL: the stage has no such. */
const char *mf__stage_value(const mf_stage *stage, const char *name);

/* Take an option away, if it is there. */
void mf__stage_drop(mf_stage *stage, const char *name);

#endif
