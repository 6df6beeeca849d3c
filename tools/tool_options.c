#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mf/kernel.h"
#include "mf/nearest.h"
#include "mf/version.h"
#include "tool_complete.h"
#include "tool_private.h"
#include "tool_progress.h"

/* --- the start --- */

/* A closed descriptor 0, 1 or 2 is taken by /dev/null, opened so that its use
 * in the wrong direction fails: no data file can then be opened in its place. */
static void guard_descriptors(void)
{
    static const int flags[] = {O_WRONLY, O_RDONLY, O_WRONLY};
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags[fd]) != fd)
            exit(TOOL_FAILED);
}

/* OMP_NUM_THREADS, of whose list the first number counts; 0 where it is none. */
static int threads_by_environment(void)
{
    const char *text = getenv("OMP_NUM_THREADS");
    char *end;
    long n = text ? strtol(text, &end, 10) : 0;
    if (n < 1 || (*end && *end != ',' && *end != ' '))
        return 0;
    return n < TOOL_THREADS_MAX ? (int)n : TOOL_THREADS_MAX;
}

void tool_init(tool_io *io, const tool_about *about)
{
    *io = (tool_io){.about = about, .seed = 1, .threads = threads_by_environment()};
    tool_messages_name(about->name);
    io->report =
        (mf_report){.self = io, .note = tool_messages_note, .warn = tool_messages_warn};
    guard_descriptors();
    tool_room_stacks(io);
    tool_signals_catch();
}

/* --- the options of every tool --- */

enum { OPT_SEED = 1000, OPT_PROGRESS };

enum { OUTPUT, THREADS, SEED, QUIET, VERBOSE, PROGRESS, FORCE, HELP, VERSION, COMMON };

static const char *const WHEN[] = {"auto", "always", "never", NULL};

/* With the help that they have in this one. */
typedef struct common_options {
    tool_option option[COMMON + 1];
    char seed[160];
} common_options;

static void common_make(common_options *c, const tool_about *about)
{
    const tool_option option[COMMON + 1] = {
        [OUTPUT] = {"output", "FILE", 'o',
                    "write to FILE, which appears whole or not at all (standard "
                    "output)"},
        [THREADS] = {"threads", "N", 'j',
                     about->one_thread ? "no effect: one thread is used"
                                       : "threads, 1 to 1024 (all); the result is the "
                                         "same for any number"},
        [SEED] = {"seed", "N", OPT_SEED,
                  about->seeded ? c->seed : "no effect: nothing is random"},
        [QUIET] = {"quiet", NULL, 'q',
                   "no progress, notes or warnings on standard error"},
        [VERBOSE] = {"verbose", NULL, 'v',
                     about->verbose ? about->verbose : "no effect: there are no notes"},
        [PROGRESS] = {"progress", "WHEN", OPT_PROGRESS,
                      "show progress: auto (on a terminal), always (as plain lines) or "
                      "never (auto)"},
        [FORCE] = {"force", NULL, 'f',
                   about->force  ? about->force
                   : about->text ? "no effect: the output is text"
                                 : "write binary data to a terminal"},
        [HELP] = {"help", NULL, 'h', "print the options and exit"},
        [VERSION] = {"version", NULL, 'V', "print the version and exit"},
    };
    memcpy(c->option, option, sizeof option);
    snprintf(c->seed, sizeof c->seed, "seed of %s, 0 to 2^64 - 1 (1)",
             about->seeded ? about->seeded : "");
}

/* Text to standard output, checked to the end, then exit. */
static _Noreturn void print_and_exit(tool_io *io, const char *text)
{
    mf_err err = {0};
    if (mf_out_open(&io->out, STDOUT_FILENO, "standard output", &err) < 0 ||
        mf_out_write(io->out, text, strlen(text), &err) < 0)
        tool_die(io, &err);
    exit(tool_finish(io));
}

/* Words in lines that begin in column `left`; `at` is where the first one begins to
 * be filled. */
static void print_words(FILE *to, int at, int left, const char *words)
{
    enum { WIDTH = 80 };
    while (*words) {
        int len = (int)strcspn(words, " \n");
        if (at > left && at + 1 + len > WIDTH)
            at = fprintf(to, "\n") - 1;
        int blanks = at < left ? left - at : at > left;
        at += fprintf(to, "%*s%.*s", blanks, "", len, words);
        words += len;
        if (*words == '\n')
            at = fprintf(to, "\n") - 1;
        words += *words != '\0';
    }
    fprintf(to, "\n");
}

static void print_options(FILE *to, const tool_option *option)
{
    enum { LEFT = 26 };
    for (const tool_option *o = option; o->name || o->help; o++)
        if (o->name) {
            int at = o->key < TOOL_OWN ? fprintf(to, "  -%c, --%s", o->key, o->name)
                                       : fprintf(to, "      --%s", o->name);
            if (o->value)
                at += fprintf(to, "=%s", o->value);
            if (at > LEFT - 2)
                at = fprintf(to, "\n") - 1;
            print_words(to, at, LEFT, o->help);
        } else
            fprintf(to, "%s%s\n", o == option ? "" : "\n", o->help);
}

