#include <stdio.h>
#include <string.h>

#include <xxhash.h>

#include "base/report.h"
#include "data/text.h"
#include "jobs/convert/private.h"
#include "wire/note.h"

const char *const mf_format_names[] = {"tsv", "csv",   "mtx",    "npy",
                                       "npz", "inter", "ndjson", NULL};
const char *const mf_part_names[] = {"ratings",     "users",       "items", "history",
                                     "user-biases", "item-biases", NULL};

mf_convert_from_params mf_convert_from_defaults(void)
{
    return (mf_convert_from_params){.format = MF_FORMAT_TSV};
}

int mf_convert_from_check(const mf_convert_from_params *p, mf_err *err)
{
    mf_field part[COLS];
    uint32_t column;
    bool fields = p->format == MF_FORMAT_TSV || p->format == MF_FORMAT_CSV;
    if (p->format == MF_FORMAT_NPY)
        return mf_fail(err, MF_EINVAL,
                       "--from=npy: factors alone, without ids and ratings, "
                       "are no bundle; npy is written only");
    if (p->header && !fields)
        return mf_fail(err, MF_EINVAL,
                       "--header: only tsv and csv can be with or without");
    const char *why = p->note ? mf__note_fault(p->note, strlen(p->note)) : NULL;
    if (why)
        return mf_fail(err, MF_EINVAL, "--note: %s", why);
    if (!p->columns)
        return MF_OK;
    if (p->format == MF_FORMAT_MTX || p->format == MF_FORMAT_NPZ)
        return mf_fail(err, MF_EINVAL, "--columns: %s has none",
                       mf_format_names[p->format]);
    size_t n = mf__convert_columns(p->columns, part);
    if (n == 0)
        return mf_fail(err, MF_EINVAL,
                       "--columns: '%s' is not two to four columns: "
                       "user,item[,value[,fold]]",
                       p->columns);
    for (size_t i = 0; i < n; i++) {
        bool number = mf__text_u32(part[i], &column);
        if (p->format == MF_FORMAT_NDJSON) {
            if (part[i].len > KEY_MAX)
                return mf_fail(err, MF_EINVAL,
                               "--columns: a key has more than %d bytes", KEY_MAX);
        } else if (number && (column == 0 || column > COLUMN_MAX)) {
            return mf_fail(err, MF_EINVAL, "--columns: column %u is not in 1 .. %d",
                           column, COLUMN_MAX);
        } else if (!number && fields && !p->header) {
            return mf_fail(err, MF_EINVAL,
                           "--columns: to find column '%.*s' by name, the "
                           "file needs a header and --header",
                           (int)part[i].len, part[i].text);
        }
    }
    return MF_OK;
}

static int read_names(cells *c, const mf_convert_input *input,
                      const mf_convert_from_params *p, mf_stage *stage, mf_err *err)
{
    static const char *const what[] = {"user-names", "item-names"};
    bool by_index = p->format == MF_FORMAT_MTX || p->format == MF_FORMAT_NPZ;
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

/* All of the input into cells, and its digest into the stage. */
static int read_cells(cells *c, const mf_convert_input *input,
                      const mf_convert_from_params *p, mf_stage *stage, mf_err *err)
{
    char columns[CHOSEN] = "";
    uint64_t digest = 0;
    int code;
    switch (p->format) {
    case MF_FORMAT_TSV:
    case MF_FORMAT_CSV:
    case MF_FORMAT_INTER:
        code = mf__delimited_read(c, input->text, p, columns, err);
        break;
    case MF_FORMAT_NDJSON:
        code = mf__ndjson_read(c, input->text, p, columns, err);
        break;
    case MF_FORMAT_MTX: code = mf__mtx_read(c, input->text, err); break;
    default: code = mf__npz_read(c, input->binary, &digest, err);
    }
    if (input->text)
        digest = mf_lines_digest(input->text);
    mf_stage_input(stage, "ratings", digest);
    if (columns[0])
        mf_stage_option(stage, "columns", "%s", columns);
    return code;
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
    mf_stage_option(&stage, "duplicates", "%s", p->refuse_duplicates ? "error" : "sum");
    if (p->header)
        mf_stage_option(&stage, "header", "yes");

    int code = mf_convert_from_check(p, err);
    if (code == MF_OK)
        code = mf__cells_open(&c, input->text,
                              input->binary ? mf_in_name(input->binary) : NULL, err);
    if (code < 0)
        return code;
    code = read_names(&c, input, p, &stage, err);
    if (code == MF_OK)
        code = read_cells(&c, input, p, &stage, err);
    if (code == MF_OK && c.n == 0)
        code = mf_fail(err, MF_EFORMAT,
                       "%s: holds no ratings: what wrote it may have failed", c.source);
    size_t read = c.n;
    if (code == MF_OK)
        code = mf__cells_settle(&c, p->refuse_duplicates, &ratings, err);
    mf__cells_close(&c);
    if (code == MF_OK) {
        mf__report_note(report,
                        "%zu lines became %zu cells of %u users and %u items, as %s",
                        read, ratings.x.nnz, ratings.users.n, ratings.items.n,
                        ratings.count ? "u32" : "f32");
        if (p->note)
            mf_stage_input(&stage, "note", XXH3_64bits(p->note, strlen(p->note)));
        code = write_bundle(out, &ratings, p->note, &stage, err);
    }
    mf_ratings_free(&ratings);
    return code;
}
