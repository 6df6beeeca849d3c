/* mf/convert.h - the job of mf-convert: other formats to a bundle and back.
 *
 * Reading: cells in any order, named by ids or by indices, become ratings with
 * both axes in byte order, so that the order of the input does not show. Indices
 * without names become ids of equally many digits, whose order is theirs. Writing: the
 * bundle is read and verified whole before the first byte goes out. */
#ifndef MF_CONVERT_H
#define MF_CONVERT_H

#include <stdbool.h>

#include "mf/io.h"
#include "mf/ratings.h"

MF_BEGIN_DECLS

typedef enum mf_format {
    MF_FORMAT_TSV,    /* user, item, value, fold; no quoting */
    MF_FORMAT_CSV,    /* the same, quoted as in RFC 4180 */
    MF_FORMAT_MTX,    /* Matrix Market coordinate; 1-based indices */
    MF_FORMAT_NPY,    /* factors; written only */
    MF_FORMAT_NPZ,    /* scipy.sparse's CSR; 0-based indices */
    MF_FORMAT_INTER,  /* RecBole's atomic file */
    MF_FORMAT_NDJSON, /* one object a line */
    MF_FORMAT_LISTS,  /* a user and its items a line; no values */
    MF_FORMATS
} mf_format;

typedef enum mf_part {
    MF_PART_RATINGS,
    MF_PART_USERS, /* ids, or factors as npy */
    MF_PART_ITEMS,
    MF_PART_HISTORY,
    MF_PART_USER_BIASES, /* npy alone, like the next */
    MF_PART_ITEM_BIASES,
    MF_PARTS
} mf_part;

/* The formats' names as in "tsv", ended by NULL. */
extern const char *const mf_format_names[MF_FORMATS + 1];
extern const char *const mf_part_names[MF_PARTS + 1];

/* What becomes of cells of the same user and item. */
typedef enum mf_duplicates {
    MF_DUPLICATES_SUM,
    MF_DUPLICATES_LAST,  /* by time; without times by line, whose order then matters */
    MF_DUPLICATES_FIRST, /* likewise */
    MF_DUPLICATES_MAX,
    MF_DUPLICATES_MEAN,
    MF_DUPLICATES_ERROR, /* they are refused */
    MF_DUPLICATES_RULES
} mf_duplicates;

/* "sum", ..., ended by NULL. */
extern const char *const mf_duplicates_names[MF_DUPLICATES_RULES + 1];

/* "train", "valid", "test", "fold-in": of MF_TRAIN and so on, ended by NULL. */
extern const char *const mf_fold_names[MF_FOLDS + 1];

/* --- other formats to a bundle --- */

typedef struct mf_convert_from_params {
    mf_format format;
    bool header;           /* tsv, csv: the first line, and that of the files of names,
                               names the columns */
    const char *columns;   /* "U,I[,V[,F[,T]]]": columns by number from 1 or by name, or
                               keys of ndjson; V and F may be empty. NULL: those that
                               the header names, or the format's own */
    const char *separator; /* tsv, csv, lists: between fields: "tab", "space",
                               "whitespace" or a text; NULL: the format's own */
    mf_duplicates duplicates;
    bool duplicates_chosen; /* else a warning says how many were merged, if any was */
    int as;                 /* 1 + the fold of all cells, which then may not say their
                               own; 0: they may, and are train if they do not */
    bool fold_items;        /* items whose names have one key of MF_ARTIST_FOLD
                               (mf/artist_key.h) are one */
    const char *note;       /* of the bundle (mf_note of mf/bundle.h), or NULL */
} mf_convert_from_params;

/* tsv, no header, the format's own columns and separator, duplicates summed, folds
 * as the lines say, items by their ids, no note. */
mf_convert_from_params mf_convert_from_defaults(void);

/* Returns MF_OK or MF_EINVAL with what does not go together. */
int mf_convert_from_check(const mf_convert_from_params *params,
                          mf_err *err) MF_MUST_USE;

/* True if what is read is not text. */
bool mf_convert_from_binary(const mf_convert_from_params *params);

