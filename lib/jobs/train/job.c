/* Reads the ratings, or a rank's part of them, and writes the model. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/report.h"
#include "base/temporary.h"
#include "jobs/shared/ratings_put.h"
#include "jobs/train/deal.h"
#include "jobs/train/job.h"
#include "jobs/train/log.h"
#include "jobs/train/stream.h"
#include "mf/model.h"

/* What a job has read, and where it writes. */
typedef struct job {
    const mf_train_params *params;
    mf_ranks *ranks;
    bool shards_in, shards_out; /* with others */
    mf_model model;
    uint64_t data; /* digest of the ratings */
    mf_disk *disk; /* where cells are, if memory is bounded */
    train_stream stream;
    mf_bundle_reader *reader;
    mf_bundle_writer *w;
    mf_err *err;
} job;

static int read_bundle(job *j, mf_in *in)
{
    const mf_train_params *params = j->params;
    unsigned want = MF_WANT_RATINGS | (params->factors_only ? MF_WANT_NO_ROWS : 0u) |
                    (params->all_known ? MF_WANT_VALID_AS_TRAIN : 0u);
    bool passes = !j->shards_out;
    const mf_row_sink sink = mf__stream_sink(&j->stream);
    int code = mf__model_load(&j->model, in, want, j->disk ? &sink : NULL,
                              passes ? j->w : NULL, passes ? &j->reader : NULL, j->err);
    if (code == MF_OK && j->disk)
        code = mf__stream_end(&j->stream, &j->model, j->err);
    if (code == MF_OK && j->model.has_factors)
        mf__report_note(params->report, "the model that was there is replaced");
    return code == MF_OK && mf__ranks_many(j->ranks) && in
               ? mf__train_digest(params, &j->model.ratings, &j->data, j->err)
               : code;
}

/* Let all ranks know where the bundle of rank 0 came from, and what its header says. */
static int share_origin(job *j)
{
    mf_model *m = &j->model;
    uint64_t head[] = {m->stages, m->digest, m->note ? strlen(m->note) + 1 : 0,
                       m->header.value, m->header.nnz_known};
    int code = MF_OK;
    mf__ranks_broadcast(j->ranks, RANKS_DATA, head, sizeof head, 0);
    m->stages = head[0];
    m->digest = head[1];
    m->header.value = (mf_value)head[3];
    m->header.nnz_known = head[4] != 0;
    if (!m->stage && head[0] > 0 && !(m->stage = mf__new(head[0], sizeof *m->stage)))
        code = mf__nomem(j->err);
    if (!m->note && head[2] > 0 && !(m->note = mf__new(head[2], 1)))
        code = mf__nomem(j->err);
    if ((code = mf_ranks_agree(j->ranks, code, j->err)) < 0)
        return code;
    mf__ranks_broadcast(j->ranks, RANKS_DATA, m->stage, head[0] * sizeof *m->stage, 0);
    mf__ranks_broadcast(j->ranks, RANKS_DATA, m->note, head[2], 0);
    return MF_OK;
}

/* What comes before the model in a shard. */
static int put_ratings(const job *j)
{
    const mf_ratings *x = &j->model.ratings;
    mf_value value = j->model.header.value;
    bool known = j->model.header.nnz_known;
    const mf_header header = {.users = x->users.n,
                              .items = x->items.n,
                              .nnz = x->x.nnz,
                              .nnz_known = known,
                              .value = value,
                              .time = x->time != NULL};
    if (!j->params->factors_only)
        return mf__ratings_put(j->w, x, value, known, j->model.note, j->err);
    int code = mf_bundle_put_header(j->w, &header, NULL, j->err);
    if (code == MF_OK && j->model.note)
        code = mf_bundle_put_note(j->w, j->model.note, j->err);
    if (code == MF_OK)
        code = mf_bundle_put_ids(j->w, MF_USER, &x->users, j->err);
    return code == MF_OK ? mf_bundle_put_ids(j->w, MF_ITEM, &x->items, j->err) : code;
}

/* Each rank gets its users, and all items; a shard begins with its ratings. */
static int deal(job *j)
{
    mf_ratings *x = &j->model.ratings;
    int code;
    if (j->shards_in) {
        uint64_t own = j->data * (2 * (uint64_t)j->ranks->rank + 1);
        mf__ranks_before(j->ranks, own, &j->data);
        code = mf__deal_items(j->ranks, x, j->err);
    } else {
        code = mf__deal_ratings(j->ranks, x, j->err);
        if (code == MF_OK && j->shards_out)
            code = share_origin(j);
    }
    if (code < 0 || !j->shards_out)
        return code;
    return mf_ranks_agree(j->ranks, put_ratings(j), j->err);
}

/* Of a shard, which was not passed on as it came. A join sees that all are there. */
static int put_end(const job *j, mf_stage *stage)
{
    size_t n = j->model.stages;
    mf_stage *all = mf__new(n + 1, sizeof *all);
    if (!all)
        return mf__nomem(j->err);
    if (n > 0)
        memcpy(all, j->model.stage, n * sizeof *all);
    mf_stage_input(stage, "bundle", j->model.digest);
    mf_stage_option(stage, "shard", "%d/%d", j->ranks->rank + 1, j->ranks->size);
    all[n] = *stage;
    int code = mf_bundle_put_end_stages(j->w, n + 1, all, j->err);
    free(all);
    return code;
}

static int run_job(job *j, mf_in *in, mf_out *out, double began)
{
    mf_stage stage;
    int code = out ? mf_bundle_writer_open(&j->w, out, j->err) : MF_OK;
    if (code == MF_OK && j->params->memory > 0)
        code = mf__disk_open(&j->disk, mf__temporary_folder(j->params->tmpdir),
                             j->params->memory, j->err);
    j->stream = (train_stream){.params = j->params, .disk = j->disk};
    if (code == MF_OK && in)
        code = read_bundle(j, in);
    code = mf_ranks_agree(j->ranks, code, j->err);
    if (code == MF_OK)
        code = deal(j);
    if (code == MF_OK)
        code = mf__train_dealt(&j->model.ratings, j->disk ? &j->stream : NULL, j->params,
                               j->data, began, j->w, &stage, j->err);
    if (code == MF_OK && j->w)
        code = j->shards_out ? put_end(j, &stage)
                             : mf_bundle_put_end(j->w, j->reader, &stage, j->err);
    return mf_ranks_agree(j->ranks, code, j->err);
}

int mf_train_run(mf_in *in, mf_out *out, const mf_train_params *params, mf_err *err)
{
    mf_err own = {0};
    double began = mf__train_clock();
    mf_ranks *ranks = params->als.ranks;
    job j = {.params = params,
             .ranks = ranks,
             .shards_in = params->shards_in && mf__ranks_many(ranks),
             .shards_out = params->shards_out && mf__ranks_many(ranks),
             .err = err ? err : &own};
    int code = mf_train_check(params, j.err);
    if (code == MF_OK)
        code = run_job(&j, in, out, began);
    mf_model_free(&j.model);
    mf__stream_free(&j.stream);
    mf__disk_close(j.disk);
    mf_bundle_reader_close(j.reader);
    mf_bundle_writer_close(j.w);
    return code;
}
