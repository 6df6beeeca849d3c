#include "als/woodbury.h"

#include <string.h>

void mf__dual_products(const mf_kernel *kernel, const als_dual_terms *of, uint32_t lda,
                       float *panel, float *root, float *transposed, float *products)
{
    uint32_t width = kernel_pad(kernel, of->k);
    kernel->inverse_roots(root, width, of->shared, of->ridge);
    kernel->gather(panel, of->n, of->n, of->row, 1, of->src, of->k, NULL, root);
    memset(panel + of->n * width, 0, (lda - of->n) * width * sizeof *panel);
    kernel->transpose(transposed, lda, width, panel);
    kernel->rank_update(lda, width, transposed, products, false);
}

void mf__dual_solution(const mf_kernel *kernel, uint32_t width, size_t n,
                       const float *panel, const float *root, const float *y, float *x)
{
    kernel->combine(x, width, n, panel, y, false);
#pragma omp simd
    for (uint32_t f = 0; f < width; f++)
        x[f] *= root[f];
}
