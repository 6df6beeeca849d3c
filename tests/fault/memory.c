/* The k-th allocation fails: fault/memory BUNDLE NOTED-BUNDLE. What reads and writes
 * bundles, and what models say; see memory_tools.c for the others. */
#include "fault/memory.h"

#include "data/ids.h"
#include "data/intern.h"
#include "jobs/recommend/job.h"
#include "mf/evaluate.h"
#include "mf/info.h"
#include "mf/io.h"
#include "mf/model.h"
#include "mf/score.h"

static int in, noted; /* copies of the bundles */

/* Pass the bundle on, or rewrite its header and rows. */
static int pass(bool rewrite, mf_err *err)
{
    mf_in *input = NULL;
    mf_out *out = NULL;
    int code = mf_in_open(&input, in, "bundle", err);
    if (code == 0)
        code = mf_out_open(&out, sink, "result", err);
    if (code == 0)
        code = aid_pass_stream(input, out, rewrite, err);
    mf_out_close(out);
    mf_in_close(input);
    return code;
}

static int job_pass(mf_err *err)
{
    return pass(false, err);
}

static int job_rewrite(mf_err *err)
{
    return pass(true, err);
}

/* Load the bundle into memory, write all of it anew. */
static int put_model(mf_bundle_writer *w, const mf_model *m, mf_err *err)
{
    mf_stage stage = mf_stage_make("memory");
    const mf_ratings *r = &m->ratings;
    int code = mf_bundle_put_header(w, &m->header, NULL, err);
    if (code == 0)
        code = mf_bundle_put_ids(w, MF_USER, &r->users, err);
    if (code == 0)
        code = mf_bundle_put_ids(w, MF_ITEM, &r->items, err);
    for (uint32_t u = 0; code == 0 && u < r->x.rows; u++) {
        size_t at = r->x.ptr[u];
        const void *value = r->count ? (const void *)(r->count + at) : r->x.val + at;
        code = mf_bundle_put_row(w, (uint32_t)(r->x.ptr[u + 1] - at), r->x.col + at,
                                 value, r->fold + at, err);
    }
    if (code == 0)
        code = mf_bundle_put_card(w, &m->card, err);
    if (code == 0)
        code = mf_bundle_put_factors(w, MF_ITEM, &m->items, NULL, NULL, err);
    if (code == 0)
        code = mf_bundle_put_factors(w, MF_USER, &m->users, m->zptr, m->z, err);
    if (code == 0)
        code = mf_bundle_put_history(w, m->history_n, m->history, err);
    return code < 0 ? code : mf_bundle_put_end(w, NULL, &stage, err);
}

static int job_model(mf_err *err)
{
    mf_in *input = NULL;
    mf_out *out = NULL;
    mf_bundle_writer *w = NULL;
    mf_model m = {0};
    int code = mf_in_open(&input, in, "bundle", err);
    if (code == 0)
        code = mf_model_load(&m, input, MF_WANT_RATINGS | MF_WANT_FACTORS, NULL, NULL,
                             err);
    if (code == 0)
        code = mf_out_open(&out, sink, "result", err);
    if (code == 0)
        code = mf_bundle_writer_open(&w, out, err);
    if (code == 0)
        code = put_model(w, &m, err);
    mf_bundle_writer_close(w);
    mf_out_close(out);
    mf_in_close(input);
    mf_model_free(&m);
    return code;
}

/* Load it for another stage: the rest goes straight on. */
static int job_through(mf_err *err)
{
    mf_in *input = NULL;
    mf_out *out = NULL;
    mf_bundle_reader *r = NULL;
    mf_bundle_writer *w = NULL;
    mf_model m = {0};
    mf_stage stage = mf_stage_make("memory");
    int code = mf_in_open(&input, in, "bundle", err);
    if (code == 0)
        code = mf_out_open(&out, sink, "result", err);
    if (code == 0)
        code = mf_bundle_writer_open(&w, out, err);
    if (code == 0)
        code = mf_model_load(&m, input, MF_WANT_RATINGS, w, &r, err);
    if (code == 0)
        code = mf_bundle_put_end(w, r, &stage, err);
    mf_bundle_reader_close(r);
    mf_bundle_writer_close(w);
    mf_out_close(out);
    mf_in_close(input);
    mf_model_free(&m);
    return code;
}

