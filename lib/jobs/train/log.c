#include "jobs/train/log.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "jobs/shared/json.h"

double mf__train_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static json_t *number(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

int mf__train_log_put(mf_out *log, const mf_history_entry *e, double seconds,
                      mf_err *err)
{
    json_t *object = json_pack(
        "{s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "iteration",
        (json_int_t)e->iteration, "half", e->half, "loss", number(e->loss),
        "prediction", number(e->prediction), "users", number(e->users), "items",
        number(e->items), "rmse", number(e->rmse), "valid", number(e->valid), "moved",
        number(e->moved), "seconds", number(round(seconds * 1e6) / 1e6));
    char *line = object ? mf__json_dumps(object, JSON_REAL_PRECISION(12)) : NULL;
    json_decref(object);
    if (!line)
        return mf__nomem(err);
    int code = mf_out_write(log, line, strlen(line), err);
    if (code == MF_OK)
        code = mf_out_write(log, "\n", 1, err);
    if (code == MF_OK)
        code = mf_out_flush(log, err);
    free(line);
    return code;
}
