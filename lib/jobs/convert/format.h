/* jobs/convert/format.h - the formats of mf-convert, in one table.
 *
 * A row says what a format is and who reads and writes it; checks, messages and
 * defaults follow from it. docs/adding.md says how to add one. */
#ifndef JOBS_CONVERT_FORMAT_H
#define JOBS_CONVERT_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "jobs/convert/cells.h"
#include "jobs/convert/columns.h"
#include "jobs/convert/unread.h"
#include "mf/convert.h"
#include "mf/model.h"

/* What a reader leaves for the provenance. */
typedef struct reading {
    char columns[COLUMNS_CHOSEN]; /* in their canonical form; "": the format has none */
    char unread[UNREAD_WORDS];    /* what to warn of: columns that were not read; "" */
    uint64_t digest;              /* of a binary input */
} reading;

/* All of an input into cells. */
typedef int format_reader(cells *c, const mf_convert_input *input,
                          const mf_convert_from_params *params, reading *got,
                          mf_err *err);

/* A part of a model, which was loaded from a file called `name`. */
typedef int format_writer(mf_out *out, const mf_model *model,
                          const mf_convert_to_params *params, const char *name,
                          mf_err *err);

typedef struct format {
    bool binary; /* bytes; else lines of text */
    bool headed; /* with a line that names the columns or without, as --header says */
    bool
        by_index; /* cells have rows and columns: a file of names has a line for each */
    bool separated; /* fields stand apart by --separator */
    bool folds;     /* it has a place for the fold of a cell */
    bool apart;     /* each line is read alone, so that parts of a file are files */

    format_reader *read; /* NULL: it is written only, for the reason `unread` */
    const char *unread;
    column_style columns;

    format_writer *write;
    unsigned parts;    /* that it can write: 1 << MF_PART_RATINGS | ... */
    bool factors;      /* the parts users and items are their factors, not their ids */
    const char *holds; /* what to say of parts that it has not, or NULL */
} format;

const format *mf__format(mf_format which);

/* The parts that are lines of fields. */
enum {
    PARTS_OF_LINES = 1 << MF_PART_RATINGS | 1 << MF_PART_USERS | 1 << MF_PART_ITEMS |
                     1 << MF_PART_HISTORY
};

/* The names of formats, as in "tsv, csv and ndjson": of those that are headed, and of
 * those that can write all these parts. */
typedef struct format_names {
    char text[80];
} format_names;
format_names mf__formats_headed(void);
format_names mf__formats_with(unsigned parts);

/* The functions of the rows, by file. */
format_reader mf__delimited_read; /* tsv, csv, inter */
format_reader mf__ndjson_read, mf__mtx_read, mf__npz_read, mf__lists_read;
format_writer mf__tsv_write, mf__csv_write, mf__ndjson_write, mf__inter_write;
format_writer mf__mtx_write, mf__npz_write, mf__npy_write, mf__lists_write;

#endif
