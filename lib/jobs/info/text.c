#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/utf8.h"
#include "data/time.h"
#include "jobs/shared/number_text.h"
#include "mf/als.h"
#include "mf/info.h"
#include "wire/card.h"

/* What is put into a line; the first error stays. */
typedef struct printer {
    mf_out *out;
    mf_err *err;
    int code;
} printer;

static void say(printer *p, const char *format, ...) MF_PRINTF(2, 3);

static void say(printer *p, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    mf__vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (p->code == MF_OK)
        p->code = mf_out_write(p->out, text, strlen(text), p->err);
}

static void say_spread(printer *p, const char *what, uint32_t count[], size_t n)
{
    mf_spread s = mf_info_spread(count, n);
    say(p, "%-16s%8.0f %8.6g %8.6g %8.6g %8.6g %8.0f\n", what, s.min, s.q25, s.median,
        s.mean, s.q75, s.max);
}

/* A value as mf-convert writes it, but a whole one without ".0". */
static const char *value(double x, char text[FLOAT_TEXT])
{
    mf__float_text(text, (float)x);
    size_t len = strlen(text);
    if (len > 2 && strcmp(text + len - 2, ".0") == 0)
        text[len - 2] = '\0';
    return text;
}

static void say_ratings(printer *p, mf_info *info)
{
    const mf_header *h = &info->header;
    char least[FLOAT_TEXT], most[FLOAT_TEXT];
    double places = (double)h->users * (double)h->items, cells = (double)info->cells;
    say(p, "%-16s%u\n", "users", h->users);
    say(p, "%-16s%u\n", "items", h->items);
    if (!info->has_ratings) {
        say(p, "%-16snone\n", "ratings");
        return;
    }
    say(p, "%-16s%llu, %.4g %% of the matrix\n", "cells",
        (unsigned long long)info->cells, places > 0 ? 100 * cells / places : 0);
    double total = h->value == MF_U32 ? (double)info->sum_u32 : info->sum_f32;
    double mean = cells > 0 ? total / cells : 0;
    if (h->value == MF_U32)
        say(p, "%-16scounts (u32), %.0f to %.0f, mean %.6g, sum %llu\n", "values",
            info->min, info->max, mean, (unsigned long long)info->sum_u32);
    else
        say(p, "%-16sf32, %s to %s, mean %.6g, sum %.9g\n", "values",
            value(info->min, least), value(info->max, most), mean, info->sum_f32);
    if (info->below + info->at > 0)
        say(p, "%-16sbelow 0: %llu, 0: %llu, above 0: %llu\n", "",
            (unsigned long long)info->below, (unsigned long long)info->at,
            (unsigned long long)(info->cells - info->below - info->at));
    if (h->time && info->cells) {
        char first[MF_TIME_TEXT], last[MF_TIME_TEXT];
        mf__time_format(info->first_time, first);
        mf__time_format(info->last_time, last);
        say(p, "%-16s%s to %s\n", "times", first, last);
    }
    say(p, "%-16strain %llu, validation %llu, test %llu, fold-in %llu\n", "folds",
        (unsigned long long)info->fold[MF_TRAIN],
        (unsigned long long)info->fold[MF_VALID],
        (unsigned long long)info->fold[MF_TEST],
        (unsigned long long)info->fold[MF_FOLD_IN]);
    say(p, "\n%-16s%8s %8s %8s %8s %8s %8s\n", "", "min", "25 %", "median", "mean",
        "75 %", "max");
    say_spread(p, "cells of a user", info->of_user, h->users);
    say_spread(p, "cells of an item", info->of_item, h->items);
}

/* A number of the history, "-" if it is not known. */
static void say_known(printer *p, const char *format, double x)
{
    char text[32];
    mf__snprintf(text, sizeof text, format, x);
    say(p, " %11s", isfinite(x) ? text : "-");
}

static void say_entry(printer *p, const char *which, const mf_history_entry *e)
{
    say(p, "  %-8s%9u  %-6s", which, e->iteration, e->half);
    say_known(p, "%.6g", e->loss);
    say_known(p, "%.6g", e->prediction);
    say_known(p, "%.6g", e->users);
    say_known(p, "%.6g", e->items);
    say_known(p, "%.5g", e->rmse);
    say_known(p, "%.5g", e->valid);
    say_known(p, "%.4g", e->moved);
    say(p, "\n");
}

