/* The stream of records, read and passed on: which frame may stand where is decided
 * here, by the table of kinds; what is in it, by the file of its kind. */
#include "mf/bundle.h"

#include "wire/kinds.h"
#include "wire/reader.h"
#include "wire/rows.h"
#include "wire/writer.h"

/* Check that a frame of this kind may stand here, and note how far the stream is. */
static int enter(mf_bundle_reader *r, const frame_kind *kind, mf_err *err)
{
    char tag = r->frame.tag;
    if (!r->at && tag == 'C' && mf__map_raw(&r->map, "iteration").data)
        return mf_bundle_fail(r, err,
                              "not a bundle but a checkpoint of mf-als: give it to "
                              "--resume, with the bundle and the options that it was "
                              "made with");
    if (!r->at && tag != 'H')
        return mf_bundle_fail(r, err,
                              "not a bundle: it does not begin with a header H");
    if (!kind->tag && tag < 'a')
        return mf_bundle_fail(r, err,
                              "%c: unknown kind of frame that must not be skipped; "
                              "use a newer mfpipe",
                              tag);
    bool again = kind->once && mf_bundle_section(r, tag) > 1;
    if (kind->anywhere)
        return again ? mf_bundle_fail(r, err, "%c: a bundle has one such frame", tag)
                     : MF_OK;
    if (again || kind < r->at)
        return mf_bundle_fail(r, err, "%c: the frame is out of order", tag);
    for (const frame_kind *before = r->at; before && before < kind; before++)
        if (before->missing && before->missing(r))
            return mf_bundle_fail(r, err, "%c: the frame comes before %s", tag,
                                  before->all);
    r->at = kind;
    return MF_OK;
}

/* Read a frame, or several of one row. Returns 1 for a record, 0 for the end, or a
 * failure. */
static int next_record(mf_bundle_reader *r, mf_err *err)
{
    mf__reader_drop_parts(r);
    int code = mf__reader_next_frame(r, err);
    if (code < 0)
        return code;
    const frame_kind *kind = mf__frame_kind(r->frame.tag);
    if ((code = enter(r, kind, err)) < 0)
        return code;
    r->record.kind = kind->kind;
    r->record.tag = r->frame.tag;
    r->record.safe = false;
    if (kind->fate == FATE_STAYS_IF_SAFE) {
        const char *why = mf__map_bool(&r->map, "safe", &r->record.safe);
        if (why)
            return mf__reader_bad(r, err, why);
    }
    if (kind->read)
        code = kind->read(r, err);
    return code < 0 ? code : !r->ended;
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
    switch (mf__frame_kind(record->tag)->fate) {
    case FATE_STAYS: return true;
    case FATE_STAYS_IF_SAFE: return record->safe;
    default: return false;
    }
}

int mf_bundle_pass(mf_bundle_writer *w, const mf_record *record, mf_err *err)
{
    const frame_kind *kind = mf__frame_kind(record->tag);
    int code = mf__rows_send(w, err);
    if (kind->passed)
        kind->passed(w, record);
    for (size_t i = 0; code == MF_OK && i < record->from->parts; i++) {
        const bundle_part *part = &record->from->part[i];
        w->section[(unsigned char)record->tag & 127]++;
        w->written++;
        code = mf__frame_pass(w->frames, record->tag, part->payload, part->size, err);
    }
    return code;
}
