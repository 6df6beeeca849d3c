#include "jobs/shared/trec.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "data/text.h"
#include "jobs/shared/number_text.h"

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

/* The next float below `above`, without those so small that a processor may take them
 * for 0. */
static float below(float above)
{
    float x = nextafterf(above, -INFINITY);
    if (x > 0 && x < FLT_MIN)
        return 0;
    return x <= 0 && x > -FLT_MIN ? -FLT_MIN : x;
}

void mf__trec_put_item(trec_list *list, uint32_t item, float score)
{
    char rank[U32_TEXT], number[FLOAT_TEXT];
    list->last = list->n == 0 || score < list->last ? score : below(list->last);
    mf__float_text(number, list->last);
    mf__trec_put_id(list->to, list->users, list->user);
    mf__page_puts(list->to, " Q0 ");
    mf__trec_put_id(list->to, list->items, item);
    mf__page_putc(list->to, ' ');
    mf__page_put(list->to, rank, (size_t)(mf__u32_text(rank, ++list->n) - rank));
    mf__page_putc(list->to, ' ');
    mf__page_puts(list->to, number);
    mf__page_putc(list->to, ' ');
    put_field(list->to, list->tag, strlen(list->tag));
    mf__page_putc(list->to, '\n');
}
