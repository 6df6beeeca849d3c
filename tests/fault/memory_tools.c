/* The k-th allocation fails: fault/memory_tools GOLDEN. The jobs of the tools that make
 * bundles, and of mf-eval where it looks at heads of lists alone. GOLDEN is the folder
 * of the golden bundles. */
#include "fault/memory.h"

#include "mf/aggregate.h"
#include "mf/convert.h"
#include "mf/evaluate.h"
#include "mf/filter.h"
#include "mf/split.h"
#include "mf/synth.h"
#include "mf/train.h"
#include "mf/transform.h"
#include "mf/tune.h"

/* Bundles: counts, of which some are held out, and a model of them; texts. */
static int counts, split, other, model;
static int users, items, tracks, triplets, tsv, csv, ndjson, lists, mtx;

/* An input and an output, and what a job does with them. */
typedef int stage(mf_in *in, mf_out *out, mf_err *err);

static int through(int from, stage *job, mf_err *err)
{
    mf_in *in = NULL;
    mf_out *out = NULL;
    int code = mf_in_open(&in, from, "input", err);
    if (code == MF_OK)
        code = mf_out_open(&out, sink, "result", err);
    if (code == MF_OK)
        code = job(in, out, err);
    if (code == MF_OK)
        code = mf_out_flush(out, err);
    mf_out_close(out);
    mf_in_close(in);
    return code;
}

static void small(mf_train_params *p)
{
    p->als.k = p->als.personas = 2;
    p->als.iterations = p->als.warmup = 2;
    p->als.threads = 1;
}

/* --- training --- */

static mf_out *half; /* the checkpoint that is being written, */
static int file;     /* to this one, as the log is, which tells seconds */

static int begin_half(void *self, mf_out **out, mf_err *err)
{
    (void)self;
    int code = mf_out_open(&half, file, "checkpoint", err);
    *out = half;
    return code;
}

static int commit_half(void *self, mf_err *err)
{
    (void)self;
    int code = mf_out_flush(half, err);
    mf_out_close(half);
    half = NULL;
    return code;
}

static int train(mf_in *in, mf_out *out, mf_err *err)
{
    static const mf_train_store store = {.begin = begin_half, .commit = commit_half};
    mf_train_params params = mf_train_defaults(MF_PRESET_IMPLICIT);
    small(&params);
    params.checkpoint = &store;
    file = memfd_create("beside", 0);
    int code = mf_out_open(&params.log, file, "log", err);
    if (code == MF_OK)
        code = mf_train_run(in, out, &params, err);
    mf_out_close(params.log);
    mf_out_close(half);
    half = NULL;
    close(file);
    return code;
}

static int train_again(mf_in *in, mf_out *out, mf_err *err)
{
    mf_train_params params = mf_train_defaults(MF_PRESET_IMPLICIT);
    small(&params);
    params.als.warmup = 0;
    params.als.init = MF_INIT_MODEL;
    int code = mf_in_open(&params.init, model, "model", err);
    if (code == MF_OK)
        code = mf_train_run(in, out, &params, err);
    mf_in_close(params.init);
    return code;
}

static int tune(mf_in *in, mf_out *out, mf_err *err)
{
    mf_tune_params params = mf_tune_defaults(MF_PRESET_IMPLICIT);
    small(&params.train);
    params.range[MF_TUNE_UNOBSERVED].searched = false;
    params.range[MF_TUNE_PERSONAS].searched = true;
    params.trials = 2;
    params.sweeps = true;
    return mf_tune_run(in, out, &params, err);
}

static int job_train(mf_err *err)
{
    return through(split, train, err);
}

static int job_train_again(mf_err *err)
{
    return through(split, train_again, err);
}

static int job_tune(mf_err *err)
{
    return through(split, tune, err);
}

/* Metrics that look at the first item of nine: see jobs/evaluate/heads.c. */
static int heads(mf_in *in, mf_out *out, mf_err *err)
{
    mf_evaluate_params params = mf_evaluate_defaults();
    mf_evaluation shown = {0};
    const mf_evaluation_style style = {.format = MF_EVALUATION_JSON};
    params.replicates = 0;
    params.threads = 1;
    int code = mf_metrics_parse(&params.metrics, "ndcg@1,hr@1", err);
    if (code == MF_OK)
        code = mf_evaluate_run(&shown, 1, &in, &params, err);
    if (code == MF_OK)
        code = mf_evaluation_write(&shown, &style, out, err);
    mf_evaluation_free(&shown);
    return code;
}

static int job_heads(mf_err *err)
{
    return through(model, heads, err);
}

