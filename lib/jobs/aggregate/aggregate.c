/* The input is read in rounds. In a round, all threads parse blocks into records until
 * the input ends or the memory is full; then the records become rows, part by part.
 * Where one round is not enough, the rows of each go to temporary files, which are
 * merged at the end. Then the minimums are applied and the bundle is written. */
#include "mf/aggregate.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <omp.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/par.h"
#include "base/report.h"
#include "base/temporary.h"
#include "jobs/aggregate/job.h"
#include "jobs/aggregate/spill.h"

enum {
    BLOCK = MF_BUFFER,
    LARGEST_CHUNK = 1 << 11, /* records */
    BYTES_A_NAME = 64,       /* to sort ids, for each of them */
    OVERHEAD = 20 << 20      /* buffers, blocks, and ids that are being written */
};

mf_aggregate_params mf_aggregate_defaults(void)
{
    return (mf_aggregate_params){
        .min_artists = 2, .min_listeners = 1, .shard = 1, .shards = 1};
}

int mf_aggregate_check(const mf_aggregate_params *p, mf_err *err)
{
    if (p->min_artists < 1 || p->min_listeners < 1)
        return mf_fail(err, MF_EINVAL, "a minimum is less than 1");
    if (p->shards < 1 || p->shard < 1 || p->shard > p->shards)
        return mf_fail(err, MF_EINVAL, "shard %u/%u: there is none", p->shard,
                       p->shards);
    if (p->shards > 1 && (p->core || p->min_listeners > 1))
        return mf_fail(
            err, MF_EINVAL,
            "a shard does not know all listeners of an artist: --shard goes with "
            "neither --core nor --min-listeners; join the shards, and mf-filter has "
            "--core and --min-users");
    return MF_OK;
}

/* What is needed until all rows are there. */
typedef struct rounds {
    aggregate *job;
    int threads;
    size_t memory;
    parser **parser; /* [threads] */
    records *records;
    _Atomic size_t records_held; /* by all threads */
    part_rows part[RECORD_PARTS];
    const uint32_t *item_rank; /* of items that come with codes, or NULL */
    spill spill;
} rounds;

/* --- the tables --- */

static int read_lists(aggregate *a, mf_err *err)
{
    const mf_aggregate_io *io = a->io;
    int code = mf__tracks_open(&a->tracks, a->params, err);
    if (code == MF_OK && io->accepted)
        code = mf__tracks_read_accepted(&a->tracks, io->accepted, err);
    if (code == MF_OK && io->mismatches)
        code = mf__tracks_read_mismatches(&a->tracks, io->mismatches, err);
    if (code == MF_OK && io->tracks)
        code = mf__tracks_read_list(&a->tracks, io->tracks,
                                    mf__par_threads(a->params->threads), err);
    if (code == MF_OK)
        code = mf__tracks_finish(&a->tracks, &a->triplets.songs, &a->items, err);
    a->triplets.params = a->params;
    a->triplets.listed = io->tracks != NULL;
    if (code == MF_OK)
        code = mf__idtable_open(&a->triplets.users, err);
    return code < 0 ? code
                    : mf__blocks_open(&a->triplets.blocks, io->triplets, io->files,
                                      BLOCK, err);
}

static size_t machine_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? (size_t)pages * (size_t)size : SIZE_MAX;
}

static int open_rounds(rounds *r, mf_err *err)
{
    const mf_aggregate_params *p = r->job->params;
    r->spill.folder = mf__temporary_folder(p->tmpdir);
    r->memory = p->memory ? p->memory : machine_memory() / 2;
    r->threads = mf__par_threads(p->threads);
    r->parser = mf__new0((size_t)r->threads, sizeof *r->parser);
    r->records = mf__new0((size_t)r->threads, sizeof *r->records);
    int code = r->parser && r->records ? MF_OK : mf__nomem(err);
    /* so that chunks of which little is used cannot fill the memory */
    size_t largest =
        r->memory / 16 / RECORD_PARTS / sizeof(record) / (size_t)r->threads;
    largest = largest < LARGEST_CHUNK ? largest : LARGEST_CHUNK;
    for (int t = 0; t < r->threads && code == MF_OK; t++) {
        r->records[t].largest = largest > 16 ? largest : 16;
        code = mf__parser_open(&r->parser[t], &r->job->triplets, err);
    }
    return code;
}

static void close_rounds(rounds *r)
{
    for (int t = 0; r->parser && t < r->threads; t++)
        mf__parser_close(r->parser[t]);
    for (int p = 0; p < RECORD_PARTS; p++)
        mf__part_rows_free(&r->part[p]);
    for (int t = 0; r->records && t < r->threads; t++)
        mf__records_free(&r->records[t]);
    free(r->parser);
    free(r->records);
    mf__spill_free(&r->spill);
}

/* --- reading --- */

/* Is the memory full? A record counts three times: where it is, and twice in the
 * sort of its part, which may hold all records. The ids have a share of their own. */
