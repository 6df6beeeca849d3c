#include "jobs/convert/format.h"

#include <stdio.h>
#include <string.h>

const char *const mf_format_names[] = {
    [MF_FORMAT_TSV] = "tsv",       [MF_FORMAT_CSV] = "csv",
    [MF_FORMAT_MTX] = "mtx",       [MF_FORMAT_NPY] = "npy",
    [MF_FORMAT_NPZ] = "npz",       [MF_FORMAT_INTER] = "inter",
    [MF_FORMAT_NDJSON] = "ndjson", [MF_FORMAT_LISTS] = "lists",
    [MF_FORMATS] = NULL,
};

const char *const mf_duplicates_names[] = {"sum",  "last",  "first", "max",
                                           "mean", "error", NULL};

const char *const mf_fold_names[] = {"train", "valid", "test", "fold-in", NULL};

enum {
    RATINGS = 1 << MF_PART_RATINGS,
    FACTORS = 1 << MF_PART_USERS | 1 << MF_PART_ITEMS | 1 << MF_PART_USER_BIASES |
              1 << MF_PART_ITEM_BIASES
};

static const format FORMAT[MF_FORMATS] = {
    [MF_FORMAT_TSV] =
        {
            .headed = true,
            .separated = true,
            .folds = true,
            .apart = true,
            .read = mf__delimited_read,
            .columns = COLUMNS_OF_FILE,
            .write = mf__tsv_write,
            .parts = PARTS_OF_LINES,
        },
    [MF_FORMAT_CSV] =
        {
            .headed = true,
            .separated = true,
            .folds = true,
            .apart = true,
            .read = mf__delimited_read,
            .columns = COLUMNS_OF_FILE,
            .write = mf__csv_write,
            .parts = PARTS_OF_LINES,
        },
    [MF_FORMAT_MTX] =
        {
            .by_index = true,
            .read = mf__mtx_read,
            .write = mf__mtx_write,
            .parts = RATINGS,
        },
    [MF_FORMAT_NPY] =
        {
            .binary = true,
            .unread = "factors alone, without ids and ratings, are no bundle; npy is "
                      "written only",
            .write = mf__npy_write,
            .parts = FACTORS,
            .factors = true,
            .holds =
                "holds factors: say --part=users or --part=items, or user-biases or "
                "item-biases",
        },
    [MF_FORMAT_NPZ] =
        {
            .binary = true,
            .by_index = true,
            .read = mf__npz_read,
            .write = mf__npz_write,
            .parts = RATINGS,
        },
    [MF_FORMAT_INTER] =
        {
            .read = mf__delimited_read,
            .columns = COLUMNS_OF_FILE,
            .write = mf__inter_write,
            .parts = RATINGS,
        },
    [MF_FORMAT_NDJSON] =
        {
            .apart = true,
            .folds = true,
            .read = mf__ndjson_read,
            .columns = COLUMNS_KEYS,
            .write = mf__ndjson_write,
            .parts = PARTS_OF_LINES,
        },
    [MF_FORMAT_LISTS] =
        {
            .separated = true,
            .apart = true,
            .read = mf__lists_read,
            .write = mf__lists_write,
            .parts = RATINGS,
        },
};

const format *mf__format(mf_format which)
{
    return &FORMAT[which];
}

static bool is_headed(const format *f, unsigned unused)
{
    (void)unused;
    return f->headed;
}

static bool has_parts(const format *f, unsigned parts)
{
    return (f->parts & parts) == parts;
}

static format_names list(bool (*holds)(const format *, unsigned), unsigned parts)
{
    format_names names = {""};
    size_t all = 0, n = 0;
    for (int i = 0; i < MF_FORMATS; i++)
        all += holds(&FORMAT[i], parts);
    for (int i = 0; i < MF_FORMATS; i++) {
        size_t used = strlen(names.text);
        if (!holds(&FORMAT[i], parts))
            continue;
        n++;
        snprintf(names.text + used, sizeof names.text - used, "%s%s",
                 n == 1    ? ""
                 : n < all ? ", "
                           : " and ",
                 mf_format_names[i]);
    }
    return names;
}

format_names mf__formats_headed(void)
{
    return list(is_headed, 0);
}

format_names mf__formats_with(unsigned parts)
{
    return list(has_parts, parts);
}
