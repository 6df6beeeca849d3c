/* I, ids: frames are cut by counts alone, so that equal content gives equal frames
 * whichever stage or shard writes it. */
#include <string.h>

#include "base/mem.h"
#include "data/ids.h"
#include "wire/kinds.h"
#include "wire/reader.h"
#include "wire/writer.h"

enum {
    IDS_MAX = 1 << 16, /* ids in a frame, and */
    TEXT_MAX = 1 << 20 /* bytes of them, at most */
};

int mf__id_block_read(mf_bundle_reader *r, mf_err *err)
{
    char axis[8] = "";
    mf_id_block *b = &r->record.ids;
    const char *why, *text = NULL;
    size_t bytes = 0;
    *b = (mf_id_block){0};
    if ((why = mf__map_name(&r->map, "axis", true, axis, sizeof axis)) ||
        (why = mf__map_u32(&r->map, "first", true, &b->first)) ||
        (why = mf__map_u32(&r->map, "n", true, &b->n)) ||
        (why = mf__map_str(&r->map, "text", true, &text, &bytes)))
        return mf__reader_bad(r, err, why);
    if (strcmp(axis, "user") != 0 && strcmp(axis, "item") != 0)
        return mf__reader_bad(r, err, "key 'axis' is neither user nor item");
    b->axis = axis[0] == 'u' ? MF_USER : MF_ITEM;
    uint32_t total = b->axis == MF_USER ? r->header.users : r->header.items;
    if (b->axis == MF_USER && r->next_id[MF_ITEM] > 0)
        return mf__reader_bad(r, err, "ids of users after ids of items");
    if (b->axis == MF_ITEM && r->next_id[MF_USER] != r->header.users)
        return mf__reader_bad(r, err, "ids of items before all users were named");
    if (b->first != r->next_id[b->axis] || b->n == 0 || b->n > total - b->first)
        return mf__reader_bad(
            r, err, "ids do not follow those before, or are more than H says");
    int code = mf__reader_copy_bin(r, "len", b->n, sizeof *r->len, &r->len, &r->len_cap,
                                   0, err);
    if (code < 0)
        return code;
    b->len = r->len;
    b->text = text;

    if (b->first == 0)
        r->last_id_len = 0;
    const char *before = r->last_id;
    size_t before_len = r->last_id_len, at = 0;
    for (uint32_t i = 0; i < b->n; i++) {
        size_t len = b->len[i];
        if (len > bytes - at)
            return mf__reader_bad(r, err,
                                  "the lengths of the ids are more than the text");
        const char *fault = mf__id_fault(text + at, len);
        if (fault)
            return mf_bundle_fail(r, err, "I: %s id %u %s", axis, b->first + i, fault);
        if ((b->first > 0 || i > 0) &&
            mf__id_compare(before, before_len, text + at, len) >= 0)
            return mf_bundle_fail(r, err,
                                  "I: %s id %u is not after the one before it in "
                                  "byte order",
                                  axis, b->first + i);
        before = text + at;
        before_len = len;
        at += len;
    }
    if (at != bytes)
        return mf__reader_bad(r, err, "the text is longer than the lengths of the ids");
    if (mf__reserve(&r->last_id, &r->last_id_cap, before_len, 1, err) < 0)
        return MF_ENOMEM;
    memmove(r->last_id, before, before_len);
    r->last_id_len = before_len;
    r->next_id[b->axis] += b->n;
    return MF_OK;
}

bool mf__id_block_missing(const mf_bundle_reader *r)
{
    return r->next_id[MF_USER] != r->header.users ||
           r->next_id[MF_ITEM] != r->header.items;
}

void mf__id_block_passed(mf_bundle_writer *w, const mf_record *record)
{
    w->ids[record->ids.axis] += record->ids.n;
}

/* What the reader would refuse is not written. */
static int check_ids(mf_axis axis, const mf_ids *ids, mf_err *err)
{
    const char *name = axis == MF_USER ? "user" : "item", *before = NULL;
    for (size_t i = 0, len, before_len = 0; i < ids->n; i++, before_len = len) {
        const char *id = mf_ids_get(ids, (uint32_t)i, &len);
        const char *fault = mf__id_fault(id, len);
        if (fault)
            return mf_fail(err, MF_ERANGE, "%s id %zu %s", name, i, fault);
        if (before && mf__id_compare(before, before_len, id, len) >= 0)
            return mf_fail(err, MF_ERANGE,
                           "%s id %zu '%.*s' is not after the one before it "
                           "in byte order",
                           name, i, (int)len, id);
        before = id;
    }
    return MF_OK;
}

int mf_bundle_put_ids(mf_bundle_writer *w, mf_axis axis, const mf_ids *ids, mf_err *err)
{
    int checked = check_ids(axis, ids, err);
    if (checked < 0)
        return checked;
    w->ids[axis] += ids->n;
    for (uint32_t first = 0, n; first < ids->n; first += n) {
        size_t base = ids->off[first];
        for (n = 1; n < IDS_MAX && n < ids->n - first; n++)
            if (ids->off[first + n + 1] - base > TEXT_MAX)
                break;
        if (mf__reserve(&w->len, &w->len_cap, n, sizeof *w->len, err) < 0)
            return MF_ENOMEM;
        for (uint32_t i = 0; i < n; i++)
            w->len[i] = (uint32_t)(ids->off[first + i + 1] - ids->off[first + i]);
        msgpack_packer *pack = mf__writer_begin(w, 5);
        mf__pack_key_str(pack, "axis", axis == MF_USER ? "user" : "item");
        mf__pack_key_u64(pack, "first", first);
        mf__pack_key_u64(pack, "n", n);
        mf__pack_key_bin(pack, "len", w->len, n, sizeof *w->len);
        mf__pack_key_text(pack, "text", ids->text + base, ids->off[first + n] - base);
        int code = mf__writer_put(w, 'I', err);
        if (code < 0)
            return code;
    }
    return MF_OK;
}
