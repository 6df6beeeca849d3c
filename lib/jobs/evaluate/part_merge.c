/* Shards are put in their order, each is held against the first, and their arrays are
 * put one behind the other, block by block. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/number.h"
#include "data/ids.h"
#include "jobs/evaluate/part.h"

enum { TEXT = 1700 };

typedef struct named {
    evaluation_part *part; /* borrowed */
    const char *name;      /* of its file */
} named;

static int by_shard(const void *a, const void *b)
{
    const evaluation_part *x = ((const named *)a)->part, *y = ((const named *)b)->part;
    if (x->shard != y->shard)
        return x->shard < y->shard ? -1 : 1;
    return (x > y) - (x < y); /* of one array, in its order */
}

/* --- are they of one evaluation? --- */

static void list_metrics(char text[TEXT], const mf_metric_list *list)
{
    size_t n = 0;
    text[0] = '\0';
    for (size_t m = 0; m < list->n && n < TEXT; m++)
        n += (size_t)snprintf(text + n, TEXT - n, "%s%s", m ? "," : "",
                              list->metric[m].name);
}

/* The options that are held against each other, as they are typed. */
enum { OPTIONS = 8 };
static const char *option_of(const evaluation_part *p, int i, char text[TEXT])
{
    static const char *const by[] = {"", "activity", "popularity"};
    static const char *const name[OPTIONS] = {
        "--shard",     "--metrics", "--relevant", "--by",
        "--bootstrap", "--seed",    "--baseline", "--allow-different-splits"};
    text[0] = '\0';
    switch (i) {
    case 0: snprintf(text, TEXT, "I/%u", p->shards); break;
    case 1: list_metrics(text, &p->e.metrics); break;
    case 2:
        if (!isnan(p->e.relevant))
            mf__snprintf(text, TEXT, "%.9g", (double)p->e.relevant);
        break;
    case 3:
        if (p->by != MF_BY_NOTHING)
            snprintf(text, TEXT, "%s:%u", by[p->by], p->slices);
        break;
    case 4: snprintf(text, TEXT, "%u", p->replicates); break;
    case 5: snprintf(text, TEXT, "%llu", (unsigned long long)p->seed); break;
    case 6:
        snprintf(text, TEXT, "%s%s%s%s",
                 p->baselines & MF_BASELINE_POPULARITY ? "popularity " : "",
                 p->baselines & MF_BASELINE_RANDOM ? "random " : "",
                 p->baselines & MF_BASELINE_MEAN ? "mean " : "",
                 p->baselines & MF_BASELINE_BIAS ? "bias " : "");
        break;
    default: snprintf(text, TEXT, "%s", p->different_splits ? "given" : "");
    }
    return name[i];
}

static int compare_options(const named *a, const named *b, mf_err *err)
{
    char x[TEXT], y[TEXT];
    if (strcmp(a->part->version, b->part->version) != 0)
        return mf_fail(err, MF_EFORMAT,
                       "%s: was made by version %s, %s by %s; make all shards with one",
                       b->name, b->part->version, a->name, a->part->version);
    for (int i = 0; i < OPTIONS; i++) {
        const char *option = option_of(a->part, i, x);
        option_of(b->part, i, y);
        if (strcmp(x, y) != 0)
            return mf_fail(err, MF_EFORMAT,
                           "%s: was made with %s '%.60s', %s with '%.60s'; make all "
                           "shards with the same options",
                           b->name, option, y, a->name, x);
    }
    return MF_OK;
}

static bool same_counts(const mf_list_counts *a, const mf_list_counts *b)
{
    return a->lists == b->lists && a->missing == b->missing &&
           a->shortest == b->shortest && a->longest == b->longest &&
           a->unknown_users == b->unknown_users &&
           a->unknown_items == b->unknown_items &&
           a->unknown_places == b->unknown_places && a->known == b->known &&
           a->known_valid == b->known_valid && a->twice == b->twice &&
           a->tied_lists == b->tied_lists && a->tied == b->tied &&
           a->ranked == b->ranked && a->taken_as_ranks == b->taken_as_ranks &&
           a->from_zero == b->from_zero && strcmp(a->user, b->user) == 0 &&
           strcmp(a->item, b->item) == 0;
}