/* --- from bundle to bundle --- */

static int divide(mf_in *in, mf_out *out, mf_err *err)
{
    mf_split_params params = mf_split_defaults();
    params.method = MF_SPLIT_USERS;
    params.threads = 1;
    return mf_split_run(in, out, &params, NULL, err);
}

static int transform(mf_in *in, mf_out *out, mf_err *err)
{
    mf_transform_params params = {.n = 2};
    int code = mf_transform_parse(&params.op[0], "log2:1", err);
    if (code == MF_OK)
        code = mf_transform_parse(&params.op[1], "bm25", err);
    return code == MF_OK ? mf_transform_run(in, out, &params, NULL, err) : code;
}

static int filter(mf_in *in, mf_out *out, mf_err *err)
{
    mf_filter_params params = mf_filter_defaults();
    mf_filter_lists kept = {0};
    params.core = true;
    params.min_items = 2;
    params.conditions = 1;
    params.condition[0] = (mf_condition){.compare = MF_AT_LEAST, .value = 3};
    int code = mf_lines_open(&kept.users, users, "users", err);
    if (code == MF_OK)
        code = mf_lines_open(&kept.not_items, items, "items", err);
    if (code == MF_OK)
        code = mf_filter_run(in, out, &params, &kept, NULL, err);
    mf_lines_close(kept.users);
    mf_lines_close(kept.not_items);
    return code;
}

static int join(mf_in *in, mf_out *out, mf_err *err)
{
    mf_join *j = NULL;
    mf_in *second = NULL;
    int code = mf_join_open(&j, err);
    if (code == MF_OK)
        code = mf_in_open(&second, other, "other", err);
    if (code == MF_OK)
        code = mf_join_put(j, in, err);
    if (code == MF_OK)
        code = mf_join_put(j, second, err);
    if (code == MF_OK)
        code = mf_join_finish(j, out, NULL, err);
    mf_in_close(second);
    mf_join_close(j);
    return code;
}

static int job_split(mf_err *err)
{
    return through(counts, divide, err);
}

static int job_transform(mf_err *err)
{
    return through(split, transform, err);
}

static int job_filter(mf_err *err)
{
    return through(split, filter, err);
}

static int job_join(mf_err *err)
{
    return through(counts, join, err);
}

/* --- other formats --- */

static int convert_from(int from, const mf_convert_from_params *params, mf_err *err)
{
    mf_convert_input input = {0};
    mf_out *out = NULL;
    int code = mf_lines_open(&input.text, from, "text", err);
    if (code == MF_OK)
        code = mf_out_open(&out, sink, "result", err);
    if (code == MF_OK)
        code = mf_convert_from_run(&input, out, params, NULL, err);
    if (code == MF_OK)
        code = mf_out_flush(out, err);
    mf_out_close(out);
    mf_lines_close(input.text);
    return code;
}

static int job_from_tsv(mf_err *err)
{
    const mf_convert_from_params params = {.format = MF_FORMAT_TSV, .fold_items = true};
    return convert_from(tsv, &params, err);
}

static int job_from_csv(mf_err *err)
{
    const mf_convert_from_params params = {.format = MF_FORMAT_CSV, .header = true};
    return convert_from(csv, &params, err);
}

static int job_from_ndjson(mf_err *err)
{
    const mf_convert_from_params params = {.format = MF_FORMAT_NDJSON,
                                           .columns = "u,i,n"};
    return convert_from(ndjson, &params, err);
}

static int job_from_lists(mf_err *err)
{
    const mf_convert_from_params params = {.format = MF_FORMAT_LISTS};
    return convert_from(lists, &params, err);
}

static int job_from_mtx(mf_err *err)
{
    const mf_convert_from_params params = {.format = MF_FORMAT_MTX};
    return convert_from(mtx, &params, err);
}

/* Every format in turn. */
static int convert_to(mf_in *in, mf_out *out, mf_err *err)
{
    static const mf_format format[] = {MF_FORMAT_CSV, MF_FORMAT_NDJSON, MF_FORMAT_LISTS,
                                       MF_FORMAT_MTX, MF_FORMAT_NPZ};
    int code = MF_OK;
    (void)in;
    for (size_t i = 0; code == MF_OK && i < sizeof format / sizeof *format; i++) {
        mf_convert_to_params params = mf_convert_to_defaults();
        mf_in *again = NULL;
        params.format = format[i];
        params.folds = 1 << MF_TRAIN;
        params.separator = params.format == MF_FORMAT_LISTS ? "|" : NULL;
        if (lseek(split, 0, SEEK_SET) < 0)
            abort();
        code = mf_in_open(&again, split, "input", err);
        if (code == MF_OK)
            code = mf_convert_to_run(again, out, &params, NULL, err);
        mf_in_close(again);
    }
    return code;
}

