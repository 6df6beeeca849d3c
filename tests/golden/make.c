/* Makes the golden bundles: golden/make FOLDER
 *
 * They are made once and then kept: a later version may write other bytes, but
 * must read these for ever (golden.t). A new feature gets a new file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "unit/aid.h"
#include "wire/writer.h"

static const char *folder;

static void must(int code, const mf_err *err)
{
    if (code < 0) {
        fprintf(stderr, "make: %s\n", err->text);
        exit(1);
    }
}

static void save(const char *name, aid_bytes b)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(b.data, 1, b.size, f) != b.size || fclose(f) != 0) {
        perror(path);
        exit(1);
    }
    aid_free(&b);
}

static void put_ids(mf_bundle_writer *w, mf_axis axis, const char *format, uint32_t n)
{
    mf_err err = {0};
    mf_ids ids = {0};
    for (uint32_t i = 0; i < n; i++) {
        char text[64];
        int len = snprintf(text, sizeof text, format, i);
        must(mf_ids_append(&ids, text, (size_t)len, &err), &err);
    }
    must(mf_bundle_put_ids(w, axis, &ids, &err), &err);
    mf_ids_free(&ids);
}

/* Rows of 0 to `most` cells of counts, without folds or with, in frames of at
 * most `frame` cells. */
static aid_bytes counts(uint32_t users, uint32_t items, uint32_t most, size_t frame,
                        bool folds)
{
    mf_err err = {0};
    int fd;
    mf_out *out = aid_out(&fd);
    mf_bundle_writer *w;
    mf_header h = {.users = users, .items = items};
    mf_stage stage = mf_stage_make("golden");
    uint32_t *item = mf__new(items, sizeof *item),
             *count = mf__new(items, sizeof *count);
    uint8_t *fold = mf__new(items, 1);
    if (!item || !count || !fold)
        must(mf__nomem(&err), &err);
    must(mf_bundle_writer_open(&w, out, &err), &err);
    mf__writer_row_cells(w, frame);
    must(mf_bundle_put_header(w, &h, NULL, &err), &err);
    put_ids(w, MF_USER, "listener %03u", users);
    put_ids(w, MF_ITEM, "K\xc3\xbcnstler %03u", items);
    for (uint32_t u = 0; u < users; u++) {
        mf_rng rng = mf__rng_make(1, MF_STREAM_TEST, u);
        uint32_t n = 0, want = u * 5 % (most + 1);
        for (uint32_t i = 0; i < items && n < want; i++)
            if (mf__rng_below(&rng, items - i) < want - n) {
                item[n] = i;
                count[n] = 1 + mf__rng_below(&rng, u == 1 ? UINT32_MAX : 50);
                fold[n++] = folds ? (uint8_t)mf__rng_below(&rng, 4) : 0;
            }
        must(mf_bundle_put_row(w, n, item, count, fold, &err), &err);
    }
    must(mf_bundle_put_end(w, NULL, &stage, &err), &err);
    mf_bundle_writer_close(w);
    free(item);
    free(count);
    free(fold);
    return aid_out_close(out, fd);
}

/* A model with biases and all of the card. */
static aid_bytes biased(void)
{
    static const float item[6] = {0.5f, -0.25f, 0, 1, 2, -3},
                       user[5] = {1, 0, 0, -1, 0.125f};
    static const uint8_t rule[] = "\xa3max",
                         preset[] = "\xa8"
                                    "explicit",
                         kind[] = "\xa3log";
    uint8_t v[AID_VALUE];
    aid_bytes plain = aid_sample(3, MF_F32);
    aid_doc *doc = aid_doc_read(plain.data, plain.size);
    size_t card = aid_doc_find(doc, 'M', 0);
    aid_doc_set(doc, card, "preset", preset, sizeof preset - 1);
    aid_doc_set(doc, card, "assign", rule, sizeof rule - 1);
    aid_doc_set(doc, card, "confidence", kind, sizeof kind - 1);
    aid_doc_set(doc, card, "alpha", v, aid_f64(v, 40));
    aid_doc_set(doc, card, "eps", v, aid_f64(v, 0.5));
    aid_doc_set(doc, card, "lambda_bias", v, aid_f64(v, 0.25));
    aid_doc_set(doc, card, "mu", v, aid_f64(v, 3.5));
    aid_doc_set_bin(doc, aid_doc_find(doc, 'F', 0), "bias", item, sizeof item);
    aid_doc_set_bin(doc, aid_doc_find(doc, 'F', 1), "bias", user, sizeof user);
    aid_bytes result = aid_doc_write(doc);
    aid_doc_free(doc);
    aid_free(&plain);
    return result;
}

