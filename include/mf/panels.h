/* mf/panels.h - item vectors, arranged so that scores are quick to compute.
 *
 * A panel holds MF_PANEL items, factor by factor: [k][MF_PANEL]. A score is the
 * sum over the factors, in their order, each product fused with the sum where the
 * machine can; so its bits depend on the two vectors and the machine's level of
 * kernels (mfpipe(7)) alone, not on what else is scored with it. */
#ifndef MF_PANELS_H
#define MF_PANELS_H

#include <stddef.h>
#include <stdint.h>

#include "mf/err.h"
#include "mf/tensor.h"

enum { MF_PANEL = 64 };

typedef struct mf_panels {
    uint32_t items, panels, k;
    float *data; /* [panels x k x MF_PANEL], what is left of the last is 0; owned */
    const void *kernel; /* private */
} mf_panels;

/* Arrange n items of T [items x 1 x k], in the order of item[n]; item NULL: all n
 * of T in their order. O(n k). On failure *out is empty. Returns MF_OK or
 * MF_ENOMEM. */
int mf_panels_build(mf_panels *out, const mf_tensor *t, uint32_t n,
                    const uint32_t item[], mf_err *err) MF_MUST_USE;
void mf_panels_free(mf_panels *panels);

/* Score the items of panels lo <= p < hi for n vectors of k floats: row j of out,
 * which begins at out + j * stride, gets (hi - lo) * MF_PANEL scores. */
void mf_panels_score(const mf_panels *panels, uint32_t lo, uint32_t hi, uint32_t n,
                     const float *const vector[], float *out, size_t stride);

#endif