static bool is_full(const rounds *r)
{
    const triplets *t = &r->job->triplets;
    size_t ids = mf__idtable_bytes(t->users) + mf__idtable_bytes(t->songs) +
                 BYTES_A_NAME * mf__idtable_count(t->users) +
                 (t->listed ? 0 : BYTES_A_NAME * mf__idtable_count(t->songs));
    /* writing a run sorts all ids, so a run must be long enough to be worth that */
    size_t least = r->memory / 8 > ids / 4 ? r->memory / 8 : ids / 4;
    size_t room = r->memory > ids + OVERHEAD ? r->memory - ids - OVERHEAD : 0;
    return r->records_held > (room > least ? room : least) / (3 * sizeof(record));
}

/* Parse to the end or until the memory is full. */
static void read_round(rounds *r)
{
#pragma omp parallel num_threads(r->threads)
    {
        int t = omp_get_thread_num();
        records *mine = &r->records[t];
        size_t before = mine->n;
        while (!is_full(r) && mf__parser_step(r->parser[t], mine)) {
            r->records_held += mine->n - before;
            before = mine->n;
        }
    }
}

/* --- rows --- */

/* Records to rows, in all parts; one thread sorts the users meanwhile. The rows are
 * added to sum[threads] unless that is NULL. */
static int group_parts(rounds *r, ranks *now, uint32_t **user_rank, totals sum[],
                       mf_err *err)
{
    aggregate *a = r->job;
    int code = MF_OK;
    int codes[RECORD_PARTS];
#pragma omp parallel num_threads(r->threads)
    {
        grouper g = {0};
        totals *mine = sum ? &sum[omp_get_thread_num()] : NULL;
#pragma omp single nowait
        {
            int sorted =
                mf__idtable_sort(a->triplets.users, &now->user, user_rank, NULL);
            if (sorted < 0)
#pragma omp atomic write
                code = sorted;
        }
#pragma omp for schedule(dynamic)
        for (int p = 0; p < RECORD_PARTS; p++)
            codes[p] = mf__records_group(
                &r->part[p], &g, r->records, (size_t)r->threads, (unsigned)p,
                mf__idtable_in_shard(a->triplets.users, (unsigned)p), r->item_rank,
                mine, NULL);
        mf__grouper_free(&g);
    }
    if (code < 0)
        return mf__nomem(err);
    now->users = (uint32_t)mf__idtable_count(a->triplets.users);
    now->user_rank = *user_rank;
    for (int t = 0; t < r->threads; t++)
        r->records[t].n = 0;
    r->records_held = 0;
    for (int p = 0; p < RECORD_PARTS; p++)
        if (codes[p] < 0)
            return mf__nomem(err);
    return MF_OK;
}

static int group(rounds *r, ranks *now, uint32_t **user_rank, bool last, mf_err *err)
{
    totals sum[COUNTS_THREADS] = {0};
    bool count = last && r->spill.n == 0 && r->threads <= COUNTS_THREADS;
    const aggregate *a = r->job;
    uint32_t items = a->triplets.listed
                         ? a->items.n
                         : (uint32_t)mf__idtable_count(a->triplets.songs);
    int code = MF_OK;
    for (int t = 0; count && t < r->threads && code == MF_OK; t++)
        if (!(sum[t].listeners = mf__new0(items, sizeof(uint32_t))))
            code = mf__nomem(err);
    if (code == MF_OK)
        code = group_parts(r, now, user_rank, count ? sum : NULL, err);
    for (int t = 0; count && t < r->threads; t++) {
        if (code == MF_OK)
            code = mf__counts_add(&r->job->counts, items, &sum[t], err);
        free(sum[t].listeners);
    }
    return code;
}

/* The order of items that are songs without a track list, known by code alone. */
static int rank_items(rounds *r, ranks *now, uint32_t **item_rank, mf_err *err)
{
    if (r->job->triplets.listed)
        return MF_OK;
    int code = mf__idtable_sort(r->job->triplets.songs, &now->item, item_rank, err);
    now->item_rank = r->item_rank = *item_rank;
    return code;
}

static int spill_round(rounds *r, const ranks *now, mf_err *err)
{
    int code = mf__spill_put(&r->spill, r->part, now, err);
    for (int p = 0; p < RECORD_PARTS; p++)
        mf__part_rows_free(&r->part[p]);
    for (int t = 0; t < r->threads; t++)
        mf__records_reset(&r->records[t]);
    return code;
}

static int rows_in_memory(rounds *r, const ranks *now, mf_err *err)
{
    rows *out = &r->job->counts.rows;
    out->n = now->users;
    out->len = mf__new(out->n, sizeof *out->len);
    out->at = mf__new(out->n, sizeof *out->at);
    if (!out->len || !out->at)
        return mf__nomem(err);
    for (uint32_t u = 0; u < out->n; u++) {
        uint32_t number = now->user[u]->code / RECORD_PARTS;
        const part_rows *p = &r->part[now->user[u]->code % RECORD_PARTS];
        out->at[u] = p->at[number];
        out->len[u] = p->len[number];
    }
    return MF_OK;
}

