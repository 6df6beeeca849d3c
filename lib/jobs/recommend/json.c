/* An object for each list. */
#include <stdio.h>
#include <string.h>

#include "jobs/recommend/formats.h"
#include "jobs/shared/json_text.h"
#include "jobs/shared/number_text.h"

static void put_id(page *to, const mf_ids *ids, uint32_t index)
{
    size_t len;
    const char *id = mf_ids_get(ids, index, &len);
    mf__json_put_text(to, id, len);
}

static void put_u32(page *to, uint32_t value)
{
    char *at = mf__page_room(to, U32_TEXT);
    if (at)
        to->n = (size_t)(mf__u32_text(at, value) - to->text);
}

static void put_comma(page *to, uint32_t before)
{
    if (before > 0)
        mf__page_putc(to, ',');
}

/* Copy a constant. */
#define ADD(at, text)                                                                  \
    ((char *)memcpy((at), (text), sizeof(text) - 1) + sizeof(text) - 1)

/* There are many: what surrounds the name is made in one piece each. */
static void put_item(page *to, const mf_ids *items, const listed_item *x, uint32_t rank)
{
    enum { BEFORE = 32, AFTER = 48 }; /* more than rank, or persona, and their keys */
    char *at = mf__page_room(to, BEFORE);
    if (!at)
        return;
    at = ADD(at, "{\"rank\":");
    at = mf__u32_text(at, rank);
    at = ADD(at, ",\"item\":");
    to->n = (size_t)(at - to->text);
    put_id(to, items, x->item);
    at = mf__page_room(to, AFTER + FLOAT_TEXT);
    if (!at)
        return;
    at = ADD(at, ",\"score\":");
    at = mf__json_float_text(at, x->score);
    if (x->persona != NO_PERSONA) {
        at = ADD(at, ",\"persona\":");
        at = mf__u32_text(at, persona_number(x->persona));
    }
    to->n = (size_t)(at - to->text);
    if (x->because) {
        mf__page_puts(to, ",\"because\":[");
        for (uint32_t i = 0; i < x->because->n; i++) {
            put_comma(to, i);
            mf__page_puts(to, "{\"item\":");
            put_id(to, items, x->because->item[i]);
            mf__page_puts(to, ",\"share\":");
            mf__json_put_real(to, x->because->share[i]);
            mf__page_putc(to, '}');
        }
        mf__page_putc(to, ']');
    }
    mf__page_putc(to, '}');
}

static void put_persona(page *to, const mf_ids *items, const persona_summary *x)
{
    char cells[24];
    snprintf(cells, sizeof cells, "%llu", (unsigned long long)x->cells);
    mf__page_puts(to, "{\"persona\":");
    put_u32(to, x->persona + 1u);
    mf__page_puts(to, ",\"cells\":");
    mf__page_puts(to, cells);
    mf__page_puts(to, ",\"share\":");
    mf__json_put_real(to, x->share);
    mf__page_puts(to, ",\"typical\":[");
    for (uint32_t i = 0; i < x->n; i++) {
        put_comma(to, i);
        put_id(to, items, x->item[i]);
    }
    mf__page_puts(to, "]}");
}

static void put_personas(page *to, const mf_ids *items, const item_list *list)
{
    mf__page_puts(to, ",\"personas\":[");
    for (uint32_t i = 0; i < list->personas; i++) {
        put_comma(to, i);
        put_persona(to, items, &list->persona[i]);
    }
    mf__page_putc(to, ']');
}

void mf__rec_json_list(page *to, const recommend_job *job, const item_list *list)
{
    const mf_ids *items = &job->model.ratings.items;
    mf__page_puts(to, job->params->similars ? "{\"similar\":" : "{\"user\":");
    put_id(to, job->names, list->owner);
    if (list->fallback) {
        mf__page_puts(to, ",\"fallback\":\"");
        mf__page_puts(to, list->fallback);
        mf__page_putc(to, '"');
    }
    if (list->persona)
        put_personas(to, items, list);
    mf__page_puts(to, ",\"items\":[");
    for (uint32_t i = 0; i < list->n; i++) {
        put_comma(to, i);
        put_item(to, items, &list->item[i], i + 1);
    }
    mf__page_puts(to, "]}\n");
}
