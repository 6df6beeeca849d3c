/* H, the header. */
#include <stdlib.h>
#include <string.h>

#include "wire/kinds.h"
#include "wire/reader.h"
#include "wire/writer.h"

/* The keys that we know. */
static const char *const KEYS[] = {"magic", "version", "users", "items",
                                   "nnz",   "value",   NULL};
enum { KEYS_N = sizeof KEYS / sizeof *KEYS - 1 };

/* Those that minor version 1 has besides: before it, they are anybody's. */
static const char *const KEYS_1[] = {"time", NULL};

int mf__header_read(mf_bundle_reader *r, mf_err *err)
{
    char magic[8] = "", value[8] = "";
    wire_span *version = NULL;
    size_t parts = 0;
    mf_header *h = &r->header;
    wire_map *m = &r->map;
    const char *why;

    if (mf__map_name(m, "magic", true, magic, sizeof magic) || strcmp(magic, "mfpipe"))
        return mf__reader_bad(r, err, "not an mfpipe bundle: the magic is missing");
    if ((why = mf__map_array(m, "version", true, &version, &parts)))
        return mf__reader_bad(r, err, why);
    uint64_t major = 0;
    bool whole = parts == 2 && mf__span_u64(version[0], &major) &&
                 mf__span_u64(version[1], &r->minor);
    free(version);
    if (!whole || major == 0)
        return mf__reader_bad(r, err, "key 'version' has a wrong type or range");
    if (major > MF_BUNDLE_MAJOR)
        return mf_bundle_fail(r, err,
                              "H: the bundle has version %llu, this tool reads up to "
                              "%d; use a newer mfpipe",
                              (unsigned long long)major, MF_BUNDLE_MAJOR);
    if ((why = mf__map_u32(m, "users", true, &h->users)) ||
        (why = mf__map_u32(m, "items", true, &h->items)) ||
        (why = mf__map_u64(m, "nnz", UINT64_MAX, false, &h->nnz)) ||
        (why = mf__map_name(m, "value", true, value, sizeof value)))
        return mf__reader_bad(r, err, why);
    wire_span nnz = mf__map_raw(m, "nnz");
    if (!nnz.data)
        return mf__reader_bad(r, err, "key 'nnz' is missing");
    h->nnz_known = nnz.data[0] != 0xc0;
    if (h->nnz > (uint64_t)h->users * h->items)
        return mf__reader_bad(r, err, "key 'nnz' is more than users times items");
    if (strcmp(value, "u32") != 0 && strcmp(value, "f32") != 0)
        return mf__reader_bad(r, err, "key 'value' is neither u32 nor f32");
    h->value = value[0] == 'f' ? MF_F32 : MF_U32;
    if (r->minor >= 1 && (why = mf__map_bool(m, "time", &h->time)))
        return mf__reader_bad(r, err, why);
    r->record.header = *h;
    return MF_OK;
}

void mf__header_passed(mf_bundle_writer *w, const mf_record *record)
{
    w->header = record->header;
}

int mf_bundle_put_header(mf_bundle_writer *w, const mf_header *h, const mf_record *like,
                         mf_err *err)
{
    wire_map map = {0};
    uint64_t minor = h->time ? 1 : 0;
    w->header = *h;
    if (like) {
        if (like->from->minor > minor) /* what is passed on may be of that version */
            minor = like->from->minor;
        const bundle_part *part = &like->from->part[0];
        mf__map_parse(&map, part->payload, part->size); /* parsed before: it is sound */
        mf__map_know(&map, KEYS);
        if (minor >= 1)
            mf__map_know(&map, KEYS_1);
    }
    msgpack_packer *pack =
        mf__writer_begin(w, KEYS_N + h->time + mf__map_unknown(&map));
    mf__pack_key_str(pack, "magic", "mfpipe");
    mf__pack_str(pack, "version");
    msgpack_pack_array(pack, 2);
    msgpack_pack_uint64(pack, MF_BUNDLE_MAJOR);
    msgpack_pack_uint64(pack, minor);
    mf__pack_key_u64(pack, "users", h->users);
    mf__pack_key_u64(pack, "items", h->items);
    mf__pack_str(pack, "nnz");
    if (h->nnz_known)
        msgpack_pack_uint64(pack, h->nnz);
    else
        msgpack_pack_nil(pack);
    mf__pack_key_str(pack, "value", h->value == MF_U32 ? "u32" : "f32");
    if (h->time)
        mf__pack_key_bool(pack, "time", true);
    mf__pack_unknown(&w->payload, &map);
    return mf__writer_put(w, 'H', err);
}
