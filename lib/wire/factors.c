/* F, factors: frames are cut by bytes alone, so that equal models give equal frames. */
#include <string.h>

#include "base/mem.h"
#include "data/finite.h"
#include "wire/kinds.h"
#include "wire/reader.h"
#include "wire/rows.h"
#include "wire/writer.h"

/* Bytes in a frame of factors, unless one row has more. */
enum { FACTOR_BYTES = 1 << 20 };

/* The persona of each training cell, in a frame of user factors. */
static int read_personas(mf_bundle_reader *r, mf_factor_block *b, mf_err *err)
{
    wire_span z;
    int code = mf__reader_copy_bin(r, "len", b->n, sizeof *r->len, &r->len, &r->len_cap,
                                   0, err);
    if (code < 0)
        return code;
    const char *why = mf__map_bin(&r->map, "z", true, &z);
    if (why)
        return mf__reader_bad(r, err, why);
    size_t sum = 0;
    for (uint32_t i = 0; i < b->n; i++)
        sum += r->len[i];
    if (sum != z.size)
        return mf__reader_bad(r, err, "'z' has not one byte for each training cell");
    unsigned wrong = 0;
    for (uint32_t i = 0; i < b->n && mf_bundle_section(r, 'R') > 0; i++)
        wrong |= r->len[i] != r->train[b->first + i];
    if (wrong)
        return mf__reader_bad(r, err,
                              "the personas do not fit the training cells: the factors "
                              "are of other ratings");
#pragma omp simd reduction(| : wrong)
    for (size_t t = 0; t < z.size; t++)
        wrong |= z.data[t] >= b->personas;
    if (wrong)
        return mf__reader_bad(r, err, "a cell belongs to a persona that is not there");
    b->len = r->len;
    b->z = z.data;
    b->z_size = z.size;
    return MF_OK;
}

/* The biases, in all frames of factors or in none. */
static int read_biases(mf_bundle_reader *r, mf_factor_block *b, bool first, mf_err *err)
{
    wire_span bias = {0};
    const char *why = mf__map_bin(&r->map, "bias", false, &bias);
    if (why)
        return mf__reader_bad(r, err, why);
    bool there = bias.data != NULL;
    if (!first && there != r->biased)
        return mf__reader_bad(r, err, "some factors have a bias and some have none");
    r->biased = there;
    if (!there)
        return MF_OK;
    int code = mf__reader_copy_bin(r, "bias", b->n, sizeof *r->bias, &r->bias,
                                   &r->bias_cap, 0, err);
    if (code < 0)
        return code;
    if (!mf__floats_finite(r->bias, b->n))
        return mf__reader_bad(r, err, "a bias is not finite");
    b->bias = r->bias;
    return MF_OK;
}

/* The weights of items, where the card says that they have some. */
static int read_weights(mf_bundle_reader *r, mf_factor_block *b, mf_err *err)
{
    if (b->side != MF_ITEM || r->card.popularity == 0)
        return MF_OK;
    int code = mf__reader_copy_bin(r, "weight", b->n, sizeof *r->weight, &r->weight,
                                   &r->weight_cap, 0, err);
    if (code < 0)
        return code;
    unsigned wrong = !mf__floats_finite(r->weight, b->n);
    for (uint32_t i = 0; i < b->n; i++)
        wrong |= r->weight[i] < 0;
    if (wrong)
        return mf__reader_bad(r, err, "a weight is below 0 or not finite");
    b->weight = r->weight;
    return MF_OK;
}

