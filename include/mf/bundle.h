/* mf/bundle.h - the stream that flows through a pipe.
 *
 * A bundle is a sequence of frames: header H, ids I, ratings by row R, model
 * card M, factors F, training history h, end E, and perhaps a note n. A stage reads
 * the records that it needs, appends or replaces its own and passes the rest on:
 *
 *     while ((code = mf_bundle_next(in, &rec, err)) == 1)
 *         code = rec->kind == MF_REC_ROWS ? change and mf_bundle_put_rows_like(...)
 *                                         : mf_bundle_pass(out, rec, err);
 *     if (code == 0)
 *         code = mf_bundle_put_end(out, in, &stage, err);
 *
 * mf_bundle_next returns 0 only after a verified E with nothing behind it, so a
 * stage that has seen 0 has seen everything. Every record is checked against the
 * header and the records before it, before it is shown: indices are in range and in
 * order, floats finite, sections whole.
 *
 * Each stage leaves its provenance in the E frame: its tool, version, the options
 * that change the result, its seed and the digest of each input; nothing about
 * time, host, threads or paths, so that equal data and options give equal bytes. */
#ifndef MF_BUNDLE_H
#define MF_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/io.h"
#include "mf/matrix.h"
#include "mf/ratings.h"

MF_BEGIN_DECLS

/* --- provenance: what one stage of a pipe did --- */

enum {
    MF_STAGE_OPTIONS = 40,
    MF_STAGE_INPUTS = 64,
    MF_STAGE_TEXT = 64,  /* of names, with the NUL */
    MF_STAGE_VALUE = 256 /* of values */
};

typedef struct mf_stage {
    char tool[MF_STAGE_TEXT], version[MF_STAGE_TEXT];
    bool seeded;
    bool cut;      /* something had no room: it will not be written */
    uint64_t seed; /* if seeded */
    size_t options, inputs;
    struct {
        char name[MF_STAGE_TEXT], value[MF_STAGE_VALUE];
    } option[MF_STAGE_OPTIONS]; /* sorted by name */
    struct {
        char name[MF_STAGE_TEXT]; /* what it is: "bundle", "triplets", "tracks" */
        uint64_t digest;
    } input[MF_STAGE_INPUTS];
} mf_stage;

/* A stage of this version of `tool`, without options or inputs. */
mf_stage mf_stage_make(const char *tool);

void mf_stage_seed(mf_stage *stage, uint64_t seed);

/* Add an option in its canonical form ("0.15", never "15%"). A text that is too long or
 * an option too many is an error of mf_bundle_put_end. */
void mf_stage_option(mf_stage *stage, const char *name, const char *format, ...)
    MF_PRINTF(3, 4);

/* The same for a number, as the shortest text that gives it back. */
void mf_stage_number(mf_stage *stage, const char *name, double value);

/* Add an input. Where there are too many, its digest is added to that of the last one,
 * so that the result still depends on every input. */
void mf_stage_input(mf_stage *stage, const char *name, uint64_t digest);

/* --- records --- */

enum {
    MF_BUNDLE_MAJOR = 1,
    MF_BUNDLE_MINOR = 1,    /* that of a bundle without times is 0 */
    MF_ROWS_CELLS = 1 << 17 /* cells and rows in an R frame that we start, at most */
};

typedef enum mf_axis { MF_USER = 0, MF_ITEM = 1 } mf_axis;
typedef enum mf_value { MF_U32 = 0, MF_F32 = 1 } mf_value;

typedef enum mf_record_kind {
    MF_REC_HEADER,
    MF_REC_IDS,
    MF_REC_ROWS,
    MF_REC_CARD,
    MF_REC_FACTORS,
    MF_REC_HISTORY,
    MF_REC_NOTE,
    MF_REC_OTHER /* an unknown lower-case frame */
} mf_record_kind;

/* H */
typedef struct mf_header {
    uint32_t users, items;
    uint64_t nnz;   /* cells, all folds */
    bool nnz_known; /* false in a stream whose writer could not know it yet */
    mf_value value;
    bool time; /* every cell has a time */
} mf_header;

/* I: a run of ids of one axis */
typedef struct mf_id_block {
    mf_axis axis;
    uint32_t first, n;
    const uint32_t *len; /* [n], bytes */
    const char *text;    /* concatenated */
} mf_id_block;

/* R: a run of whole rows. A row that was cut between frames is whole here. */
typedef struct mf_row_block {
    uint32_t first, n;
    size_t cells;         /* sum of len */
    const uint32_t *len;  /* [n] */
    const uint32_t *item; /* [cells], ascending within a row */
    const uint32_t *u32;  /* [cells], or NULL if the values are f32 */
    const float *f32;     /* [cells], or NULL if they are u32 */
    const uint8_t *fold;  /* [cells], never NULL */
    const int64_t *time; /* [cells], seconds since 1970, of the years 0000 to 9999; NULL
                             if the header does not say that there are times */
} mf_row_block;

