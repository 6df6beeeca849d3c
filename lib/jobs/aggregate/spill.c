#include "jobs/aggregate/spill.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/temporary.h"

enum { MERGED = 16 /* runs, at once */ };

void mf__spill_free(spill *s)
{
    for (size_t i = 0; i < s->n; i++)
        close(s->run[i].fd);
    free(s->run);
    *s = (spill){0};
}

/* --- a run that is read --- */

typedef struct source {
    mf_in *in;
    uint32_t user, n; /* rank and length of the row at hand; UINT32_MAX at the end */
    item_sum *sum;
    size_t cap;
} source;

/* Read n bytes; at the end of the file none, if it may end here. */
static int read_all(mf_in *in, void *data, size_t n, bool may_end, size_t *got,
                    mf_err *err)
{
    int code = mf_in_read(in, data, n, got, err);
    if (code == MF_OK && *got < n && !(may_end && *got == 0))
        code = mf_fail(err, MF_EIO, "%s: is shorter than what was written",
                       mf_in_name(in));
    return code;
}

/* The next row, in ranks. */
static int advance(source *from, const ranks *now, mf_err *err)
{
    uint32_t head[2];
    size_t got;
    int code = read_all(from->in, head, sizeof head, true, &got, err);
    from->user = UINT32_MAX;
    if (code < 0 || got == 0)
        return code;
    from->user = now->user_rank[head[0]];
    from->n = head[1];
    if (mf__reserve(&from->sum, &from->cap, from->n, sizeof *from->sum, err) < 0)
        return MF_ENOMEM;
    code = read_all(from->in, from->sum, from->n * sizeof *from->sum, false, &got, err);
    for (uint32_t t = 0; code == MF_OK && now->item_rank && t < from->n; t++)
        from->sum[t].item = now->item_rank[from->sum[t].item];
    return code;
}

static int open_source(source *from, int fd, const char *folder, const ranks *now,
                       mf_err *err)
{
    char called[300];
    snprintf(called, sizeof called, "temporary file in %.200s", folder);
    if (lseek(fd, 0, SEEK_SET) < 0)
        return mf_fail(err, MF_EIO, "%s: cannot seek: %s", called, strerror(errno));
    int code = mf_in_open(&from->in, fd, called, err);
    return code < 0 ? code : advance(from, now, err);
}

static void close_source(source *from)
{
    mf_in_close(from->in);
    free(from->sum);
}

/* --- a row that is summed from several --- */

typedef struct merged_row {
    item_sum *sum, *scratch;
    size_t cap, scratch_cap;
    uint32_t n;
} merged_row;

static int add_row(merged_row *s, const source *from, mf_err *err)
{
    size_t most = (size_t)s->n + from->n;
    if (mf__reserve(&s->scratch, &s->scratch_cap, most, sizeof *s->scratch, err) < 0)
        return MF_ENOMEM;
    uint32_t n = 0, i = 0, j = 0;
    while (i < s->n && j < from->n) {
        item_sum a = s->sum[i], b = from->sum[j];
        item_sum least = a.item <= b.item ? a : b;
        if (a.item == b.item) {
            least.count = count_sum(a.count, b.count);
            least.lines = a.lines + b.lines;
        }
        s->scratch[n++] = least;
        i += a.item <= b.item;
        j += b.item <= a.item;
    }
    while (i < s->n)
        s->scratch[n++] = s->sum[i++];
    while (j < from->n)
        s->scratch[n++] = from->sum[j++];
    item_sum *other = s->sum;
    size_t other_cap = s->cap;
    s->sum = s->scratch;
    s->cap = s->scratch_cap;
    s->scratch = other;
    s->scratch_cap = other_cap;
    s->n = n;
    return MF_OK;
}

/* --- writing --- */

/* Where rows go: to a run, or to the file of the result. */
typedef struct sink {
    mf_out *out;
    rows *result; /* or NULL: a run */
    const ranks *now;
    uint64_t *bytes;
} sink;

static int put_row(sink *to, uint32_t user, const item_sum row[], uint32_t n,
                   mf_err *err)
{
    const ranks *now = to->now;
    uint32_t head[2] = {now->user[user]->code, n};
    int code = MF_OK;
    *to->bytes += n * sizeof *row;
    if (to->result)
        to->result->len[user] = n;
    else
        code = mf_out_write(to->out, head, sizeof head, err);
    if (code < 0 || to->result || !now->item)
        return code < 0 ? code : mf_out_write(to->out, row, n * sizeof *row, err);
    for (uint32_t t = 0; t < n && code == MF_OK; t++) {
        item_sum coded = row[t];
        coded.item = now->item[coded.item]->code;
        code = mf_out_write(to->out, &coded, sizeof coded, err);
    }
    return code;
}

