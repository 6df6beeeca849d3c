/* E, the end: totals and provenance. */
#include <stdlib.h>

#include "base/mem.h"
#include "wire/kinds.h"
#include "wire/pack_stage.h"
#include "wire/reader.h"
#include "wire/rows.h"
#include "wire/writer.h"

enum { STAGES_MAX = 1024 };

/* The keys that a stage replaces. */
static const char *const KEYS[] = {"frames", "nnz", "sections", "prov", NULL};
enum { KEYS_N = sizeof KEYS / sizeof *KEYS - 1 };

/* E's totals against what was seen. */
static const char *check_totals(mf_bundle_reader *r, wire_map *totals)
{
    uint64_t frames = 0, nnz = 0;
    const char *why;
    if ((why = mf__map_u64(&r->tail_map, "frames", UINT64_MAX, true, &frames)) ||
        (why = mf__map_u64(&r->tail_map, "nnz", UINT64_MAX, true, &nnz)))
        return why;
    wire_span sections = mf__map_raw(&r->tail_map, "sections");
    if (!sections.data || mf__map_parse(totals, sections.data, sections.size))
        return "key 'sections' is missing or not a map";
    if (frames != r->frame.index || nnz != r->cells)
        return "totals differ from what the stream holds";
    for (unsigned char tag = 'A'; tag <= 'z'; tag++) {
        uint64_t n = 0;
        char key[2] = {(char)tag, 0};
        if (tag == 'E' || (tag > 'Z' && tag < 'a'))
            continue;
        if ((why = mf__map_u64(totals, key, UINT64_MAX, false, &n)))
            return why;
        if (n != r->section[tag])
            return "counts by section differ from what the stream holds";
    }
    return NULL;
}

int mf__end_read(mf_bundle_reader *r, mf_err *err)
{
    wire_map totals;
    mf__pack_clear(&r->tail);
    mf__pack_append(&r->tail, r->frame.payload, r->frame.size);
    if (r->tail.failed)
        return mf__nomem(err);
    const char *why = mf__map_parse(&r->tail_map, r->tail.data, r->tail.size);
    const mf_header *h = &r->header;
    if (!why && r->section['R'] && h->nnz_known && r->cells != h->nnz)
        why = "the stream has fewer cells than H says";
    if (why || (why = check_totals(r, &totals)) ||
        (why = mf__map_array(&r->tail_map, "prov", true, &r->stage, &r->stages)))
        return mf__reader_bad(r, err, why);
    if (r->stages > STAGES_MAX)
        return mf__reader_bad(r, err, "more stages of provenance than are allowed");
    for (size_t i = 0; i < r->stages; i++) {
        mf_stage stage;
        if ((why = mf__stage_unpack(r->stage[i], &stage)))
            return mf__reader_bad(r, err, why);
    }
    mf_frame after;
    int code = mf__frame_next(r->frames, &after, err);
    if (code > 0)
        return mf_bundle_fail(r, err, "a frame follows the end frame");
    r->ended = code == 0;
    return code;
}

size_t mf_bundle_stages(const mf_bundle_reader *r)
{
    return r->stages;
}

int mf_bundle_stage(const mf_bundle_reader *r, size_t i, mf_stage *stage, mf_err *err)
{
    if (i >= r->stages)
        return mf_fail(err, MF_EINVAL, "stage %zu of %zu", i, r->stages);
    const char *why = mf__stage_unpack(r->stage[i], stage);
    return why ? mf__reader_bad(r, err, why) : MF_OK;
}

static void pack_sections(msgpack_packer *pack, const uint64_t section[128])
{
    size_t kinds = 0;
    for (size_t tag = 0; tag < 128; tag++)
        kinds += section[tag] > 0;
    msgpack_pack_map(pack, kinds);
    for (size_t tag = 0; tag < 128; tag++)
        if (section[tag] > 0) {
            char key[2] = {(char)tag, 0};
            mf__pack_key_u64(pack, key, section[tag]);
        }
}

/* E: the stages of `from`, if it is not NULL, then n more. */
static int put_end(mf_bundle_writer *w, const mf_bundle_reader *from, size_t n,
                   const mf_stage stage[], mf_err *err)
{
    int code = mf__rows_send(w, err);
    if (code < 0)
        return code;
    const mf_header *h = &w->header;
    if (w->section['R'] && h->nnz_known && w->cells != h->nnz)
        return mf_fail(err, MF_EINVAL, "%llu cells were put, the header said %llu",
                       (unsigned long long)w->cells, (unsigned long long)h->nnz);
    if (w->ids[MF_USER] != h->users || w->ids[MF_ITEM] != h->items ||
        (w->section['R'] && w->rows_put != h->users))
        return mf_fail(err, MF_EINVAL,
                       "%u and %u ids and %u rows were put, the header said "
                       "%u users and %u items",
                       w->ids[MF_USER], w->ids[MF_ITEM], w->rows_put, h->users,
                       h->items);
    if (from && !from->ended)
        return mf_fail(err, MF_EINVAL, "the end of the input was not verified yet");
    for (size_t i = 0; i < n; i++)
        if (stage[i].cut)
            return mf_fail(
                err, MF_ERANGE,
                "the options of %s do not fit into provenance: at most %d, of "
                "at most %d bytes each",
                stage[i].tool, MF_STAGE_OPTIONS, MF_STAGE_VALUE - 1);
    wire_map before = {0};
    size_t stages = 0;
    if (from) {
        before = from->tail_map;
        mf__map_know(&before, KEYS);
        stages = from->stages;
    }
    if (stages + n > STAGES_MAX)
        return mf_fail(err, MF_ERANGE,
                       "%zu stages of provenance; at most %d are allowed", stages + n,
                       STAGES_MAX);
    msgpack_packer *pack = mf__writer_begin(w, KEYS_N + mf__map_unknown(&before));
    mf__pack_key_u64(pack, "frames", w->written);
    mf__pack_key_u64(pack, "nnz", w->cells);
    mf__pack_str(pack, "sections");
    pack_sections(pack, w->section);
    mf__pack_str(pack, "prov");
    msgpack_pack_array(pack, stages + n);
    for (size_t i = 0; i < stages; i++)
        mf__pack_append(&w->payload, from->stage[i].data, from->stage[i].size);
    for (size_t i = 0; i < n; i++)
        mf__stage_pack(pack, &stage[i]);
    mf__pack_unknown(&w->payload, &before);
    code = mf__writer_put(w, 'E', err);
    return code < 0 ? code : mf_out_flush(w->out, err);
}

int mf_bundle_put_end(mf_bundle_writer *w, const mf_bundle_reader *from,
                      const mf_stage *stage, mf_err *err)
{
    mf_stage self = *stage;
    if (from)
        mf_stage_input(&self, "bundle", mf_bundle_digest(from));
    return put_end(w, from, 1, &self, err);
}

int mf_bundle_put_end_stages(mf_bundle_writer *w, size_t n, const mf_stage stage[],
                             mf_err *err)
{
    return put_end(w, NULL, n, stage, err);
}