/* What only some models have. */
static void say_choices(printer *p, const mf_card *c)
{
    bool confident = mf__card_has_confidence(c);
    if (!c->assign[0] && !confident && c->lambda_bias == 0)
        return;
    say(p, "%-16sassign %s", "", c->assign[0] ? c->assign : "loss");
    if (confident)
        say(p, ", confidence %s, alpha %.6g, eps %.6g", c->confidence, c->alpha,
            c->eps);
    if (c->lambda_bias != 0)
        say(p, ", lambda bias %.6g", c->lambda_bias);
    say(p, "\n");
}

static void say_model(printer *p, const mf_info *info)
{
    const mf_card *c = &info->card;
    if (!info->has_card) {
        say(p, "\n%-16snone\n", "model");
        return;
    }
    say(p, "\n%-16sk %u, p %u, preset %s, init %s, seed %llu\n", "model", c->k,
        c->personas, c->preset, c->init, (unsigned long long)c->seed);
    say(p,
        "%-16soverlap %.6g, shrink %.6g, unobserved %.6g, lambda users %.6g, items "
        "%.6g, nu %.6g, "
        "mu %.6g\n",
        "", c->overlap, c->shrink, c->unobserved, c->lambda_users, c->lambda_items,
        c->nu, c->mu);
    if (c->popularity > 0)
        say(p, "%-16sunobserved by popularity, power %.6g\n", "", c->popularity);
    say_choices(p, c);
    say(p, "%-16sthe factors after sweep %u of at most %u%s\n", "", c->best,
        c->iterations,
        c->personas == 1             ? ""
        : c->warmup >= c->iterations ? "; histories were divided at the end,\n"
                                       "                and the loss is another function "
                                       "from there on"
        : c->warmup > 0              ? "; histories were divided in between,\n"
                                       "                and the loss is another function "
                                       "from there on"
                                     : "");
    if (c->persona_cells)
        say(p, "%-16sa persona, and one more for each %u cell%s of a user\n", "",
            c->persona_cells, mf__plural(c->persona_cells));
    if (c->restarts)
        say(p, "%-16shistories divided by the best of %u clustering%s\n", "",
            c->restarts, mf__plural(c->restarts));
    if (isfinite(c->entropy) && isfinite(c->agreement))
        say(p,
            "%-16stwo of a user agree on %.3g %% of their first %d items; entropy of "
            "the shares of cells %.4g bits, %.3g %% of log2 p\n",
            "personas", 100 * c->agreement, MF_AGREEMENT_TOP, c->entropy,
            100 * c->entropy / log2((double)c->personas));
    say(p, "%-16strain %016llx, held out %016llx\n", "cells' digests",
        (unsigned long long)c->train, (unsigned long long)c->held_out);
    if (info->history == 0)
        return;
    say(p, "history   iteration  half  %12s%12s%12s%12s%12s%12s%12s\n", "loss",
        "prediction", "users", "items", "rmse", c->watch[0] ? c->watch : "valid",
        "moved");
    say_entry(p, "first", &info->first);
    say_entry(p, "best", &info->best);
    say_entry(p, "last", &info->last);
}

/* A word of a shell command. The bundle may come from anybody: what is not
 * plain is quoted, and control characters become question marks. */
static void say_word(printer *p, const char *text, size_t len)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789_./:,=%+-@";
    bool quote = len == 0 || strspn(text, plain) < len;
    if (quote)
        say(p, "'");
    char clean[MF_STAGE_TEXT];
    while (len > 0) {
        size_t some = len < sizeof clean ? len : sizeof clean;
        size_t n = mf__utf8_clean(clean, text, some, "");
        for (size_t i = 0; i < n; i++)
            if (clean[i] == '\'')
                say(p, "'\\''");
            else
                say(p, "%c", clean[i]);
        text += some;
        len -= some;
    }
    if (quote)
        say(p, "'");
}

/* One option. Blanks part the values of one that was given several times;
 * "true" and "yes" are of one that takes none. */