int mf__factors_read(mf_bundle_reader *r, mf_err *err)
{
    char side[8] = "";
    mf_factor_block *b = &r->record.factors;
    const char *why;
    if (mf_bundle_section(r, 'M') == 0)
        return mf_bundle_fail(r, err, "F: factors without a model card M");
    *b = (mf_factor_block){.k = r->card.k};
    if ((why = mf__map_name(&r->map, "side", true, side, sizeof side)) ||
        (why = mf__map_u32(&r->map, "first", true, &b->first)) ||
        (why = mf__map_u32(&r->map, "n", true, &b->n)))
        return mf__reader_bad(r, err, why);
    if (strcmp(side, "user") != 0 && strcmp(side, "item") != 0)
        return mf__reader_bad(r, err, "key 'side' is neither user nor item");
    b->side = side[0] == 'u' ? MF_USER : MF_ITEM;
    b->personas = b->side == MF_USER ? r->card.personas : 1;
    uint32_t total = b->side == MF_USER ? r->header.users : r->header.items;
    if (b->side == MF_ITEM && r->next_factor[MF_USER] > 0)
        return mf__reader_bad(r, err, "factors of items after factors of users");
    if (b->side == MF_USER && r->next_factor[MF_ITEM] != r->header.items)
        return mf__reader_bad(r, err, "factors of users before those of all items");
    if (b->first != r->next_factor[b->side] || b->n == 0 || b->n > total - b->first)
        return mf__reader_bad(
            r, err, "factors do not follow those before, or are more than H says");
    size_t floats = (size_t)b->n * b->personas * b->k; /* below 2^32 * 2^8 * 2^13 */
    int code = mf__reader_copy_bin(r, "data", floats, sizeof *r->data, &r->data,
                                   &r->data_cap, 0, err);
    if (code < 0)
        return code;
    if (!mf__floats_finite(r->data, floats))
        return mf__reader_bad(r, err, "a factor is not finite");
    b->data = r->data;
    bool first = r->next_factor[MF_ITEM] == 0 && r->next_factor[MF_USER] == 0;
    if ((code = read_biases(r, b, first, err)) < 0 ||
        (code = read_weights(r, b, err)) < 0)
        return code;
    if (b->personas > 1 && (code = read_personas(r, b, err)) < 0)
        return code;
    r->next_factor[b->side] += b->n;
    return MF_OK;
}

bool mf__factors_missing(const mf_bundle_reader *r)
{
    return mf_bundle_section(r, 'M') > 0 &&
           (r->next_factor[MF_USER] != r->header.users ||
            r->next_factor[MF_ITEM] != r->header.items);
}

int mf_bundle_put_factors(mf_bundle_writer *w, mf_axis side, const mf_tensor *f,
                          const size_t *zptr, const uint8_t *z, mf_err *err)
{
    return mf__factors_put(w, side, f, zptr, z, NULL, err);
}

int mf__factors_put(mf_bundle_writer *w, mf_axis side, const mf_tensor *f,
                    const size_t *zptr, const uint8_t *z, mf_disk *disk, mf_err *err)
{
    int code = mf__rows_send(w, err);
    if (code < 0)
        return code;
    bool personas = side == MF_USER && f->personas > 1;
    size_t row_bytes = (size_t)f->personas * f->k * sizeof *f->data;
    size_t bias_bytes = f->bias ? sizeof *f->bias : 0;
    size_t weight_bytes = f->weight ? sizeof *f->weight : 0;
    for (uint32_t first = 0, n; first < f->n; first += n) {
        size_t bytes = 0;
        mf__disk_beat(disk);
        for (n = 0; n < f->n - first; n++) {
            size_t more = row_bytes + bias_bytes + weight_bytes;
            if (personas)
                more += zptr[first + n + 1] - zptr[first + n];
            if (n > 0 && bytes + more > FACTOR_BYTES)
                break;
            bytes += more;
        }
        if (mf__reserve(&w->len, &w->len_cap, n, sizeof *w->len, err) < 0)
            return MF_ENOMEM;
        msgpack_packer *pack = mf__writer_begin(
            w, (personas ? 6u : 4u) + (f->bias ? 1u : 0u) + (f->weight ? 1u : 0u));
        mf__pack_key_str(pack, "side", side == MF_USER ? "user" : "item");
        mf__pack_key_u64(pack, "first", first);
        mf__pack_key_u64(pack, "n", n);
        mf__pack_key_bin(pack, "data", mf_tensor_at(f, first, 0), n, row_bytes);
        if (f->bias)
            mf__pack_key_bin(pack, "bias", f->bias + first, n, bias_bytes);
        if (f->weight)
            mf__pack_key_bin(pack, "weight", f->weight + first, n, weight_bytes);
        if (personas) {
            for (uint32_t i = 0; i < n; i++)
                w->len[i] = (uint32_t)(zptr[first + i + 1] - zptr[first + i]);
            mf__pack_key_bin(pack, "len", w->len, n, sizeof *w->len);
            mf__pack_key_bin(pack, "z", z + zptr[first], zptr[first + n] - zptr[first],
                             1);
        }
        if ((code = mf__writer_put(w, 'F', err)) < 0)
            return code;
    }
    return MF_OK;
}
