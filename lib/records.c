#include "records.h"

#include <stdlib.h>
#include <string.h>

#include "mf/mem.h"

enum { SMALLEST = 64 };

struct chunk {
    struct chunk *next;
    size_t n; /* set when the next one is begun */
    record record[];
};

int records_extend(records *to, struct records_part *part, mf_err *err)
{
    struct chunk *full = part->chunk;
    size_t n = full ? (size_t)(part->end - full->record) * 2 : SMALLEST;
    n = n < to->largest ? n : to->largest;
    struct chunk *fresh = mf_new(1, sizeof *fresh + n * sizeof(record));
    if (!fresh)
        return mf_nomem(err);
    if (full)
        full->n = (size_t)(part->at - full->record);
    fresh->next = full;
    fresh->n = 0;
    *part = (struct records_part){
        .at = fresh->record, .end = fresh->record + n, .chunk = fresh};
    return MF_OK;
}

static void free_part(struct records_part *part)
{
    for (struct chunk *c = part->chunk, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    *part = (struct records_part){0};
}

void records_free(records *r)
{
    for (int p = 0; p < PARTS; p++)
        free_part(&r->part[p]);
    r->n = 0;
}

void part_rows_free(part_rows *rows)
{
    free(rows->ptr);
    free(rows->cell);
    *rows = (part_rows){0};
}

/* --- sorting in a row: item in the high half of the key, count in the low --- */

static void insertion(uint64_t *a, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint64_t k = a[i];
        size_t at = i;
        for (; at > 0 && a[at - 1] > k; at--)
            a[at] = a[at - 1];
        a[at] = k;
    }
}

/* Runs of this length are sorted by insertion, then merged. */
enum { RUN = 12, RADIX_FROM = 2048 };

static void merge(const uint64_t *a, size_t half, size_t n, uint64_t *to)
{
    size_t i = 0, j = half;
    for (size_t t = 0; t < n; t++) {
        size_t right = j < n && (i == half || a[j] < a[i]);
        to[t] = right ? a[j] : a[i];
        i += 1 - right;
        j += right;
    }
}

static void merge_sort(uint64_t *a, uint64_t *scratch, size_t n)
{
    for (size_t i = 0; i < n; i += RUN)
        insertion(a + i, n - i < RUN ? n - i : RUN);
    uint64_t *from = a, *to = scratch;
    for (size_t run = RUN; run < n; run *= 2) {
        for (size_t i = 0; i < n; i += 2 * run) {
            size_t len = n - i < 2 * run ? n - i : 2 * run;
            merge(from + i, len < run ? len : run, len, to + i);
        }
        uint64_t *other = from;
        from = to;
        to = other;
    }
    if (from != a)
        memcpy(a, from, n * sizeof *a);
}

/* By item alone, which is enough; linear for the user who has millions. */
static void radix_sort(uint64_t *a, uint64_t *scratch, size_t n)
{
    uint64_t *from = a, *to = scratch;
    for (int shift = 32; shift < 64; shift += 8) {
        size_t count[256] = {0}, sum = 0;
        for (size_t i = 0; i < n; i++)
            count[from[i] >> shift & 255]++;
        if (count[from[0] >> shift & 255] == n)
            continue;
        for (int b = 0; b < 256; b++) {
            size_t here = count[b];
            count[b] = sum;
            sum += here;
        }
        for (size_t i = 0; i < n; i++)
            to[count[from[i] >> shift & 255]++] = from[i];
        uint64_t *other = from;
        from = to;
        to = other;
    }
    if (from != a)
        memcpy(a, from, n * sizeof *a);
}

static void sort_row(uint64_t *a, uint64_t *scratch, size_t n)
{
    if (n < RADIX_FROM)
        merge_sort(a, scratch, n);
    else
        radix_sort(a, scratch, n);
}

/* --- grouping --- */

/* The keys of a part by user: those of u at key[ptr[u]] .. key[ptr[u+1]-1]. */
typedef struct keys {
    size_t *ptr; /* [users + 2] */
    uint64_t *key, *scratch;
    size_t n, longest;
} keys;

