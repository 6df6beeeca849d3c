#include "split_aid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/rng.h"
#include "wire/frame.h"
#include "wire/map.h"
#include "wire/writer.h"

static const char STRANGE[] = "\xa7strange\x07"; /* key and value */
enum { STRANGE_BYTES = sizeof STRANGE - 1 };

bool split_aid_has(uint32_t user, uint32_t item, uint32_t percent)
{
    mf_rng rng = mf__rng_make(7, MF_STREAM_TEST, (uint64_t)user << 32 | item);
    return mf__rng_below(&rng, 100) < percent;
}

int split_aid_file(void)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

mf_in *split_aid_in(int fd)
{
    mf_in *in;
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(mf_in_open(&in, fd, "in", NULL), MF_OK);
    return in;
}

mf_out *split_aid_out(int fd)
{
    mf_out *out;
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(mf_out_open(&out, fd, "out", NULL), MF_OK);
    return out;
}

uint8_t *split_aid_bytes(int fd, size_t *size)
{
    off_t end = lseek(fd, 0, SEEK_END);
    assert_true(end >= 0);
    *size = (size_t)end;
    uint8_t *bytes = mf__new(*size, 1);
    assert_non_null(bytes);
    assert_int_equal(pread(fd, bytes, *size, 0), end);
    return bytes;
}

static void put_ids(mf_bundle_writer *w, mf_axis axis, uint32_t first, uint32_t n)
{
    mf_ids ids = {0};
    char text[32];
    for (uint32_t i = first; i < n; i++) {
        snprintf(text, sizeof text, "%s%04u", axis == MF_USER ? "user" : "item", i);
        assert_int_equal(mf_ids_append(&ids, text, strlen(text), NULL), MF_OK);
    }
    assert_int_equal(mf_bundle_put_ids(w, axis, &ids, NULL), MF_OK);
    mf_ids_free(&ids);
}

static void put_rows(mf_bundle_writer *w, const split_aid_shape *s)
{
    uint32_t *item = mf__new(s->items, 4), *value = mf__new(s->items, 4);
    uint8_t *fold = mf__new(s->items, 1);
    assert_true(item && value && fold);
    for (uint32_t u = s->skip_users; u < s->users; u++) {
        uint32_t n = 0;
        for (uint32_t i = s->skip_items; i < s->items; i++) {
            size_t place = (size_t)u * s->items + i;
            if (!split_aid_has(u, i, s->percent))
                continue;
            item[n] = i - s->skip_items;
            value[n] = s->count ? s->count[place] : 1 + (u * 7 + i) % 50;
            float real = s->real ? s->real[place] : (float)value[n];
            if (s->value == MF_F32)
                memcpy(&value[n], &real, sizeof real);
            fold[n++] = s->fold ? s->fold[place] : MF_TRAIN;
        }
        assert_int_equal(mf_bundle_put_row(w, n, item, value, fold, NULL), MF_OK);
    }
    free(item);
    free(value);
    free(fold);
}

static void put_model(mf_bundle_writer *w, const split_aid_shape *s)
{
    mf_card card = {.k = 2, .personas = 1, .preset = "implicit", .init = "gaussian"};
    mf_history_entry entry = {.half = "start", .loss = 1};
    mf_tensor items, users;
    assert_int_equal(mf_tensor_alloc(&items, s->items - s->skip_items, 1, 2, NULL),
                     MF_OK);
    assert_int_equal(mf_tensor_alloc(&users, s->users - s->skip_users, 1, 2, NULL),
                     MF_OK);
    assert_int_equal(mf_bundle_put_card(w, &card, NULL), MF_OK);
    assert_int_equal(mf_bundle_put_factors(w, MF_ITEM, &items, NULL, NULL, NULL),
                     MF_OK);
    assert_int_equal(mf_bundle_put_factors(w, MF_USER, &users, NULL, NULL, NULL),
                     MF_OK);
    assert_int_equal(mf_bundle_put_history(w, 1, &entry, NULL), MF_OK);
    mf_tensor_free(&items);
    mf_tensor_free(&users);
}

/* A payload with one key more, unless its map has more keys than one byte can
 * say (the card). */
static void put_strange(mf_frame_writer *w, char tag, const uint8_t *payload,
                        size_t size)
{
    wire_buffer b = {0};
    uint8_t head = (uint8_t)(payload[0] + 1);
    bool room = (payload[0] & 0xf0) == 0x80 && head != 0x90;
    assert_true(room || tag == 'M');
    mf__pack_append(&b, room ? &head : payload, 1);
    mf__pack_append(&b, payload + 1, size - 1);
    if (room)
        mf__pack_append(&b, STRANGE, STRANGE_BYTES);
    assert_int_equal(mf__frame_put(w, tag, b.data, b.size, NULL), MF_OK);
    mf__pack_free(&b);
}

