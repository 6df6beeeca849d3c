/* mf-tune --log of an earlier run: read, written anew, and read the same. */
#include <math.h>

#include "jobs/tune/record.h"
#include "pieces.h"

enum { LOG_FILE = 1 };

static space small(void)
{
    return (space){.base = mf_als_defaults(MF_PRESET_IMPLICIT),
                   .axes = 2,
                   .what = {MF_TUNE_LAMBDA, MF_TUNE_FACTORS}};
}

/* Read what is in the file; the log that it is copied to, if that goes well. */
static result copy(const space *s, int fd, record *r)
{
    mf_err err = {0};
    mf_lines *past;
    PROMISE(mf_lines_open(&past, fd, "log", NULL) == MF_OK);
    mf_out *out = result_open();
    *r = (record){.space = s, .data = 0x5eed, .fixed = "--preset=implicit", .log = out};
    int code = mf__record_read(r, past, &err);
    if (code == MF_OK)
        code = mf__record_begin(r, &err);
    r->log = NULL;
    mf_lines_close(past);
    return result_close(out, code, &err);
}

static void promised(const record *r)
{
    for (size_t i = 0; i < r->n; i++) {
        const record_entry *e = &r->entry[i];
        PROMISE(e->result.end == TRIAL_FAILED || isfinite(e->result.metric));
        PROMISE(!e->whole || e->result.end == TRIAL_WHOLE);
        for (size_t j = 0; j < r->space->axes; j++)
            PROMISE(memchr(e->setting[j], '\0', SPACE_TEXT));
    }
    const mf_als_params p = mf_als_defaults(MF_PRESET_IMPLICIT);
    (void)mf__record_find(r, &p, true);
    (void)mf__record_find(r, &p, false);
}

/* The input as it is, or after a head that is right, which a fuzzer cannot guess. */
static int log_of(const pieces *p, const result *head)
{
    uint8_t *whole = malloc(head->size + p->len[0] + 1);
    PROMISE(whole);
    size_t begin = p->choice & 1 ? 0 : head->size;
    memcpy(whole, head->data, begin);
    if (p->len[0])
        memcpy(whole + begin, p->text[0], p->len[0]);
    int fd = fuzz_file_of(LOG_FILE, whole, begin + p->len[0]);
    free(whole);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static result head; /* the log of no trial */
    pieces p = pieces_cut(data, size, 1);
    const space s = small();
    record first, second;
    if (p.n == 0)
        return 0;
    if (!head.data) {
        head = copy(&s, fuzz_file_of(LOG_FILE, NULL, 0), &first);
        PROMISE(head.code == MF_OK && head.size > 0);
    }
    result once = copy(&s, log_of(&p, &head), &first);
    if (once.code == MF_OK) {
        promised(&first);
        result twice = copy(&s, fuzz_file_of(LOG_FILE, once.data, once.size), &second);
        PROMISE(second.n == first.n);
        result_same(&once, &twice);
        mf__record_free(&second);
    }
    mf__record_free(&first);
    free(once.data);
    return 0;
}
