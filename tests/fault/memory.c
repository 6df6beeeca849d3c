/* The k-th allocation fails: fault/memory BUNDLE NOTED-BUNDLE
 *
 * Each job below is run with its allocation 0, 1, 2, .. failing, until none
 * does. It must say that memory ran out, or give what it gave without the
 * fault. Prints TAP. malloc, calloc, realloc and aligned_alloc of our own code
 * are wrapped by the linker; under AddressSanitizer leaks are found too. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "data/ids.h"
#include "data/intern.h"
#include "mf/evaluate.h"
#include "mf/info.h"
#include "mf/io.h"
#include "mf/model.h"
#include "mf/recommend.h"
#include "mf/score.h"
#include "unit/aid.h"

static long countdown = -1; /* allocations until the fault; negative: none is due */
static int fired;

static int due(void)
{
    fired |= countdown == 0;
    return countdown >= 0 && countdown-- == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void *__wrap_malloc(size_t size)
{
    return due() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return due() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    return due() ? NULL : __real_realloc(block, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return due() ? NULL : __real_aligned_alloc(alignment, size);
}

/* Copies of the bundles as descriptors `in` and `noted`, an empty file as `sink`. */
static int in, noted, sink;

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
    if (lseek(noted, 0, SEEK_SET) < 0)
        abort();
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
        code = mf_recommend_run(input, out, &params, err);
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

/* Run a job with allocation k failing; -1: with none. */
static int run(int (*job)(mf_err *), long k, mf_err *err, aid_bytes *result)
{
    uint8_t piece[4096];
    *result = (aid_bytes){0};
    if (lseek(in, 0, SEEK_SET) < 0 || ftruncate(sink, 0) < 0 ||
        lseek(sink, 0, SEEK_SET) < 0)
        abort();
    fired = 0;
    countdown = k;
    int code = job(err);
    countdown = -1;
    off_t at = 0;
    for (ssize_t got; (got = pread(sink, piece, sizeof piece, at)) > 0; at += got)
        aid_add(result, piece, (size_t)got);
    return code;
}

/* NULL if every fault was met well, else what went wrong. */
static const char *try(int (*job)(mf_err *), long *faults)
{
    static char why[700];
    mf_err err = {0};
    aid_bytes want, got;
    if (run(job, -1, &err, &want) != 0) {
        snprintf(why, sizeof why, "without a fault: %s", err.text);
        return why;
    }
    if (want.size == 0)
        return "without a fault: nothing is written";
    for (long k = 0;; k++) {
        err = (mf_err){0};
        int code = run(job, k, &err, &got);
        bool same = got.size == want.size && memcmp(got.data, want.data, got.size) == 0;
        bool well =
            code == 0 ? same : code == MF_ENOMEM && strstr(err.text, "out of memory");
        aid_free(&got);
        if (!well) {
            snprintf(why, sizeof why, "allocation %ld: %d %s", k, code, err.text);
            aid_free(&want);
            return why;
        }
        if (!fired) {
            *faults = k;
            aid_free(&want);
            return NULL;
        }
    }
}

/* Copy a file into memory. Returns the descriptor, or -1. */
static int copy(const char *path)
{
    char piece[4096];
    ssize_t got;
    int file = open(path, O_RDONLY), to = memfd_create("in", 0);
    while ((got = read(file, piece, sizeof piece)) > 0)
        if (write(to, piece, (size_t)got) != got)
            got = -1;
    if (file >= 0)
        close(file);
    return got < 0 ? -1 : to;
}

int main(int argc, char *argv[])
{
    static const struct {
        const char *name;
        int (*run)(mf_err *);
    } job[] = {{"pass", job_pass},
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
    enum { JOBS = sizeof job / sizeof *job };
    int failed = 0;
    sink = memfd_create("sink", 0);
    if (argc != 3 || (in = copy(argv[1])) < 0 || (noted = copy(argv[2])) < 0) {
        fprintf(stderr, "usage: memory BUNDLE NOTED-BUNDLE\n");
        return 2;
    }
    printf("1..%d\n", JOBS);
    for (int i = 0; i < JOBS; i++) {
        long faults = 0;
        const char *why = try(job[i].run, &faults);
        if (!why && faults < 3)
            why = "hardly any allocation was made to fail";
        printf("%s %d - %s: %ld allocations fail, one by one\n", why ? "not ok" : "ok",
               i + 1, job[i].name, faults);
        if (why)
            printf("# %s\n", why);
        failed |= why != NULL;
    }
    return failed;
}