static int open_sink(sink *to, const spill *s, int fd, mf_err *err)
{
    char called[300];
    snprintf(called, sizeof called, "temporary file in %.200s", s->folder);
    return mf_out_open(&to->out, fd, called, err);
}

/* --- merging --- */

static int merge_rows(source from[], size_t n, sink *to, mf_err *err)
{
    merged_row s = {0};
    int code = MF_OK;
    for (;;) {
        uint32_t user = UINT32_MAX;
        for (size_t i = 0; i < n; i++)
            user = from[i].user < user ? from[i].user : user;
        if (user == UINT32_MAX)
            break;
        s.n = 0;
        for (size_t i = 0; i < n && code == MF_OK; i++) {
            if (from[i].user != user)
                continue;
            code = add_row(&s, &from[i], err);
            if (code == MF_OK)
                code = advance(&from[i], to->now, err);
        }
        if (code == MF_OK)
            code = put_row(to, user, s.sum, s.n, err);
        if (code < 0)
            break;
    }
    free(s.sum);
    free(s.scratch);
    return code;
}

/* Merge the last n runs into a file. */
static int merge_last(spill *s, size_t n, const ranks *now, rows *result, int fd,
                      mf_err *err)
{
    sink to = {.result = result, .now = now, .bytes = &s->bytes};
    source *from = mf__new0(n, sizeof *from);
    int code = from ? open_sink(&to, s, fd, err) : mf__nomem(err);
    for (size_t i = 0; i < n && code == MF_OK; i++)
        code = open_source(&from[i], s->run[s->n - n + i].fd, s->folder, now, err);
    if (code == MF_OK)
        code = merge_rows(from, n, &to, err);
    if (code == MF_OK)
        code = mf_out_flush(to.out, err);
    for (size_t i = 0; from && i < n; i++)
        close_source(&from[i]);
    free(from);
    mf_out_close(to.out);
    return code;
}

/* Replace the last n runs by one that they are merged into. */
static int merge_runs(spill *s, size_t n, const ranks *now, rows *result, mf_err *err)
{
    int fd, level = s->run[s->n - n].level + 1;
    int code = mf__temporary_open(s->folder, &fd, err);
    if (code < 0)
        return code;
    if ((code = merge_last(s, n, now, result, fd, err)) < 0) {
        close(fd);
        return code;
    }
    while (n-- > 0)
        close(s->run[--s->n].fd);
    s->run[s->n++] = (run){.fd = fd, .level = level};
    return MF_OK;
}

int mf__spill_merge(spill *s, const ranks *now, rows *out, mf_err *err)
{
    *out = (rows){.n = now->users};
    int code = MF_OK;
    while (s->n > MERGED && code == MF_OK)
        code = merge_runs(s, MERGED, now, NULL, err);
    if (code == MF_OK && !(out->len = mf__new0(out->n, sizeof *out->len)))
        code = mf__nomem(err);
    if (code == MF_OK)
        code = merge_runs(s, s->n, now, out, err);
    if (code == MF_OK)
        out->fd = s->run[0].fd;
    return code;
}

static int put_parts(spill *s, const part_rows parts[RECORD_PARTS], const ranks *now,
                     int fd, mf_err *err)
{
    sink to = {.now = now, .bytes = &s->bytes};
    int code = open_sink(&to, s, fd, err);
    for (uint32_t r = 0; r < now->users && code == MF_OK; r++) {
        uint32_t number = now->user[r]->code / RECORD_PARTS;
        const part_rows *p = &parts[now->user[r]->code % RECORD_PARTS];
        if (p->len[number] > 0)
            code = put_row(&to, r, p->at[number], p->len[number], err);
    }
    if (code == MF_OK)
        code = mf_out_flush(to.out, err);
    mf_out_close(to.out);
    return code;
}

int mf__spill_put(spill *s, const part_rows parts[RECORD_PARTS], const ranks *now,
                  mf_err *err)
{
    int fd;
    if (mf__reserve(&s->run, &s->cap, s->n + 1, sizeof *s->run, err) < 0)
        return MF_ENOMEM;
    int code = mf__temporary_open(s->folder, &fd, err);
    if (code < 0)
        return code;
    s->run[s->n++] = (run){.fd = fd};
    code = put_parts(s, parts, now, fd, err);
    while (code == MF_OK && s->n >= MERGED &&
           s->run[s->n - MERGED].level == s->run[s->n - 1].level)
        code = merge_runs(s, MERGED, now, NULL, err);
    return code;
}