/* Say which values are numbers, and of what kind, of those that the options have. */
static void print_kinds(FILE *to, const tool_option *option)
{
    static const char *const kinds[][2] = {
        {"Whole numbers", "B K M N P Q S"},
        {"Numbers such as 2, 0.5 or 1e-3", "G L MEAN NU OMEGA T W0"}};
    fprintf(to, "\nIn parentheses stands the default.");
    for (int i = 0; i < 2; i++) {
        char list[64] = "";
        size_t used = 0;
        for (const char *at = kinds[i][1]; *at; at += strspn(at, " ")) {
            size_t len = strcspn(at, " ");
            const tool_option *o = option;
            while ((o->name || o->help) && !(o->value && strlen(o->value) == len &&
                                             !strncmp(o->value, at, len)))
                o++;
            if (o->name && used + len + 3 < sizeof list)
                used += (size_t)snprintf(list + used, sizeof list - used, "%s%.*s",
                                         used ? ", " : " ", (int)len, at);
            at += len;
        }
        if (used)
            fprintf(to, "\n%s:%s.", kinds[i][0], list);
    }
    fprintf(to, "\n");
}

static _Noreturn void help(tool_io *io, const common_options *c)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        tool_messages_fail(io, "out of memory");
    fprintf(to, "usage: %s\n", io->about->usage);
    print_words(to, 0, 0, io->about->purpose);
    fprintf(to, "\n");
    print_options(to, io->about->options);
    fprintf(to, "\nOptions of every tool:\n");
    print_options(to, c->option);
    print_kinds(to, io->about->options);
    fprintf(to, "\nExit status: 0 done, 1 the input, the disk or the machine failed, "
                "2 wrong usage.\n");
    if (fclose(to) != 0)
        tool_messages_fail(io, "out of memory");
    print_and_exit(io, text);
}

static _Noreturn void version(tool_io *io)
{
    char text[128];
    snprintf(text, sizeof text, "%s (mfpipe) %s\n", io->about->name, MF_VERSION);
    print_and_exit(io, text);
}

/* True if the option is one of these; it is then dealt with. */
static bool common_take(tool_io *io, const common_options *common, int key)
{
    switch (key) {
    case 'o': io->output = optarg; return true;
    case 'j':
        io->threads = (int)tool_count("--threads", optarg, 1, TOOL_THREADS_MAX);
        return true;
    case OPT_SEED: io->seed = tool_count("--seed", optarg, 0, UINT64_MAX); return true;
    case 'q': io->quiet = true; return true;
    case 'v': io->verbose = true; return true;
    case OPT_PROGRESS:
        io->progress = tool_choice("--progress", optarg, WHEN);
        return true;
    case 'f': io->force = true; return true;
    case 'h': help(io, common);
    case 'V': version(io);
    default: return false;
    }
}

/* --- getopt --- */

/* What getopt_long wants of the options, after the n that it has. */
static size_t add_options(struct option all[TOOL_OPTIONS_MAX + 1],
                          char brief[3 * TOOL_OPTIONS_MAX], size_t n,
                          const tool_option *option)
{
    for (; option->name || option->help; option++) {
        if (!option->name || n == TOOL_OPTIONS_MAX)
            continue;
        all[n++] = (struct option){option->name,
                                   option->value ? required_argument : no_argument,
                                   NULL, option->key};
        size_t used = strlen(brief);
        if (option->key < TOOL_OWN)
            snprintf(brief + used, 3 * TOOL_OPTIONS_MAX - used, "%c%s", option->key,
                     option->value ? ":" : "");
    }
    return n;
}

/* What other programs call an option, and what it is called here, in one of the
 * tools. */
static const char *const OTHER[][2] = {
    {"epochs", "iterations"},
    {"num-epochs", "iterations"},
    {"n-epochs", "iterations"},
    {"n-iter", "iterations"},
    {"num-iters", "iterations"},
    {"max-iter", "iterations"},
    {"sweeps", "iterations"},
    {"rank", "factors"},
    {"dim", "factors"},
    {"k", "factors"},
    {"n-factors", "factors"},
    {"num-factors", "factors"},
    {"n-components", "factors"},
    {"no-components", "factors"},
    {"embedding-size", "factors"},
    {"latent-factors", "factors"},
    {"regularization", "lambda"},
    {"reg", "lambda"},
    {"reg-param", "lambda"},
    {"l2", "lambda"},
    {"weight-decay", "lambda"},
    {"alpha", "confidence"},
    {"alpha0", "unobserved"},
    {"topk", "top"},
    {"top-k", "top"},
    {"top-n", "top"},
    {"k", "top"},
    {"n", "top"},
    {"limit", "top"},
    {"num-threads", "threads"},
    {"n-jobs", "threads"},
    {"jobs", "threads"},
    {"workers", "threads"},
    {"random-state", "seed"},
    {"random-seed", "seed"},
    {"early-stopping", "patience"},
    {"stopping-step", "patience"},
    {"test-size", "test"},
    {"test-ratio", "test"},
};

