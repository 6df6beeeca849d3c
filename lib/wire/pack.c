#include "wire/pack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void mf__pack_free(wire_buffer *b)
{
    free(b->data);
    *b = (wire_buffer){0};
}

void mf__pack_clear(wire_buffer *b)
{
    b->size = 0;
    b->failed = false;
}

void mf__pack_append(wire_buffer *b, const void *data, size_t size)
{
    if (b->failed || size > SIZE_MAX - b->size ||
        mf__reserve(&b->data, &b->cap, b->size + size, 1, NULL) < 0) {
        b->failed = true;
        return;
    }
    if (size)
        memcpy(b->data + b->size, data, size);
    b->size += size;
}

static int write_to_buffer(void *b, const char *data, size_t size)
{
    mf__pack_append(b, data, size);
    return 0;
}

msgpack_packer mf__packer(wire_buffer *b)
{
    msgpack_packer pack;
    msgpack_packer_init(&pack, b, write_to_buffer);
    return pack;
}

static void pack_text(msgpack_packer *pack, const char *text, size_t len)
{
    msgpack_pack_str(pack, len);
    msgpack_pack_str_body(pack, text, len);
}

void mf__pack_str(msgpack_packer *pack, const char *text)
{
    pack_text(pack, text, strlen(text));
}

void mf__pack_key_u64(msgpack_packer *pack, const char *key, uint64_t value)
{
    mf__pack_str(pack, key);
    msgpack_pack_uint64(pack, value);
}

void mf__pack_key_digest(msgpack_packer *pack, const char *key, uint64_t value)
{
    mf__pack_str(pack, key);
    msgpack_pack_fix_uint64(pack, value);
}

void mf__pack_key_f64(msgpack_packer *pack, const char *key, double value)
{
    mf__pack_str(pack, key);
    if (isnan(value))
        msgpack_pack_nil(pack);
    else
        msgpack_pack_double(pack, value);
}

void mf__pack_key_bool(msgpack_packer *pack, const char *key, bool value)
{
    mf__pack_str(pack, key);
    if (value)
        msgpack_pack_true(pack);
    else
        msgpack_pack_false(pack);
}

void mf__pack_key_str(msgpack_packer *pack, const char *key, const char *value)
{
    mf__pack_str(pack, key);
    mf__pack_str(pack, value);
}

void mf__pack_key_text(msgpack_packer *pack, const char *key, const char *text,
                       size_t len)
{
    mf__pack_str(pack, key);
    pack_text(pack, text, len);
}

void mf__pack_key_bin(msgpack_packer *pack, const char *key, const void *data, size_t n,
                      size_t size)
{
    mf__pack_str(pack, key);
    msgpack_pack_bin(pack, n * size);
    msgpack_pack_bin_body(pack, data, n * size);
}
