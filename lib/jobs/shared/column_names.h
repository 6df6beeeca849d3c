/* jobs/shared/column_names.h - which column is which, told by the names of a header, as
 * those who wrote the file call them. */
#ifndef JOBS_SHARED_COLUMN_NAMES_H
#define JOBS_SHARED_COLUMN_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "mf/io.h"

/* What a cell is made of, in the order of --columns. */
enum { COL_USER, COL_ITEM, COL_VALUE, COL_FOLD, COL_TIME, COLS };

/* The place of what is not in the file. */
#define NOWHERE SIZE_MAX

/* "user", "item", "value", "fold", "time". */
extern const char *const mf__column_names[COLS];

/* RecBole adds a type to a name: "rating:float". Cut it off, if it is one. */
mf_field mf__column_untyped(mf_field name);

/* How the name stands for the role, COL_USER ..: 0 it does not, 2 it is our own name, 1
 * another usual spelling. */
int mf__column_stands_for(mf_field name, int role);

/* The same for other spellings, in lower case without blanks, '_', '-' and '.', the
 * first our own, ended by NULL. */
int mf__column_spells(mf_field name, const char *const spelling[]);

/* Find user, item, value, fold and time among n names by their usual spellings.
 * place[COLS] becomes the column from 0, or NOWHERE. An error, which lists the names,
 * if there is no user or item, if several could be one, or if there are further columns
 * and none of all can be told to be the value. Returns MF_OK, MF_EFORMAT. */
int mf__columns_told(const mf_field name[], size_t n, size_t place[COLS],
                     const mf_lines *lines, mf_err *err) MF_MUST_USE;

/* Find the user and the item, place[COL_USER] and place[COL_ITEM], in the same way.
 * Where not both are named, they are columns 0 and 1, unless the name of either says
 * that it is something else, or that the other stands elsewhere. Of an error, which
 * lists the names, the words do not say where the line stands. Returns MF_OK or
 * MF_EFORMAT. */
int mf__columns_pair(const mf_field name[], size_t n, size_t place[2],
                     mf_err *err) MF_MUST_USE;

/* Is it the index that pandas writes: no name, or the one that it gives to none? */
bool mf__column_is_index(mf_field name);

/* Do names of a user and an item stand among the fields of a line? */
bool mf__columns_named(const mf_field field[], size_t n);

/* The names, each in quotes as mf__quoted has it, as far as they fit; the first
 * does. */
typedef struct column_list {
    char text[240];
} column_list;
column_list mf__columns_list(const mf_field name[], size_t n);

#endif