/* Say what is in the bundle with the note, and put the note anew. */
static int job_note(mf_err *err)
{
    mf_in *input = NULL;
    mf_out *out = NULL;
    mf_bundle_writer *w = NULL;
    mf_info info = {0};
    int code = mf_in_open(&input, noted, "bundle", err);
    if (code == 0)
        code = mf_info_read(&info, input, err);
    if (code == 0)
        code = mf_out_open(&out, sink, "result", err);
    if (code == 0)
        code = mf_info_text(&info, out, err);
    if (code == 0)
        code = mf_bundle_writer_open(&w, out, err);
    if (code == 0)
        code = mf_bundle_put_note(w, info.note, err);
    if (code == 0)
        code = mf_out_flush(out, err);
    mf_bundle_writer_close(w);
    mf_out_close(out);
    mf_in_close(input);
    mf_info_free(&info);
    return code;
}

/* The tables that text input goes through. */
static int job_tables(mf_err *err)
{
    static const uint32_t row[] = {1, 0, 1}, col[] = {0, 1, 1};
    static const float val[] = {1, 2, 3};
    mf_intern *table = NULL;
    uint32_t number, *order = NULL;
    size_t *from = NULL;
    mf_csr x = {0}, t = {0};
    mf_lines *lines = NULL;
    int code = mf__intern_open(&table, err);
    for (int i = 0; code == 0 && i < 3000; i++) { /* the table grows, and its ids */
        char text[16];
        int len = snprintf(text, sizeof text, "%d", i * 7919 % 3001);
        code = mf__intern_put(table, text, (size_t)len, &number, err);
    }
    if (code == 0)
        code = mf__ids_sort(mf__intern_ids(table), &order, err);
    if (code == 0)
        code = mf_csr_from_triplets(&x, 2, 2, 3, row, col, val, err);
    if (code == 0)
        code = mf_csr_transpose(&t, &x, &from, err);
    if (code == 0)
        code = mf_lines_open(&lines, in, "text", err);
    if (code == 0 && write(sink, order, 3000 * sizeof *order) < 0)
        code = MF_EIO;
    mf_lines_close(lines);
    mf_csr_free(&x);
    mf_csr_free(&t);
    free(from);
    free(order);
    mf__intern_close(table);
    return code;
}

/* Two models (the bundle twice) in slices, with lists, baselines and TREC files. Lines
 * of a user stand apart, and some items are not in the bundle. */
static int job_evaluate(mf_err *err)
{
    static const char text[] = "user,item,score\n"
                               "anna,Neu!,1\njörg,ABBA,2\nanna,Can,3\n"
                               "anna,none,3\nanna,\"nor, this\",1\nnobody,Can,1\n";
    mf_list_input list = {.name = "lists"};
    const int lists = memfd_create("lists", 0);
    mf_evaluate_params params = mf_evaluate_defaults();
    mf_evaluation result = {0};
    mf_in *input[2] = {NULL, NULL};
    mf_out *out = NULL;
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", in);
    int again = open(path, O_RDONLY); /* with an offset of its own */
    int code = mf_in_open(&input[0], in, "bundle", err);
    if (code == 0)
        code = mf_in_open(&input[1], again, "again", err);
    if (code == 0)
        code = mf_out_open(&out, sink, "result", err);
    if (write(lists, text, sizeof text - 1) < 0 || lseek(lists, 0, SEEK_SET) < 0)
        abort();
    if (code == 0)
        code = mf_lines_open(&list.lines, lists, "lists", err);
    params.lists = 1;
    params.list = &list;
    params.beside_best = true;
    params.baselines = MF_BASELINE_ALL;
    params.by = MF_BY_POPULARITY;
    params.different_splits = true;
    params.replicates = 20;
    params.threads = 1;
    params.runs = 1;
    params.run = &out;
    params.qrels = out;
    if (code == 0)
        code =
            mf_metrics_parse(&params.metrics,
                             MF_EVALUATE_METRICS
                             ",auc,coverage@5,gini@5,novelty@5,diversity@5,variety@5,"
                             "tastes@5,personas,entropy,entropy@5,distance",
                             err);
    if (code == 0)
        code = mf_evaluate_run(&result, 2, input, &params, err);
    if (code == 0)
        code = mf_evaluation_write_users(&result, false, out, err);
    for (int format = 0; code == 0 && format <= MF_EVALUATION_TABLE; format++) {
        mf_evaluation_style style = {.format = (mf_evaluation_format)format};
        code = mf_evaluation_write(&result, &style, out, err);
    }
    if (code == 0)
        code = mf_out_flush(out, err);
    mf_evaluation_free(&result);
    mf_out_close(out);
    mf_in_close(input[0]);
    mf_in_close(input[1]);
    mf_lines_close(list.lines);
    close(lists);
    close(again);
    return code;
}

/* Whose lists. */
enum users { KNOWN, NEW, MANY };

