#include "jobs/shared/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void mf__page_free(page *p)
{
    free(p->text);
    *p = (page){0};
}

void mf__page_fail(page *to, int code, const char *why)
{
    if (to->code == MF_OK) {
        to->code = code;
        to->why = why;
    }
}

char *mf__page_grow(page *to, size_t len)
{
    if (to->code == MF_OK &&
        mf__reserve(&to->text, &to->cap, to->n + len + 1, 1, NULL) < 0)
        mf__page_fail(to, MF_ENOMEM, NULL);
    return to->code == MF_OK ? to->text + to->n : NULL;
}

void mf__page_put(page *to, const char *text, size_t len)
{
    char *at = mf__page_room(to, len);
    if (at && len) {
        memcpy(at, text, len);
        to->n += len;
    }
}

void mf__page_puts(page *to, const char *text)
{
    mf__page_put(to, text, strlen(text));
}

int mf__page_check(const page *p, mf_err *err)
{
    if (p->code == MF_ENOMEM && !p->why)
        return mf__nomem(err);
    return p->code < 0 ? mf_fail(err, p->code, "%s", p->why) : MF_OK;
}

int mf__page_write(page *from, mf_out *out, mf_err *err)
{
    int code = mf__page_check(from, err);
    if (code == MF_OK)
        code = mf_out_write(out, from->text, from->n, err);
    from->n = 0;
    return code;
}
