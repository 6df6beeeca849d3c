/* Lines are taken in batches: the fields of all are found, then all ids looked up, then
 * the vectors multiplied, then the lines written. So the memory that one line waits for
 * is fetched while others are worked on. A user who stays is looked up once. */
#include "jobs/score/lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "data/fields.h"
#include "data/tensor.h"
#include "data/texts.h"
#include "jobs/score/fault.h"
#include "jobs/shared/number_text.h"
#include "kernel/kernel.h"

enum { BATCH = 64, NEW_FIELDS = FLOAT_TEXT + 8 };

static const char HEADER[] = "\tscore\tpersona\n";

/* A line of the batch. */
typedef struct line {
    const char *text;      /* [len], without its end */
    uint32_t len, user_at; /* user_at: in score_lines.user */
    uint32_t user, item;   /* indexes, once they are found */
    float score;
    uint32_t persona; /* as it is written */
} line;

struct score_lines {
    const score_job *job;
    const score_places *places;
    const mf_kernel *kernel;
    const text_block *block;
    fields cut[BATCH];
    line line[BATCH];
    lookup item[BATCH];
    lookup user[BATCH + 1]; /* one for a run of lines; [0] is the last of the batch
                               before, if there was one */
    uint32_t users;
    const float **x, **y; /* [BATCH * personas], vectors to be multiplied; owned, */
    float *product;       /* like these */
};

int mf__score_lines_open(score_lines **out, const score_job *job,
                         const score_places *places, mf_err *err)
{
    score_lines *l = *out = mf__new0(1, sizeof *l);
    if (!l)
        return mf__nomem(err);
    size_t most = (size_t)BATCH * job->scored.users->personas;
    l->job = job;
    l->places = places;
    l->kernel = mf__kernel_choose();
    l->x = mf__new(most, sizeof *l->x);
    l->y = mf__new(most, sizeof *l->y);
    l->product = mf__new(most, sizeof *l->product);
    return l->x && l->y && l->product ? MF_OK : mf__nomem(err);
}

void mf__score_lines_close(score_lines *l)
{
    if (!l)
        return;
    free(l->x);
    free(l->y);
    free(l->product);
    free(l);
}

static void fetch(const float *vector, uint32_t k)
{
    enum { LINE = 64 / sizeof *vector };
    for (uint32_t f = 0; f < k; f += LINE)
        __builtin_prefetch(vector + f);
    __builtin_prefetch(vector + k - 1);
}

/* --- the fields --- */

static line line_of(const text_block *block, const fields *f)
{
    const char *begin = block->text + f->begin;
    uint32_t len = f->end - f->begin;
    len -= len > 0 && begin[len - 1] == '\r';
    return (line){.text = begin, .len = len};
}

static bool is_text(const line *l)
{
    return !memchr(l->text, 0, l->len) && mf__utf8_valid(l->text, l->len);
}

/* The user of line i: one more, or the one of the line before. */
static void take_user(score_lines *s, size_t i, const char *text, uint32_t len)
{
    const lookup *last = &s->user[s->users];
    if (len != last->len || !texts_equal(text, last->text, len))
        s->user[++s->users] = (lookup){.text = text, .len = len};
    s->line[i].user_at = s->users;
}

/* take_fields, where the header says which they are. */
static bool take_named_fields(score_lines *s, size_t i, bool plain)
{
    const line *l = &s->line[i];
    const mf_field text = {l->text, l->len};
    mf_field user, item;
    if (!mf__score_field(text, s->places->user, &user) ||
        !mf__score_field(text, s->places->item, &item))
        return false;
    s->item[i].text = item.text;
    s->item[i].len = (uint32_t)item.len;
    take_user(s, i, user.text, (uint32_t)user.len);
    return plain || is_text(l);
}

/* The next line; false if it is wrong whoever is known. */
static bool take_fields(score_lines *s, size_t i, bool plain)
{
    const fields *f = &s->cut[i];
    line *l = &s->line[i];
    *l = line_of(s->block, f);
    if (f->tabs == 0 || l->len > MF_LINE_MAX)
        return false;
    if (!mf__score_places_usual(s->places))
        return take_named_fields(s, i, plain);
    uint32_t len = f->tab[0] - f->begin;
    s->item[i].text = l->text + len + 1;
    s->item[i].len = (f->tabs > 1 ? f->tab[1] - f->begin : l->len) - len - 1;
    take_user(s, i, l->text, len);
    /* ids that are found are text */
    return plain || f->tabs == 1 || is_text(l);
}

/* --- the scores --- */

/* The first persona that is left of one who can be asked; -1: none. */
static int next_persona(uint64_t *left)
{
    int q = *left ? __builtin_ctzll(*left) : -1;
    *left &= *left - 1;
    return q;
}

/* The vectors to multiply: of the first personas of all, then of the second ones, and
 * so on, so that those of a user who stays are one vector in a row. Returns how many. */
static size_t gather(score_lines *s, size_t n)
{
    const mf_tensor *users = s->job->scored.users, *items = s->job->scored.items;
    uint64_t left[BATCH];
    size_t m = 0, before;
    for (size_t i = 0; i < n; i++)
        left[i] = s->job->active[s->line[i].user];
    do {
        before = m;
        for (size_t i = 0; i < n; i++) {
            int q = next_persona(&left[i]);
            if (q < 0)
                continue;
            s->x[m] = mf_tensor_at(users, s->line[i].user, (uint32_t)q);
            s->y[m++] = mf_tensor_at(items, s->line[i].item, 0);
        }
    } while (m > before);
    return m;
}