static int job_to(mf_err *err)
{
    return through(counts, convert_to, err);
}

/* --- the two that begin --- */

static int aggregate(mf_in *in, mf_out *out, mf_err *err)
{
    mf_aggregate_params params = mf_aggregate_defaults();
    mf_aggregate_io io = {.triplets = &in, .files = 1, .out = out, .stats = out};
    params.core = true;
    params.min_listeners = 2;
    params.threads = 1;
    int code = mf_in_open(&io.tracks, tracks, "tracks", err);
    if (code == MF_OK)
        code = mf_aggregate_run(&io, &params, NULL, err);
    mf_in_close(io.tracks);
    return code;
}

static int job_aggregate(mf_err *err)
{
    return through(triplets, aggregate, err);
}

static int synth(mf_in *in, mf_out *out, mf_err *err)
{
    (void)in;
    mf_synth_params params = mf_synth_defaults();
    const mf_synth_io io = {.tracks = out, .triplets = out, .truth = out};
    params.users = 5;
    params.artists = 12;
    params.threads = 1;
    return mf_synth_run(&io, &params, NULL, err);
}

static int job_synth(mf_err *err)
{
    return through(tracks, synth, err);
}

static int golden(const char *folder, const char *name)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return source_copy(path);
}

/* The model is what a job makes without a fault. */
static int train_model(mf_in *in, mf_out *out, mf_err *err)
{
    mf_train_params params = mf_train_defaults(MF_PRESET_IMPLICIT);
    small(&params);
    return mf_train_run(in, out, &params, err);
}

static void make_model(void)
{
    mf_err err = {0};
    sink = memfd_create("model", 0);
    rewind_all();
    if (through(split, train_model, &err) < 0) {
        fprintf(stderr, "memory_tools: %s\n", err.text);
        exit(2);
    }
    model = keep_source(sink);
}

int main(int argc, char *argv[])
{
    static const memory_job job[] = {{"mf-als", job_train},
                                     {"mf-als --init", job_train_again},
                                     {"mf-tune", job_tune},
                                     {"mf-eval, heads", job_heads},
                                     {"mf-split", job_split},
                                     {"mf-transform", job_transform},
                                     {"mf-filter", job_filter},
                                     {"mf-convert --join", job_join},
                                     {"mf-convert --from tsv", job_from_tsv},
                                     {"mf-convert --from csv", job_from_csv},
                                     {"mf-convert --from ndjson", job_from_ndjson},
                                     {"mf-convert --from lists", job_from_lists},
                                     {"mf-convert --from mtx", job_from_mtx},
                                     {"mf-convert --to", job_to},
                                     {"msd-aggregate", job_aggregate},
                                     {"msd-synth", job_synth}};
    if (argc != 2) {
        fprintf(stderr, "usage: memory_tools GOLDEN\n");
        return 2;
    }
    counts = golden(argv[1], "counts.mf");
    split = golden(argv[1], "split.mf");
    other = golden(argv[1], "values.mf");
    users = source_text("listener 001\nlistener 004\nlistener 005\nnobody\n");
    items = source_text("Künstler 003\nnothing\n");
    tracks = source_text("T<SEP>s1<SEP>Abba<SEP>x\nT<SEP>s2<SEP>Can<SEP>x\n"
                         "T<SEP>s3<SEP>Neu!<SEP>x\n");
    triplets = source_text("a\ts1\t3\na\ts2\t1\nb\ts1\t2\nb\ts2\t7\nb\ts3\t1\n"
                           "c\ts1\t1\nc\ts2\t1\nc\tnone\t1\n");
    tsv = source_text("anna\tABBA\t2\nanna\tAbba\t1\njörg\tCan\t.5\n");
    csv = source_text("user,item,count\nanna,\"a, \"\"b\"\"\",2\njörg,Can,1\n");
    ndjson =
        source_text("{\"u\":\"a\",\"i\":\"x\",\"n\":2}\n{\"u\":\"b\",\"i\":\"y\"}\n");
    lists = source_text("a x y\nb y\n");
    mtx = source_text("%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 3\n"
                      "2 2 .5\n");
    make_model();
    sink = memfd_create("sink", 0);
    return memory_jobs("jobs of the tools", sizeof job / sizeof *job, job);
}
