/* Lines are parsed in batches: first the fields of all are found, then all ids are
 * looked up, then the lines are kept. So the memory that one look-up waits for is
 * fetched while others are worked on. */
#include "jobs/aggregate/triplets.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "data/fields.h"
#include "data/ids.h"
#include "data/shard.h"
#include "data/text.h"
#include "data/texts.h"
#include "mf/io.h"
#include "mf/ratings.h"

enum { BATCH = 64 };

typedef struct line {
    const char *user;
    uint32_t user_len, count;
    uint32_t user_at; /* in parser.user */
} line;

struct parser {
    triplets *shared;
    text_block block;
    line_counts lines;
    fields cut[BATCH];
    line line[BATCH];
    lookup song[BATCH];
    lookup user[BATCH];  /* one for a run of lines of the same user */
    bool foreign[BATCH]; /* the user is of another shard */
    uint32_t users;
    uint64_t digest;
};

int mf__parser_open(parser **out, triplets *shared, mf_err *err)
{
    parser *p = *out = mf__new0(1, sizeof *p);
    if (!p)
        return mf__nomem(err);
    p->shared = shared;
    return MF_OK;
}

void mf__parser_close(parser *p)
{
    if (!p)
        return;
    mf__text_block_free(&p->block);
    free(p);
}

const line_counts *mf__parser_lines(const parser *p)
{
    return &p->lines;
}

static int quoted(size_t len)
{
    return (int)(len < 60 ? len : 60);
}

/* --- what is wrong with a line --- */

/* The first thing that is wrong. */
static int explain_line(const char *text, size_t len, mf_err *err)
{
    mf_field field[4]; /* user, song, count, and what must not be there */
    int code = mf__blocks_check_line(text, len, err);
    if (code < 0)
        return code;
    if (mf__text_split((mf_field){text, len}, "\t", field, 4) != 3)
        return mf_fail(err, MF_EFORMAT,
                       "line has not the three fields user TAB song TAB count");
    uint32_t count;
    if (!mf__text_u32(field[2], &count) || count == 0)
        return mf_fail(err, MF_EFORMAT,
                       "count '%.*s' is not a whole number from 1 to 4294967295",
                       quoted(field[2].len), field[2].text);
    const char *fault = mf__id_fault(field[1].text, field[1].len);
    if (fault)
        return mf_fail(err, MF_EFORMAT, "song id %s", fault);
    if ((fault = mf__id_fault(field[0].text, field[0].len)))
        return mf_fail(err, MF_EFORMAT, "user id %s", fault);
    return mf_fail(err, MF_EFORMAT, "line cannot be read; this is a bug");
}

static int explain_unknown(const lookup *song, mf_err *err)
{
    return mf_fail(err, MF_EFORMAT,
                   "song '%.*s' is not in the track list; leave such lines out with "
                   "--unknown=drop",
                   quoted(song->len), song->text);
}

/* --- the steps --- */

/* Up to nine digits fit without a check of the sum. */
static bool read_count(const char *digits, size_t len, uint32_t *count)
{
    if (len == 0 || len > 9)
        return mf__text_u32((mf_field){digits, len}, count) && *count > 0;
    uint32_t sum = 0, wrong = 0;
    for (size_t i = 0; i < len; i++) {
        uint32_t digit = (uint32_t)(unsigned char)digits[i] - '0';
        wrong |= digit > 9;
        sum = sum * 10 + digit;
    }
    *count = sum;
    return !wrong && sum > 0;
}

/* Fields of line i of the batch; false if anything is not as it must be. */
static bool take_fields(parser *p, size_t i, bool plain)
{
    const char *text = p->block.text;
    const fields *f = &p->cut[i];
    line *l = &p->line[i];
    lookup *song = &p->song[i];
    size_t end = f->end;
    if (end > f->begin && text[end - 1] == '\r')
        end--;
    if (f->tabs != 2 || end - f->begin > MF_LINE_MAX || end <= f->tab[1])
        return false;
    l->user = text + f->begin;
    l->user_len = f->tab[0] - f->begin;
    song->text = text + f->tab[0] + 1;
    song->len = f->tab[1] - f->tab[0] - 1;
    const char *number = text + f->tab[1] + 1;
    if (song->len - 1u >= MF_ID_MAX || l->user_len - 1u >= MF_ID_MAX ||
        !read_count(number, end - f->tab[1] - 1, &l->count))
        return false;
    size_t len = end - f->begin;
    p->digest += XXH3_64bits(l->user, len);
    return plain || (!memchr(l->user, 0, len) && mf__utf8_valid(l->user, len));
}

