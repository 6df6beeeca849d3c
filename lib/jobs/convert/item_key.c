/* Spellings of one item, told by their keys, become one id. */
#include <stdlib.h>

#include "base/mem.h"
#include "data/ids.h"
#include "jobs/convert/cells.h"

/* Is spelling a, of so many cells, what the item is called, rather than b? */
static bool better(const mf_ids *ids, const size_t count[], uint32_t a, uint32_t b)
{
    size_t a_len, b_len;
    const char *x = mf_ids_get(ids, a, &a_len), *y = mf_ids_get(ids, b, &b_len);
    if (count[a] != count[b])
        return count[a] > count[b];
    return mf__id_compare(x, a_len, y, b_len) < 0;
}

/* The key of each id by its number, group[ids->n]. */
static int make_keys(const mf_ids *ids, mf_artist_rule rule, mf_intern *keys,
                     uint32_t group[], mf_err *err)
{
    mf_artist_key key = {0};
    int code = MF_OK;
    for (uint32_t i = 0; code == MF_OK && i < ids->n; i++) {
        size_t len;
        const char *text = mf_ids_get(ids, i, &len);
        code = mf_artist_key_make(&key, rule, text, len, err);
        if (code == MF_OK)
            code = mf__intern_put(keys, key.text, key.len, &group[i], err);
    }
    mf_artist_key_free(&key);
    return code;
}

/* The best spelling of each group into best[], then as the ids of the axis. A group's
 * number is its item's from now on. */
static int choose(cells *c, const uint32_t group[], const size_t count[],
                  uint32_t best[], uint32_t groups, mf_err *err)
{
    cells_axis *a = &c->axis[MF_ITEM];
    const mf_ids *ids = mf__intern_ids(a->table);
    mf_intern *table;
    int code = mf__intern_open(&table, err);
    for (uint32_t g = 0; g < groups; g++)
        best[g] = UINT32_MAX;
    for (uint32_t i = 0; i < ids->n; i++)
        if (best[group[i]] == UINT32_MAX || better(ids, count, i, best[group[i]]))
            best[group[i]] = i;
    for (uint32_t g = 0; code == MF_OK && g < groups; g++) {
        uint32_t number;
        size_t len;
        const char *text = mf_ids_get(ids, best[g], &len);
        code = mf__intern_put(table, text, len, &number, err); /* g: all differ */
    }
    if (code < 0) {
        mf__intern_close(table);
        return code;
    }
    mf__intern_close(a->table);
    a->table = table;
    for (size_t t = 0; t < c->n; t++)
        c->cell[t].item = group[c->cell[t].item];
    return MF_OK;
}

int mf__cells_fold_items(cells *c, mf_artist_rule rule, mf_err *err)
{
    const mf_ids *ids = mf__intern_ids(c->axis[MF_ITEM].table);
    mf_intern *keys = NULL;
    uint32_t *group = mf__new(ids->n, sizeof *group),
             *best = mf__new(ids->n, sizeof *best);
    size_t *count = mf__new0(ids->n, sizeof *count);
    int code = group && best && count ? mf__intern_open(&keys, err) : mf__nomem(err);
    if (code == MF_OK)
        code = make_keys(ids, rule, keys, group, err);
    if (code == MF_OK) {
        for (size_t t = 0; t < c->n; t++)
            count[c->cell[t].item]++;
        code = choose(c, group, count, best, mf__intern_ids(keys)->n, err);
    }
    mf__intern_close(keys);
    free(group);
    free(best);
    free(count);
    return code;
}
