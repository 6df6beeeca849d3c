/* Compressed input: gzip, zstd, xz, bzip2, as it is or damaged after it was made.
 *
 * The first byte says what is done with the others: nothing; or they are compressed,
 * and read back; or the first of them say where what they are compressed to is damaged,
 * since no fuzzer guesses the checks that compressed data carry. */
#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "base/unpack.h"
#include "fuzz.h"

enum { MOST = 1 << 20, CHANGES = 4 };

/* What was read, in two ways; where there is more than MOST, that is enough. */
typedef struct unpacked {
    uint8_t data[MOST];
    size_t n;
    int code; /* how it ended */
    mf_err err;
} unpacked;
static unpacked whole, pieces;

/* All bytes that the input holds, asked for `step` at a time. */
static void read_all(unpacked *to, const uint8_t *data, size_t size, size_t step)
{
    mf_in *in;
    size_t got = step;
    PROMISE(mf_in_open(&in, fuzz_file(data, size), "fuzz", NULL) == MF_OK);
    to->n = 0;
    to->code = MF_OK;
    to->err = (mf_err){0};
    while (to->code == MF_OK && got == step && to->n + step <= MOST) {
        to->code = mf_in_read(in, to->data + to->n, step, &got, &to->err);
        to->n += to->code == MF_OK ? got : 0;
    }
    PROMISE(to->code < 0 || mf_in_offset(in) == to->n);
    mf_in_close(in);
}

/* Two ways to ask for the same bytes. False where there are too many. */
static bool same_in_pieces(const uint8_t *data, size_t size)
{
    read_all(&whole, data, size, 1 << 16);
    if (whole.n + (1 << 16) > MOST)
        return false;
    read_all(&pieces, data, size, 97);
    PROMISE(whole.code == pieces.code);
    PROMISE(strcmp(whole.err.text, pieces.err.text) == 0);
    if (whole.code < 0)
        fuzz_error(whole.code, &whole.err);
    else
        PROMISE(whole.n == pieces.n && !memcmp(whole.data, pieces.data, whole.n));
    return true;
}

static bool is_packed(const uint8_t *data, size_t n)
{
    bool more;
    return mf__unpack_kind(data, n, &more) != NULL;
}

enum { ZSTD = 1 };

static uint8_t *compressed(unsigned kind, const uint8_t *data, size_t size, size_t *n)
{
    static int (*const filter[])(struct archive *) = {
        archive_write_add_filter_gzip, archive_write_add_filter_zstd,
        archive_write_add_filter_xz, archive_write_add_filter_bzip2};
    size_t room = 2 * size + 4096;
    uint8_t *to = malloc(room);
    struct archive *a = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    PROMISE(to && a && entry && filter[kind](a) == ARCHIVE_OK);
    /* the same bytes each time, and memory of a size that does not slow the harness */
    PROMISE(archive_write_set_options(a, kind == 0 ? "gzip:!timestamp"
                                         : kind == 2
                                             ? "compression-level=0"
                                             : "compression-level=1") == ARCHIVE_OK);
    archive_write_set_bytes_in_last_block(a, 1);
    PROMISE(archive_write_set_format_raw(a) == ARCHIVE_OK);
    PROMISE(archive_write_open_memory(a, to, room, n) == ARCHIVE_OK);
    archive_entry_set_filetype(entry, AE_IFREG);
    PROMISE(archive_write_header(a, entry) == ARCHIVE_OK);
    PROMISE(archive_write_data(a, data, size) == (la_ssize_t)size);
    PROMISE(archive_write_close(a) == ARCHIVE_OK);
    archive_entry_free(entry);
    archive_write_free(a);
    return to;
}

static bool is_output(const uint8_t *data, size_t n)
{
    return whole.code == MF_OK && whole.n == n && memcmp(whole.data, data, n) == 0;
}

/* Compressed, and damaged by a script of places (two bytes each) and of what is added
 * there. */
static void damage(unsigned choice, const uint8_t *data, size_t n)
{
    bool touched = choice & 0x80;
    unsigned kind = choice >> 2 & 3;
    size_t changes = (choice & 3) == 1 ? 0 : CHANGES, packed;
    const uint8_t *plain = data + 3 * changes;
    if (n < 3 * changes)
        return;
    n -= 3 * changes;
    uint8_t *made = compressed(kind, plain, n, &packed);
    for (size_t i = 0; i < changes; i++) {
        const uint8_t *change = data + 3 * i;
        size_t at = (size_t)(change[0] << 8 | change[1]) % packed;
        made[at] = (uint8_t)(made[at] + change[2]);
        touched |= change[2] != 0;
    }
    if (choice & 0x80) /* cut short */
        packed -= (choice >> 4 & 7) < packed ? choice >> 4 & 7 : 0;
    if (same_in_pieces(made, packed)) {
        PROMISE(touched || is_packed(plain, n) || is_output(plain, n));
        bool checked = kind != ZSTD && is_packed(made, packed);
        if (whole.code == MF_OK && checked && whole.n == n)
            PROMISE(is_output(plain, n));
    }
    free(made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] & 3) {
        damage(data[0], data + 1, size - 1);
        return 0;
    }
    if (same_in_pieces(data + 1, size - 1)) /* as it is */
        PROMISE(is_packed(data + 1, size - 1) || is_output(data + 1, size - 1));
    return 0;
}
