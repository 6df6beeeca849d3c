/* The note of a join: each different note of the parts once, in the order of their
 * bytes, so that the order of the parts does not show. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jobs/convert/join_part.h"

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The different notes of the parts, sorted, into note[parts]. Returns their number. */
static size_t list_notes(const char *note[], const join_part *part, size_t parts)
{
    size_t all = 0, n = 0;
    for (size_t p = 0; p < parts; p++)
        if (part[p].model.note)
            note[all++] = part[p].model.note;
    qsort(note, all, sizeof *note, by_bytes);
    for (size_t i = 0; i < all; i++)
        if (n == 0 || strcmp(note[n - 1], note[i]) != 0)
            note[n++] = note[i];
    return n;
}

int mf__join_note(char **out, const join_part *part, size_t parts, mf_err *err)
{
    const char **note = mf__new(parts, sizeof *note);
    *out = NULL;
    if (!note)
        return mf__nomem(err);
    size_t n = list_notes(note, part, parts), bytes = 0, at = 0;
    for (size_t i = 0; i < n; i++)
        bytes += strlen(note[i]) + 1;
    int code = bytes > MF_NOTE_MAX + 1
                   ? mf_fail(err, MF_ERANGE,
                             "the notes of the bundles have more than %d bytes "
                             "together; make them with one note",
                             MF_NOTE_MAX)
                   : MF_OK;
    if (code == MF_OK && n > 0 && !(*out = mf__new(bytes, 1)))
        code = mf__nomem(err);
    for (size_t i = 0; code == MF_OK && i < n; i++) {
        size_t len = strlen(note[i]);
        memcpy(*out + at, note[i], len);
        at += len;
        (*out)[at++] = i + 1 < n ? '\n' : '\0';
    }
    free(note);
    return code;
}
