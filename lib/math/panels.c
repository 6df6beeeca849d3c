#include "math/panels.h"

#include <stdlib.h>

#include "base/mem.h"

_Static_assert((int)MF_PANEL == (int)KERNEL_PANEL, "kernels score a panel at a time");

int mf__panels_build(mf_panels *out, const mf_tensor *t, uint32_t n,
                     const uint32_t item[], mf_err *err)
{
    uint32_t k = t->k;
    *out =
        (mf_panels){.items = n, .k = k, .panels = n / MF_PANEL + (n % MF_PANEL != 0)};
    out->kernel = mf__kernel_choose();
    out->data = mf__new_aligned((size_t)out->panels * k * MF_PANEL, sizeof *out->data);
    if (!out->data)
        return mf__nomem(err);
    for (uint32_t p = 0; p < out->panels; p++) {
        float *panel = out->data + (size_t)p * k * MF_PANEL;
        for (uint32_t i = 0; i < MF_PANEL; i++) {
            uint32_t at = p * MF_PANEL + i;
            const float *v = at >= n ? NULL : mf_tensor_at(t, item ? item[at] : at, 0);
            for (uint32_t f = 0; f < k; f++)
                panel[(size_t)f * MF_PANEL + i] = v ? v[f] : 0;
        }
    }
    return MF_OK;
}

void mf__panels_free(mf_panels *panels)
{
    free(panels->data);
    *panels = (mf_panels){0};
}

/* A panel stays in the first cache for all vectors. */
void mf__panels_score(const mf_panels *panels, uint32_t tile, uint32_t n,
                      const float *const vector[], float out[])
{
    const mf_kernel *kernel = panels->kernel;
    uint32_t lo = tile * MF_TILE_PANELS, left = panels->panels - lo;
    for (uint32_t p = 0; p < MF_TILE_PANELS && p < left; p++)
        kernel->score(out + (size_t)p * MF_PANEL, MF_TILE, n, vector, panels->k,
                      panels->data + (size_t)(lo + p) * panels->k * MF_PANEL);
}
