#include "data/few.h"

#include <string.h>

#include "base/number.h"
#include "data/nearest.h"

void mf__few_add(mf_few *few, const char *name, size_t len)
{
    if (few->n++ < MF_FEW_SHOWN) /* three of these fit */
        few->end[few->n - 1] = (uint8_t)mf__append(
            few->text, sizeof few->text, strlen(few->text), "%s'%.*s'",
            few->n > 1 ? ", " : "", mf__nearest_clip(name, len, 48), name);
}

void mf__few_join(mf_few *few, const mf_few *more)
{
    uint64_t shown = few->n < MF_FEW_SHOWN ? few->n : MF_FEW_SHOWN;
    uint64_t room = MF_FEW_SHOWN - shown, n = more->n < room ? more->n : room;
    for (uint64_t i = 0, from = 0; i < n; from = more->end[i++])
        few->end[shown + i] =
            (uint8_t)mf__append(few->text, sizeof few->text, strlen(few->text),
                                "%s%.*s", shown > 0 && i == 0 ? ", " : "",
                                (int)(more->end[i] - from), more->text + from);
    few->n += more->n;
}

const char *mf__few_more(const mf_few *few)
{
    return few->n > MF_FEW_SHOWN ? ", ..." : "";
}
