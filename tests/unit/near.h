/* For tests: numbers that are equal but for rounding. */
#ifndef NEAR_H
#define NEAR_H

#include <math.h>

#define assert_near(a, b, within) assert_true(fabs((a) - (b)) <= (within))

#endif
