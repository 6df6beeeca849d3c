#include "jobs/aggregate/core.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/temporary.h"
#include "jobs/aggregate/spill.h"

typedef struct core {
    counts *c;
    uint32_t min_listeners;
    /* users, then items */
    size_t nodes, waiting;
    size_t *work; /* [nodes], of which `waiting` are to be dropped */
    bool *gone;   /* [nodes] */
    /* the users of item i are number ptr[i] .. ptr[i + 1] - 1 of `user` or of the
     * file */
    size_t *ptr; /* [items + 1] */
    uint32_t *user;
    int fd; /* -1: there is no file */
    /* rows in a file: where each begins, in sums, and what was read last */
    size_t *at; /* [users] */
    item_sum *row;
    uint32_t *users;
    size_t row_cap, users_cap;
} core;

static int read_at(int fd, void *data, size_t n, uint64_t at, mf_err *err)
{
    char *to = data;
    while (n > 0) {
        ssize_t got = pread(fd, to, n, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return mf_fail(err, MF_EIO, "temporary file: cannot read: %s",
                           strerror(errno));
        if (got == 0)
            return mf_fail(err, MF_EIO,
                           "temporary file: is shorter than what was written");
        to += got;
        n -= (size_t)got;
        at += (uint64_t)got;
    }
    return MF_OK;
}

static int row_of(core *k, size_t u, const item_sum **row, mf_err *err)
{
    uint32_t n = k->c->rows.len[u];
    if (k->c->rows.at) {
        *row = k->c->rows.at[u];
        return MF_OK;
    }
    if (mf__reserve(&k->row, &k->row_cap, n, sizeof *k->row, err) < 0)
        return MF_ENOMEM;
    *row = k->row;
    return read_at(k->c->rows.fd, k->row, n * sizeof **row, k->at[u] * sizeof **row,
                   err);
}

static int users_of(core *k, size_t i, const uint32_t **users, mf_err *err)
{
    size_t n = k->ptr[i + 1] - k->ptr[i];
    if (k->user) {
        *users = k->user + k->ptr[i];
        return MF_OK;
    }
    if (mf__reserve(&k->users, &k->users_cap, n, sizeof *k->users, err) < 0)
        return MF_ENOMEM;
    *users = k->users;
    return read_at(k->fd, k->users, n * sizeof **users, k->ptr[i] * sizeof **users,
                   err);
}

/* --- the users of each item --- */

/* Those of items lo .. hi - 1, to `user`; `next` is room for their cursors. */
static int gather(core *k, uint32_t lo, uint32_t hi, uint32_t *user, size_t *next,
                  mf_err *err)
{
    counts *c = k->c;
    int code = mf__rows_rewind(&c->rows, err);
    for (uint32_t i = lo; i < hi; i++)
        next[i - lo] = k->ptr[i] - k->ptr[lo];
    while (code == MF_OK && (code = mf__rows_window(&c->rows, err)) == 1) {
        for (uint32_t u = c->rows.lo; u < c->rows.hi; u++) {
            const item_sum *row = rows_row(&c->rows, u);
            for (uint32_t t = 0; c->kept[u] > 0 && t < c->rows.len[u]; t++)
                if (row[t].item >= lo && row[t].item < hi &&
                    c->left.listeners[row[t].item] > 0)
                    user[next[row[t].item - lo]++] = u;
        }
        code = MF_OK;
    }
    return code;
}

/* To the file, as many items at once as fit in `room` users. */
static int transpose_to_file(core *k, size_t room, size_t *next, mf_err *err)
{
    const counts *c = k->c;
    mf_out *out = NULL;
    size_t cap = 0;
    uint32_t *user = NULL, hi;
    int code = mf__temporary_open(c->folder, &k->fd, err);
    if (code == MF_OK)
        code = mf_out_open(&out, k->fd, "temporary file", err);
    for (uint32_t lo = 0; code == MF_OK && lo < c->items; lo = hi) {
        for (hi = lo + 1; hi < c->items && k->ptr[hi + 1] - k->ptr[lo] <= room;)
            hi++;
        size_t n = k->ptr[hi] - k->ptr[lo];
        code = mf__reserve(&user, &cap, n, sizeof *user, err);
        if (code == MF_OK)
            code = gather(k, lo, hi, user, next, err);
        if (code == MF_OK)
            code = mf_out_write(out, user, n * sizeof *user, err);
    }
    if (code == MF_OK)
        code = mf_out_flush(out, err);
    mf_out_close(out);
    free(user);
    return code;
}

static int transpose(core *k, mf_err *err)
{
    const counts *c = k->c;
    size_t *next = mf__new(c->items, sizeof *next);
    int code = MF_OK;
    if (!next || !(k->ptr = mf__new0((size_t)c->items + 1, sizeof *k->ptr)))
        code = mf__nomem(err);
    for (uint32_t i = 0; code == MF_OK && i < c->items; i++)
        k->ptr[i + 1] = k->ptr[i] + c->left.listeners[i];
    if (code < 0) {
        /* said */
    } else if (!c->rows.at) {
        code = transpose_to_file(k, c->memory / 4 / sizeof *k->user, next, err);
    } else if (!(k->user = mf__new(k->ptr[c->items], sizeof *k->user))) {
        code = mf__nomem(err);
    } else {
        code = gather(k, 0, c->items, k->user, next, err);
    }
    free(next);
    return code;
}

/* --- the work --- */

static void drop(core *k, size_t node)
{
    if (k->gone[node])
        return;
    k->gone[node] = true;
    k->work[k->waiting++] = node;
}

/* What was dropped is told to those it had cells with. */
static int tell(core *k, size_t node, mf_err *err)
{
    counts *c = k->c;
    const item_sum *row;
    const uint32_t *users;
    int code;
    if (node < c->rows.n) {
        if ((code = row_of(k, node, &row, err)) < 0)
            return code;
        for (uint32_t t = 0; t < c->rows.len[node]; t++) {
            size_t other = (size_t)c->rows.n + row[t].item;
            if (!k->gone[other] && --c->left.listeners[row[t].item] < k->min_listeners)
                drop(k, other);
        }
        return MF_OK;
    }
    size_t i = node - c->rows.n;
    if ((code = users_of(k, i, &users, err)) < 0)
        return code;
    for (size_t t = 0; t < k->ptr[i + 1] - k->ptr[i]; t++)
        if (!k->gone[users[t]] && --c->kept[users[t]] < c->min_artists)
            drop(k, users[t]);
    return MF_OK;
}

static int start(core *k, mf_err *err)
{
    const counts *c = k->c;
    size_t users = c->rows.n, at = 0;
    k->work = mf__new(k->nodes, sizeof *k->work);
    k->gone = mf__new0(k->nodes, sizeof *k->gone);
    k->at = mf__new(users, sizeof *k->at);
    if (!k->work || !k->gone || !k->at)
        return mf__nomem(err);
    for (size_t u = 0; u < users; u++) {
        k->at[u] = at;
        at += c->rows.len[u];
    }
    for (size_t v = 0; v < k->nodes; v++)
        k->gone[v] = (v < users ? c->kept[v] : c->left.listeners[v - users]) == 0;
    for (size_t v = 0; v < k->nodes; v++)
        if (v < users ? c->kept[v] < c->min_artists
                      : c->left.listeners[v - users] < k->min_listeners)
            drop(k, v);
    return MF_OK;
}

int mf__counts_core(counts *c, uint32_t min_listeners, mf_err *err)
{
    core k = {.c = c,
              .min_listeners = min_listeners,
              .nodes = (size_t)c->rows.n + c->items,
              .fd = -1};
    int code = start(&k, err);
    if (code == MF_OK && k.waiting > 0)
        code = transpose(&k, err);
    while (code == MF_OK && k.waiting > 0)
        code = tell(&k, k.work[--k.waiting], err);
    for (size_t v = 0; v < k.nodes && code == MF_OK; v++)
        if (k.gone[v] && v < c->rows.n)
            c->kept[v] = 0;
        else if (k.gone[v])
            c->left.listeners[v - c->rows.n] = 0;
    if (k.fd >= 0)
        close(k.fd);
    free(k.work);
    free(k.gone);
    free(k.ptr);
    free(k.user);
    free(k.at);
    free(k.row);
    free(k.users);
    return code;
}
