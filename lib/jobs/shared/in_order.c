#include "jobs/shared/in_order.h"

#include <omp.h>

int mf__in_order(const in_order *work, mf_err *err)
{
    int result = MF_OK;
#pragma omp parallel for ordered num_threads(work->threads) schedule(dynamic)
    for (size_t b = 0; b < work->blocks; b++) {
        int stop, code = MF_OK, thread = omp_get_thread_num();
        mf_err own = {0};
#pragma omp atomic read
        stop = result;
        if (stop == MF_OK)
            code = work->make(work->self, thread, b, &own);
#pragma omp ordered
        if (result == MF_OK) {
            if (code == MF_OK)
                code = work->put(work->self, thread, b, &own);
            if (code < 0) {
                mf_fail(err, code, "%s", own.text);
#pragma omp atomic write
                result = code;
            }
        }
    }
    return result;
}
