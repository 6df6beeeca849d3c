/* What cells that nobody has weigh, where that depends on the cells that are there. */
#include <math.h>
#include <stdlib.h>

#include "als/params.h"
#include "base/mem.h"

double mf__als_sum_weights(const mf_tensor *items)
{
    double sum = 0;
    if (!items->weight)
        return items->n;
    for (uint32_t i = 0; i < items->n; i++)
        sum += (double)items->weight[i];
    return sum;
}

int mf__als_weigh_items(mf_tensor *items, const mf_als_params *p, const size_t cells[],
                        double all, mf_err *err)
{
    double with_cells = 0;
    if (p->popularity == 0)
        return MF_OK;
    if (!(items->weight = mf__new0(items->n, sizeof *items->weight)))
        return mf__nomem(err);
    for (uint32_t i = 0; i < items->n; i++)
        with_cells += cells[i] > 0;
    for (uint32_t i = 0; i < items->n; i++) {
        if (cells[i] > 0)
            items->weight[i] =
                (float)pow((double)cells[i] * with_cells / all, p->popularity);
    }
    return MF_OK;
}
