/* The largest part in which both minimums hold is unique, so it does not matter in
 * which order users and items go: a list of work takes each once, and each cell twice,
 * where passes over all rows could be as many as there are users. */
#include "jobs/rewrite/peel.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void peel_once(const peel_cells *c, uint32_t min_items, uint32_t min_users,
                      uint32_t of_user[], uint32_t of_item[])
{
    for (uint32_t i = 0; i < c->items; i++)
        if (of_item[i] < min_users)
            of_item[i] = 0;
    for (uint32_t u = 0; u < c->users; u++) {
        uint32_t left = 0;
        for (size_t t = c->ptr[u]; t < c->ptr[u + 1]; t++)
            left += of_item[c->item[t]] > 0;
        of_user[u] = left < min_items ? 0 : left;
    }
    /* an item that stays has lost the users that go, but not its place */
    for (uint32_t u = 0; u < c->users; u++)
        for (size_t t = c->ptr[u]; of_user[u] == 0 && t < c->ptr[u + 1]; t++)
            of_item[c->item[t]] -= of_item[c->item[t]] > 0;
}

/* The users of each item: those of item i are user[ptr[i] .. ptr[i + 1]). */
typedef struct columns {
    size_t *ptr;
    uint32_t *user;
} columns;

static int transpose(columns *of, const peel_cells *c, mf_err *err)
{
    size_t cells = c->ptr[c->users];
    of->ptr = mf__new0((size_t)c->items + 2, sizeof *of->ptr);
    of->user = mf__new(cells, sizeof *of->user);
    if (!of->ptr || !of->user)
        return mf__nomem(err);
    for (size_t t = 0; t < cells; t++)
        of->ptr[c->item[t] + 2]++;
    for (size_t i = 2; i < (size_t)c->items + 2; i++)
        of->ptr[i] += of->ptr[i - 1];
    for (uint32_t u = 0; u < c->users; u++) /* ptr[i + 1] goes from start to end */
        for (size_t t = c->ptr[u]; t < c->ptr[u + 1]; t++)
            of->user[of->ptr[c->item[t] + 1]++] = u;
    return MF_OK;
}

/* Users and items that go, users first in the numbering of nodes. */
typedef struct work {
    size_t *node, waiting;
    bool *gone;
} work;

static void let_go(work *w, size_t node)
{
    if (!w->gone[node])
        w->node[w->waiting++] = node;
    w->gone[node] = true;
}

static void peel_core(const peel_cells *c, const columns *of, work *w,
                      uint32_t min_items, uint32_t min_users, uint32_t of_user[],
                      uint32_t of_item[])
{
    for (uint32_t u = 0; u < c->users; u++)
        if (of_user[u] < min_items)
            let_go(w, u);
    for (uint32_t i = 0; i < c->items; i++)
        if (of_item[i] < min_users)
            let_go(w, (size_t)c->users + i);
    while (w->waiting > 0) {
        size_t v = w->node[--w->waiting];
        if (v < c->users) {
            for (size_t t = c->ptr[v]; t < c->ptr[v + 1]; t++)
                if (--of_item[c->item[t]] < min_users)
                    let_go(w, (size_t)c->users + c->item[t]);
        } else {
            size_t i = v - c->users;
            for (size_t t = of->ptr[i]; t < of->ptr[i + 1]; t++)
                if (--of_user[of->user[t]] < min_items)
                    let_go(w, of->user[t]);
        }
    }
    for (uint32_t u = 0; u < c->users; u++)
        of_user[u] = w->gone[u] ? 0 : of_user[u];
    for (uint32_t i = 0; i < c->items; i++)
        of_item[i] = w->gone[(size_t)c->users + i] ? 0 : of_item[i];
}

int mf__peel(const peel_cells *c, uint32_t min_items, uint32_t min_users, bool core,
             uint32_t of_user[], uint32_t of_item[], mf_err *err)
{
    if (!core) {
        peel_once(c, min_items, min_users, of_user, of_item);
        return MF_OK;
    }
    columns of = {0};
    size_t nodes = (size_t)c->users + c->items;
    work w = {.node = mf__new(nodes, sizeof *w.node),
              .gone = mf__new0(nodes, sizeof *w.gone)};
    int code = w.node && w.gone ? transpose(&of, c, err) : mf__nomem(err);
    if (code == MF_OK)
        peel_core(c, &of, &w, min_items, min_users, of_user, of_item);
    free(of.ptr);
    free(of.user);
    free(w.node);
    free(w.gone);
    return code;
}
