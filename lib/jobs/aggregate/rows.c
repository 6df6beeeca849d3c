#include "jobs/aggregate/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

/* A window ends with the row that reaches one of these. */
enum { WINDOW_CELLS = 1 << 18, WINDOW_ROWS = 1 << 14 };

void mf__rows_free(rows *w)
{
    mf_in_close(w->in);
    free(w->len);
    free(w->at);
    free(w->sum);
    free(w->start);
    *w = (rows){0};
}

int mf__rows_rewind(rows *w, mf_err *err)
{
    w->lo = w->hi = 0;
    if (w->at)
        return MF_OK;
    mf_in_close(w->in);
    w->in = NULL;
    if (lseek(w->fd, 0, SEEK_SET) < 0)
        return mf_fail(err, MF_EIO, "temporary file: cannot seek: %s", strerror(errno));
    return mf_in_open(&w->in, w->fd, "temporary file", err);
}

int mf__rows_window(rows *w, mf_err *err)
{
    size_t cells = 0, got;
    w->lo = w->hi;
    if (w->lo == w->n)
        return 0;
    if (w->at) {
        w->hi = w->n;
        return 1;
    }
    if (mf__reserve(&w->start, &w->start_cap, WINDOW_ROWS, sizeof *w->start, err) < 0)
        return MF_ENOMEM;
    while (w->hi < w->n && cells < WINDOW_CELLS && w->hi - w->lo < WINDOW_ROWS) {
        w->start[w->hi - w->lo] = cells;
        cells += w->len[w->hi++];
    }
    if (mf__reserve(&w->sum, &w->sum_cap, cells, sizeof *w->sum, err) < 0)
        return MF_ENOMEM;
    int code = mf_in_read(w->in, w->sum, cells * sizeof *w->sum, &got, err);
    if (code == MF_OK && got < cells * sizeof *w->sum)
        return mf_fail(err, MF_EIO, "temporary file: is shorter than what was written");
    return code < 0 ? code : 1;
}
