/* Reading: each frame is checked against the header and its predecessors, then
 * shown with its typed arrays copied out to where they are aligned. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "data/ids.h"
#include "wire/private.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "typed arrays are little-endian on the wire and copied as they are");

/* Sections in their order. Frames that may stand anywhere have no phase. */
enum {
    PHASE_START,
    PHASE_HEADER,
    PHASE_IDS,
    PHASE_ROWS,
    PHASE_CARD,
    PHASE_FACTORS,
    PHASE_HISTORY,
    PHASE_END
};

int mf_bundle_reader_open(mf_bundle_reader **out, mf_in *in, mf_err *err)
{
    mf_bundle_reader *r = *out = mf__new0(1, sizeof *r);
    if (!r)
        return mf__nomem(err);
    r->in = in;
    r->record.from = r;
    int code = mf__frame_reader_open(&r->frames, in, err);
    if (code < 0) {
        free(r);
        *out = NULL;
    }
    return code;
}

static void drop_parts(mf_bundle_reader *r)
{
    for (size_t i = 0; i < r->parts; i++)
        if (r->part[i].held)
            free(r->part[i].payload);
    r->parts = 0;
}

void mf_bundle_reader_close(mf_bundle_reader *r)
{
    if (!r)
        return;
    drop_parts(r);
    mf__frame_reader_close(r->frames);
    free(r->last_id);
    free(r->len);
    free(r->item);
    free(r->value);
    free(r->fold);
    free(r->data);
    free(r->bias);
    free(r->history);
    free(r->part);
    free(r->stage);
    mf__wire_free(&r->tail);
    free(r);
}

int mf_bundle_fail(const mf_bundle_reader *r, mf_err *err, const char *format, ...)
{
    char what[400];
    va_list args;
    va_start(args, format);
    mf__vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return mf__frame_fail(r->frames, err, "%s", what);
}

int mf__bundle_bad(const mf_bundle_reader *r, mf_err *err, const char *why)
{
    if (strcmp(why, WIRE_NO_MEMORY) == 0)
        return mf__nomem(err);
    return mf_bundle_fail(r, err, "%c: %s", r->frame.tag, why);
}

int mf__bundle_copy_bin(mf_bundle_reader *r, const char *key, size_t n, size_t size,
                        void *block, size_t *cap, size_t at, mf_err *err)
{
    wire_span bin;
    const char *why = mf__wire_get_bin(&r->map, key, true, &bin);
    if (why)
        return mf__bundle_bad(r, err, why);
    if (bin.size / size != n || bin.size % size != 0)
        return mf_bundle_fail(r, err, "%c: '%s' has %zu bytes, not %zu times %zu",
                              r->frame.tag, key, bin.size, n, size);
    if (mf__reserve(block, cap, at + n + 1, size, err) < 0) /* never NULL */
        return MF_ENOMEM;
    uint8_t *to;
    memcpy(&to, block, sizeof to);
    if (n)
        memcpy(to + at * size, bin.data, bin.size);
    return MF_OK;
}

static int read_header(mf_bundle_reader *r, mf_err *err)
{
    char magic[8] = "", value[8] = "";
    wire_span *version = NULL;
    size_t parts = 0;
    mf_header *h = &r->header;
    wire_map *m = &r->map;
    const char *why;

    if (mf__wire_get_name(m, "magic", true, magic, sizeof magic) ||
        strcmp(magic, "mfpipe"))
        return mf__bundle_bad(r, err, "not an mfpipe bundle: the magic is missing");
    if ((why = mf__wire_get_array(m, "version", true, &version, &parts)))
        return mf__bundle_bad(r, err, why);
    uint64_t major = 0;
    bool whole = parts == 2 && mf__wire_span_u64(version[0], &major) &&
                 mf__wire_span_u64(version[1], &r->minor);
    free(version);
    if (!whole || major == 0)
        return mf__bundle_bad(r, err, "key 'version' has a wrong type or range");
    if (major > MF_BUNDLE_MAJOR)
        return mf_bundle_fail(r, err,
                              "H: the bundle has version %llu, this tool reads up to "
                              "%d; use a newer mfpipe",
                              (unsigned long long)major, MF_BUNDLE_MAJOR);
    if ((why = mf__wire_get_u32(m, "users", true, &h->users)) ||
        (why = mf__wire_get_u32(m, "items", true, &h->items)) ||
        (why = mf__wire_get_u64(m, "nnz", UINT64_MAX, false, &h->nnz)) ||
        (why = mf__wire_get_name(m, "value", true, value, sizeof value)))
        return mf__bundle_bad(r, err, why);
    wire_span nnz = mf__wire_get_raw(m, "nnz");
    if (!nnz.data)
        return mf__bundle_bad(r, err, "key 'nnz' is missing");
    h->nnz_known = nnz.data[0] != 0xc0;
    if (h->nnz > (uint64_t)h->users * h->items)
        return mf__bundle_bad(r, err, "key 'nnz' is more than users times items");
    if (strcmp(value, "u32") != 0 && strcmp(value, "f32") != 0)
        return mf__bundle_bad(r, err, "key 'value' is neither u32 nor f32");
    h->value = value[0] == 'f' ? MF_F32 : MF_U32;
    r->record.kind = MF_REC_HEADER;
    r->record.header = *h;
    return MF_OK;
}

