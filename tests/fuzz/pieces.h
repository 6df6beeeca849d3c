/* pieces.h - one input as a choice of options and several files: the first byte,
 * then texts parted by NUL, which no text may hold. */
#ifndef PIECES_H
#define PIECES_H

#include <string.h>

#include "fuzz.h"
#include "mf/io.h"
#include "mf/model.h"

enum { PIECES_MAX = 4 };

typedef struct pieces {
    unsigned choice;
    size_t n;
    const uint8_t *text[PIECES_MAX]; /* [n], borrowed */
    size_t len[PIECES_MAX];
} pieces;

/* The last piece keeps what is left. */
static inline pieces pieces_cut(const uint8_t *data, size_t size, size_t most)
{
    pieces p = {.choice = size ? data[0] : 0};
    for (size_t at = size > 0; p.n < most && at <= size; p.n++) {
        const uint8_t *end =
            p.n + 1 < most && at < size ? memchr(data + at, 0, size - at) : NULL;
        p.text[p.n] = data + at;
        p.len[p.n] = end ? (size_t)(end - data) - at : size - at;
        at += p.len[p.n] + 1;
    }
    return p;
}

/* The lines of piece i, from file i; NULL if there is none. */
static inline mf_lines *pieces_lines(const pieces *p, size_t i)
{
    mf_lines *lines = NULL;
    if (i < p->n)
        PROMISE(mf_lines_open(&lines, fuzz_file_of(i, p->text[i], p->len[i]), "fuzz",
                              NULL) == MF_OK);
    return lines;
}

/* The bytes of piece i, from file i; NULL if there is none. */
static inline mf_in *pieces_in(const pieces *p, size_t i)
{
    mf_in *in = NULL;
    if (i < p->n)
        PROMISE(mf_in_open(&in, fuzz_file_of(i, p->text[i], p->len[i]), "fuzz", NULL) ==
                MF_OK);
    return in;
}

/* What a job wrote, and how it ended. */
typedef struct result {
    int code;
    mf_err err;
    uint8_t *data; /* [size]; owned */
    size_t size;
} result;

enum { RESULT_FILE = FUZZ_FILES - 1, MODEL_FILE = FUZZ_FILES - 2 };

static inline mf_out *result_open(void)
{
    mf_out *out;
    int fd = fuzz_file_of(RESULT_FILE, NULL, 0);
    PROMISE(mf_out_open(&out, fd, "out", NULL) == MF_OK);
    return out;
}

/* Close the output of the run that ended in `code` with `err`. */
static inline result result_close(mf_out *out, int code, const mf_err *err)
{
    result r = {.code = code, .err = *err};
    if (code == MF_OK) {
        PROMISE(mf_out_flush(out, NULL) == MF_OK);
        r.data = fuzz_bytes(RESULT_FILE, &r.size);
    } else
        fuzz_error(code, err);
    mf_out_close(out);
    return r;
}

/* Two runs that must not differ; the second is freed. */
static inline void result_same(const result *a, result *b)
{
    PROMISE(a->code == b->code && strcmp(a->err.text, b->err.text) == 0);
    PROMISE(a->size == b->size && (!a->size || memcmp(a->data, b->data, a->size) == 0));
    free(b->data);
}

/* The digest of the cells of a bundle that a job has written. */
static inline uint64_t result_cells(const result *r)
{
    mf_in *in;
    mf_model m;
    uint64_t digest;
    PROMISE(mf_in_open(&in, fuzz_file_of(MODEL_FILE, r->data, r->size), "bundle",
                       NULL) == MF_OK);
    PROMISE(mf_model_load(&m, in, MF_WANT_RATINGS, NULL, NULL, NULL) == MF_OK);
    PROMISE(mf_csr_check(&m.ratings.x, NULL) == MF_OK);
    PROMISE(mf_ratings_digest(&m.ratings, (1 << MF_FOLDS) - 1, true, &digest, NULL) ==
            MF_OK);
    mf_model_free(&m);
    mf_in_close(in);
    return digest;
}

#endif
