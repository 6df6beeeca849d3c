#include "page.h"

#include <string.h>

#include "mf/mem.h"
#include "mf/text.h"

int page_put(page *to, const char *text, size_t len, mf_err *err)
{
    int code = mf_reserve(&to->text, &to->cap, to->n + len, 1, err);
    if (code == MF_OK && len) {
        memcpy(to->text + to->n, text, len);
        to->n += len;
    }
    return code;
}

int page_put_trec(page *to, const char *id, size_t len, mf_err *err)
{
    int code = mf_reserve(&to->text, &to->cap, to->n + 3 * len, 1, err);
    if (code == MF_OK)
        to->n += mf_text_trec(to->text + to->n, id, len);
    return code;
}