/* What is read; all borrowed. */
typedef struct mf_convert_input {
    mf_lines *text;     /* of a format of text, or */
    mf_in *binary;      /* of another */
    mf_lines *names[2]; /* by axis, or NULL. For tsv, csv, inter and ndjson lines
                           "id TAB name"; for mtx and npz the name of each index */
} mf_convert_input;

/* Read all of `input`, write a bundle. Columns that are not read, though `columns` is
 * NULL, are a warning; such as look like our folds are MF_EFORMAT. Values are u32 if
 * every one of them is a whole number of 0 .. 2^32-1, written so, else f32. Returns
 * MF_OK, MF_EFORMAT with file and line, MF_ERANGE, MF_EINVAL (a column that is not
 * there), MF_EIO or MF_ENOMEM. O(cells log cells) time, 48 bytes a cell, 72 with
 * times. */
int mf_convert_from_run(const mf_convert_input *input, mf_out *out,
                        const mf_convert_from_params *params, const mf_report *report,
                        mf_err *err) MF_MUST_USE;

/* --- a bundle to other formats --- */

typedef struct mf_convert_to_params {
    mf_format format;
    mf_part part;
    bool header;    /* tsv, csv: write a line that names the columns */
    unsigned folds; /* of ratings: 1 << MF_TRAIN | ..., cells of other folds are left
                       out; 0: all. The axes stay as they are */
    const char *separator; /* tsv, csv, lists: between fields, as when read; NULL: the
                              format's own. An id that a reader would cut is MF_ERANGE,
                              unless csv quotes it */
} mf_convert_to_params;

/* tsv, ratings, no header, all folds, the format's own separator. */
mf_convert_to_params mf_convert_to_defaults(void);

/* Returns MF_OK, or MF_EINVAL with what the format has not. */
int mf_convert_to_check(const mf_convert_to_params *params, mf_err *err) MF_MUST_USE;

/* True if what is written is not text. */
bool mf_convert_to_binary(const mf_convert_to_params *params);

/* Read and verify the bundle, then write. A format without a place for folds that gets
 * cells of several, unless it was asked to, is a warning. Returns MF_OK, MF_EFORMAT
 * (the bundle is damaged, or has not the part), MF_ERANGE (it does not fit the format),
 * MF_EIO or MF_ENOMEM. */
int mf_convert_to_run(mf_in *in, mf_out *out, const mf_convert_to_params *params,
                      const mf_report *report, mf_err *err) MF_MUST_USE;

/* --- bundles put together (mf-convert --join) ---
 *
 * Bundles of ratings become one, with the users and the items of all. Cells of the same
 * user and item are merged. Shards, which have no user in common, give the bytes that
 * the whole would have had. Or: a bundle of ratings and one of factors become a model,
 * if the factors were trained on just these cells. All is in memory; frames and keys
 * that this version does not know are left out. Counts beside floats become
 * floats. The notes of the bundles become one: each different note once, in the order
 * of their bytes, with a line feed between two. */

typedef struct mf_join mf_join;

int mf_join_open(mf_join **out, mf_err *err) MF_MUST_USE;
void mf_join_close(mf_join *join);

/* What becomes of cells of the same user and item. Without it they are summed, and a
 * warning says how many there were. The first and the last are told by time; without
 * times by the order of the bundles, which matters in no other case. */
void mf_join_duplicates(mf_join *join, mf_duplicates rule);

/* Read one more bundle, to its verified end. Returns MF_OK, MF_EFORMAT, MF_EIO or
 * MF_ENOMEM. */
int mf_join_put(mf_join *join, mf_in *in, mf_err *err) MF_MUST_USE;

/* Check that the bundles fit, write what they make together. Returns MF_OK,
 * MF_EFORMAT (a bundle that is there twice, a cell in two folds, times in some
 * bundles alone, matrices without names whose numbers mean other rows, a shard that is
 * missing, factors of other ratings), MF_ERANGE, MF_EIO or MF_ENOMEM. O(cells + ids
 * log ids). */
int mf_join_finish(mf_join *join, mf_out *out, const mf_report *report,
                   mf_err *err) MF_MUST_USE;

MF_END_DECLS

#endif
