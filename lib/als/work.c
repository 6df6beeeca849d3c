#include "als/work.h"

#include <stdlib.h>

#include "base/mem.h"
#include "math/rotation.h"

enum {
    PANEL_FLOATS = 8192,    /* of a chunk, so that it stays in the first cache */
    BATCH_FLOATS = 1 << 22, /* of all matrices of a batch, unless one is larger */
    PADDING = 16 /* floats between matrices, so that they use other cache sets */
};

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void choose_sizes(als_work *w, uint32_t systems, size_t longest)
{
    w->dual_faster = w->width * 3 / 4;
    w->primal = longest > w->dual_faster;
    w->dual_max = w->primal
                      ? w->width
                      : kernel_pad(w->kernel, longest < 1 ? 1 : (uint32_t)longest);
    size_t square = (size_t)w->dual_max * w->dual_max;
    uint32_t fit = BATCH_FLOATS / square > 1 ? (uint32_t)(BATCH_FLOATS / square) : 1;
    w->systems = smaller(smaller(systems, fit), w->kernel->batch);
    w->chunk = PANEL_FLOATS / w->width;
    w->chunk = w->chunk < 64 ? 64 : w->chunk > 512 ? 512 : w->chunk;
    w->stride = square + PADDING;
}

static bool allocate(als_work *w)
{
    size_t width = w->width, cells = w->dual_max * width,
           slots = w->systems + (size_t)1;
    size_t panel = w->systems * cells, list = als_work_list_size(w);
    if (panel < w->chunk * width)
        panel = w->chunk * width;
    w->matrix = mf__new_aligned(slots * w->stride, sizeof *w->matrix);
    w->rhs = mf__new_aligned(slots * width, sizeof *w->rhs);
    w->panel = mf__new_aligned(panel, sizeof *w->panel);
    w->transposed = mf__new_aligned(cells, sizeof *w->transposed);
    w->scale = mf__new(list, sizeof *w->scale);
    w->rhs_weight = mf__new(list, sizeof *w->rhs_weight);
    w->index = mf__new(list, sizeof *w->index);
    w->next = mf__new(w->chunk, sizeof *w->next);
    w->inverse_root = mf__new_aligned(w->systems * width, sizeof *w->inverse_root);
    w->vector = mf__new_aligned(w->systems * width, sizeof *w->vector);
    w->turning = mf__new_aligned(
        (size_t)2 * MF_TURNED * mf_rotation_width(w->kernel, w->k), sizeof *w->turning);
    w->saved_rhs = mf__new_aligned(w->systems * width, sizeof *w->saved_rhs);
    w->scratch = mf__new_aligned(KERNEL_SCRATCH(width), sizeof *w->scratch);
    w->sum =
        mf__new_aligned(w->primal ? width * (width + 1) : 2 * width, sizeof *w->sum);
    return w->matrix && w->rhs && w->panel && w->transposed && w->scale &&
           w->rhs_weight && w->index && w->next && w->inverse_root && w->vector &&
           w->turning && w->saved_rhs && w->scratch && w->sum;
}

int mf__als_work_open(als_work *w, uint32_t k, uint32_t systems, size_t longest,
                      mf_err *err)
{
    const mf_kernel *kernel = mf__kernel_choose();
    *w = (als_work){.kernel = kernel,
                    .k = k,
                    .width = kernel_pad(kernel, k),
                    .double_solves = w->double_solves};
    choose_sizes(w, systems, longest);
    if (allocate(w))
        return MF_OK;
    mf__als_work_close(w);
    return mf__nomem(err);
}

mf_ridge *mf__als_work_ridge(als_work *w)
{
    if (!w->sum) /* the workspace is closed otherwise */
        w->sum = mf__new_aligned(w->k, sizeof *w->sum);
    if (!w->ridge.a)
        w->lacks |= !w->sum || mf__ridge_alloc(&w->ridge, w->k, NULL) < 0;
    return w->ridge.a ? &w->ridge : NULL;
}

void mf__als_work_close(als_work *w)
{
    free(w->matrix);
    free(w->rhs);
    free(w->panel);
    free(w->transposed);
    free(w->scale);
    free(w->rhs_weight);
    free(w->index);
    free(w->next);
    free(w->inverse_root);
    free(w->vector);
    free(w->turning);
    free(w->saved_rhs);
    free(w->scratch);
    free(w->sum);
    mf__ridge_free(&w->ridge);
    *w = (als_work){.k = w->k, .double_solves = w->double_solves};
}
