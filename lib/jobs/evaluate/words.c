/* What stands below the numbers: words for people. */
#include <math.h>
#include <stdio.h>

#include "base/number.h"
#include "jobs/evaluate/formats.h"
#include "jobs/evaluate/subject.h"
#include "jobs/evaluate/users.h"
#include "math/metrics.h"

int mf__columns(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

const char *mf__plain(double x, bool sign, char text[EVALUATION_NUMBER])
{
    const char *plus = sign && x >= 0 ? "+" : "";
    if (fabs(x) < 100)
        mf__snprintf(text, EVALUATION_NUMBER, "%s%.5f", plus, x);
    else
        mf__snprintf(text, EVALUATION_NUMBER, "%s%.5g", plus, x);
    return text;
}

/* --- lists from elsewhere --- */

/* "a, b and c": the metrics for which `which` is true. Returns how many. */
static size_t name_metrics(const mf_evaluation *e, const mf_subject *subject,
                           bool (*which)(const mf_subject *, const mf_metric *),
                           char text[MF_METRICS_TEXT])
{
    size_t all = 0, n = 0, used = 0;
    text[0] = '\0';
    for (size_t m = 0; m < e->metrics.n; m++)
        all += which(subject, &e->metrics.metric[m]);
    for (size_t m = 0; m < e->metrics.n; m++) {
        if (!which(subject, &e->metrics.metric[m]))
            continue;
        const char *between = n == 0 ? "" : n + 1 < all ? ", " : " and ";
        used = mf__append(text, MF_METRICS_TEXT, used, "%s%s", between,
                          e->metrics.metric[m].name);
        n++;
    }
    return all;
}

/* One that no list has. */
static bool is_absent(const mf_subject *subject, const mf_metric *metric)
{
    return !mf_subject_has(subject, metric);
}

/* One that looks further than the longest list reaches. */
static bool looks_further(const mf_subject *subject, const mf_metric *metric)
{
    return mf_subject_has(subject, metric) &&
           (metric->n > subject->list.longest || metric->kind == MF_METRIC_MRR);
}

/* Is it the first subject of lists? */
static bool is_first_list(const mf_evaluation *e, size_t subject)
{
    for (size_t s = 0; s < subject; s++)
        if (e->subject[s].listed)
            return false;
    return true;
}

/* True for the nth call. */
static bool is_turn(size_t *nth)
{
    return (*nth)-- == 0;
}

/* "s: ..." of n of them, and the verb. */
static const char *have(uint64_t n)
{
    return n == 1 ? " is" : "s are";
}

/* "2 to 3", or "3" where all lists are as long. */
enum { LENGTHS = 32 };
static const char *name_lengths(const mf_list_counts *c, char text[LENGTHS])
{
    if (c->shortest == c->longest)
        snprintf(text, LENGTHS, "%u", c->longest);
    else
        snprintf(text, LENGTHS, "%u to %u", c->shortest, c->longest);
    return text;
}

bool mf_list_words(const mf_evaluation *e, size_t subject, size_t nth,
                   char text[MF_LIST_WORDS])
{
    const mf_subject *s = &e->subject[subject];
    const mf_list_counts *c = &s->list;
    char names[MF_METRICS_TEXT], lengths[LENGTHS];
    if (!s->listed)
        return false;
    if (c->missing && is_turn(&nth))
        snprintf(text, MF_LIST_WORDS, "%s has no list for %u of %u users: %s count%s 0",
                 s->name, c->missing, c->missing + c->lists,
                 c->missing == 1 ? "this one" : "these", c->missing == 1 ? "s" : "");
    else if (c->unknown_users && is_turn(&nth))
        snprintf(text, MF_LIST_WORDS,
                 "%s: %u user%s not in %s, such as '%s', and left out", s->name,
                 c->unknown_users, have(c->unknown_users), e->truth, c->user);
    else if (c->unknown_items && is_turn(&nth))
        snprintf(text, MF_LIST_WORDS,
                 "%s: %zu item%s not in %s, such as '%s'; %llu place%s of these lists "
                 "%s for them",
                 s->name, c->unknown_items, have(c->unknown_items), e->truth, c->item,
                 (unsigned long long)c->unknown_places, mf__plural(c->unknown_places),
                 c->unknown_places == 1 ? "is a miss" : "are misses");
    else if (c->known && is_turn(&nth))
        snprintf(text, MF_LIST_WORDS,
                 "%s: %llu place%s what the user knows already, %llu of them from "
                 "validation cells: misses, which a list of what is new does not have",
                 s->name, (unsigned long long)c->known,
                 c->known == 1 ? " holds" : "s hold",
                 (unsigned long long)c->known_valid);
    else if (c->twice && is_turn(&nth))
        snprintf(text, MF_LIST_WORDS,
                 "%s: %llu place%s an item that stands before in the list: misses",
                 s->name, (unsigned long long)c->twice,
                 c->twice == 1 ? " repeats" : "s repeat");
    else if (c->tied && is_turn(&nth))
        snprintf(text, MF_LIST_WORDS,
                 "%s: %u user%s equal %ss at %llu places: ordered by item, the last "
                 "first, as trec_eval does",
                 s->name, c->tied_lists,
                 c->tied_lists == 1 ? "'s list has" : "s' lists have",
                 c->ranked ? "rank" : "score", (unsigned long long)c->tied);
    else if (c->taken_as_ranks && is_turn(&nth))
        snprintf(text, MF_LIST_WORDS,
                 "%s: the third field counts %s ... in every list, and is taken as "
                 "the rank",
                 s->name, c->from_zero ? "0, 1, 2" : "1, 2, 3");
    else if (c->lists && name_metrics(e, s, looks_further, names) && is_turn(&nth))
        snprintf(text, MF_LIST_WORDS,
                 "%s: lists of %s item%s, beyond which %s cannot see", s->name,
                 name_lengths(c, lengths), mf__plural(c->longest), names);
    else if (is_first_list(e, subject) && name_metrics(e, s, is_absent, names) &&
             is_turn(&nth))
        snprintf(text, MF_LIST_WORDS,
                 "lists have no %s: that takes the scores, vectors or personas of a "
                 "model",
                 names);
    else
        return false;
    return true;
}

/* --- all --- */

static void write_slices(const mf_evaluation *e, mf_out *out)
{
    for (size_t i = 1; i < e->slices; i++) {
        const mf_slice *s = &e->slice[i];
        unsigned long long cells = s->total;
        if (s->low > s->high)
            mf_out_printf(out, NULL, "%s: nobody\n", s->name);
        else if (s->part)
            mf_out_printf(
                out, NULL,
                "%s: %u user%s with %llu test cell%s, of items of %u to %u training "
                "user%s\n",
                s->name, s->n, mf__plural(s->n), cells, mf__plural(cells), s->low,
                s->high, mf__plural(s->high));
        else
            mf_out_printf(
                out, NULL,
                "%s: %u user%s of %u to %u known cell%s, with %llu test cell%s\n",
                s->name, s->n, mf__plural(s->n), s->low, s->high, mf__plural(s->high),
                cells, mf__plural(cells));
    }
}

static bool any_interval(const mf_evaluation *e)
{
    bool any = false;
    for (size_t i = 0; i < e->scores; i++)
        any |= isfinite(e->score[i].low) != 0;
    return any;
}

static bool about_all_lists(const mf_metric *metric)
{
    return mf_metric_is_about(metric) == MF_ABOUT_ALL_LISTS;
}

static bool any_about_all_lists(const mf_evaluation *e)
{
    bool any = false;
    for (size_t m = 0; m < e->metrics.n; m++)
        any |= about_all_lists(&e->metrics.metric[m]);
    return any && e->scores;
}

static bool any_prediction(const mf_evaluation *e)
{
    bool any = false;
    for (size_t m = 0; m < e->metrics.n; m++)
        any |= mf_metric_is_prediction(&e->metrics.metric[m]);
    return any;
}

static bool any_list(const mf_evaluation *e)
{
    bool any = false;
    for (size_t s = 0; s < e->subjects; s++)
        any |= e->subject[s].listed;
    return any;
}

static size_t models(const mf_evaluation *e)
{
    size_t n = 0;
    while (n < e->subjects && e->subject[n].model)
        n++;
    return n;
}

/* What 'relevant' means in the table, and whom that leaves out. */
static void write_relevant(const mf_evaluation *e, mf_out *out)
{
    const mf_slice *all = &e->slice[0];
    if (isnan(e->relevant))
        mf_out_printf(out, NULL, "relevant: test cells above 0");
    else
        mf_out_printf(out, NULL, "relevant: test cells of at least %g",
                      (double)e->relevant);
    if (models(e) != 1 || any_list(e))
        mf_out_printf(out, NULL, ", by the values in %s%s", e->truth,
                      e->splits > 1 ? ", in models of other test cells by their own"
                                    : "");
    uint64_t none = all->n - all->relevant;
    if (none == 0)
        mf_out_printf(out, NULL, "; every user has some\n");
    else
        mf_out_printf(out, NULL, "; %llu user%s none and %s left out%s\n",
                      (unsigned long long)none, none == 1 ? " has" : "s have",
                      none == 1 ? "is" : "are",
                      any_prediction(e) ? ", but for predictions" : "");
}

static void write_unknown_of(const mf_evaluation *e, size_t s, const char *who,
                             mf_out *out)
{
    uint32_t n = mf_evaluation_unknown(e, &e->slice[0], s);
    if (n > 0)
        mf_out_printf(out, NULL,
                      "of %u user%s with relevant test cells %s nothing: ranked for "
                      "them is what is %s\n",
                      n, mf__plural(n), who,
                      e->subject[s].by_bias
                          ? "rated highest, by the items' biases"
                          : "popular, by the number of its listeners");
}

/* One line where all models are alike in this, else one for each. */
static void write_unknown(const mf_evaluation *e, mf_out *out)
{
    const size_t n = models(e);
    const mf_slice *all = &e->slice[0];
    bool alike = n > 1;
    char who[600];
    for (size_t s = 1; s < n; s++)
        alike &= e->subject[s].by_bias == e->subject[0].by_bias &&
                 mf_evaluation_unknown(e, all, s) == mf_evaluation_unknown(e, all, 0);
    for (size_t s = 0; s < (alike ? 1 : n); s++) {
        snprintf(who, sizeof who, "%s knows", e->subject[s].name);
        write_unknown_of(e, s, alike ? "the models know" : who, out);
    }
}

/* Models whose errors are not those of a prediction of what the first one predicts. */
static void write_own_values(const mf_evaluation *e, mf_out *out)
{
    char names[MF_METRICS_TEXT];
    mf__metrics_names(names, mf_metric_is_prediction);
    for (size_t s = 1; any_prediction(e) && s < models(e); s++)
        if (e->subject[s].own_values)
            mf_out_printf(out, NULL,
                          "%s of %s are errors on its own values of the test cells, "
                          "which are not those of %s\n",
                          names, e->subject[s].name, e->subject[0].name);
}

static void write_lists(const mf_evaluation *e, mf_out *out)
{
    char words[MF_LIST_WORDS];
    for (size_t s = 0; s < e->subjects; s++)
        for (size_t n = 0; mf_list_words(e, s, n, words); n++)
            mf_out_printf(out, NULL, "%s\n", words);
}

void mf__evaluation_notes(const mf_evaluation *e, bool tested, mf_out *out)
{
    const mf_slice *all = &e->slice[0];
    char names[MF_METRICS_TEXT], words[MF_INCOMPARABLE_TEXT];
    mf_out_printf(out, NULL,
                  "\n%u user%s with %llu test cell%s; %u user%s none and %s left out\n",
                  all->n, mf__plural(all->n), (unsigned long long)all->total,
                  mf__plural(all->total), e->left_out,
                  e->left_out == 1 ? " has" : "s have",
                  e->left_out == 1 ? "is" : "are");
    if (mf__needs_relevant(&e->metrics)) {
        write_relevant(e, out);
        write_unknown(e, out);
    }
    if (e->splits > 1)
        mf_out_printf(out, NULL,
                      "the test cells of the models differ: each has its own; "
                      "%u user%s not have some in all models\n",
                      e->ids.n - all->n, e->ids.n - all->n == 1 ? " does" : "s do");
    write_own_values(e, out);
    write_lists(e, out);
    write_slices(e, out);
    if (any_interval(e))
        mf_out_printf(out, NULL, "+-: half of the 95 %% interval over users%s\n",
                      tested && e->differences
                          ? "; p: permutation test on each user's two values"
                          : "");
    if (any_about_all_lists(e)) {
        mf__metrics_names(names, about_all_lists);
        mf_out_printf(out, NULL, "%s are of all lists together, and have no interval\n",
                      names);
    }
    for (int why = 0; why < MF_INCOMPARABLE_COUNT; why++)
        if (e->incomparable[why]) {
            mf_incomparable_words((mf_incomparable)why, words);
            mf_out_printf(out, NULL, "%s\n", words);
        }
}
