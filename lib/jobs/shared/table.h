/* jobs/shared/table.h - rows of fields as TSV, CSV or JSON lines, for the jobs that
 * write such: convert and recommend.
 *
 * The names of the columns are the keys of JSON. Numbers are written so that their bits
 * can be read back: u32 exactly, floats as number_text.h does. Failures stick to the
 * page. */
#ifndef JOBS_SHARED_TABLE_H
#define JOBS_SHARED_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "jobs/shared/page.h"

typedef enum table_style { TABLE_TSV, TABLE_CSV, TABLE_JSON } table_style;

typedef struct table {
    page *to; /* borrowed */
    table_style style;
    const char *const *names; /* of the columns; borrowed */
    const char *separator;    /* of TSV or CSV, borrowed; NULL: a TAB, a comma */
    size_t column;            /* of the row at hand */
    uint64_t row;
} table;

/* Would whoever cuts the text, with a separator behind it, at the separators cut it
 * before its end? */
bool mf__table_splits(const char *text, size_t len, const char *separator);

/* The line of names; nothing for JSON. */
void mf__table_head(table *t);

/* The next field of the row. A text that TSV cannot give back, or not with this
 * separator, fails with MF_ERANGE. */
void mf__table_put_text(table *t, const char *text, size_t len);
void mf__table_put_u32(table *t, uint32_t value);
void mf__table_put_i64(table *t, int64_t value);
void mf__table_put_float(table *t, float value);
/* NaN is an empty field, or null. */
void mf__table_put_double(table *t, double value);

void mf__table_end_row(table *t);

#endif
