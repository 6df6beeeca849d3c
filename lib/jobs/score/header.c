#include "jobs/score/header.h"

#include <string.h>

#include "data/blocks.h"
#include "data/text.h"
#include "jobs/shared/column_names.h"

enum { NAMES_MAX = 256 }; /* more are not looked at */

int mf__score_header(mf_field line, score_places *places, mf_err *err)
{
    mf_field name[NAMES_MAX + 1];
    size_t place[2], n;
    int code = mf__blocks_check_line(line.text, line.len, err);
    if (code < 0)
        return code;
    n = mf__text_split(line, "\t", name, NAMES_MAX + 1);
    code = mf__columns_pair(name, n < NAMES_MAX ? n : NAMES_MAX, place, err);
    if (code == MF_OK)
        *places = (score_places){.user = place[COL_USER], .item = place[COL_ITEM]};
    return code;
}

bool mf__score_places_usual(const score_places *places)
{
    return places->user == 0 && places->item == 1;
}

bool mf__score_field(mf_field line, size_t place, mf_field *out)
{
    const char *at = line.text, *end = at + line.len, *tab;
    while ((tab = memchr(at, '\t', (size_t)(end - at))) && place > 0) {
        at = tab + 1;
        place--;
    }
    *out = (mf_field){at, (size_t)((tab ? tab : end) - at)};
    return place == 0;
}
