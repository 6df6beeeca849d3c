/* math/panels.h - item vectors, arranged so that scores are quick to compute.
 *
 * A panel holds MF_PANEL items, factor by factor: [k][MF_PANEL]. A score is the sum
 * over the factors, in their order, each product fused with the sum where the
 * machine can do that. So its bits depend on the two vectors and on the machine's
 * level of kernels (mfpipe(7)) alone, not on what else is scored with it. */
#ifndef MATH_PANELS_H
#define MATH_PANELS_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/kernel.h"
#include "mf/err.h"
#include "mf/matrix.h"

enum {
    MF_PANEL = 64,
    MF_TILE_PANELS = 8,
    MF_TILE = MF_TILE_PANELS * MF_PANEL, /* items that are scored together */
    MF_TILE_ROWS = 64                    /* vectors to score together, about */
};

typedef struct mf_panels {
    uint32_t items, panels, k;
    float *data; /* [panels x k x MF_PANEL], the last filled up with 0; owned */
    const mf_kernel *kernel;
} mf_panels;

/* Arrange n items of T [items x 1 x k], in the order of item[n]; item NULL: the first n
 * of T in their order. O(n k). On failure *out is empty. Returns MF_OK or
 * MF_ENOMEM. */
int mf__panels_build(mf_panels *out, const mf_tensor *t, uint32_t n,
                     const uint32_t item[], mf_err *err) MF_MUST_USE;
void mf__panels_free(mf_panels *panels);

/* Score a tile, the items from tile * MF_TILE on, for n vectors of k floats: row j
 * of out [n x MF_TILE] gets the scores of vector j. Beyond the last item they mean
 * nothing. */
void mf__panels_score(const mf_panels *panels, uint32_t tile, uint32_t n,
                      const float *const vector[], float out[]);

#endif
