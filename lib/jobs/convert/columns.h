/* jobs/convert/columns.h - which columns or keys of an input hold a cell. */
#ifndef JOBS_CONVERT_COLUMNS_H
#define JOBS_CONVERT_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "mf/io.h"

/* What a cell is made of, in the order of --columns. */
enum { COL_USER, COL_ITEM, COL_VALUE, COL_FOLD, COL_TIME, COLS };

enum {
    COLUMN_MAX = 256,    /* columns of a file that can be asked for */
    COLUMNS_CHOSEN = 128 /* room for the columns in their canonical form, terminated */
};

/* The place of what is not in the file. */
#define NOWHERE SIZE_MAX

typedef enum column_style {
    COLUMNS_NONE,    /* the format says which they are */
    COLUMNS_OF_FILE, /* by number or, where they are named, by name */
    COLUMNS_KEYS     /* of an object */
} column_style;

/* "user", "item", "value", "fold", "time". */
extern const char *const mf__column_names[COLS];

/* Cut "U,I[,V[,F[,T]]]" into its parts; V and F may be empty, and the parts that are
 * not there are. False if it is not such a list. */
bool mf__columns_split(const char *text, mf_field part[COLS]);

/* Could these be columns of a file whose columns are `named`? Returns MF_OK or
 * MF_EINVAL. */
int mf__columns_check(const char *text, column_style style, bool named,
                      mf_err *err) MF_MUST_USE;

/* --- a line of names, as those who wrote the file call them --- */

/* RecBole adds a type to a name: "rating:float". Cut it off, if it is one. */
mf_field mf__column_untyped(mf_field name);

/* Is the name a usual spelling of the role, COL_USER ..? */
bool mf__column_stands_for(mf_field name, int role);

/* Find user, item, value, fold and time among n names by their usual spellings.
 * place[COLS] becomes the column from 0, or NOWHERE. An error, which lists the names,
 * if there is no user or item, if several could be one, or if there are further columns
 * and none of all can be told to be the value. Returns MF_OK, MF_EFORMAT. */
int mf__columns_told(const mf_field name[], size_t n, size_t place[COLS],
                     const mf_lines *lines, mf_err *err) MF_MUST_USE;

/* Is it the index that pandas writes: no name, or the one that it gives to none? */
bool mf__column_is_index(mf_field name);

/* Do names of a user and an item stand among the fields of a line? */
bool mf__columns_named(const mf_field field[], size_t n);

#endif