/* A model whose items weigh by popularity, to the power 1/2: they have 2, 2, 2, 0, 1 and
 * 2 training cells. */
static aid_bytes weighed(void)
{
    static const float weight[6] = {1.05409255f, 1.05409255f,  1.05409255f,
                                    0,           0.745355992f, 1.05409255f};
    static const uint8_t preset[] = "\xac"
                                    "implicit+pop";
    uint8_t v[AID_VALUE];
    aid_bytes plain = aid_sample(3, MF_U32);
    aid_doc *doc = aid_doc_read(plain.data, plain.size);
    size_t card = aid_doc_find(doc, 'M', 0);
    aid_doc_set(doc, card, "preset", preset, sizeof preset - 1);
    aid_doc_set(doc, card, "popularity", v, aid_f64(v, 0.5));
    aid_doc_set_bin(doc, aid_doc_find(doc, 'F', 0), "weight", weight, sizeof weight);
    aid_bytes result = aid_doc_write(doc);
    aid_doc_free(doc);
    aid_free(&plain);
    return result;
}

/* Counts with times, before and after 1970, in rows over several frames. */
static aid_bytes timed(void)
{
    static const uint32_t item[6] = {0, 1, 2, 3, 4, 5}, count[6] = {1, 2, 3, 4, 5, 6};
    static const uint8_t fold[6] = {0, 0, 1, 2, 3, 0};
    static const int64_t time[6] = {-62167219200, -1,         0,
                                    1109161804,   1109161804, 253402300799};
    mf_err err = {0};
    int fd;
    mf_out *out = aid_out(&fd);
    mf_bundle_writer *w;
    mf_header h = {.users = 3, .items = 6, .nnz = 10, .nnz_known = true, .time = true};
    mf_stage stage = mf_stage_make("golden");
    must(mf_bundle_writer_open(&w, out, &err), &err);
    mf__writer_row_cells(w, 4);
    must(mf_bundle_put_header(w, &h, NULL, &err), &err);
    put_ids(w, MF_USER, "listener %03u", 3);
    put_ids(w, MF_ITEM, "K\xc3\xbcnstler %03u", 6);
    for (uint32_t u = 0; u < 3; u++) { /* 6, 4 and no cells */
        uint32_t skip = 2 * u, n = u < 2 ? 6 - skip : 0;
        must(mf_bundle_put_row_time(w, n, item + skip, count, fold + skip, time + skip,
                                    &err),
             &err);
    }
    must(mf_bundle_put_end(w, NULL, &stage, &err), &err);
    mf_bundle_writer_close(w);
    return aid_out_close(out, fd);
}

/* A model with a note of three lines. */
static aid_bytes noted(void)
{
    aid_bytes plain = aid_sample(1, MF_U32);
    aid_doc *doc = aid_doc_read(plain.data, plain.size);
    aid_doc_note(doc, 1, "Pl\xc3\xa4ys of five people\n\nCC BY-NC-SA 4.0");
    aid_bytes result = aid_doc_write(doc);
    aid_doc_free(doc);
    aid_free(&plain);
    return result;
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: make FOLDER\n");
        return 2;
    }
    folder = argv[1];
    save("counts.mf", counts(12, 9, 6, MF_ROWS_CELLS, false));
    save("split.mf", counts(12, 9, 6, MF_ROWS_CELLS, true));
    save("long-rows.mf", counts(7, 40, 33, 8, true));
    save("values.mf", aid_sample(0, MF_F32));
    save("plain-model.mf", aid_sample(1, MF_F32));
    save("persona-model.mf", aid_sample(3, MF_U32));
    save("bias-model.mf", biased());
    save("foreign.mf", aid_sample_foreign());
    save("note.mf", noted());
    save("timed.mf", timed());
    save("popularity-model.mf", weighed());
    return 0;
}