static int read_ids(mf_bundle_reader *r, mf_err *err)
{
    char axis[8] = "";
    mf_id_block *b = &r->record.ids;
    const char *why, *text = NULL;
    size_t bytes = 0;
    *b = (mf_id_block){0};
    if ((why = mf__wire_get_name(&r->map, "axis", true, axis, sizeof axis)) ||
        (why = mf__wire_get_u32(&r->map, "first", true, &b->first)) ||
        (why = mf__wire_get_u32(&r->map, "n", true, &b->n)) ||
        (why = mf__wire_get_str(&r->map, "text", true, &text, &bytes)))
        return mf__bundle_bad(r, err, why);
    if (strcmp(axis, "user") != 0 && strcmp(axis, "item") != 0)
        return mf__bundle_bad(r, err, "key 'axis' is neither user nor item");
    b->axis = axis[0] == 'u' ? MF_USER : MF_ITEM;
    uint32_t total = b->axis == MF_USER ? r->header.users : r->header.items;
    if (b->axis == MF_USER && r->next_id[MF_ITEM] > 0)
        return mf__bundle_bad(r, err, "ids of users after ids of items");
    if (b->axis == MF_ITEM && r->next_id[MF_USER] != r->header.users)
        return mf__bundle_bad(r, err, "ids of items before all users were named");
    if (b->first != r->next_id[b->axis] || b->n == 0 || b->n > total - b->first)
        return mf__bundle_bad(
            r, err, "ids do not follow those before, or are more than H says");
    int code = mf__bundle_copy_bin(r, "len", b->n, sizeof *r->len, &r->len, &r->len_cap,
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
            return mf__bundle_bad(r, err,
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
        return mf__bundle_bad(r, err, "the text is longer than the lengths of the ids");
    if (mf__reserve(&r->last_id, &r->last_id_cap, before_len, 1, err) < 0)
        return MF_ENOMEM;
    memmove(r->last_id, before, before_len);
    r->last_id_len = before_len;
    r->next_id[b->axis] += b->n;
    r->record.kind = MF_REC_IDS;
    return MF_OK;
}

/* The checks below have no way out of their loops, so that they are vector code;
 * the pragma asks for it where -O2 would not. */

int mf__bundle_add_part(mf_bundle_reader *r, size_t cells, mf_err *err)
{
    if (mf__reserve(&r->part, &r->part_cap, r->parts + 1, sizeof *r->part, err) < 0)
        return MF_ENOMEM;
    union {
        const uint8_t *in;
        uint8_t *out;
    } payload = {r->frame.payload}; /* only ever read, or freed if held */
    r->part[r->parts++] = (bundle_part){payload.out, r->frame.size, false, cells};
    return MF_OK;
}

int mf__bundle_next_frame(mf_bundle_reader *r, mf_err *err)
{
    int code = mf__frame_next(r->frames, &r->frame, err);
    if (code < 0)
        return code;
    if (code == 0)
        return mf_fail(err, MF_EFORMAT,
                       r->started
                           ? "%s: frame %llu@%llu: the input ends without its end "
                             "frame E: it was cut, or what wrote it failed"
                           : "%s: frame %llu@%llu: the input is empty, not a bundle",
                       mf_in_name(r->in),
                       (unsigned long long)(r->started ? r->frame.index + 1 : 0),
                       (unsigned long long)mf_in_offset(r->in));
    const char *why = mf__wire_map_parse(&r->map, r->frame.payload, r->frame.size);
    if (why)
        return mf__bundle_bad(r, err, why);
    r->section[(unsigned char)r->frame.tag & 127]++;
    return MF_OK;
}

void mf__bundle_know_end(wire_map *map)
{
    static const char *const keys[] = {"frames", "nnz", "sections", "prov"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        mf__wire_get_raw(map, keys[i]);
}

static bool factors_whole(const mf_bundle_reader *r)
{
    return r->next_factor[MF_USER] == r->header.users &&
           r->next_factor[MF_ITEM] == r->header.items;
}

/* NULL if every section that was begun is whole. */
static const char *unfinished(const mf_bundle_reader *r)
{
    const mf_header *h = &r->header;
    if (r->next_id[MF_USER] != h->users || r->next_id[MF_ITEM] != h->items)
        return "the stream ended before all ids";
    if (r->section['R'] && r->next_row != h->users)
        return "the stream ended before all rows";
    if (r->section['R'] && h->nnz_known && r->cells != h->nnz)
        return "the stream has fewer cells than H says";
    if (r->section['M'] && !factors_whole(r))
        return "the stream ended before all factors";
    return NULL;
}

/* E's totals against what was seen. */
static const char *check_totals(mf_bundle_reader *r, wire_map *totals)
{
    uint64_t frames = 0, nnz = 0;
    const char *why;
    if ((why = mf__wire_get_u64(&r->tail_map, "frames", UINT64_MAX, true, &frames)) ||
        (why = mf__wire_get_u64(&r->tail_map, "nnz", UINT64_MAX, true, &nnz)))
        return why;
    wire_span sections = mf__wire_get_raw(&r->tail_map, "sections");
    if (!sections.data || mf__wire_map_parse(totals, sections.data, sections.size))
        return "key 'sections' is missing or not a map";
    if (frames != r->frame.index || nnz != r->cells)
        return "totals differ from what the stream holds";
    for (unsigned char tag = 'A'; tag <= 'z'; tag++) {
        uint64_t n = 0;
        char key[2] = {(char)tag, 0};
        if (tag == 'E' || (tag > 'Z' && tag < 'a'))
            continue;
        if ((why = mf__wire_get_u64(totals, key, UINT64_MAX, false, &n)))
            return why;
        if (n != r->section[tag])
            return "counts by section differ from what the stream holds";
    }
    return NULL;
}

static int read_end(mf_bundle_reader *r, mf_err *err)
{
    wire_map totals;
    mf__wire_clear(&r->tail);
    mf__wire_append(&r->tail, r->frame.payload, r->frame.size);
    if (r->tail.failed)
        return mf__nomem(err);
    const char *why = mf__wire_map_parse(&r->tail_map, r->tail.data, r->tail.size);
    if (why || (why = unfinished(r)) || (why = check_totals(r, &totals)) ||
        (why = mf__wire_get_array(&r->tail_map, "prov", true, &r->stage, &r->stages)))
        return mf__bundle_bad(r, err, why);
    if (r->stages > BUNDLE_STAGES_MAX)
        return mf__bundle_bad(r, err, "more stages of provenance than are allowed");
    for (size_t i = 0; i < r->stages; i++) {
        mf_stage stage;
        if ((why = mf__bundle_unpack_stage(r->stage[i], &stage)))
            return mf__bundle_bad(r, err, why);
    }
    mf_frame after;
    int code = mf__frame_next(r->frames, &after, err);
    if (code > 0)
        return mf_bundle_fail(r, err, "a frame follows the end frame");
    r->ended = code == 0;
    return code;
}

/* The phase of a known tag; 0 for one that may stand anywhere. */
static int phase_of(char tag)
{
    switch (tag) {
    case 'H': return PHASE_HEADER;
    case 'I': return PHASE_IDS;
    case 'R': return PHASE_ROWS;
    case 'M': return PHASE_CARD;
    case 'F': return PHASE_FACTORS;
    case 'h': return PHASE_HISTORY;
    case 'E': return PHASE_END;
    default: return 0;
    }
}

/* Check that the frame may stand here, and note how far the stream is. */
static int enter_phase(mf_bundle_reader *r, mf_err *err)
{
    char tag = r->frame.tag;
    int phase = phase_of(tag);
    if (r->phase == PHASE_START && tag != 'H')
        return mf_bundle_fail(r, err,
                              "not a bundle: it does not begin with a header H");
    if (phase == 0 && tag < 'a')
        return mf_bundle_fail(r, err,
                              "%c: unknown kind of frame that must not be skipped; "
                              "use a newer mfpipe",
                              tag);
    if (phase == 0)
        return MF_OK;
    bool once = tag == 'H' || tag == 'M';
    if (phase < r->phase || (once && phase == r->phase))
        return mf_bundle_fail(r, err, "%c: the frame is out of order", tag);
    if (phase > PHASE_IDS && r->phase <= PHASE_IDS &&
        (r->next_id[MF_USER] != r->header.users ||
         r->next_id[MF_ITEM] != r->header.items))
        return mf_bundle_fail(r, err, "%c: the frame comes before all ids", tag);
    if (phase > PHASE_ROWS && r->phase == PHASE_ROWS && r->next_row != r->header.users)
        return mf_bundle_fail(r, err, "%c: the frame comes before all rows", tag);
    if (phase == PHASE_FACTORS && r->section['M'] == 0)
        return mf_bundle_fail(r, err, "F: factors without a model card M");
    if (phase > PHASE_FACTORS && r->section['M'] && !factors_whole(r))
        return mf_bundle_fail(r, err, "%c: the frame comes before all factors", tag);
    r->phase = phase;
    return MF_OK;
}

static int next_record(mf_bundle_reader *r, mf_err *err)
{
    drop_parts(r);
    int code = mf__bundle_next_frame(r, err);
    if (code < 0 || (code = enter_phase(r, err)) < 0)
        return code;
    r->started = true;
    r->record.tag = r->frame.tag;
    switch (r->frame.tag) {
    case 'H': code = read_header(r, err); break;
    case 'I': code = read_ids(r, err); break;
    case 'R': code = mf__bundle_read_rows(r, err); break;
    case 'M': code = mf__bundle_read_card(r, err); break;
    case 'F': code = mf__bundle_read_factors(r, err); break;
    case 'h': code = mf__bundle_read_history(r, err); break;
    case 'E': return read_end(r, err);
    default:
        r->record.kind = MF_REC_OTHER;
        r->record.safe = false;
        const char *why = mf__wire_get_bool(&r->map, "safe", &r->record.safe);
        code = why ? mf__bundle_bad(r, err, why) : MF_OK;
    }
    if (code == MF_OK && r->record.kind != MF_REC_ROWS)
        code = mf__bundle_add_part(r, 0, err);
    return code < 0 ? code : 1;
}

int mf_bundle_next(mf_bundle_reader *r, const mf_record **record, mf_err *err)
{
    *record = NULL;
    if (r->ended)
        return 0;
    if (r->failed < 0) /* nothing after an error can be believed */
        return mf_fail(err, r->failed, "%s: reading went on after an error",
                       mf_in_name(r->in));
    int code = next_record(r, err);
    if (code < 0)
        r->failed = code;
    if (code == 1)
        *record = &r->record;
    return code;
}

bool mf_bundle_outlives_change(const mf_record *record)
{
    switch (record->kind) {
    case MF_REC_HEADER:
    case MF_REC_IDS:
    case MF_REC_ROWS: return true;
    case MF_REC_OTHER: return record->safe;
    default: return false;
    }
}

const mf_header *mf_bundle_header(const mf_bundle_reader *r)
{
    return &r->header;
}

uint64_t mf_bundle_digest(const mf_bundle_reader *r)
{
    return mf__frame_reader_digest(r->frames);
}

uint64_t mf_bundle_cells(const mf_bundle_reader *r)
{
    return r->cells;
}

uint64_t mf_bundle_section(const mf_bundle_reader *r, char tag)
{
    return r->section[(unsigned char)tag & 127];
}

size_t mf_bundle_stages(const mf_bundle_reader *r)
{
    return r->stages;
}

int mf_bundle_stage(const mf_bundle_reader *r, size_t i, mf_stage *stage, mf_err *err)
{
    if (i >= r->stages)
        return mf_fail(err, MF_EINVAL, "stage %zu of %zu", i, r->stages);
    const char *why = mf__bundle_unpack_stage(r->stage[i], stage);
    return why ? mf__bundle_bad(r, err, why) : MF_OK;
}
