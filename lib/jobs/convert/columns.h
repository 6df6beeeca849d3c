/* jobs/convert/columns.h - which columns or keys of an input hold a cell. */
#ifndef JOBS_CONVERT_COLUMNS_H
#define JOBS_CONVERT_COLUMNS_H

#include "jobs/shared/column_names.h"

enum {
    COLUMN_MAX = 256,    /* columns of a file that can be asked for */
    COLUMNS_CHOSEN = 128 /* room for the columns in their canonical form, terminated */
};

typedef enum column_style {
    COLUMNS_NONE,    /* the format says which they are */
    COLUMNS_OF_FILE, /* by number or, where they are named, by name */
    COLUMNS_KEYS     /* of an object */
} column_style;

/* Cut "U,I[,V[,F[,T]]]" into its parts; V and F may be empty, and the parts that are
 * not there are. False if it is not such a list. */
bool mf__columns_split(const char *text, mf_field part[COLS]);

/* Could these be columns of a file whose columns are `named`? Returns MF_OK or
 * MF_EINVAL. */
int mf__columns_check(const char *text, column_style style, bool named,
                      mf_err *err) MF_MUST_USE;

#endif
