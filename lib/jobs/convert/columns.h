/* jobs/convert/columns.h - which columns or keys of an input hold a cell. */
#ifndef JOBS_CONVERT_COLUMNS_H
#define JOBS_CONVERT_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "mf/io.h"

/* What a cell is made of, in the order of --columns. */
enum { COL_USER, COL_ITEM, COL_VALUE, COL_FOLD, COLS };

enum {
    COLUMN_MAX = 256,    /* columns of a file that can be asked for */
    KEY_MAX = 255,       /* bytes of a key of ndjson */
    COLUMNS_CHOSEN = 128 /* room for the columns in their canonical form */
};

typedef enum column_style {
    COLUMNS_NONE,    /* the format says which they are */
    COLUMNS_OF_FILE, /* by number or, where they are named, by name */
    COLUMNS_KEYS     /* of an object */
} column_style;

/* Cut "U,I[,V[,F]]" into its parts. Returns their number, or 0 if they are not
 * two to four or one is empty. */
size_t mf__columns_split(const char *text, mf_field part[COLS]);

/* Could these be columns of a file whose columns are `named`? Returns MF_OK or
 * MF_EINVAL. */
int mf__columns_check(const char *text, column_style style, bool named,
                      mf_err *err) MF_MUST_USE;

#endif