/* The largest product of each line, and the first persona that has it. */
static void take_largest(score_lines *s, size_t n)
{
    uint64_t left[BATCH];
    const float *product = s->product, *before;
    for (size_t i = 0; i < n; i++) {
        left[i] = s->job->active[s->line[i].user];
        s->line[i].score = -INFINITY;
        s->line[i].persona = 0;
    }
    do {
        before = product;
        for (size_t i = 0; i < n; i++) {
            int q = next_persona(&left[i]);
            if (q >= 0 && *product++ > s->line[i].score) {
                s->line[i].score = product[-1];
                s->line[i].persona = (uint32_t)q + 1;
            }
        }
    } while (product > before);
}

/* The score of a line whose product is known; as math/rank.h adds up. */
static float score_of(const score_job *job, const line *l)
{
    const float *b_user = job->scored.users->bias, *b_item = job->scored.items->bias;
    double base = job->scored.mu + (b_user ? (double)b_user[l->user] : 0);
    float product = l->persona > 0 ? l->score : 0;
    if (l->persona == 0 && job->listeners)
        return (float)job->listeners[l->item];
    if (base == 0 && !b_item)
        return product + 0.0f; /* -0 is 0 */
    return (float)(base + (b_item ? (double)b_item[l->item] : 0) + (double)product);
}

static void score(score_lines *s, size_t n)
{
    size_t m = gather(s, n);
    s->kernel->pairs(s->product, m, s->job->scored.users->k, s->x, s->y);
    take_largest(s, n);
    for (size_t i = 0; i < n; i++)
        s->line[i].score = score_of(s->job, &s->line[i]);
}

/* --- the batch --- */

/* Move the lines whose ids are known to the front, and fetch their vectors. Returns how
 * many there are; *bad is the first whose ids are not, or n, and with skip_unknown
 * they are counted. */
static size_t keep_known(score_lines *s, size_t n, score_found *found, size_t *bad)
{
    const score_job *job = s->job;
    const mf_tensor *users = job->scored.users, *items = job->scored.items;
    size_t kept = 0;
    *bad = n;
    for (size_t i = 0; i < n; i++) {
        const lookup *user = &s->user[s->line[i].user_at], *item = &s->item[i];
        if (user->found && item->found) {
            line *l = &s->line[kept++];
            *l = s->line[i];
            l->user = user->found->value;
            l->item = item->found->value;
            fetch(mf_tensor_at(items, l->item, 0), items->k);
            if (l->user_at > 0)
                fetch(mf_tensor_at(users, l->user, 0), users->k * users->personas);
            continue;
        }
        if (!job->params->skip_unknown || !is_text(&s->line[i])) {
            *bad = i;
            return kept;
        }
        if (!user->found)
            mf__few_add(&found->users, user->text, user->len);
        else
            mf__few_add(&found->items, item->text, item->len);
    }
    return kept;
}

static void write(const score_lines *s, size_t n, page *to, score_found *found)
{
    for (size_t i = 0; i < n; i++) {
        const line *l = &s->line[i];
        char *at = mf__page_room(to, l->len + NEW_FIELDS);
        if (!at)
            return;
        memcpy(at, l->text, l->len);
        at += l->len;
        *at++ = '\t';
        mf__float_text(at, l->score);
        at += strlen(at);
        *at++ = '\t';
        at = mf__u32_text(at, l->persona);
        *at++ = '\n';
        to->n = (size_t)(at - to->text);
        if (l->persona == 0 && found->strangers++ == 0)
            found->first_stranger = l->user;
    }
}

/* All steps for n lines, of which the one at *bad is wrong if that is less than n. */
static void take_batch(score_lines *s, size_t n, bool plain, page *to,
                       score_found *found, size_t *bad)
{
    size_t good = 0, known;
    if (s->users > 0)
        s->user[0] = s->user[s->users];
    s->users = 0;
    while (good < n && take_fields(s, good, plain))
        good++;
    mf__idtable_find_all(s->job->items, s->item, good);
    mf__idtable_find_all(s->job->users, s->user + 1, s->users);
    known = keep_known(s, good, found, bad);
    if (*bad == good && good == n) {
        score(s, known);
        write(s, known, to, found);
    }
}

mf_field mf__score_lines_first(const text_block *block)
{
    bool plain;
    size_t at = 0;
    fields cut;
    mf__fields_cut(block->text, block->len, &at, &cut, 1, &plain);
    const line l = line_of(block, &cut);
    return (mf_field){l.text, l.len};
}

int mf__score_lines_block(score_lines *s, const text_block *block, page *to,
                          score_found *found, uint64_t *bad, mf_err *err)
{
    size_t at = 0;
    *found = (score_found){0};
    to->n = 0;
    s->block = block;
    s->users = 0;
    s->user[0] = (lookup){.text = ""};
    if (s->job->params->header && block->number == 0) {
        bool plain;
        found->lines = mf__fields_cut(block->text, block->len, &at, s->cut, 1, &plain);
        const line l = line_of(block, &s->cut[0]); /* the header was looked at */
        mf__page_put(to, l.text, l.len);
        mf__page_puts(to, HEADER);
    }
    while (at < block->len) {
        bool plain;
        size_t wrong,
            n = mf__fields_cut(block->text, block->len, &at, s->cut, BATCH, &plain);
        take_batch(s, n, plain, to, found, &wrong);
        if (wrong < n) {
            const line l = line_of(block, &s->cut[wrong]);
            *bad = found->lines + wrong + 1;
            return mf__score_fault(s->job, s->places, (mf_field){l.text, l.len},
                                   block->number == 0 && *bad == 1, err);
        }
        found->lines += n;
    }
    *bad = 0;
    return mf__page_check(to, err);
}