static void count_users(keys *k, const struct records_part *part)
{
    for (const struct chunk *c = part->chunk; c; c = c->next) {
        const record *end = c == part->chunk ? part->at : c->record + c->n;
        k->n += (size_t)(end - c->record);
        for (const record *r = c->record; r < end; r++)
            k->ptr[r->user + 2]++;
    }
}

static void place(keys *k, const struct records_part *part, const uint32_t rank[])
{
    for (const struct chunk *c = part->chunk; c; c = c->next) {
        const record *end = c == part->chunk ? part->at : c->record + c->n;
        for (const record *r = c->record; r < end; r++) {
            uint64_t item = rank ? rank[r->item] : r->item;
            k->key[k->ptr[r->user + 1]++] = item << 32 | r->count;
        }
    }
}

/* How many cells a sorted row becomes; SIZE_MAX if a sum is too large, then
 * *item is its. */
static size_t count_cells(const uint64_t *key, size_t n, uint32_t *item)
{
    size_t cells = 0;
    for (size_t i = 0; i < n; cells++) {
        uint64_t sum = 0;
        *item = (uint32_t)(key[i] >> 32);
        for (uint64_t of = key[i] >> 32; i < n && key[i] >> 32 == of; i++)
            if ((sum += (uint32_t)key[i]) > UINT32_MAX)
                return SIZE_MAX;
    }
    return cells;
}

static void put_cells(cell *to, const uint64_t *key, size_t n)
{
    for (size_t i = 0; i < n; to++) {
        uint64_t of = key[i] >> 32;
        *to = (cell){.item = (uint32_t)of};
        for (; i < n && key[i] >> 32 == of; i++) {
            to->count += (uint32_t)key[i];
            to->lines++;
        }
    }
}

/* The keys in rows: counted, placed, then sorted row by row. */
static int sort_keys(keys *k, records from[], size_t threads, unsigned part,
                     uint32_t users, const uint32_t rank[], mf_err *err)
{
    k->ptr = mf_new0((size_t)users + 2, sizeof *k->ptr);
    if (!k->ptr)
        return mf_nomem(err);
    for (size_t t = 0; t < threads; t++)
        count_users(k, &from[t].part[part]);
    for (uint32_t u = 0; u < users; u++) {
        size_t n = k->ptr[u + 2];
        k->longest = n > k->longest ? n : k->longest;
        k->ptr[u + 2] += k->ptr[u + 1];
    }
    k->key = mf_new(k->n, sizeof *k->key);
    if (!k->key)
        return mf_nomem(err);
    for (size_t t = 0; t < threads; t++) {
        place(k, &from[t].part[part], rank);
        free_part(&from[t].part[part]);
    }
    k->scratch = mf_new(k->longest, sizeof *k->scratch);
    if (!k->scratch)
        return mf_nomem(err);
    for (uint32_t u = 0; u < users; u++)
        sort_row(k->key + k->ptr[u], k->scratch, k->ptr[u + 1] - k->ptr[u]);
    return MF_OK;
}

int records_group(part_rows *out, records from[], size_t threads, unsigned part,
                  uint32_t users, const uint32_t rank[], overflow *over, mf_err *err)
{
    keys k = {0};
    *out = (part_rows){.users = users};
    int code = sort_keys(&k, from, threads, part, users, rank, err);
    if (code == MF_OK && !(out->ptr = mf_new0((size_t)users + 1, sizeof *out->ptr)))
        code = mf_nomem(err);
    for (uint32_t u = 0; code == MF_OK && u < users; u++) {
        uint32_t item;
        size_t cells = count_cells(k.key + k.ptr[u], k.ptr[u + 1] - k.ptr[u], &item);
        if (cells == SIZE_MAX) {
            *over = (overflow){u * PARTS + part, item};
            code = MF_ERANGE;
        } else {
            out->ptr[u + 1] = out->ptr[u] + cells;
        }
    }
    if (code == MF_OK && !(out->cell = mf_new(out->ptr[users], sizeof *out->cell)))
        code = mf_nomem(err);
    for (uint32_t u = 0; code == MF_OK && u < users; u++)
        put_cells(out->cell + out->ptr[u], k.key + k.ptr[u], k.ptr[u + 1] - k.ptr[u]);
    free(k.ptr);
    free(k.key);
    free(k.scratch);
    if (code < 0)
        part_rows_free(out);
    return code;
}
