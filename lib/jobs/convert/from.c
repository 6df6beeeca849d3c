#include <string.h>

#include <xxhash.h>

#include "base/number.h"
#include "base/report.h"
#include "jobs/convert/format.h"
#include "jobs/shared/ratings_put.h"
#include "jobs/convert/splitter.h"
#include "wire/note.h"

mf_convert_from_params mf_convert_from_defaults(void)
{
    return (mf_convert_from_params){.format = MF_FORMAT_TSV};
}

bool mf_convert_from_binary(const mf_convert_from_params *p)
{
    return mf__format(p->format)->binary;
}

int mf_convert_from_check(const mf_convert_from_params *p, mf_err *err)
{
    const char *name = mf_format_names[p->format];
    const format *f = mf__format(p->format);
    if (!f->read)
        return mf_fail(err, MF_EINVAL, "--from=%s: %s", name, f->unread);
    if (p->header && !f->headed)
        return mf_fail(err, MF_EINVAL, "--header: only %s can be with or without",
                       mf__formats_headed().text);
    const char *why = p->note ? mf__note_fault(p->note, strlen(p->note)) : NULL;
    if (why)
        return mf_fail(err, MF_EINVAL, "--note: %s", why);
    separator unused;
    if (p->separator && !f->separated)
        return mf_fail(err, MF_EINVAL, "--separator: only tsv, csv and lists have one");
    if (p->separator && mf__separator_read(&unused, p->format, p->separator, err) < 0)
        return MF_EINVAL;
    if (p->columns && f->columns == COLUMNS_NONE)
        return mf_fail(err, MF_EINVAL, "--columns: %s has none", name);
    return p->columns
               ? mf__columns_check(p->columns, f->columns, p->header || !f->headed, err)
               : MF_OK;
}

static int read_names(cells *c, const mf_convert_input *input,
                      const mf_convert_from_params *p, mf_stage *stage, mf_err *err)
{
    static const char *const what[] = {"user-names", "item-names"};
    bool by_index = mf__format(p->format)->by_index;
    for (int axis = MF_USER; axis <= MF_ITEM; axis++) {
        mf_lines *lines = input->names[axis];
        if (!lines)
            continue;
        int code =
            mf__cells_read_names(c, (mf_axis)axis, lines, by_index, p->header, err);
        if (code < 0)
            return code;
        mf_stage_input(stage, what[axis], mf_lines_digest(lines));
    }
    return MF_OK;
}

/* All of the input into cells; its columns and its digest into the stage. */
static int read_cells(cells *c, const mf_convert_input *input,
                      const mf_convert_from_params *p, mf_stage *stage,
                      const mf_report *report, mf_err *err)
{
    reading got = {.digest = 0};
    separator between = {.name = NULL};
    int code = mf__format(p->format)->read(c, input, p, &got, err);
    mf_stage_input(stage, "ratings",
                   input->text ? mf_lines_digest(input->text) : got.digest);
    if (code == MF_OK && got.columns[0])
        mf_stage_option(stage, "columns", "%s", got.columns);
    if (code == MF_OK && p->separator)
        code = mf__separator_read(&between, p->format, p->separator, err);
    if (between.name)
        mf_stage_option(stage, "separator", "%s", between.name);
    if (code == MF_OK && c->n == 0)
        code =
            mf_fail(err, MF_EFORMAT,
                    "%s: holds no ratings: what wrote it may have failed", c->source);
    if (code == MF_OK && got.unread[0])
        mf__report_warn(report, "%s: %s", c->source, got.unread);
    if (code == MF_OK)
        code = mf__cells_warn_names(c, report, err);
    if (code == MF_OK)
        mf__cells_warn_ids(c, p->format, report);
    if (code < 0 || !p->fold_items)
        return code;
    mf_stage_option(stage, "item-key", "%s", mf_artist_rule_names[MF_ARTIST_FOLD]);
    if (c->axis[MF_ITEM].indexed)
        return mf_fail(err, MF_EINVAL,
                       "%s: --item-key: its items have numbers, no names; give them "
                       "names with --item-names",
                       c->source);
    return mf__cells_fold_items(c, MF_ARTIST_FOLD, err);
}

