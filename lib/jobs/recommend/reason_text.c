#include "jobs/recommend/reason_text.h"
#include "base/number.h"

#include <stdio.h>

void mf__rec_put_names(page *to, const mf_ids *items, uint32_t n, const uint32_t item[],
                       const double share[])
{
    for (uint32_t i = 0; i < n; i++) {
        size_t len;
        char text[16];
        const char *name = mf_ids_get(items, item[i], &len);
        mf__page_puts(to, i > 0 ? "; " : "");
        mf__page_put(to, name, len);
        if (share) {
            mf__snprintf(text, sizeof text, " %.0f%%", 100 * share[i]);
            mf__page_puts(to, text);
        }
    }
}
