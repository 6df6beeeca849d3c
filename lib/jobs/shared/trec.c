#include "jobs/shared/trec.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/text.h"
#include "jobs/shared/float_text.h"

static void put_field(page *to, const char *text, size_t len)
{
    char *at = mf__page_room(to, 3 * len);
    if (at)
        to->n += mf__text_trec(at, text, len);
}

void mf__trec_put_id(page *to, const mf_ids *ids, uint32_t index)
{
    size_t len;
    const char *id = mf_ids_get(ids, index, &len);
    put_field(to, id, len);
}

/* A float below `above`, the next one, but for those so small that a processor may
 * take them for 0. */
static float below(float above)
{
    float x = nextafterf(above, -INFINITY);
    if (x > 0 && x < FLT_MIN)
        return 0;
    return x <= 0 && x > -FLT_MIN ? -FLT_MIN : x;
}

void mf__trec_put_item(trec_list *list, uint32_t item, float score)
{
    char number[FLOAT_TEXT], rank_and_score[FLOAT_TEXT + 16];
    list->last = list->n == 0 || score < list->last ? score : below(list->last);
    mf__float_text(number, list->last);
    snprintf(rank_and_score, sizeof rank_and_score, " %u %s ", ++list->n, number);
    mf__trec_put_id(list->to, list->users, list->user);
    mf__page_puts(list->to, " Q0 ");
    mf__trec_put_id(list->to, list->items, item);
    mf__page_puts(list->to, rank_and_score);
    put_field(list->to, list->tag, strlen(list->tag));
    mf__page_puts(list->to, "\n");
}
