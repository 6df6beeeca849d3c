#include "jobs/convert/columns.h"

#include <string.h>

#include "data/text.h"

size_t mf__columns_split(const char *text, mf_field part[COLS])
{
    mf_field list[COLS + 1];
    size_t n = mf__text_split((mf_field){text, strlen(text)}, ",", list, COLS + 1);
    if (n < 2 || n > COLS)
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (list[i].len == 0)
            return 0;
        part[i] = list[i];
    }
    return n;
}

int mf__columns_check(const char *text, column_style style, bool named, mf_err *err)
{
    mf_field part[COLS];
    size_t n = mf__columns_split(text, part);
    if (n == 0)
        return mf_fail(err, MF_EINVAL,
                       "--columns: '%s' is not two to four columns: "
                       "user,item[,value[,fold]]",
                       text);
    for (size_t i = 0; i < n; i++) {
        uint32_t column;
        bool number = mf__text_u32(part[i], &column);
        if (style == COLUMNS_KEYS) {
            if (part[i].len > KEY_MAX)
                return mf_fail(err, MF_EINVAL,
                               "--columns: a key has more than %d bytes", KEY_MAX);
        } else if (number && (column == 0 || column > COLUMN_MAX)) {
            return mf_fail(err, MF_EINVAL, "--columns: column %u is not in 1 .. %d",
                           column, COLUMN_MAX);
        } else if (!number && !named) {
            return mf_fail(err, MF_EINVAL,
                           "--columns: to find column '%.*s' by name, the "
                           "file needs a header and --header",
                           (int)part[i].len, part[i].text);
        }
    }
    return MF_OK;
}