/* E for the frames that went by, with its two strangers. */
static void put_strange_end(mf_frame_writer *w, const uint64_t section[128],
                            uint64_t frames, uint64_t nnz)
{
    wire_buffer b = {0};
    msgpack_packer pack = mf__packer(&b);
    size_t kinds = 0;
    for (int tag = 0; tag < 128; tag++)
        kinds += section[tag] > 0;
    msgpack_pack_map(&pack, 4);
    mf__pack_str(&pack, "frames");
    msgpack_pack_uint64(&pack, frames);
    mf__pack_str(&pack, "nnz");
    msgpack_pack_uint64(&pack, nnz);
    mf__pack_str(&pack, "sections");
    msgpack_pack_map(&pack, kinds);
    for (int tag = 0; tag < 128; tag++)
        if (section[tag]) {
            char key[2] = {(char)tag, 0};
            mf__pack_str(&pack, key);
            msgpack_pack_uint64(&pack, section[tag]);
        }
    mf__pack_str(&pack, "prov");
    msgpack_pack_array(&pack, 0);
    put_strange(w, 'E', b.data, b.size);
    mf__pack_free(&b);
}

/* Copy a bundle with unknown keys and frames put in. */
static int make_strange(int fd, uint64_t nnz)
{
    static const uint8_t safe[] = "\x81\xa4safe\xc3", unsafe[] = "\x80";
    int result = split_aid_file();
    mf_in *in = split_aid_in(fd);
    mf_out *out = split_aid_out(result);
    mf_frame_reader *r;
    mf_frame_writer *w;
    mf_frame frame;
    uint64_t section[128] = {['s'] = 1, ['u'] = 1}, frames = 2;
    assert_int_equal(mf__frame_reader_open(&r, in, NULL), MF_OK);
    assert_int_equal(mf__frame_writer_open(&w, out, NULL), MF_OK);
    while (mf__frame_next(r, &frame, NULL) == 1 && frame.tag != 'E') {
        section[(int)frame.tag]++;
        frames++;
        put_strange(w, frame.tag, frame.payload, frame.size);
    }
    put_strange(w, 's', safe, sizeof safe - 1);
    put_strange(w, 'u', unsafe, sizeof unsafe - 1);
    put_strange_end(w, section, frames, nnz);
    assert_int_equal(mf_out_flush(out, NULL), MF_OK);
    mf__frame_reader_close(r);
    mf__frame_writer_close(w);
    mf_in_close(in);
    mf_out_close(out);
    return result;
}

int split_aid_bundle(const split_aid_shape *s)
{
    int fd = split_aid_file();
    mf_out *out = split_aid_out(fd);
    mf_bundle_writer *w;
    mf_header header = {.users = s->users - s->skip_users,
                        .items = s->items - s->skip_items,
                        .nnz_known = true,
                        .value = s->value};
    mf_stage stage = mf_stage_make("test");
    for (uint32_t u = s->skip_users; u < s->users; u++)
        for (uint32_t i = s->skip_items; i < s->items; i++)
            header.nnz += split_aid_has(u, i, s->percent);
    assert_int_equal(mf_bundle_writer_open(&w, out, NULL), MF_OK);
    if (s->frame_cells)
        mf__writer_row_cells(w, s->frame_cells);
    assert_int_equal(mf_bundle_put_header(w, &header, NULL, NULL), MF_OK);
    put_ids(w, MF_USER, s->skip_users, s->users);
    put_ids(w, MF_ITEM, s->skip_items, s->items);
    put_rows(w, s);
    if (s->model)
        put_model(w, s);
    assert_int_equal(mf_bundle_put_end(w, NULL, &stage, NULL), MF_OK);
    mf_bundle_writer_close(w);
    mf_out_close(out);
    if (!s->strange)
        return fd;
    int strange = make_strange(fd, header.nnz);
    close(fd);
    return strange;
}

void split_aid_load(mf_model *model, int fd)
{
    mf_err err = {0};
    mf_in *in = split_aid_in(fd);
    int code = mf_model_load(model, in, MF_WANT_RATINGS, NULL, NULL, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(code, MF_OK);
    mf_in_close(in);
}

void split_aid_same_bytes(int a, int b)
{
    size_t size, size_b;
    uint8_t *bytes = split_aid_bytes(a, &size), *other = split_aid_bytes(b, &size_b);
    assert_int_equal(size, size_b);
    assert_memory_equal(bytes, other, size);
    free(bytes);
    free(other);
}

void split_aid_count_frames(int fd, char tag, size_t *frames, size_t *strange)
{
    mf_in *in = split_aid_in(fd);
    mf_frame_reader *r;
    mf_frame frame;
    *frames = *strange = 0;
    assert_int_equal(mf__frame_reader_open(&r, in, NULL), MF_OK);
    while (mf__frame_next(r, &frame, NULL) == 1)
        if (frame.tag == tag) {
            ++*frames;
            *strange +=
                memmem(frame.payload, frame.size, STRANGE, STRANGE_BYTES) != NULL;
        }
    mf__frame_reader_close(r);
    mf_in_close(in);
}
