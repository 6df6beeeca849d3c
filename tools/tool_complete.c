#include "tool_complete.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const tool_metric_words[] = {
    "loss",        "mse",        "rmse",     "mae",       "precision@",
    "recall@",     "hr@",        "ndcg@",    "map@",      "recall-all@",
    "mrr",         "auc",        "novelty@", "coverage@", "gini@",
    "popularity@", "diversity@", "variety@", "tastes@",   "personas",
    "personas@",   "entropy",    "entropy@", "distance",  NULL};

static const char *const WHEN[] = {"auto", "always", "never", NULL};

static const tool_words COMMON[] = {{"progress", WHEN}, {0}};

/* --- candidates --- */

static void put(tool_io *io, const char *before, size_t n, const char *word,
                const char *after, const char *help)
{
    mf_err err = {0};
    int len = (int)strcspn(help, "\n");
    if (mf_out_printf(io->out, &err, "%.*s%s%s%s%.*s\n", (int)n, before, word, after,
                      len ? "\t" : "", len, help) < 0)
        tool_die(io, &err);
}

static const tool_option *find(const tool_option *option, const char *name, size_t len)
{
    for (; option->name || option->help; option++) {
        bool brief = len == 1 && option->key < TOOL_OWN && option->key == name[0];
        if (option->name && (brief || (strlen(option->name) == len &&
                                       strncmp(option->name, name, len) == 0)))
            return option;
    }
    return NULL;
}

static const tool_option *find_either(const tool_io *io, const tool_option *common,
                                      const char *name, size_t len)
{
    const tool_option *own = find(io->about->options, name, len);
    return own ? own : find(common, name, len);
}

static const char *const *words_of(const tool_io *io, const char *name)
{
    const tool_words *lists[] = {io->about->words, COMMON};
    for (int i = 0; i < 2; i++)
        for (const tool_words *w = lists[i]; w && w->name; w++)
            if (strcmp(w->name, name) == 0)
                return w->words;
    return NULL;
}

/* The values of an option, whose first letters are in `word`, behind `before`. */
static void put_values(tool_io *io, const tool_option *o, const char *before, size_t n,
                       const char *word)
{
    static const char *const files[] = {"FILE", "FILE[=NAME]", "BUNDLE", "START"};
    const char *const *words = words_of(io, o->name);
    bool listed = strchr(o->value, 'S') &&
                  (strcmp(o->value, "LIST") == 0 || strcmp(o->value, "FOLDS") == 0 ||
                   strcmp(o->value, "SPEC") == 0);
    const char *comma = listed ? strrchr(word, ',') : NULL;
    char start[1000];
    size_t kept = comma ? (size_t)(comma + 1 - word) : 0;
    if (n + kept >= sizeof start)
        return;
    memcpy(start, before, n);
    memcpy(start + n, word, kept);
    for (; words && *words; words++) {
        /* cg:STEPS is cg: and a number, ndcg@N likewise */
        size_t len = strcspn(*words, ":");
        char text[64] = "";
        len += (*words)[len] == ':';
        if (len < sizeof text)
            memcpy(text, *words, len);
        if (strncmp(text, word + kept, strlen(word + kept)) == 0)
            put(io, start, n + kept, text, "", "");
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (strcmp(o->value, files[i]) == 0)
            put(io, "", 0, "/files", "", "");
    if (strcmp(o->value, "DIR") == 0)
        put(io, "", 0, "/folders", "", "");
}

static void put_options(tool_io *io, const tool_option *option, const char *word)
{
    for (; option->name || option->help; option++)
        if (option->name && strncmp(option->name, word, strlen(word)) == 0)
            put(io, "--", 2, option->name, option->value ? "=" : "", option->help);
}

static void complete(tool_io *io, const tool_option *common, const char *before,
                     const char *word)
{
    const tool_option *o = NULL;
    size_t len = strcspn(word, "=");
    if (strncmp(word, "--", 2) == 0 && word[len]) {
        o = find_either(io, common, word + 2, len - 2);
        if (o && o->value)
            put_values(io, o, word, len + 1, word + len + 1);
        return;
    }
    if (strncmp(before, "--", 2) == 0 && !strchr(before, '='))
        o = find_either(io, common, before + 2, strlen(before + 2));
    else if (before[0] == '-' && strlen(before) == 2)
        o = find_either(io, common, before + 1, 1);
    if (o && o->value)
        put_values(io, o, "", 0, word);
    else if (word[0] == '-' && (word[1] == '-' || !word[1])) {
        put_options(io, io->about->options, word[1] ? word + 2 : "");
        put_options(io, common, word[1] ? word + 2 : "");
    } else
        put(io, "", 0, "/files", "", "");
}

void tool_complete(tool_io *io, const tool_option *common, int argc, char *const argv[])
{
    mf_err err = {0};
    if (argc != 4 || strcmp(argv[1], "--_complete") != 0)
        return;
    if (mf_out_open(&io->out, STDOUT_FILENO, "standard output", &err) < 0)
        tool_die(io, &err);
    complete(io, common, argv[2], argv[3]);
    exit(tool_finish(io));
}
