/* jobs/shared/table.h - rows of fields as TSV, CSV or JSON lines. Private to conversion.
 *
 * The names of the columns are the keys of JSON. Numbers are written so that
 * their bits can be read back: u32 exactly, floats with the fewest digits that
 * do, and always with a point or an exponent, so that 3.0 stays a float. */
#ifndef JOBS_SHARED_TABLE_H
#define JOBS_SHARED_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "mf/io.h"

typedef enum table_style { TABLE_TSV, TABLE_CSV, TABLE_JSON } table_style;

typedef struct table {
    mf_out *out; /* borrowed */
    table_style style;
    const char *const *names; /* of the columns; borrowed */
    size_t column;            /* of the row at hand */
    uint64_t row;
} table;

enum { TABLE_NUMBER = 32 };

/* The shortest of these texts that gives the bits back, whether it is read as
 * float or as double and then rounded. */
void mf__table_float(char text[TABLE_NUMBER], float value);

/* The line of names; nothing for JSON. */
int mf__table_head(table *t, mf_err *err) MF_MUST_USE;

/* The next field of the row. A text that TSV cannot give back is an error. */
int mf__table_text(table *t, const char *text, size_t len, mf_err *err) MF_MUST_USE;
int mf__table_put_u32(table *t, uint32_t value, mf_err *err) MF_MUST_USE;
int mf__table_put_float(table *t, float value, mf_err *err) MF_MUST_USE;
/* NaN is an empty field, or null. */
int mf__table_put_double(table *t, double value, mf_err *err) MF_MUST_USE;

int mf__table_end_row(table *t, mf_err *err) MF_MUST_USE;

#endif
