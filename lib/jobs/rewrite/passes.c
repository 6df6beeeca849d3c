#include "jobs/rewrite/passes.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"

/* Room for a copy of what cannot be read again. */
static int hold(passes *p, mf_err *err)
{
    p->fd = memfd_create("mfpipe", MFD_CLOEXEC);
    if (p->fd < 0)
        return mf_fail(err, MF_EIO, "cannot hold the input in memory: %s",
                       strerror(errno));
    int code = mf_out_open(&p->copy, p->fd, "memory", err);
    return code < 0 ? code : mf_in_open(&p->held, p->fd, mf_in_name(p->in), err);
}

int mf__passes_open(passes *p, mf_in *in, bool hold_ids, const mf_report *report,
                    mf_err *err)
{
    *p = (passes){.in = in, .fd = -1};
    int code = mf__in_can_rewind(in) ? MF_OK : hold(p, err);
    return code < 0 ? code
                    : mf__rewrite_open(&p->first, in, p->copy, hold_ids, report, err);
}

void mf__passes_close(passes *p)
{
    mf__rewrite_close(&p->first);
    mf_in_close(p->held);
    mf_out_close(p->copy);
    if (p->fd >= 0)
        close(p->fd);
    *p = (passes){.fd = -1};
}

int mf__passes_next(passes *p, const mf_record **record, mf_err *err)
{
    int code = mf__rewrite_next(&p->first, record, err);
    if (code < 0 || !p->copy)
        return code;
    if (code == 1) {
        int passed = mf_bundle_pass(p->first.out, *record, err);
        return passed < 0 ? passed : 1;
    }
    mf_stage stage = mf_stage_make("held");
    return mf_bundle_put_end(p->first.out, NULL, &stage, err);
}

int mf__passes_again(passes *p, rewrite *io, mf_out *out, mf_err *err)
{
    mf_in *source = p->held ? p->held : p->in;
    *io = (rewrite){0};
    int code = mf__in_rewind(source, err);
    return code < 0 ? code : mf__rewrite_open(io, source, out, false, NULL, err);
}

int mf__passes_same(const passes *p, const rewrite *io, mf_err *err)
{
    if (p->held || mf_bundle_digest(io->in) == mf_bundle_digest(p->first.in))
        return MF_OK;
    return mf_fail(err, MF_EFORMAT,
                   "%s: the file changed while it was read; read one that "
                   "nobody writes",
                   mf_in_name(p->in));
}
