/* Lines of fields, and lines of rank 0 for personas. */
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "jobs/recommend/formats.h"
#include "jobs/recommend/reason_text.h"
#include "jobs/shared/number_text.h"

/* A persona's line has cells in the place of the item, their share in that of the
 * score. */
static void put_persona(page *to, const recommend_job *job, const char *owner,
                        size_t len, const persona_summary *x)
{
    char text[64];
    mf__snprintf(text, sizeof text, "\t0\t%llu\t%.3g\t%u\t",
                 (unsigned long long)x->cells, x->share, x->persona + 1u);
    mf__page_put(to, owner, len);
    mf__page_puts(to, text);
    mf__rec_put_names(to, &job->model.ratings.items, x->n, x->item, NULL);
    mf__page_putc(to, '\n');
}

/* Copy text. Returns its end. */
static char *add(char *to, const char *text, size_t len)
{
    memcpy(to, text, len);
    return to + len;
}

/* There are many lines: each is made in one piece, but for its reasons. */
static void put_item(page *to, const recommend_job *job, const char *owner, size_t len,
                     uint32_t rank, const listed_item *x, const char *fallback)
{
    enum { NUMBERS = 64 }; /* rank, score, persona, tabs and newline are less */
    const mf_ids *items = &job->model.ratings.items;
    size_t item_len;
    const char *item = mf_ids_get(items, x->item, &item_len);
    char *at = mf__page_room(to, len + item_len + NUMBERS);
    if (!at)
        return;
    at = add(at, owner, len);
    *at++ = '\t';
    at = mf__u32_text(at, rank);
    *at++ = '\t';
    at = add(at, item, item_len);
    *at++ = '\t';
    mf__float_text(at, x->score);
    at += strlen(at);
    if (x->persona != NO_PERSONA) {
        *at++ = '\t';
        at = mf__u32_text(at, persona_number(x->persona));
    }
    *at++ = x->because ? '\t' : '\n';
    to->n = (size_t)(at - to->text);
    if (x->because) {
        mf__rec_put_names(to, items, x->because->n, x->because->item,
                          x->because->share);
        mf__page_puts(to, fallback ? fallback : "");
        mf__page_putc(to, '\n');
    }
}

void mf__rec_tsv_list(page *to, const recommend_job *job, const item_list *list)
{
    size_t len;
    const char *owner = mf_ids_get(job->names, list->owner, &len);
    for (uint32_t q = 0; q < list->personas; q++)
        put_persona(to, job, owner, len, &list->persona[q]);
    for (uint32_t i = 0; i < list->n; i++)
        put_item(to, job, owner, len, i + 1, &list->item[i], list->fallback);
}