/* Of what is about all users, and so the same in all shards. */
static bool same_facts(const mf_subject *a, const mf_subject *b)
{
    return a->digest == b->digest && a->target == b->target &&
           a->own_values == b->own_values && a->own_scale == b->own_scale &&
           a->ranks == b->ranks && a->personas == b->personas && a->known == b->known &&
           a->cells == b->cells && a->by_bias == b->by_bias && a->items == b->items &&
           same_counts(&a->list, &b->list);
}

static bool same_bounds(const mf_evaluation *a, const mf_evaluation *b)
{
    bool same = true;
    for (size_t i = 1; i < a->slices; i++)
        same &=
            a->slice[i].low == b->slice[i].low && a->slice[i].high == b->slice[i].high;
    return same;
}

static int compare_inputs(const named *a, const named *b, mf_err *err)
{
    const evaluation_part *p = a->part, *q = b->part;
    const mf_evaluation *e = &p->e, *f = &q->e;
    if (p->models != q->models || p->lists != q->lists ||
        p->has_ratings != q->has_ratings)
        return mf_fail(
            err, MF_EFORMAT,
            "%s: was made of %u models and %u files of lists%s, %s of %u and "
            "%u%s; make all shards of the same",
            b->name, q->models, q->lists, q->has_ratings ? ", with --ratings" : "",
            a->name, p->models, p->lists, p->has_ratings ? ", with --ratings" : "");
    for (size_t s = 0; s < e->subjects; s++)
        if (!same_facts(&e->subject[s], &f->subject[s]))
            return mf_fail(
                err, MF_EFORMAT,
                "%s: its '%.60s' is not the '%.60s' of %s; make all shards of "
                "the same files",
                b->name, f->subject[s].name, e->subject[s].name, a->name);
    if (p->ratings != q->ratings || p->all != q->all || e->splits != f->splits ||
        !same_bounds(e, f))
        return mf_fail(err, MF_EFORMAT,
                       "%s: its ratings are not those of %s; make all shards of the "
                       "same files",
                       b->name, a->name);
    return MF_OK;
}

/* Sorted by shard: is each there, once? */
static int check_complete(size_t n, const named part[], mf_err *err)
{
    const uint32_t shards = part[0].part->shards;
    for (size_t i = 0; i < n; i++) {
        uint32_t shard = part[i].part->shard, want = (uint32_t)i + 1;
        if (i > 0 && shard == part[i - 1].part->shard)
            return mf_fail(err, MF_EFORMAT, "%s: shard %u/%u is there twice, in %s too",
                           part[i].name, shard, shards, part[i - 1].name);
        if (shard != want)
            return mf_fail(err, MF_EFORMAT,
                           "shard %u/%u is missing; name the files of all", want,
                           shards);
    }
    if (n < shards)
        return mf_fail(err, MF_EFORMAT,
                       "shard %zu/%u is missing; name the files of all", n + 1, shards);
    return MF_OK;
}

/* --- together --- */

static int merge_ids(evaluation_part *whole, size_t n, const named part[], mf_err *err)
{
    mf_ids *all = &whole->e.ids;
    for (size_t i = 0; i < n; i++) {
        const mf_ids *ids = &part[i].part->e.ids;
        for (uint32_t u = 0; u < ids->n; u++) {
            size_t len, before_len;
            const char *id = mf_ids_get(ids, u, &len);
            const char *before =
                all->n ? mf_ids_get(all, all->n - 1, &before_len) : NULL;
            if (before && mf__id_compare(before, before_len, id, len) >= 0)
                return mf_fail(
                    err, MF_EFORMAT,
                    "%s: its users are not after those of the shard before it",
                    part[i].name);
            int code = mf_ids_append(all, id, len, err);
            if (code < 0)
                return code;
        }
        if (part[i].part->e.left_out > UINT32_MAX - whole->e.left_out)
            return mf_fail(err, MF_EFORMAT, "%s: more users than there can be",
                           part[i].name);
        whole->e.left_out += part[i].part->e.left_out;
    }
    return MF_OK;
}

static int copy_name(char **to, const char *name, mf_err *err)
{
    size_t size = strlen(name) + 1;
    *to = mf__new(size, 1);
    if (!*to)
        return mf__nomem(err);
    memcpy(*to, name, size);
    return MF_OK;
}

