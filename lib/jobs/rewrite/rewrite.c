#include "jobs/rewrite/rewrite.h"
#include "base/report.h"
#include "data/ids.h"
#include "wire/kinds.h"

int mf__rewrite_open(rewrite *r, mf_in *in, mf_out *out, bool hold_ids,
                     const mf_report *report, mf_err *err)
{
    *r = (rewrite){.name = mf_in_name(in), .hold_ids = hold_ids, .report = report};
    int code = mf_bundle_reader_open(&r->in, in, err);
    if (code == MF_OK && out)
        code = mf_bundle_writer_open(&r->out, out, err);
    return code;
}

void mf__rewrite_close(rewrite *r)
{
    mf_bundle_reader_close(r->in);
    mf_bundle_writer_close(r->out);
    mf_ids_free(&r->users);
    mf_ids_free(&r->items);
    *r = (rewrite){0};
}

/* Once for each tag. */
static void report_dropped(rewrite *r, char tag)
{
    bool *reported = &r->reported[(unsigned char)tag & 127];
    if (!*reported)
        mf__report_note(r->report,
                        "dropped %s %c: it was made from other values or folds",
                        mf__frame_kind(tag)->name, tag);
    *reported = true;
}

static int hold_ids(rewrite *r, const mf_id_block *b, mf_err *err)
{
    mf_ids *ids = b->axis == MF_USER ? &r->users : &r->items;
    return mf__ids_append_run(ids, b->n, b->len, b->text, err);
}

int mf__rewrite_next(rewrite *r, const mf_record **record, mf_err *err)
{
    int code;
    while ((code = mf_bundle_next(r->in, record, err)) == 1) {
        const mf_record *rec = *record;
        if (rec->kind == MF_REC_HEADER || rec->kind == MF_REC_ROWS)
            return 1;
        if (rec->kind == MF_REC_IDS && r->hold_ids)
            code = hold_ids(r, &rec->ids, err);
        if (!mf_bundle_outlives_change(rec))
            report_dropped(r, rec->tag);
        else if (code >= 0 && r->out && !(rec->kind == MF_REC_IDS && r->own_ids))
            code = mf_bundle_pass(r->out, rec, err);
        if (code < 0)
            return code;
    }
    return code;
}
