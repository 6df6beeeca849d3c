#include "base/err.h"

#include <stdarg.h>

#include "base/ascii.h"
#include "base/number.h"

void mf__one_line(char *text)
{
    for (; *text; text++)
        if (ascii_is_control(*text))
            *text = '?';
}

static int vfail(mf_err *err, int code, const char *format, va_list args)
{
    if (err && err->code == MF_OK) {
        err->code = code;
        mf__vsnprintf(err->text, sizeof err->text, format, args);
        mf__one_line(err->text);
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
