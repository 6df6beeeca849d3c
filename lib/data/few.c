#include "data/few.h"

#include <string.h>

#include "base/number.h"
#include "data/nearest.h"

void mf__few_add(mf_few *few, const char *name, size_t len)
{
    if (few->n++ < MF_FEW_SHOWN) /* three of these fit */
        mf__append(few->text, sizeof few->text, strlen(few->text), "%s'%.*s'",
                   few->n > 1 ? ", " : "", mf__nearest_clip(name, len, 48), name);
}

const char *mf__few_more(const mf_few *few)
{
    return few->n > MF_FEW_SHOWN ? ", ..." : "";
}
