/* Eight bytes at a time: a stable radix sort by the next eight bytes, then each
 * group in which these are equal by the eight after them. */
#include "data/texts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { FEW = 32 }; /* so many are sorted by insertion */

typedef struct sorter {
    sortable *scratch;    /* [n] */
    size_t count[8][256]; /* here, since the sort nests as deep as a text is long */
} sorter;

/* The bytes from `depth` on as a number that compares like them. */
static uint64_t key_at(const sortable *t, uint32_t depth)
{
    unsigned char byte[8] = {0};
    if (t->len > depth)
        memcpy(byte, t->text + depth, t->len - depth < 8 ? t->len - depth : 8);
    uint64_t key = 0;
    for (int i = 0; i < 8; i++)
        key = key << 8 | byte[i];
    return key;
}

static void insertion(sortable *a, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        sortable t = a[i];
        size_t at = i;
        for (; at > 0 && a[at - 1].key > t.key; at--)
            a[at] = a[at - 1];
        a[at] = t;
    }
}

static void sort_by_key(sorter *s, sortable *a, size_t n)
{
    if (n <= FEW) {
        insertion(a, n);
        return;
    }
    sortable *from = a, *to = s->scratch;
    memset(s->count, 0, sizeof s->count);
    for (size_t i = 0; i < n; i++)
        for (int d = 0; d < 8; d++)
            s->count[d][a[i].key >> 8 * d & 255]++;
    for (int d = 0; d < 8; d++) {
        size_t *count = s->count[d], sum = 0;
        if (count[from[0].key >> 8 * d & 255] == n)
            continue; /* all have this digit */
        for (int b = 0; b < 256; b++) {
            size_t here = count[b];
            count[b] = sum;
            sum += here;
        }
        for (size_t i = 0; i < n; i++)
            to[count[from[i].key >> 8 * d & 255]++] = from[i];
        sortable *other = from;
        from = to;
        to = other;
    }
    if (from != a)
        memcpy(a, from, n * sizeof *a);
}

/* Sort texts that are equal before `depth`. */
static void sort_from(sorter *s, sortable *a, size_t n, uint32_t depth)
{
    for (bool all_equal = true; all_equal && n > 1; depth += 8) {
        bool over = true; /* no text goes on after these bytes */
        for (size_t i = 0; i < n; i++) {
            a[i].key = key_at(&a[i], depth);
            all_equal &= a[i].key == a[0].key;
            over &= a[i].len <= depth + 8;
        }
        if (!all_equal)
            sort_by_key(s, a, n);
        for (size_t i = 0, end; i < n && !(all_equal && !over); i = end) {
            for (end = i + 1; end < n && a[end].key == a[i].key; end++)
                ;
            if (end - i > 1 && !over)
                sort_from(s, a + i, end - i, depth + 8);
            if (end - i > 1 && over) { /* they differ in NULs at the end, if at all */
                for (size_t t = i; t < end; t++)
                    a[t].key = a[t].len;
                sort_by_key(s, a + i, end - i);
            }
        }
        if (over)
            return;
    }
}

int mf__texts_sort(sortable texts[], size_t n, mf_err *err)
{
    sorter *s = mf__new(1, sizeof *s);
    sortable *scratch = mf__new(n, sizeof *scratch);
    if (s && scratch) {
        s->scratch = scratch;
        sort_from(s, texts, n, 0);
    }
    int code = s && scratch ? MF_OK : mf__nomem(err);
    free(s);
    free(scratch);
    return code;
}