/* M: every hyper-parameter in force */
typedef struct mf_card {
    uint32_t k, personas;
    char preset[16], init[16];
    char assign[8];      /* "loss" or "max"; "" if the writer did not say */
    char confidence[16]; /* "linear" or "log"; "" or "none": all cells count 1 */
    double alpha, eps;   /* of the confidence; 0 where it has none */
    double lambda_bias;  /* 0 without biases */
    double overlap, shrink, unobserved, lambda_users, lambda_items, nu;
    double popularity; /* 0: all items weigh the same; else the factors have weights */
    uint32_t persona_cells; /* 0: every user has all personas */
    uint32_t iterations, warmup;
    uint32_t restarts; /* 0 where the card does not say, as for one persona */
    uint64_t seed;
    double mu; /* 0 without biases */
    /* digests of the training cells, with their values, and of the validation and test
     * cells, without (mf_ratings_digest) */
    uint64_t train, held_out;
    char
        watch[24]; /* what `valid` of the history is: "rmse", "ndcg@100"; "": nothing */
    uint32_t best; /* the sweep whose factors these are */
    /* means over the users; NaN where not known: what two of a user's personas agree
     * on, and the entropy of the shares of a user's cells by persona, in bits
     * (mf_als_separation) */
    double agreement, entropy;
} mf_card;

/* F: a run of factors */
typedef struct mf_factor_block {
    mf_axis side;
    uint32_t first, n, personas, k;
    const float *data; /* [n * personas * k] */
    const float *bias; /* [n], or NULL: the model has no biases */
    /* [n], 0 or more, of items where the card has a popularity, else NULL */
    const float *weight;
    /* of users with several personas, else NULL: the training cells of each, [n], and
     * the persona of each of these cells, [z_size], in the order of the row */
    const uint32_t *len;
    const uint8_t *z;
    size_t z_size; /* the sum of len */
} mf_factor_block;

/* h: the state of training after a half-sweep. NaN: not known. */
typedef struct mf_history_entry {
    uint32_t iteration; /* 0 is the start */
    char half[8];       /* "start", "items", "users" or "cluster" */
    double loss;        /* L = prediction + users + items */
    double prediction, users, items;
    double rmse, valid; /* on training cells, on validation cells */
    double moved;       /* share of training cells that changed persona */
} mf_history_entry;

typedef struct mf_history_block {
    size_t n;
    const mf_history_entry *entry; /* [n] */
} mf_history_block;

/* n: what people should know of the data, such as its source and licence; a bundle has
 * one or none */
enum { MF_NOTE_MAX = 1 << 16 }; /* bytes */

typedef struct mf_note {
    const char *text; /* [len], UTF-8 without NUL; not terminated */
    size_t len;       /* 1 to MF_NOTE_MAX */
} mf_note;

typedef struct mf_bundle_reader mf_bundle_reader;

typedef struct mf_record {
    mf_record_kind kind;
    char tag;
    bool safe; /* it says that it may outlive a change of values or folds */
    const mf_bundle_reader *from; /* whose it is; for mf_bundle_pass */
    union {
        mf_header header;
        mf_id_block ids;
        mf_row_block rows;
        mf_card card;
        mf_factor_block factors;
        mf_history_block history;
        mf_note note;
    };
} mf_record;

/* --- reading --- */

/* Read a bundle from `in`, which is borrowed. Returns MF_OK or MF_ENOMEM. */
int mf_bundle_reader_open(mf_bundle_reader **out, mf_in *in, mf_err *err) MF_MUST_USE;
void mf_bundle_reader_close(mf_bundle_reader *r);

/* The next record, borrowed until the next call. E is not shown: when it is verified,
 * the result is 0. Returns 1, 0, MF_EFORMAT, MF_EIO or MF_ENOMEM. */
int mf_bundle_next(mf_bundle_reader *r, const mf_record **record,
                   mf_err *err) MF_MUST_USE;

/* True if a record stays right when values or folds change. Stale factors must never
 * meet new folds, so a stage that changes them drops the others: card, factors,
 * history, and notes and unknown frames that do not say `safe`. */
bool mf_bundle_outlives_change(const mf_record *record);

/* Valid from the first record on. */
const mf_header *mf_bundle_header(const mf_bundle_reader *r);

/* After the verified end: the digest of the bundle, and its cells. */
uint64_t mf_bundle_digest(const mf_bundle_reader *r);
uint64_t mf_bundle_cells(const mf_bundle_reader *r);

/* The frames seen so far with this tag. */
uint64_t mf_bundle_section(const mf_bundle_reader *r, char tag);