/* Is the user that of the line before? Else there is one more. */
static void take_user(parser *p, size_t i)
{
    const mf_aggregate_params *params = p->shared->params;
    line *l = &p->line[i];
    if (i > 0 && l->user_len == l[-1].user_len &&
        texts_equal(l->user, l[-1].user, l->user_len)) {
        l->user_at = l[-1].user_at;
        return;
    }
    l->user_at = p->users++;
    p->user[l->user_at] = (lookup){.text = l->user, .len = l->user_len};
    p->foreign[l->user_at] =
        params->shards > 1 &&
        !mf__shard_has_id(l->user, l->user_len, params->shard, params->shards);
}

/* The item of a song; *known is false where it has none. */
static int find_item(parser *p, lookup *song, uint32_t *item, bool *known, mf_err *err)
{
    triplets *t = p->shared;
    *known = false;
    if (!song->found && t->listed) {
        p->lines.unknown++;
        return t->params->unknown_is_error ? explain_unknown(song, err) : MF_OK;
    }
    if (!song->found) {
        int code = mf__idtable_put(t->songs, song->text, song->len, song->hash, 0,
                                   &song->found, err);
        if (code < 0)
            return code;
    }
    if (song->found->value == SONG_MISMATCH) {
        p->lines.mismatch++;
        return MF_OK;
    }
    *known = true;
    *item = t->listed ? song->found->value : song->found->code;
    return MF_OK;
}

static int keep_line(parser *p, size_t i, records *to, mf_err *err)
{
    int code;
    uint32_t item;
    bool known;
    const line *l = &p->line[i];
    lookup *user = &p->user[l->user_at];
    if (p->foreign[l->user_at]) {
        p->lines.other_shards++;
        return MF_OK;
    }
    p->lines.read++;
    if ((code = find_item(p, &p->song[i], &item, &known, err)) < 0 || !known)
        return code;
    if (!user->found && (code = mf__idtable_put(p->shared->users, user->text, user->len,
                                                user->hash, 0, &user->found, err)) < 0)
        return code;
    return records_add(to, user->found->code, item, l->count, err);
}

/* All steps for n lines. If a line is at fault, *bad is its place in the batch. */
static int take_batch(parser *p, size_t n, bool plain, records *to, size_t *bad,
                      mf_err *err)
{
    int code = MF_OK;
    size_t good = 0;
    p->users = 0;
    for (; good < n && take_fields(p, good, plain); good++)
        take_user(p, good);
    mf__idtable_find_all(p->shared->songs, p->song, good);
    mf__idtable_find_all(p->shared->users, p->user, p->users);
    for (size_t i = 0; i < good; i++)
        if ((code = keep_line(p, i, to, err)) < 0) {
            *bad = i;
            return code;
        }
    *bad = good;
    if (good == n)
        return MF_OK;
    const fields *f = &p->cut[good];
    const char *begin = p->block.text + f->begin, *end = p->block.text + f->end;
    end -= end > begin && end[-1] == '\r';
    return explain_line(begin, (size_t)(end - begin), err);
}

int mf__parser_step(parser *p, records *to)
{
    mf_err err = {0};
    size_t at = 0, bad = 0;
    uint32_t lines = 0;
    if (mf__blocks_next(&p->shared->blocks, &p->block) != 1)
        return 0;
    p->digest = 0;
    while (at < p->block.len) {
        bool plain;
        size_t n =
            mf__fields_cut(p->block.text, p->block.len, &at, p->cut, BATCH, &plain);
        int code = take_batch(p, n, plain, to, &bad, &err);
        if (code < 0) {
            mf__blocks_fail(&p->shared->blocks, &p->block,
                            code == MF_EFORMAT ? (uint64_t)lines + bad + 1 : 0, &err);
            return 0;
        }
        lines += (uint32_t)n;
    }
    mf__blocks_done(&p->shared->blocks, &p->block, lines, p->digest);
    return 1;
}