/* The option that another program's name stands for, or NULL. */
static const char *other_name(const char *text, size_t len, const struct option all[])
{
    char plain[32] = "";
    for (size_t i = 0; i < len && i + 1 < sizeof plain; i++)
        plain[i] = text[i] == '_' ? '-' : (char)tolower((unsigned char)text[i]);
    for (size_t i = 0; i < sizeof OTHER / sizeof *OTHER; i++)
        for (const struct option *o = all; o->name && strcmp(plain, OTHER[i][0]) == 0;
             o++)
            if (strcmp(o->name, OTHER[i][1]) == 0)
                return o->name;
    return NULL;
}

/* A long option that is none, or begins several. */
static _Noreturn void unknown_option(const char *text, const struct option all[])
{
    const char *names[TOOL_OPTIONS_MAX + 1] = {NULL}, *word = text + 2;
    char ask[MF_NEAREST_WORDS] = "", several[400] = "";
    size_t len = strcspn(word, "=");
    for (size_t i = 0; all[i].name; i++) {
        size_t used = strlen(several);
        names[i] = all[i].name;
        if (len > 0 && strncmp(names[i], word, len) == 0)
            snprintf(several + used, sizeof several - used, "%s--%s", used ? ", " : "",
                     names[i]);
    }
    if (*several)
        tool_misuse("option '--%.*s' is short for several: %s", (int)len, word,
                    several);
    const char *other = other_name(word, len, all);
    if (other)
        snprintf(ask, sizeof ask, "; did you mean '--%s'?", other);
    else
        mf_nearest_ask(ask, "--", word, len, names);
    tool_misuse("unrecognized option '%.200s'%s", text, ask);
}

/* The option of the other case, as -N for -n, or the first long one that begins so. */
static _Noreturn void invalid_letter(int c, const struct option all[])
{
    char ask[100] = "";
    int other = islower(c) ? toupper(c) : tolower(c);
    for (const struct option *o = all; o->name && isalpha(c); o++)
        if (o->val == other)
            snprintf(ask, sizeof ask, "; did you mean '-%c', '--%s'?", other, o->name);
        else if (!*ask && o->name[0] == c)
            snprintf(ask, sizeof ask, "; did you mean '--%s'?", o->name);
    tool_misuse("invalid option -- '%c'%s", c, ask);
}

/* Say what getopt found wrong. Its own messages would print the text of the
 * argument as it is, line feeds and all. */
static _Noreturn void misused_option(char *const argv[], int c,
                                     const struct option all[])
{
    const char *text = argv[optind - 1];
    if (c == ':')
        tool_misuse("option '%s' requires an argument", text);
    if (strncmp(text, "--", 2) != 0)
        invalid_letter(optopt, all);
    if (optopt)
        tool_misuse("option '%s' doesn't allow an argument", text);
    unknown_option(text, all);
}

/* An option with a value is given once, unless its tool says otherwise. */
static void check_repeat(tool_io *io, int key, const struct option all[])
{
    size_t i = 0;
    while (all[i].name && all[i].val != key)
        i++;
    if (!all[i].name || all[i].has_arg == no_argument)
        return;
    for (const int *r = io->about->repeats; r && *r; r++)
        if (*r == key)
            return;
    if (io->given[i])
        tool_misuse("option '--%s' is given twice, and counts once", all[i].name);
    io->given[i] = true;
}

static void start_progress(tool_io *io)
{
    int when = io->quiet ? TOOL_PROGRESS_NEVER : io->progress;
    if (tool_progress_start(io->about->name, when))
        io->report.progress = tool_progress_see;
}

int tool_getopt(tool_io *io, int argc, char *argv[])
{
    struct option all[TOOL_OPTIONS_MAX + 1] = {0};
    char brief[3 * TOOL_OPTIONS_MAX] = ":";
    common_options common;
    common_make(&common, io->about);
    if (optind == 1)
        tool_complete(io, common.option, argc, argv);
    size_t n = add_options(all, brief, 0, io->about->options);
    add_options(all, brief, n, common.option);
    opterr = 0;
    for (;;) {
        int key = getopt_long(argc, argv, brief, all, NULL);
        if (key == '?' || key == ':')
            misused_option(argv, key, all);
        check_repeat(io, key, all);
        if (common_take(io, &common, key))
            continue;
        mf_err err = {0};
        if (key == -1 && mf_kernel_check(&err) < 0)
            tool_misuse("%s", err.text);
        if (key == -1) {
            start_progress(io);
            tool_room_threads(io);
        }
        return key;
    }
}

const char *tool_operand(int argc, char *argv[])
{
    if (argc - optind > 1)
        tool_misuse("'%s': one file is enough", argv[optind + 1]);
    return optind < argc ? argv[optind] : "-";
}
