#include "jobs/convert/columns.h"

#include <string.h>

#include "data/text.h"
#include "jobs/shared/quoted.h"

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

/* One column cannot be two things. */
static int check_different(const mf_field part[COLS], column_style style, mf_err *err)
{
    for (size_t i = 0; i < COLS; i++)
        for (size_t j = i + 1; j < COLS; j++) {
            uint32_t a, b;
            bool same = part[i].len == part[j].len &&
                        memcmp(part[i].text, part[j].text, part[i].len) == 0;
            if (style != COLUMNS_KEYS && mf__text_u32(part[i], &a) &&
                mf__text_u32(part[j], &b))
                same = a == b;
            if (same && part[i].len > 0)
                return mf_fail(
                    err, MF_EINVAL, "--columns: '%s' stands twice, as %s and as %s",
                    mf__quoted(part[i]).text, mf__column_names[i], mf__column_names[j]);
        }
    return MF_OK;
}

int mf__columns_check(const char *text, column_style style, bool named, mf_err *err)
{
    mf_field part[COLS];
    if (!mf__columns_split(text, part))
        return mf_fail(err, MF_EINVAL,
                       "--columns: '%s' is not two to five columns: "
                       "user,item[,value[,fold[,time]]]",
                       mf__quoted_text(text).text);
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
                           "--columns: to find column '%s' by name, the "
                           "file needs a header and --header",
                           mf__quoted(part[i]).text);
    }
    return check_different(part, style, err);
}
