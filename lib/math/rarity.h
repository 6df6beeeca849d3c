/* math/rarity.h - scores tempered by popularity.
 *
 * With share(i) the share of listeners who have item i, a score becomes
 *
 *     s' = s w(i) if s > 0, else s / w(i),   w(i) = share(i)^-G
 *
 * so that G > 0 lifts rare items and G < 0 popular ones, whether scores are above or
 * below 0; a score of 0 stays 0, and among items of equal share the order stays. An
 * item without listeners counts as one with one. */
#ifndef MATH_RARITY_H
#define MATH_RARITY_H

#include <stdint.h>

#include "mf/err.h"

/* The weights of n items, of which item i has listeners[i] of all `all` listeners (0:
 * as if 1), to *weight, [n], the caller's to free. G is in -2 .. 2. Returns MF_OK or
 * MF_ENOMEM. */
int mf__rarity_weights(double **weight, uint32_t n, const uint32_t listeners[],
                       uint32_t all, double g, mf_err *err) MF_MUST_USE;

/* Temper n scores. -infinity stays; a result out of the range of float becomes the end
 * of that range. */
void mf__rarity_temper(uint32_t n, const double weight[], float score[]);

#endif
