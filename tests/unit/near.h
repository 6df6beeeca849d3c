/* near.h - numbers that are equal except for rounding. */
#ifndef NEAR_H
#define NEAR_H

#include <math.h>

#define assert_near(a, b, within) assert_true(fabs((a) - (b)) <= (within))

#endif
