/* Lines, fields and numbers of text. */
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "data/ids.h"
#include "data/text.h"
#include "fuzz.h"
#include "mf/io.h"
#include "mf/ratings.h"

/* Read all lines; their digest and number. */
static int read_all(const uint8_t *data, size_t size, uint64_t *digest, uint64_t *lines,
                    mf_err *err)
{
    mf_lines *l;
    mf_field line, field[6];
    int code;
    PROMISE(mf_lines_open(&l, fuzz_file(data, size), "fuzz", NULL) == MF_OK);
    uint64_t n = 0;
    while ((code = mf_lines_next(l, &line, err)) == 1) {
        PROMISE(++n == mf_lines_number(l) && line.len <= MF_LINE_MAX);
        PROMISE(!memchr(line.text, '\n', line.len) && !memchr(line.text, 0, line.len));
        PROMISE(mf__utf8_valid(line.text, line.len));
        static const char *const separator[] = {"\t", ",", "<SEP>", "::"};
        for (size_t s = 0; s < 4; s++) {
            size_t fields = mf__text_split(line, separator[s], field, 6), sum = 0;
            PROMISE(fields >= 1 && fields <= 6);
            for (size_t i = 0; i < fields; i++) {
                uint32_t whole = 0;
                float real = 0;
                sum += field[i].len;
                bool is_whole = mf__text_u32(field[i], &whole);
                bool is_real = mf__text_float(field[i], &real);
                PROMISE(!is_real || isfinite(real));
                PROMISE(!is_whole || field[i].len > 63 ||
                        (is_real && real == (float)whole));
                (void)mf__id_fault(field[i].text, field[i].len);
            }
            PROMISE(sum + (fields - 1) * strlen(separator[s]) == line.len);
        }
    }
    *digest = mf_lines_digest(l);
    *lines = mf_lines_number(l);
    mf_lines_close(l);
    return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t digest[2], lines[2];
    mf_err err[2] = {{0}, {0}};
    int a = read_all(data, size, &digest[0], &lines[0], &err[0]);
    int b = read_all(data, size, &digest[1], &lines[1], &err[1]);
    PROMISE(a == b && digest[0] == digest[1] && lines[0] == lines[1]);
    PROMISE(strcmp(err[0].text, err[1].text) == 0);
    if (a < 0)
        fuzz_error(a, &err[0]);
    return 0;
}
