/* Text as it is shown: on a terminal, in JSON, in a field of a TREC file. */
#include <string.h>

#include "base/utf8.h"
#include "data/text.h"
#include "fuzz.h"
#include "jobs/shared/json.h"
#include "jobs/shared/json_text.h"

/* Nothing but `keep` acts on a terminal, and what harms nobody stays. */
static void clean(const char *text, size_t size, const char *keep)
{
    char *to = malloc(size + 1), *over = malloc(size + 1);
    PROMISE(to && over);
    if (size)
        memcpy(over, text, size);
    size_t n = mf__utf8_clean(to, text, size, keep);
    PROMISE(n <= size && mf__utf8_clean(over, over, size, keep) == n);
    PROMISE(memcmp(to, over, n) == 0);
    PROMISE(mf__utf8_valid(to, n));
    PROMISE(!mf__utf8_harmless(text, size) || (n == size && !memcmp(to, text, n)));
    for (size_t i = 0; i < n; i++)
        if (to[i] && strchr(keep, to[i]))
            to[i] = ' ';
    PROMISE(mf__utf8_harmless(to, n));
    free(over);
    free(to);
}

/* Cleaned in pieces, it is what it is as a whole. */
static void shown_in_pieces(const char *text, size_t size)
{
    mf_out *out;
    char *whole = malloc(size + 1);
    int fd = dup(fuzz_file_of(1, NULL, 0)); /* mf_out_sync closes it */
    PROMISE(whole && mf_out_open(&out, fd, "fuzz", NULL) == MF_OK);
    mf_out_show(out);
    for (size_t i = 0, step = 1; i < size; i += step, step = 1 + step * 5 % 1447) {
        step = step < size - i ? step : size - i;
        PROMISE(mf_out_write(out, text + i, step, NULL) == MF_OK);
    }
    PROMISE(mf_out_sync(out, NULL) == MF_OK);
    mf_out_close(out);
    size_t n = mf__utf8_clean(whole, text, size, "\t\n"), got;
    uint8_t *pieces = fuzz_bytes(1, &got);
    PROMISE(got == n && memcmp(pieces, whole, n) == 0);
    free(pieces);
    free(whole);
}

/* What reads JSON reads the same text, and the JSON harms no terminal. */
static void json(const char *text, size_t size)
{
    json_t *string = json_stringn(text, size), *back;
    if (!string) { /* it is not UTF-8 */
        PROMISE(!mf__utf8_valid(text, size));
        char *to = malloc(6 * size + 1);
        PROMISE(to && mf__json_escape(to, text, size) <= 6 * size);
        free(to);
        return;
    }
    char *shown = mf__json_dumps(string, JSON_ENCODE_ANY);
    PROMISE(shown && mf__utf8_harmless(shown, strlen(shown)));
    back = mf__json_loadb(shown, strlen(shown), JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    PROMISE(back && json_equal(back, string));
    json_decref(back);
    free(shown);
    page lines = {0};
    mf__json_put_text(&lines, text, size);
    PROMISE(mf__utf8_harmless(lines.text, lines.n));
    back = mf__json_loadb(lines.text, lines.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    PROMISE(back && json_equal(back, string));
    json_decref(back);
    mf__page_free(&lines);
    json_decref(string);
}

static unsigned digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'A' + 10);
}

/* A field is one to all who split at white space, and no two texts are one field. */
static void trec(const char *text, size_t size)
{
    char *to = malloc(3 * size + 1);
    PROMISE(to);
    size_t n = mf__text_trec(to, text, size), at = 0;
    PROMISE(n <= 3 * size && mf__utf8_valid(to, n));
    for (size_t i = 0; i < n; i++, at++) {
        PROMISE((unsigned char)to[i] > ' ' && to[i] != 0x7f && at < size);
        bool coded = to[i] == '%';
        PROMISE(!coded || n - i > 2);
        char byte = coded ? (char)(16 * digit(to[i + 1]) + digit(to[i + 2])) : to[i];
        PROMISE(byte == text[at]);
        i += coded ? 2 : 0;
    }
    PROMISE(at == size);
    free(to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    clean(text, size, "");
    clean(text, size, "\t\n");
    shown_in_pieces(text, size);
    json(text, size);
    trec(text, size);
    return 0;
}