/* Lists of a new user, or two, with mistyped names, without some items; or of the likes
 * of an item; or of all users, diverse, and why. */
static int recommend(enum users users, bool similar, mf_recommend_diversify diversify,
                     mf_err *err)
{
    const char *typed =
        users == MANY ? "x\tABBA\ny\tkino\t3\nx\tabba\nx\tnil\n" : "ABBA\n kino\t3\n";
    static const char never[] = "can\nnot an item\n";
    static const char *const item = "bjork";
    int files[] = {memfd_create("typed", 0), memfd_create("never", 0)};
    mf_in *input = NULL;
    mf_out *out = NULL;
    mf_recommend_params params = mf_recommend_defaults();
    if (write(files[0], typed, strlen(typed)) < 0 ||
        write(files[1], never, strlen(never)) < 0 || lseek(files[0], 0, SEEK_SET) < 0 ||
        lseek(files[1], 0, SEEK_SET) < 0)
        abort();
    params.threads = 1;
    params.skip_unknown = true;
    params.history_name = "new";
    params.similar = &item;
    params.similars = similar;
    params.diversify = diversify;
    params.relevance = .5;
    params.explain = diversify != MF_DIVERSIFY_NONE;
    params.rarity = params.explain ? .2 : 0;
    int code = mf_in_open(&input, in, "bundle", err);
    if (code == 0)
        code = mf_out_open(&out, sink, "result", err);
    if (code == 0 && users != KNOWN)
        code = mf_lines_open(users == NEW ? &params.history : &params.histories,
                             files[0], "typed", err);
    if (code == 0)
        code = mf_lines_open(&params.excluded, files[1], "never", err);
    if (code == 0)
        code = mf__rec_run(input, out, &params, users == MANY, err); /* one by one */
    if (code == 0)
        code = mf_out_flush(out, err);
    mf_lines_close(params.history);
    mf_lines_close(params.histories);
    mf_lines_close(params.excluded);
    mf_out_close(out);
    mf_in_close(input);
    close(files[0]);
    close(files[1]);
    return code;
}

static int job_new_user(mf_err *err)
{
    return recommend(NEW, false, MF_DIVERSIFY_NONE, err);
}

static int job_many(mf_err *err)
{
    return recommend(MANY, false, MF_DIVERSIFY_NONE, err);
}

static int job_similar(mf_err *err)
{
    return recommend(KNOWN, true, MF_DIVERSIFY_NONE, err);
}

static int job_cover(mf_err *err)
{
    return recommend(KNOWN, false, MF_DIVERSIFY_PERSONAS, err);
}

static int job_mmr(mf_err *err)
{
    return recommend(KNOWN, false, MF_DIVERSIFY_MMR, err);
}

static int job_score(mf_err *err)
{
    static const char pairs[] = "anna\tABBA\t1\nnobody\tABBA\n";
    int file = memfd_create("pairs", 0);
    mf_in *input[2] = {NULL, NULL};
    mf_out *out = NULL;
    mf_score_params params = mf_score_defaults();
    if (write(file, pairs, strlen(pairs)) < 0 || lseek(file, 0, SEEK_SET) < 0)
        abort();
    params.threads = 1;
    params.skip_unknown = true;
    int code = mf_in_open(&input[0], in, "bundle", err);
    if (code == 0)
        code = mf_in_open(&input[1], file, "pairs", err);
    if (code == 0)
        code = mf_out_open(&out, sink, "result", err);
    if (code == 0)
        code = mf_score_run(input[0], input[1], out, &params, err);
    if (code == 0)
        code = mf_out_flush(out, err);
    mf_out_close(out);
    mf_in_close(input[0]);
    mf_in_close(input[1]);
    close(file);
    return code;
}

int main(int argc, char *argv[])
{
    static const memory_job job[] = {{"pass", job_pass},
                                     {"rewrite", job_rewrite},
                                     {"load and write", job_model},
                                     {"load and pass on", job_through},
                                     {"a note", job_note},
                                     {"tables", job_tables},
                                     {"evaluate", job_evaluate},
                                     {"new user", job_new_user},
                                     {"new users", job_many},
                                     {"similar items", job_similar},
                                     {"personas", job_cover},
                                     {"marginal relevance", job_mmr},
                                     {"pairs", job_score}};
    sink = memfd_create("sink", 0);
    if (argc != 3) {
        fprintf(stderr, "usage: memory BUNDLE NOTED-BUNDLE\n");
        return 2;
    }
    in = source_copy(argv[1]);
    noted = source_copy(argv[2]);
    return memory_jobs("bundles and models", sizeof job / sizeof *job, job);
}
