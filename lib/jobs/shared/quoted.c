#include "jobs/shared/quoted.h"

#include <string.h>

quoted mf__quoted(mf_field text)
{
    quoted q = {""};
    size_t n = text.len;
    if (n > QUOTED_BYTES)
        for (n = QUOTED_BYTES; n > 0 && ((unsigned char)text.text[n] & 0xc0) == 0x80;
             n--)
            ;
    memcpy(q.text, text.text, n);
    strcpy(q.text + n, n < text.len ? "..." : "");
    return q;
}

quoted mf__quoted_text(const char *text)
{
    return mf__quoted((mf_field){text, strlen(text)});
}