/* Say what was read, and what was merged. */
static void tell(const cells *c, const mf_ratings *r, const mf_convert_from_params *p,
                 mf_stage *stage, const mf_report *report)
{
    size_t merged = c->n - r->x.nnz;
    const char *rule = mf_duplicates_names[p->duplicates];
    /* a line of lists has many cells, and a file of arrays no lines */
    const char *what = c->lines && p->format != MF_FORMAT_LISTS ? "lines" : "cells";
    mf__report_note(report,
                    "%zu line%s became %zu cell%s of %u user%s and %u item%s, as %s",
                    c->n, mf__plural(c->n), r->x.nnz, mf__plural(r->x.nnz), r->users.n,
                    mf__plural(r->users.n), r->items.n, mf__plural(r->items.n),
                    r->count ? "u32" : "f32");
    if (merged == 0)
        return;
    if (c->ordered && !c->timed) /* another order of the lines can be another result */
        mf_stage_input(stage, "order", c->order);
    if (p->duplicates_chosen)
        mf__report_note(report,
                        "%zu of %zu cells repeat%s a user and item: merged by %s",
                        merged, c->n, merged == 1 ? "s" : "", rule);
    else
        mf__report_warn(report,
                        "note: %s: %zu of %zu %s repeat%s a user and item and %s "
                        "summed; "
                        "say which you want: --duplicates=sum for counts, last, first, "
                        "max or mean for ratings",
                        c->source, merged, c->n, what, merged == 1 ? "s" : "",
                        merged == 1 ? "was" : "were");
}

static int write_bundle(mf_out *out, const mf_ratings *r, const char *note,
                        const mf_stage *stage, mf_err *err)
{
    mf_bundle_writer *w;
    int code = mf_bundle_writer_open(&w, out, err);
    if (code < 0)
        return code;
    code = mf__ratings_put(w, r, r->count ? MF_U32 : MF_F32, true, note, err);
    if (code == MF_OK)
        code = mf_bundle_put_end(w, NULL, stage, err);
    mf_bundle_writer_close(w);
    return code;
}

int mf_convert_from_run(const mf_convert_input *input, mf_out *out,
                        const mf_convert_from_params *p, const mf_report *report,
                        mf_err *err)
{
    cells c;
    mf_ratings ratings = {0};
    mf_stage stage = mf_stage_make("mf-convert");
    mf_stage_option(&stage, "from", "%s", mf_format_names[p->format]);
    mf_stage_option(&stage, "duplicates", "%s", mf_duplicates_names[p->duplicates]);
    if (p->header)
        mf_stage_option(&stage, "header", "yes");

    if (p->as)
        mf_stage_option(&stage, "as", "%s", mf_fold_names[p->as - 1]);

    int code = mf_convert_from_check(p, err);
    if (code == MF_OK)
        code = mf__cells_open(&c, input->text,
                              input->binary ? mf_in_name(input->binary) : NULL, err);
    if (code < 0)
        return code;
    c.one_fold = p->as > 0;
    c.fold = p->as > 0 ? (unsigned)p->as - 1 : 0;
    c.ordered = input->text && (p->duplicates == MF_DUPLICATES_FIRST ||
                                p->duplicates == MF_DUPLICATES_LAST);
    code = read_names(&c, input, p, &stage, err);
    if (code == MF_OK)
        code = read_cells(&c, input, p, &stage, report, err);
    mf__report_phase(report, "sorting");
    if (code == MF_OK)
        code = mf__cells_settle(&c, p->duplicates, &ratings, err);
    if (code == MF_OK) {
        tell(&c, &ratings, p, &stage, report);
        mf__report_phase(report, "writing");
        if (p->note)
            mf_stage_input(&stage, "note", XXH3_64bits(p->note, strlen(p->note)));
        code = write_bundle(out, &ratings, p->note, &stage, err);
    }
    mf__cells_close(&c);
    mf_ratings_free(&ratings);
    return code;
}
