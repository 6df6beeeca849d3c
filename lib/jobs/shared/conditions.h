/* jobs/shared/conditions.h - the conditions of mf-filter --value, for rewrite and,
 * since a new user's cells are chosen as the model's were, for recommend. */
#ifndef JOBS_SHARED_CONDITIONS_H
#define JOBS_SHARED_CONDITIONS_H

#include "base/number.h"
#include "mf/filter.h"

enum { MF_CONDITIONS_TEXT = MF_FILTER_CONDITIONS * (NUMBER_TEXT + 3) };

/* True if all n hold for a value. */
bool mf__conditions_hold(size_t n, const mf_condition condition[], double value);

/* As provenance has them, ">=2 !=4", and back; false for anything else. */
void mf__conditions_say(char text[MF_CONDITIONS_TEXT], size_t n,
                        const mf_condition condition[]);
bool mf__conditions_read(const char *text, size_t *n,
                         mf_condition condition[MF_FILTER_CONDITIONS]);

#endif