/* Fail with file, frame and offset before the words. Returns MF_EFORMAT. */
int mf_bundle_fail(const mf_bundle_reader *r, mf_err *err, const char *format, ...)
    MF_PRINTF(3, 4);

/* --- the stages of a bundle --- */

/* After the verified end: the number of stages that made the bundle, and
 * stage i, first to last. Returns MF_OK, MF_EFORMAT or MF_ENOMEM. */
size_t mf_bundle_stages(const mf_bundle_reader *r);
int mf_bundle_stage(const mf_bundle_reader *r, size_t i, mf_stage *stage,
                    mf_err *err) MF_MUST_USE;

/* --- writing --- */

typedef struct mf_bundle_writer mf_bundle_writer;

/* Write a bundle to `out`, which is borrowed. Nothing is flushed but by
 * mf_bundle_put_end. Returns MF_OK or MF_ENOMEM. */
int mf_bundle_writer_open(mf_bundle_writer **result, mf_out *out,
                          mf_err *err) MF_MUST_USE;
void mf_bundle_writer_close(mf_bundle_writer *w);

/* All put and pass calls return MF_OK, MF_EIO, MF_ENOMEM or MF_ERANGE. */

/* The keys that we do not know are taken from `like`, the record that this one
 * replaces, unless it is NULL. */
int mf_bundle_put_header(mf_bundle_writer *w, const mf_header *header,
                         const mf_record *like, mf_err *err) MF_MUST_USE;

/* A whole axis; users come before items. Ids that a reader would refuse, or
 * that are not in byte order, are MF_ERANGE. */
int mf_bundle_put_ids(mf_bundle_writer *w, mf_axis axis, const mf_ids *ids,
                      mf_err *err) MF_MUST_USE;

/* The next row, of n cells. Rows are gathered into frames; a record of another kind
 * ends the frame. `value` is u32[n] or f32[n], as the header said; fold NULL: all
 * train. */
int mf_bundle_put_row(mf_bundle_writer *w, uint32_t n, const uint32_t item[],
                      const void *value, const uint8_t fold[], mf_err *err) MF_MUST_USE;

/* The same with the time of each cell, time[n], if the header said that there are
 * times; else time is NULL. MF_EINVAL if it did not say what is put, or if a time is
 * outside the years 0000 to 9999. */
int mf_bundle_put_row_time(mf_bundle_writer *w, uint32_t n, const uint32_t item[],
                           const void *value, const uint8_t fold[],
                           const int64_t time[], mf_err *err) MF_MUST_USE;

/* The rows of a record with other values or folds, in the frames in which they came (a
 * frame that grows past the limit becomes two). Where value or fold is NULL, they stay
 * as they are. `as` is the type of the values, new or old. */
int mf_bundle_put_rows_like(mf_bundle_writer *w, const mf_record *rows, mf_value as,
                            const void *value, const uint8_t *fold,
                            mf_err *err) MF_MUST_USE;

int mf_bundle_put_card(mf_bundle_writer *w, const mf_card *card,
                       mf_err *err) MF_MUST_USE;

/* All factors of one side, items before users, with their biases if they have some;
 * then both sides do. For users of several personas, z[zptr[u] .. zptr[u+1]) are the
 * personas of user u's training cells; else zptr and z are not looked at. */
int mf_bundle_put_factors(mf_bundle_writer *w, mf_axis side, const mf_tensor *factors,
                          const size_t *zptr, const uint8_t *z,
                          mf_err *err) MF_MUST_USE;

int mf_bundle_put_history(mf_bundle_writer *w, size_t n, const mf_history_entry entry[],
                          mf_err *err) MF_MUST_USE;

/* The note, a text with its NUL. It may stand anywhere between header and end; the
 * place of our own is after the header. MF_ERANGE if a reader would refuse it. */
int mf_bundle_put_note(mf_bundle_writer *w, const char *text, mf_err *err) MF_MUST_USE;

/* A record as it came, byte for byte. */
int mf_bundle_pass(mf_bundle_writer *w, const mf_record *record,
                   mf_err *err) MF_MUST_USE;

/* E: the stages of `from` (NULL: there was no bundle), then `stage`, to which the
 * digest of `from` is added as its input "bundle". Flushes. MF_EINVAL if what was put
 * is not what the header said, or if the end of `from` was not reached; MF_ERANGE if
 * something of the stage had no room. */
int mf_bundle_put_end(mf_bundle_writer *w, const mf_bundle_reader *from,
                      const mf_stage *stage, mf_err *err) MF_MUST_USE;

/* The same with all n stages that the bundle shall name, first to last: for a tool that
 * puts bundles together. */
int mf_bundle_put_end_stages(mf_bundle_writer *w, size_t n, const mf_stage stage[],
                             mf_err *err) MF_MUST_USE;

MF_END_DECLS

#endif
