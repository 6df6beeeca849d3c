/* data/list_hint.h - what to do with a list that is not of one id a line.
 *
 * Lists of users and items are what people cut out of files that they have: with a
 * header, with more columns, parted by commas. When an id of a list is unknown, its
 * line is looked at: an id that stands in a field of it tells which column is meant. */
#ifndef DATA_LIST_HINT_H
#define DATA_LIST_HINT_H

#include <stdbool.h>
#include <stddef.h>

#include "mf/io.h"

enum {
    MF_LIST_LINE = 512, /* bytes of a line that are looked at */
    MF_LIST_HINT = 320  /* bytes of a hint and its NUL */
};

/* The ids that there are. */
typedef struct mf_list_ids {
    bool (*has)(const void *self, mf_field text);
    const void *self;
    bool values; /* an id of the list may have a value: "ID<TAB>VALUE" */
} mf_list_ids;

/* What is known of the list; zeroed before its first line. */
typedef struct mf_list_hint {
    bool header;           /* the first line looks like one */
    size_t field;          /* from 1, in which an id stands; 0: not known */
    const char *separator; /* of the fields */
    bool quoted, value;    /* the field is; a number follows it */
    bool alone;            /* it is the whole line, but for the quotes */
} mf_list_hint;

/* Look at a line, the first of the list or not, whose id is unknown. */
void mf__list_hint_see(mf_list_hint *hint, const mf_list_ids *ids, mf_field line,
                       bool first);

/* "; ... pipe the file through COMMAND", or an empty text where nothing is known. */
void mf__list_hint_say(const mf_list_hint *hint, char text[MF_LIST_HINT]);

/* The words of a hint for the line that was read last, which is wrong. Where that is a
 * header, the next line is read: `line` is of no use any more. */
void mf__list_hint_look(mf_lines *list, const mf_list_ids *ids, mf_field line,
                        char text[MF_LIST_HINT]);

/* A list that was read to its end is to have a line: an empty one is what a command
 * that failed leaves. Returns MF_OK or MF_EFORMAT. */
int mf__list_some(const mf_lines *list, mf_err *err) MF_MUST_USE;

/* Fail at a line that is empty. Returns MF_EFORMAT. */
int mf__list_empty(const mf_lines *list, mf_err *err);

/* Fail at the line that was read last, whose id is unknown: "FILE:LINE: 'ID' WHAT", and
 * what to do or, where that is not known, `nearest`. The next line may be read; `line`
 * and `id` are of no use any more. Returns MF_EFORMAT. */
int mf__list_unknown(mf_lines *list, const mf_list_ids *ids, mf_field line, mf_field id,
                     const char *what, const char *nearest, mf_err *err);

#endif
