#include "data/blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "mf/io.h"
#include "mf/ratings.h"

int mf__blocks_open(blocks *b, mf_in **files, size_t n, size_t bytes, mf_err *err)
{
    *b = (blocks){.files = files, .n = n, .bytes = bytes};
    pthread_mutex_init(&b->lock, NULL);
    b->first = mf__new(n, sizeof *b->first);
    if (!b->first)
        return mf__nomem(err);
    for (size_t i = 0; i < n; i++)
        b->first[i] = SIZE_MAX;
    return MF_OK;
}

void mf__blocks_close(blocks *b)
{
    if (!b->first)
        return;
    pthread_mutex_destroy(&b->lock);
    free(b->tail);
    free(b->lines);
    free(b->first);
    *b = (blocks){0};
}

void mf__text_block_free(text_block *block)
{
    free(block->text);
    *block = (text_block){0};
}

static void fail_at(blocks *b, size_t number, uint64_t line, const mf_err *why)
{
    if (b->failed && b->fail_number <= number)
        return;
    b->failed = true;
    b->fail_number = number;
    b->fail_line = line;
    b->err = *why;
}

/* Bytes for the block up to the end of its last line; the rest is kept for the next
 * block. A line that is too long is not read to its end: the block ends within it. */
static int fill(blocks *b, text_block *out, mf_err *err)
{
    int code;
    mf_in *in = b->files[b->file];
    size_t len = b->tail_len, got = 0, whole = 0;
    if (mf__reserve(&out->text, &out->cap, len + b->bytes + BLOCK_SLACK, 1, err) < 0)
        return MF_ENOMEM;
    if (len)
        memcpy(out->text, b->tail, len);
    do {
        size_t want = b->bytes;
        if (mf__reserve(&out->text, &out->cap, len + want + BLOCK_SLACK, 1, err) < 0)
            return MF_ENOMEM;
        if ((code = mf_in_read(in, out->text + len, want, &got, err)) < 0)
            return code;
        const char *end = got ? memrchr(out->text + len, '\n', got) : NULL;
        len += got;
        if (end)
            whole = (size_t)(end - out->text) + 1;
        if (got < want || (whole == 0 && len > MF_LINE_MAX + 2))
            whole = len;
        if (got < want) {
            b->file++;
            b->begun = false;
        }
    } while (whole == 0 && got == b->bytes);
    b->tail_len = len - whole;
    if (mf__reserve(&b->tail, &b->tail_cap, b->tail_len, 1, err) < 0)
        return MF_ENOMEM;
    if (b->tail_len)
        memcpy(b->tail, out->text + whole, b->tail_len);
    memset(out->text + whole, 0, BLOCK_SLACK);
    out->len = whole;
    return MF_OK;
}

static int next(blocks *b, text_block *out, mf_err *err)
{
    int code = MF_OK;
    out->len = 0;
    while (code == MF_OK && out->len == 0) {
        if (b->file == b->n)
            return 0;
        out->file = b->file;
        if (!b->begun) {
            b->first[b->file] = b->next;
            if ((code = mf__text_begin(b->files[b->file], err)) < 0)
                break;
            b->begun = true;
        }
        code = fill(b, out, err);
    }
    if (code == MF_OK)
        code =
            mf__reserve(&b->lines, &b->lines_cap, b->next + 1, sizeof *b->lines, err);
    return code < 0 ? code : 1;
}

int mf__blocks_next(blocks *b, text_block *out)
{
    mf_err err = {0};
    pthread_mutex_lock(&b->lock);
    int code = b->failed ? 0 : next(b, out, &err);
    if (code < 0)
        fail_at(b, b->next, 0, &err);
    if (code == 1)
        out->number = b->next++;
    pthread_mutex_unlock(&b->lock);
    return code == 1;
}

int mf__blocks_check_line(const char *text, size_t len, mf_err *err)
{
    if (len > MF_LINE_MAX)
        return mf_fail(err, MF_EFORMAT, "line is longer than %d bytes", MF_LINE_MAX);
    if (memchr(text, 0, len))
        return mf_fail(err, MF_EFORMAT, "line holds a NUL byte");
    if (!mf__utf8_valid(text, len))
        return mf_fail(err, MF_EFORMAT,
                       "line is not UTF-8; 'iconv -f LATIN1 -t UTF-8' makes it so if "
                       "it is Latin-1");
    return MF_OK;
}

void mf__blocks_done(blocks *b, const text_block *block, uint32_t lines,
                     uint64_t digest)
{
    pthread_mutex_lock(&b->lock);
    b->lines[block->number] = lines;
    b->total += lines;
    b->digest += digest;
    pthread_mutex_unlock(&b->lock);
}

void mf__blocks_fail(blocks *b, const text_block *block, uint64_t line,
                     const mf_err *why)
{
    pthread_mutex_lock(&b->lock);
    fail_at(b, block->number, line, why);
    pthread_mutex_unlock(&b->lock);
}

int mf__blocks_result(const blocks *b, mf_err *err)
{
    if (!b->failed)
        return MF_OK;
    if (b->fail_line == 0)
        return mf_fail(err, b->err.code, "%s", b->err.text);
    size_t file = b->n - 1; /* the last that had begun by then */
    while (b->first[file] > b->fail_number)
        file--;
    uint64_t line = b->fail_line;
    for (size_t i = b->first[file]; i < b->fail_number; i++)
        line += b->lines[i];
    return mf_fail(err, b->err.code, "%s:%llu: %s", mf_in_name(b->files[file]),
                   (unsigned long long)line, b->err.text);
}

uint64_t mf__blocks_lines(blocks *b)
{
    pthread_mutex_lock(&b->lock);
    uint64_t total = b->total;
    pthread_mutex_unlock(&b->lock);
    return total;
}

uint64_t mf__blocks_digest(const blocks *b)
{
    return b->digest;
}
