/* wire/kinds.h - the kinds of frames, in one table.
 *
 * A row says where in the stream the frames of a kind may stand, whether they outlive
 * a change of values or folds, and who reads them; docs/adding.md says how to add one.
 * The file of a kind has its reader and its writer. */
#ifndef WIRE_KINDS_H
#define WIRE_KINDS_H

#include "mf/bundle.h"

/* What becomes of a frame when values or folds change. */
typedef enum frame_fate { FATE_STAYS, FATE_GOES, FATE_STAYS_IF_SAFE } frame_fate;

typedef struct frame_kind {
    char tag; /* 0: every tag that is not in the table */
    mf_record_kind kind;
    const char *name; /* "the model card", for messages */
    frame_fate fate;
    bool once;     /* a bundle has at most one */
    bool anywhere; /* between H and E; else the order of the table is that of the
                      stream */

    /* Check the frame at hand and put it into the record; the kind of the record, its
     * tag and `safe` are set already. Returns MF_OK, MF_EFORMAT, MF_EIO or
     * MF_ENOMEM. */
    int (*read)(mf_bundle_reader *r, mf_err *err);

    /* True if the stream may not yet go on to a later section, or NULL: it always may.
     * `all` is what is not there yet, for the message. */
    bool (*missing)(const mf_bundle_reader *r);
    const char *all;

    /* Add a record that is passed on to what the writer counts, or NULL. */
    void (*passed)(mf_bundle_writer *w, const mf_record *record);
} frame_kind;

/* The row of a tag. */
const frame_kind *mf__frame_kind(char tag);

/* The functions of the rows, by file. */
int mf__header_read(mf_bundle_reader *r, mf_err *err) MF_MUST_USE;
void mf__header_passed(mf_bundle_writer *w, const mf_record *record);

int mf__id_block_read(mf_bundle_reader *r, mf_err *err) MF_MUST_USE;
bool mf__id_block_missing(const mf_bundle_reader *r);
void mf__id_block_passed(mf_bundle_writer *w, const mf_record *record);

int mf__rows_read(mf_bundle_reader *r, mf_err *err) MF_MUST_USE;
bool mf__rows_missing(const mf_bundle_reader *r);
void mf__rows_passed(mf_bundle_writer *w, const mf_record *record);

int mf__card_read(mf_bundle_reader *r, mf_err *err) MF_MUST_USE;

int mf__factors_read(mf_bundle_reader *r, mf_err *err) MF_MUST_USE;
bool mf__factors_missing(const mf_bundle_reader *r);

int mf__history_read(mf_bundle_reader *r, mf_err *err) MF_MUST_USE;

int mf__note_read(mf_bundle_reader *r, mf_err *err) MF_MUST_USE;

int mf__end_read(mf_bundle_reader *r, mf_err *err) MF_MUST_USE;

#endif
