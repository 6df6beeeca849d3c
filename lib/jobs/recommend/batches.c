#include "jobs/recommend/batches.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { BATCH_BYTES = 1 << 28, LEAST = 256 };

uint32_t mf__rec_batch_users(const recommend_job *job)
{
    const mf_tensor *t = &job->model.users;
    uint64_t each = sizeof(float) * (uint64_t)t->k * t->personas;
    uint64_t users = BATCH_BYTES / each;
    if (job->batch)
        return job->batch;
    return users > LEAST ? (uint32_t)users : LEAST;
}

/* Let n users from `lo` on be those of the model: a view of the whole. */
static void show_users(recommend_job *job, const mf_ratings *whole, uint32_t lo,
                       uint32_t n)
{
    mf_model *m = &job->model;
    m->ratings.x.rows = n;
    m->ratings.x.ptr = whole->x.ptr + lo;
    m->ratings.users = (mf_ids){.n = n, .text = whole->users.text};
    if (n > 0)
        m->ratings.users.off = whole->users.off + lo;
    m->header.users = m->users.n = n;
    memset(m->users.data, 0,
           sizeof *m->users.data * m->users.k * m->users.personas * n);
    if (m->users.bias)
        memset(m->users.bias, 0, sizeof *m->users.bias * n);
    free(m->folded_active);
    m->folded_active = NULL;
    free(job->stranger);
    job->stranger = NULL;
}

int mf__rec_in_batches(recommend_job *job, mf_out *out,
                       int (*list)(recommend_job *job, mf_out *out, mf_err *err),
                       mf_err *err)
{
    const mf_ratings whole = job->model.ratings;
    const asked all = job->asked; /* that follow each other */
    uint32_t batch = mf__rec_batch_users(job), *index = mf__new(batch, sizeof *index);
    int code = index ? MF_OK : mf__nomem(err);
    for (uint32_t i = 0; index && i < batch; i++)
        index[i] = i;
    for (size_t at = 0; code == MF_OK && (at < all.n || at == 0); at += batch) {
        uint32_t n = all.n - at < batch ? (uint32_t)(all.n - at) : batch;
        show_users(job, &whole, n > 0 ? all.index[at] : 0, n);
        job->asked = (asked){.n = n, .index = index};
        job->last = at + n == all.n;
        code = list(job, out, err);
    }
    job->model.ratings = whole;
    job->asked = all;
    free(index);
    return code;
}
