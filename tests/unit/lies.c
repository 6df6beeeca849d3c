#include "lies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mf/model.h"

int lies_load(const aid_bytes *b, unsigned want, mf_err *err)
{
    mf_model model;
    mf_in *in = aid_in(b->data, b->size);
    int code = mf_model_load(&model, in, want, NULL, NULL, err);
    aid_in_close(in);
    if (code == MF_OK) {
        assert_int_equal(mf_csr_check(&model.ratings.x, NULL), MF_OK);
        mf_model_free(&model);
    } else {
        assert_null(model.ratings.x.ptr);
        assert_null(model.users.data);
    }
    return code;
}

/* Read a document in every way; record by record and in memory must agree. */
int lies_try(const aid_doc *doc, mf_err *err)
{
    aid_bytes b = aid_doc_write(doc);
    mf_err second = {0};
    int code = aid_read(b.data, b.size, NULL, err);
    if (code != lies_load(&b, MF_WANT_RATINGS, &second))
        fail_msg("read: %s; load: %s", err->text, second.text);
    (void)lies_load(&b, MF_WANT_RATINGS | MF_WANT_FACTORS,
                    NULL); /* finds more, never crashes */
    aid_free(&b);
    return code;
}

/* The document is refused in frame `i`; with `words` if they are not NULL. */
void lies_refused(const aid_doc *doc, size_t i, const char *words)
{
    char where[40];
    mf_err err = {0};
    int code = lies_try(doc, &err);
    snprintf(where, sizeof where, "test: frame %zu@", i);
    if (code != MF_EFORMAT)
        fail_msg("frame %zu was accepted (%d %s)", i, code, words ? words : "");
    if (!strstr(err.text, where) || (words && !strstr(err.text, words)))
        fail_msg("not '%s..%s': %s", where, words ? words : "", err.text);
    if (strchr(err.text, '\n'))
        fail_msg("more than one line: %s", err.text);
}

void lies_accepted(const aid_doc *doc)
{
    mf_err err = {0};
    if (lies_try(doc, &err) != 0)
        fail_msg("%s", err.text);
}

aid_doc *lies_sample(void)
{
    aid_bytes b = aid_sample(3, MF_F32);
    aid_doc *doc = aid_doc_read(b.data, b.size);
    aid_doc_note(doc, doc->n - 1, "from the sample");
    aid_free(&b);
    return doc;
}

/* A field of a new sample is replaced; the result is refused there. */
void lies_field(char tag, size_t n, const char *key, const void *value, size_t size,
                const char *words)
{
    aid_doc *doc = lies_sample();
    size_t i = aid_doc_find(doc, tag, n);
    aid_doc_set(doc, i, key, value, size);
    lies_refused(doc, i, words);
    aid_doc_free(doc);
}

void lies_u64(char tag, size_t n, const char *key, uint64_t value, const char *words)
{
    uint8_t v[AID_VALUE];
    lies_field(tag, n, key, v, aid_u64(v, value), words);
}

/* --- types --- */
