#include "jobs/convert/columns.h"

#include <string.h>

#include "data/text.h"

const char *const mf__column_names[COLS] = {"user", "item", "value", "fold", "time"};

bool mf__columns_split(const char *text, mf_field part[COLS])
{
    mf_field list[COLS + 1];
    size_t n = mf__text_split((mf_field){text, strlen(text)}, ",", list, COLS + 1);
    if (n < 2 || n > COLS)
        return false;
    for (size_t i = 0; i < COLS; i++) {
        bool optional = i + 1 < n && (i == COL_VALUE || i == COL_FOLD);
        if (i < n && list[i].len == 0 && !optional)
            return false;
        part[i] = i < n ? list[i] : (mf_field){"", 0};
    }
    return true;
}

int mf__columns_check(const char *text, column_style style, bool named, mf_err *err)
{
    mf_field part[COLS];
    if (!mf__columns_split(text, part))
        return mf_fail(err, MF_EINVAL,
                       "--columns: '%.200s' is not two to five columns: "
                       "user,item[,value[,fold[,time]]]",
                       text);
    if (strlen(text) >= COLUMNS_CHOSEN)
        return mf_fail(err, MF_EINVAL,
                       "--columns: the list has more than %d bytes, which is all that "
                       "the provenance of a bundle can hold",
                       COLUMNS_CHOSEN - 1);
    for (size_t i = 0; style != COLUMNS_KEYS && i < COLS; i++) {
        uint32_t column;
        bool number = mf__text_u32(part[i], &column);
        if (number && (column == 0 || column > COLUMN_MAX))
            return mf_fail(err, MF_EINVAL, "--columns: column %u is not in 1 .. %d",
                           column, COLUMN_MAX);
        if (!number && part[i].len && !named)
            return mf_fail(err, MF_EINVAL,
                           "--columns: to find column '%.*s' by name, the "
                           "file needs a header and --header",
                           (int)part[i].len, part[i].text);
    }
    return MF_OK;
}
