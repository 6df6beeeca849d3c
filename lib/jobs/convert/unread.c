#include "jobs/convert/unread.h"

#include <string.h>

#include "base/number.h"
#include "data/time.h"
#include "jobs/shared/quoted.h"

/* Moments before 1973 are more likely counts. */
#define EARLIEST INT64_C(100000000)

static void add(unread *u, const char *column)
{
    size_t used = strlen(u->list);
    u->n++;
    if (used + strlen(column) + 12 < sizeof u->list)
        mf__append(u->list, sizeof u->list, used, "%s%s", used ? ", " : "", column);
    else if (used < 4 || strcmp(u->list + used - 3, "...") != 0)
        mf__append(u->list, sizeof u->list, used, ", ...");
}

bool mf__looks_like_time(mf_field field)
{
    int64_t seconds;
    return mf__time_parse(field, &seconds) &&
           (seconds >= EARLIEST || memchr(field.text + 1, '-', field.len - 1));
}

void mf__unread_names(unread *u, const mf_field name[], size_t n,
                      const size_t place[COLS])
{
    for (size_t i = 0; i < n; i++) {
        bool read = mf__column_is_index(name[i]);
        for (int role = 0; role < COLS; role++)
            read |= place[role] == i;
        if (read)
            continue;
        char text[QUOTED_BYTES + 8];
        mf__snprintf(text, sizeof text, "'%s'", mf__quoted(name[i]).text);
        add(u, text);
    }
}

/* Column i, from 0, of the first line. */
static void add_number(unread *u, size_t i)
{
    char text[24];
    mf__snprintf(text, sizeof text, "%zu", i + 1);
    add(u, text);
}

void mf__unread_first(unread *u, const mf_field field[], size_t n)
{
    int64_t unused;
    u->fields = n;
    u->folds = n > 3;
    u->words = n > COLS;
    unread_next(u, field, n);
    for (size_t i = 3; i < n; i++) {
        add_number(u, i);
        bool ours = i == 4 && u->folds && mf__time_parse(field[i], &unused);
        if (!u->time && (ours || mf__looks_like_time(field[i])))
            u->time = i + 1;
    }
}

static int refuse_folds(const cells *c, bool timed, mf_err *err)
{
    return mf_fail(err, MF_EFORMAT,
                   "%s: column 4 holds 0 to 3 alone, as the folds that mf-convert "
                   "writes: say --columns=1,2,3,4%s to read them, or --columns=1,2,3 "
                   "if they are none",
                   c->source, timed ? ",5" : "");
}

int mf__unread_end(const unread *u, const cells *c, const char *columns,
                   char words[UNREAD_WORDS], mf_err *err)
{
    unread rest = *u;
    words[0] = '\0';
    if (u->folds && u->above)
        return refuse_folds(c, u->fields == 5 && u->time == 5, err);
    if (u->folds) { /* all of the same fold as without them: nothing is lost */
        rest.n = 0;
        rest.list[0] = '\0';
        for (size_t i = 4; i < u->fields; i++)
            add_number(&rest, i);
    }
    if (rest.n == 0)
        return MF_OK;
    size_t used = mf__append(words, UNREAD_WORDS, 0, "column%s not read: %s; ",
                             mf__plural(rest.n), rest.list);
    if (u->words)
        mf__append(
            words, UNREAD_WORDS, used,
            "say --columns=%s if that is meant, --from=lists if a line is a user "
            "and all its items",
            columns);
    else if (u->time)
        mf__append(words, UNREAD_WORDS, used,
                   "column %zu looks like a time: say --columns=1,2,3,%s,%zu to read "
                   "it, --columns=%s not to",
                   u->time, u->folds ? "4" : "", u->time, columns);
    else
        mf__append(words, UNREAD_WORDS, used,
                   "say --columns=%s if that is meant, else "
                   "--columns=USER,ITEM[,VALUE[,FOLD[,TIME]]]",
                   columns);
    return MF_OK;
}