/* All but users and arrays, as it is in shard 1. */
static int begin_whole(evaluation_part *whole, const evaluation_part *first,
                       mf_err *err)
{
    *whole = *first;
    whole->shard = whole->shards = 1;
    whole->first = 0;
    whole->of_user = NULL;
    mf_evaluation *e = &whole->e;
    *e = (mf_evaluation){.metrics = first->e.metrics,
                         .relevant = first->e.relevant,
                         .parts = first->e.parts,
                         .slices = first->e.slices};
    memcpy(e->slice, first->e.slice, sizeof e->slice);
    e->cells = mf__new0(first->e.splits, sizeof *e->cells);
    e->subject = mf__new0(first->e.subjects, sizeof *e->subject);
    if (!e->cells || !e->subject)
        return mf__nomem(err);
    e->splits = first->e.splits;
    int code = copy_name(&e->truth, first->e.truth, err);
    for (size_t s = 0; code == MF_OK && s < first->e.subjects; s++) {
        mf_subject *to = &e->subject[e->subjects++];
        *to = first->e.subject[s];
        to->name = NULL;
        to->unknown = NULL;
        to->times = NULL;
        to->measure = mf__new0(e->metrics.n, sizeof *to->measure);
        if (!to->measure)
            return mf__nomem(err);
        code = copy_name(&to->name, first->e.subject[s].name, err);
    }
    return code;
}

static int add_counts(uint32_t *sum, const uint32_t *x, const part_array *to,
                      const char *name, mf_err *err)
{
    for (size_t i = 0; i < to->blocks * to->of; i++) {
        if (x[i] > to->most - sum[i])
            return mf_fail(err, MF_EFORMAT,
                           "%s: an item is in more lists than there are", name);
        sum[i] += x[i];
    }
    return MF_OK;
}

/* Move the array i of a part behind those of the users before it. */
static int move_array(const part_array *to, size_t users, const named *part, size_t i,
                      mf_err *err)
{
    part_array *list;
    size_t n;
    int code = mf__part_arrays(&list, &n, part->part, err);
    if (code < 0)
        return code;
    const part_array *from = &list[i];
    const size_t size = mf__part_size(to->type);
    uint8_t *data = mf__part_data(to);
    const uint8_t *x = mf__part_data(from);
    if (to->sums)
        code = add_counts((uint32_t *)mf__part_data(to),
                          (const uint32_t *)mf__part_data(from), to, part->name, err);
    else
        for (size_t b = 0; b < to->blocks && from->of; b++)
            memcpy(data + (b * to->of + users) * size, x + b * from->of * size,
                   from->of * size);
    free(mf__part_data(from));
    mf__part_set_data(from, NULL);
    free(list);
    return code;
}

static int merge_arrays(evaluation_part *whole, size_t n, const named part[],
                        mf_err *err)
{
    part_array *list;
    size_t arrays;
    int code = mf__part_arrays(&list, &arrays, whole, err);
    for (size_t i = 0; code == MF_OK && i < arrays; i++) {
        size_t users = 0;
        void *data = mf__new0(list[i].blocks * list[i].of, mf__part_size(list[i].type));
        mf__part_set_data(&list[i], data);
        if (!data)
            code = mf__nomem(err);
        for (size_t p = 0; code == MF_OK && p < n; p++) {
            code = move_array(&list[i], users, &part[p], i, err);
            users += part[p].part->e.ids.n;
        }
    }
    free(list);
    return code;
}

int mf__parts_merge(evaluation_part *whole, size_t n, evaluation_part part[],
                    char *const name[], mf_err *err)
{
    named *sorted = mf__new(n, sizeof *sorted);
    *whole = (evaluation_part){0};
    if (!sorted)
        return mf__nomem(err);
    for (size_t i = 0; i < n; i++)
        sorted[i] = (named){&part[i], name[i]};
    int code = MF_OK;
    for (size_t i = 1; code == MF_OK && i < n; i++) {
        code = compare_options(&sorted[0], &sorted[i], err);
        if (code == MF_OK)
            code = compare_inputs(&sorted[0], &sorted[i], err);
    }
    if (code == MF_OK) {
        qsort(sorted, n, sizeof *sorted, by_shard);
        code = check_complete(n, sorted, err);
    }
    if (code == MF_OK)
        code = begin_whole(whole, sorted[0].part, err);
    if (code == MF_OK)
        code = merge_ids(whole, n, sorted, err);
    if (code == MF_OK)
        code = merge_arrays(whole, n, sorted, err);
    free(sorted);
    for (size_t i = 0; i < n; i++)
        mf__part_free(&part[i]);
    if (code < 0)
        mf__part_free(whole);
    return code;
}
