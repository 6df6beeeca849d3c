/* Lines go through in batches, in three steps, so that what a line waits for in
 * memory comes while the others are worked on: find the fields and hash the
 * ids; ask for their slots and names; look them up. */
#include "triplets.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "fields.h"
#include "mf/ids.h"
#include "mf/mem.h"
#include "mf/text.h"

enum { BATCH = 64 };

typedef struct line {
    const char *user, *song, *number; /* fields */
    uint32_t user_len, song_len, number_len;
    uint32_t count;
    bool same;    /* user as in the line before */
    bool foreign; /* of another shard */
    uint64_t user_hash, song_hash;
} line;

struct parser {
    triplets *shared;
    text_block block;
    tally tally;
    line line[BATCH];
    fields cut[BATCH];
    /* the user of the line before, across batches and blocks */
    char *last;
    size_t last_len, last_cap;
    uint64_t last_hash;
    bool last_foreign;
    uint32_t user; /* its code, or UINT32_MAX: not put yet */
    uint64_t digest;
};

int parser_open(parser **out, triplets *shared, mf_err *err)
{
    parser *p = *out = mf_new0(1, sizeof *p);
    if (!p)
        return mf_nomem(err);
    p->shared = shared;
    p->user = UINT32_MAX;
    return MF_OK;
}

void parser_close(parser *p)
{
    if (!p)
        return;
    text_block_free(&p->block);
    free(p->last);
    free(p);
}

const tally *parser_tally(const parser *p)
{
    return &p->tally;
}

static int quoted(size_t len)
{
    return (int)(len < 60 ? len : 60);
}

/* --- what is wrong with a line --- */

/* The first of all things that can be. */
static int explain_line(const char *text, size_t len, mf_err *err)
{
    mf_field field[4]; /* user, song, count, and what must not be there */
    if (len > MF_LINE_MAX)
        return mf_fail(err, MF_EFORMAT, "line is longer than %d bytes", MF_LINE_MAX);
    if (memchr(text, 0, len))
        return mf_fail(err, MF_EFORMAT, "line holds a NUL byte");
    if (!mf_utf8_valid(text, len))
        return mf_fail(err, MF_EFORMAT,
                       "line is not UTF-8; convert the file with iconv");
    if (mf_text_split((mf_field){text, len}, "\t", field, 4) != 3)
        return mf_fail(err, MF_EFORMAT,
                       "line has not the three fields user TAB song TAB count");
    uint32_t count;
    if (!mf_text_u32(field[2], &count) || count == 0)
        return mf_fail(err, MF_EFORMAT,
                       "count '%.*s' is not a whole number from 1 to 4294967295",
                       quoted(field[2].len), field[2].text);
    const char *fault = mf_id_fault(field[1].text, field[1].len);
    if (fault)
        return mf_fail(err, MF_EFORMAT, "song id %s", fault);
    if ((fault = mf_id_fault(field[0].text, field[0].len)))
        return mf_fail(err, MF_EFORMAT, "user id %s", fault);
    return mf_fail(err, MF_EFORMAT, "line cannot be read; this is a bug");
}

static int explain_unknown(const line *l, mf_err *err)
{
    return mf_fail(err, MF_EFORMAT,
                   "song '%.*s' is not in the track list; leave such lines out with "
                   "--unknown=drop",
                   quoted(l->song_len), l->song);
}

/* --- the three steps --- */

/* Up to nine digits fit without a check of the sum. */
static bool read_count(const char *digits, size_t len, uint32_t *count)
{
    if (len == 0 || len > 9)
        return mf_text_u32((mf_field){digits, len}, count) && *count > 0;
    uint32_t sum = 0, wrong = 0;
    for (size_t i = 0; i < len; i++) {
        uint32_t digit = (uint32_t)(unsigned char)digits[i] - '0';
        wrong |= digit > 9;
        sum = sum * 10 + digit;
    }
    *count = sum;
    return !wrong && sum > 0;
}

/* Fields of one line; false if anything is not as it must be. */
static bool take_fields(line *l, const char *text, const fields *f, bool plain)
{
    size_t end = f->end;
    if (end > f->begin && text[end - 1] == '\r')
        end--;
    if (f->tabs != 2 || end - f->begin > MF_LINE_MAX || end <= f->tab[1])
        return false;
    l->user = text + f->begin;
    l->user_len = f->tab[0] - f->begin;
    l->song = text + f->tab[0] + 1;
    l->song_len = f->tab[1] - f->tab[0] - 1;
    l->number = text + f->tab[1] + 1;
    l->number_len = (uint32_t)(end - f->tab[1] - 1);
    if (l->song_len - 1u >= MF_ID_MAX || l->user_len - 1u >= MF_ID_MAX ||
        !read_count(l->number, l->number_len, &l->count))
        return false;
    size_t len = end - f->begin;
    return plain || (!memchr(l->user, 0, len) && mf_utf8_valid(l->user, len));
}

