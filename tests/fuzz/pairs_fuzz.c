/* mf-score: lines of users and items, with a header or without. */
#include <math.h>

#include "golden.h"
#include "mf/score.h"
#include "pieces.h"

static golden model[] = {{.name = "persona-model.mf"},
                         {.name = "timed.mf", .rated = true}};

static result score(const pieces *p, bool skip_unknown, int threads)
{
    mf_err err = {0};
    mf_score_params params = mf_score_defaults();
    params.header = p->choice & 1;
    params.no_fallback = p->choice >> 1 & 1;
    params.persona = p->choice >> 2 & 1;
    params.skip_unknown = skip_unknown;
    params.threads = threads;
    mf_in *in = golden_open(&model[p->choice >> 3 & 1]), *pairs = pieces_in(p, 0);
    mf_out *out = result_open();
    int code = mf_score_run(in, pairs, out, &params, &err);
    result r = result_close(out, code, &err);
    mf_in_close(pairs);
    mf_in_close(in);
    return r;
}

/* The next line of a text, without its end. False after the last. */
static bool next_line(const uint8_t **at, const uint8_t *end, mf_field *line)
{
    if (*at == end)
        return false;
    const uint8_t *stop = memchr(*at, '\n', (size_t)(end - *at));
    *line = (mf_field){(const char *)*at, (size_t)((stop ? stop : end) - *at)};
    *at = stop ? stop + 1 : end;
    line->len -= line->len > 0 && line->text[line->len - 1] == '\r';
    return true;
}

/* What is before the last TAB of a line, which is cut off; what is after it. */
static mf_field cut_last(mf_field *line)
{
    size_t at = line->len;
    while (at > 0 && line->text[at - 1] != '\t')
        at--;
    PROMISE(at > 0);
    mf_field last = {line->text + at, line->len - at};
    line->len = at - 1;
    return last;
}

static double number(mf_field text)
{
    char copy[64], *end;
    PROMISE(text.len > 0 && text.len < sizeof copy);
    memcpy(copy, text.text, text.len);
    copy[text.len] = '\0';
    double x = strtod(copy, &end);
    PROMISE(*end == '\0');
    return x;
}

/* Each line that came out is one that came in, in order, and a score and a persona;
 * none is missing but those that were to be skipped. */
static void check_lines(const pieces *p, const result *r, bool skip_unknown)
{
    const uint8_t *in = p->text[0], *in_end = in + p->len[0], *out = r->data;
    mf_field line, before;
    bool header = p->choice & 1;
    if (p->len[0] >= 3 && memcmp(in, "\xef\xbb\xbf", 3) == 0)
        in += 3;
    while (next_line(&out, r->data + r->size, &line)) {
        mf_field persona = cut_last(&line), value = cut_last(&line);
        do
            PROMISE(next_line(&in, in_end, &before));
        while (skip_unknown && (before.len != line.len ||
                                memcmp(before.text, line.text, line.len) != 0));
        PROMISE(before.len == line.len &&
                memcmp(before.text, line.text, line.len) == 0);
        if (!header) {
            PROMISE(isfinite(number(value)));
            PROMISE(number(persona) >= 0 && number(persona) <= 8);
        }
        header = false;
    }
    PROMISE(skip_unknown || in == in_end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pieces p = pieces_cut(data, size, 1);
    uint8_t compressed[] = {0x1f, 0x8b}; /* gzip, which lines are not those of */
    if (p.n == 0 || (p.len[0] >= 2 && memcmp(p.text[0], compressed, 2) == 0))
        return 0;
    result strict = score(&p, false, 1), skipping = score(&p, true, 1);
    if (strict.code == MF_OK) {
        check_lines(&p, &strict, false);
        result_same(&strict, &skipping);
    } else if (skipping.code == MF_OK) {
        check_lines(&p, &skipping, true);
        free(skipping.data);
    }
    free(strict.data);
    return 0;
}