/* The rows of the result, from memory or from the runs. */
static int last_round(rounds *r, const ranks *now, mf_err *err)
{
    aggregate *a = r->job;
    int code;
    a->counts.folder = r->spill.folder;
    a->counts.memory = r->memory;
    if (r->spill.n == 0) {
        code = rows_in_memory(r, now, err);
    } else if ((code = spill_round(r, now, err)) == MF_OK) {
        mf__report_phase(a->report, "merging");
        code = mf__spill_merge(&r->spill, now, &a->counts.rows, err);
        mf__report_note(a->report, "%llu MB went through temporary files",
                        (unsigned long long)(r->spill.bytes >> 20));
    }
    for (uint32_t i = 0;
         code == MF_OK && now->item && i < mf__idtable_count(a->triplets.songs); i++)
        code = mf_ids_append(&a->items, now->item[i]->text, now->item[i]->len, err);
    return code;
}

static int read_all(rounds *r, mf_err *err)
{
    aggregate *a = r->job;
    bool more = true;
    int code = MF_OK;
    while (more && code == MF_OK) {
        ranks now = {0};
        uint32_t *user_rank = NULL, *item_rank = NULL;
        read_round(r);
        more = is_full(r);
        code = mf__blocks_result(&a->triplets.blocks, err);
        mf__report_phase(a->report, "sorting");
        if (code == MF_OK)
            code = rank_items(r, &now, &item_rank, err);
        if (code == MF_OK)
            code = group(r, &now, &user_rank, !more, err);
        if (code == MF_OK)
            code = more ? spill_round(r, &now, err) : last_round(r, &now, err);
        if (!more && code == MF_OK) {
            a->users = now.user;
            now.user = NULL;
        }
        free(now.user);
        free(now.item);
        free(user_rank);
        free(item_rank);
    }
    for (int t = 0; t < r->threads; t++) {
        const line_counts *got = mf__parser_lines(r->parser[t]);
        a->lines.read += got->read;
        a->lines.unknown += got->unknown;
        a->lines.mismatch += got->mismatch;
        a->lines.other_shards += got->other_shards;
    }
    return code;
}

/* --- what is left --- */

static int fail_sum(const aggregate *a, mf_err *err)
{
    size_t len;
    const name *user = a->users[a->counts.overflow_user];
    const char *item = mf_ids_get(&a->items, a->counts.overflow_item, &len);
    return mf_fail(err, MF_ERANGE,
                   "user '%.*s', item '%.*s': the counts sum to more than 4294967295; "
                   "correct these lines or leave them out",
                   (int)(user->len < 100 ? user->len : 100), user->text,
                   (int)(len < 100 ? len : 100), item);
}

static int check_account(const aggregate *a, mf_err *err)
{
    const line_counts *t = &a->lines;
    if (t->read != a->kept + t->unknown + t->mismatch + a->filtered)
        return mf_fail(err, MF_EFORMAT, "%llu lines do not add up; this is a bug",
                       (unsigned long long)t->read);
    if (a->users_left == 0 && a->params->shards == 1)
        return mf_fail(
            err, MF_EFORMAT,
            "nothing is left of %llu line%s: %llu of unknown songs, %llu of "
            "mismatched ones, %llu filtered; check the files and the minimums",
            (unsigned long long)t->read, mf__plural(t->read),
            (unsigned long long)t->unknown, (unsigned long long)t->mismatch,
            (unsigned long long)a->filtered);
    return MF_OK;
}

static int filter_all(aggregate *a, int threads, mf_err *err)
{
    counts *c = &a->counts;
    c->items = a->items.n;
    c->threads = threads;
    int code = mf__counts_filter(c, a->params, err);
    if (code < 0)
        return code == MF_ERANGE ? fail_sum(a, err) : code;
    a->kept = c->left.lines;
    a->filtered = c->filtered;
    for (uint32_t u = 0; u < c->rows.n; u++)
        a->users_left += c->kept[u] > 0;
    for (uint32_t i = 0; i < c->items; i++)
        a->items_left += c->left.listeners[i] > 0;
    return check_account(a, err);
}

int mf_aggregate_run(const mf_aggregate_io *io, const mf_aggregate_params *params,
                     const mf_report *report, mf_err *err)
{
    aggregate a = {.io = io, .params = params, .report = report};
    rounds r = {.job = &a};
    int code = mf_aggregate_check(params, err);
    if (code == MF_OK && !io->tracks && params->level == MF_LEVEL_ARTIST)
        code = mf_fail(err, MF_EINVAL, "artists need a track list");
    if (code == MF_OK)
        code = read_lists(&a, err);
    if (code == MF_OK)
        code = open_rounds(&r, err);
    if (code == MF_OK)
        code = read_all(&r, err);
    if (code == MF_OK)
        code = filter_all(&a, r.threads, err);
    if (code == MF_OK)
        mf__report_phase(report, "writing");
    if (code == MF_OK)
        code = mf__aggregate_write(&a, err);
    close_rounds(&r);
    mf__counts_free(&a.counts);
    free(a.users);
    mf__blocks_close(&a.triplets.blocks);
    mf__idtable_close(a.triplets.users);
    mf__idtable_close(a.triplets.songs);
    mf_ids_free(&a.items);
    mf__tracks_close(&a.tracks);
    return code;
}
