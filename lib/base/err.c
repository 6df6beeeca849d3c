#include "base/err.h"

#include <stdarg.h>
#include <string.h>

#include "base/number.h"
#include "base/utf8.h"

void mf_err_clean(char *text)
{
    text[mf__utf8_clean(text, text, strlen(text), "")] = '\0';
}

static int vfail(mf_err *err, int code, const char *format, va_list args)
{
    if (err && err->code == MF_OK) {
        err->code = code;
        mf__vsnprintf(err->text, sizeof err->text, format, args);
        mf_err_clean(err->text);
    }
    return code;
}

int mf_fail(mf_err *err, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    code = vfail(err, code, format, args);
    va_end(args);
    return code;
}

int mf__nomem(mf_err *err)
{
    return mf_fail(err, MF_ENOMEM, "out of memory");
}