static void say_option(printer *p, const char *name, const char *value)
{
    bool flag = strcmp(value, "true") == 0 || strcmp(value, "yes") == 0 ||
                strcmp(name, "join") == 0;
    for (const char *at = value;; at++) {
        size_t len = strcspn(at, " ");
        say(p, " --");
        say_word(p, name, strlen(name));
        if (!flag) {
            say(p, "=");
            say_word(p, at, len);
        }
        at += len;
        if (*at == '\0' || flag)
            return;
    }
}

/* The placeholder of an input: its name in capitals. */
static void say_placeholder(printer *p, const char *name)
{
    char text[MF_STAGE_TEXT];
    snprintf(text, sizeof text, "%s", name);
    for (char *c = text; *c; c++)
        *c = ascii_is_alphanumeric(*c) ? ascii_upper(*c) : '_';
    say(p, "%s", text);
}

/* Inputs that are operands of their tool; others are values of an option of
 * their name. A bundle is one if nothing is piped in. */
static bool is_operand(const char *name, bool piped)
{
    static const char *const operand[] = {"triplets", "ratings", "factors", "bundles"};
    for (size_t i = 0; i < sizeof operand / sizeof *operand; i++)
        if (strcmp(name, operand[i]) == 0)
            return true;
    return !piped && strcmp(name, "bundle") == 0;
}

static void say_stage(printer *p, const mf_stage *s, bool first, bool last)
{
    bool piped = false;
    for (size_t i = 0; i < s->inputs; i++)
        piped |= !first && strcmp(s->input[i].name, "bundle") == 0;
    say(p, "%s", first ? "" : "    ");
    say_word(p, s->tool, strlen(s->tool));
    for (size_t i = 0; i < s->options; i++)
        say_option(p, s->option[i].name, s->option[i].value);
    if (s->seeded)
        say(p, " --seed=%llu", (unsigned long long)s->seed);
    for (int operands = 0; operands < 2; operands++)
        for (size_t i = 0; i < s->inputs; i++) {
            const char *name = s->input[i].name;
            if ((piped && strcmp(name, "bundle") == 0) ||
                is_operand(name, piped) != (operands == 1))
                continue;
            say(p, operands ? " " : " --");
            if (!operands) {
                say_word(p, name, strlen(name));
                say(p, "=");
            }
            say_placeholder(p, name);
        }
    say(p, "%s  #", last ? "" : " |");
    for (size_t i = 0; i < s->inputs; i++) {
        say(p, "%s ", i ? "," : "");
        say_placeholder(p, s->input[i].name);
        say(p, " %016llx", (unsigned long long)s->input[i].digest);
    }
    say(p, "%s version ", s->inputs ? ";" : "");
    say_word(p, s->version, strlen(s->version));
    say(p, "\n");
}

/* The note, line by line. It is of the bundle, and so may come from anybody. */
static void say_note(printer *p, const char *note)
{
    char *line = mf__new(strlen(note) + 1, 1);
    if (!line)
        p->code = mf__nomem(p->err);
    say(p, "\n");
    for (const char *at = note, *title = "note"; at && p->code == MF_OK; title = "") {
        size_t len = strcspn(at, "\n"), shown = mf__utf8_clean(line, at, len, "\t");
        line[shown++] = '\n';
        if (len > 0 || *title)
            say(p, "%-16s", title);
        if (p->code == MF_OK)
            p->code = mf_out_write(p->out, line, shown, p->err);
        at = at[len] ? at + len + 1 : NULL;
    }
    free(line);
}

int mf_info_text(mf_info *info, mf_out *out, mf_err *err)
{
    printer p = {.out = out, .err = err};
    mf_stage stage;
    size_t stages = mf_bundle_stages(info->bundle);
    say_ratings(&p, info);
    say_model(&p, info);
    if (info->note)
        say_note(&p, info->note);
    say(&p, "\n%-16s%016llx\n", "digest",
        (unsigned long long)mf_bundle_digest(info->bundle));
    say(&p, "\nprovenance\n");
    for (size_t i = 0; i < stages; i++) {
        int code = mf_bundle_stage(info->bundle, i, &stage, err);
        if (code < 0)
            return code;
        say_stage(&p, &stage, i == 0, i + 1 == stages);
    }
    return p.code;
}