/* Is the user that of the line before? Else turn to it. */
static void take_user(parser *p, size_t i)
{
    const triplets *t = p->shared;
    line *l = &p->line[i];
    const char *before = i > 0 ? l[-1].user : p->last;
    size_t before_len = i > 0 ? l[-1].user_len : p->last_len;
    l->same = l->user_len == before_len && memcmp(l->user, before, before_len) == 0;
    if (l->same) {
        l->user_hash = i > 0 ? l[-1].user_hash : p->last_hash;
        l->foreign = i > 0 ? l[-1].foreign : p->last_foreign;
        return;
    }
    l->user_hash = idtable_expect(t->users, l->user, l->user_len);
    l->foreign =
        t->params->shards > 1 &&
        !mf_id_in_shard(l->user, l->user_len, t->params->shard, t->params->shards);
}

/* The item of a song; *known is false where it has none. */
static int find_item(parser *p, const line *l, uint32_t *item, bool *known, mf_err *err)
{
    triplets *t = p->shared;
    const name *song = idtable_find(t->songs, l->song, l->song_len, l->song_hash);
    *known = false;
    if (!song && t->listed) {
        p->tally.unknown++;
        return t->params->unknown_is_error ? explain_unknown(l, err) : MF_OK;
    }
    if (!song) {
        int code =
            idtable_put(t->songs, l->song, l->song_len, l->song_hash, 0, &song, err);
        if (code < 0)
            return code;
    }
    if (song->value == SONG_MISMATCH) {
        p->tally.mismatch++;
        return MF_OK;
    }
    *known = true;
    *item = t->listed ? song->value : song->code;
    return MF_OK;
}

static int keep_line(parser *p, const line *l, records *to, mf_err *err)
{
    int code;
    uint32_t item;
    bool known;
    if (!l->same)
        p->user = UINT32_MAX;
    if (l->foreign) {
        p->tally.other_shards++;
        return MF_OK;
    }
    p->tally.lines++;
    if ((code = find_item(p, l, &item, &known, err)) < 0 || !known)
        return code;
    if (p->user == UINT32_MAX) {
        const name *user;
        if ((code = idtable_put(p->shared->users, l->user, l->user_len, l->user_hash, 0,
                                &user, err)) < 0)
            return code;
        p->user = user->code;
    }
    return records_add(to, p->user, item, l->count, err);
}

/* The last user outlives the block. */
static int remember_user(parser *p, const line *l, mf_err *err)
{
    if (mf_reserve(&p->last, &p->last_cap, l->user_len, 1, err) < 0)
        return MF_ENOMEM;
    memcpy(p->last, l->user, l->user_len);
    p->last_len = l->user_len;
    p->last_hash = l->user_hash;
    p->last_foreign = l->foreign;
    return MF_OK;
}

/* All steps for n lines. On failure *bad is the line, if it is one's fault. */
static int take_batch(parser *p, size_t n, bool plain, records *to, size_t *bad,
                      mf_err *err)
{
    int code = MF_OK;
    size_t good = 0;
    triplets *t = p->shared;
    for (; good < n; good++) {
        line *l = &p->line[good];
        if (!take_fields(l, p->block.text, &p->cut[good], plain))
            break;
        p->digest +=
            XXH3_64bits(l->user, (size_t)(l->number - l->user) + l->number_len);
        l->song_hash = idtable_expect(t->songs, l->song, l->song_len);
        take_user(p, good);
    }
    for (size_t i = 0; i < good; i++) {
        idtable_expect_text(t->songs, p->line[i].song_hash);
        if (!p->line[i].same)
            idtable_expect_text(t->users, p->line[i].user_hash);
    }
    for (size_t i = 0; i < good; i++)
        if ((code = keep_line(p, &p->line[i], to, err)) < 0) {
            *bad = i;
            return code;
        }
    *bad = good;
    if (good < n) {
        const fields *f = &p->cut[good];
        const char *begin = p->block.text + f->begin, *end = p->block.text + f->end;
        end -= end > begin && end[-1] == '\r';
        return explain_line(begin, (size_t)(end - begin), err);
    }
    return n > 0 ? remember_user(p, &p->line[n - 1], err) : MF_OK;
}

int parser_step(parser *p, records *to)
{
    mf_err err = {0};
    size_t at = 0, bad = 0;
    uint32_t lines = 0;
    if (blocks_next(&p->shared->blocks, &p->block) != 1)
        return 0;
    p->digest = 0;
    while (at < p->block.len) {
        bool plain;
        size_t n = fields_cut(p->block.text, p->block.len, &at, p->cut, BATCH, &plain);
        int code = take_batch(p, n, plain, to, &bad, &err);
        if (code < 0) {
            blocks_fail(&p->shared->blocks, &p->block,
                        code == MF_EFORMAT ? (uint64_t)lines + bad + 1 : 0, &err);
            return 0;
        }
        lines += (uint32_t)n;
    }
    blocks_done(&p->shared->blocks, &p->block, lines, p->digest);
    return 1;
}
