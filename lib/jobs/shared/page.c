#include "jobs/shared/page.h"

#include <string.h>

#include "base/mem.h"
#include "data/text.h"
#include "mf/io.h"

int mf__page_put(page *to, const char *text, size_t len, mf_err *err)
{
    int code = mf__reserve(&to->text, &to->cap, to->n + len, 1, err);
    if (code == MF_OK && len) {
        memcpy(to->text + to->n, text, len);
        to->n += len;
    }
    return code;
}

int mf__page_put_trec(page *to, const char *id, size_t len, mf_err *err)
{
    int code = mf__reserve(&to->text, &to->cap, to->n + 3 * len, 1, err);
    if (code == MF_OK)
        to->n += mf__text_trec(to->text + to->n, id, len);
    return code;
}
