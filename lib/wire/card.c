/* M, the model card. */
#include "wire/card.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "wire/kinds.h"
#include "wire/reader.h"
#include "wire/rows.h"
#include "wire/writer.h"

/* What follows the preset where items weigh by popularity: older readers, which would
 * place new users wrongly, do not know such a preset, and say so. */
static const char BY_POPULARITY[] = "+pop";

/* Take it off the preset. Returns NULL, or the words of the error. */
static const char *read_popularity(mf_card *c, wire_map *m)
{
    size_t len = strlen(c->preset), tail = sizeof BY_POPULARITY - 1;
    bool weighs = len > tail && strcmp(c->preset + len - tail, BY_POPULARITY) == 0;
    if (!weighs)
        return NULL;
    c->preset[len - tail] = '\0';
    const char *why = mf__map_f64(m, "popularity", true, &c->popularity);
    if (!why && !(c->popularity > 0 && isfinite(c->popularity)))
        why = "key 'popularity' is not more than 0";
    return why;
}

/* Of numbers that must be finite, the first that is below 0, or NULL. */
static const char *below_zero(const mf_card *c)
{
    const struct {
        double value;
        const char *words;
    } number[] = {
        {c->overlap, "key 'overlap' is below 0"},
        {c->shrink, "key 'shrink' is below 0"},
        {c->unobserved, "key 'unobserved' is below 0"},
        {c->lambda_users, "key 'lambda_users' is below 0"},
        {c->lambda_items, "key 'lambda_items' is below 0"},
        {c->lambda_bias, "key 'lambda_bias' is below 0"},
        {c->nu, "key 'nu' is below 0"},
        {c->alpha, "key 'alpha' is below 0"},
        {c->eps, "key 'eps' is below 0"},
    };
    for (size_t i = 0; i < sizeof number / sizeof *number; i++)
        if (number[i].value < 0)
            return number[i].words;
    return NULL;
}

static bool all_finite(const double x[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

/* What no file says, so that a NaN in one is told from nothing. */
static const double MISSING = -DBL_MAX;

int mf__card_read(mf_bundle_reader *r, mf_err *err)
{
    mf_card *c = &r->card;
    wire_map *m = &r->map;
    const char *why;
    *c = (mf_card){.agreement = MISSING, .entropy = MISSING};
    if ((why = mf__map_u32(m, "k", true, &c->k)) ||
        (why = mf__map_u32(m, "p", true, &c->personas)) ||
        (why = mf__map_word(m, "preset", true, c->preset, sizeof c->preset)) ||
        (why = read_popularity(c, m)) ||
        (why = mf__map_word(m, "init", false, c->init, sizeof c->init)) ||
        (why = mf__map_f64(m, "overlap", false, &c->overlap)) ||
        (why = mf__map_f64(m, "shrink", false, &c->shrink)) ||
        (why = mf__map_u32(m, "persona_cells", false, &c->persona_cells)) ||
        (why = mf__map_f64(m, "unobserved", false, &c->unobserved)) ||
        (why = mf__map_f64(m, "lambda_users", false, &c->lambda_users)) ||
        (why = mf__map_f64(m, "lambda_items", false, &c->lambda_items)) ||
        (why = mf__map_f64(m, "nu", false, &c->nu)) ||
        (why = mf__map_u32(m, "iterations", false, &c->iterations)) ||
        (why = mf__map_u32(m, "warmup", false, &c->warmup)) ||
        (why = mf__map_u32(m, "restarts", false, &c->restarts)) ||
        (why = mf__map_u64(m, "seed", UINT64_MAX, false, &c->seed)) ||
        (why = mf__map_f64(m, "mu", false, &c->mu)) ||
        (why = mf__map_word(m, "assign", false, c->assign, sizeof c->assign)) ||
        (why = mf__map_word(m, "confidence", false, c->confidence,
                            sizeof c->confidence)) ||
        (why = mf__map_f64(m, "alpha", false, &c->alpha)) ||
        (why = mf__map_f64(m, "eps", false, &c->eps)) ||
        (why = mf__map_f64(m, "lambda_bias", false, &c->lambda_bias)) ||
        (why = mf__map_u64(m, "train", UINT64_MAX, false, &c->train)) ||
        (why = mf__map_u64(m, "held_out", UINT64_MAX, false, &c->held_out)) ||
        (why = mf__map_word(m, "watch", false, c->watch, sizeof c->watch)) ||
        (why = mf__map_f64(m, "agreement", false, &c->agreement)) ||
        (why = mf__map_f64(m, "entropy", false, &c->entropy)))
        return mf__reader_bad(r, err, why);
    c->best = c->iterations; /* where the card does not say */
    if ((why = mf__map_u32(m, "best", false, &c->best)))
        return mf__reader_bad(r, err, why);
    if (c->k == 0 || c->personas == 0 || c->k > MF_K_MAX ||
        c->personas > MF_PERSONAS_MAX)
        return mf_bundle_fail(r, err,
                              "M: k is %u and p is %u; 1 to %d and 1 to %d are allowed",
                              c->k, c->personas, MF_K_MAX, MF_PERSONAS_MAX);
    const double number[] = {
        c->overlap, c->shrink, c->unobserved, c->lambda_users, c->lambda_items,
        c->nu,      c->mu,     c->alpha,      c->eps,          c->lambda_bias};
    if (!all_finite(number, sizeof number / sizeof *number) || !isfinite(c->agreement) ||
        !isfinite(c->entropy))
        return mf__reader_bad(r, err, "a number of the card is not finite");
    c->agreement = c->agreement == MISSING ? NAN : c->agreement;
    c->entropy = c->entropy == MISSING ? NAN : c->entropy;
    if ((why = below_zero(c)))
        return mf__reader_bad(r, err, why);
    if (c->overlap > 1)
        return mf__reader_bad(r, err, "key 'overlap' is more than 1");
    r->record.card = *c;
    return MF_OK;
}

bool mf__card_takes_numbers(const mf_card *card)
{
    return strcmp(card->preset, "study") == 0 || strcmp(card->preset, "explicit") == 0;
}

bool mf__card_has_confidence(const mf_card *card)
{
    return card->confidence[0] && strcmp(card->confidence, "none") != 0;
}

int mf_bundle_put_card(mf_bundle_writer *w, const mf_card *c, mf_err *err)
{
    int code = mf__rows_send(w, err);
    if (code < 0)
        return code;
    bool confident = mf__card_has_confidence(c);
    bool biased = c->lambda_bias != 0;
    size_t keys = 20;
    keys += c->assign[0] ? 1 : 0;
    keys += confident ? 3 : 0;
    keys += biased ? 1 : 0;
    keys += c->persona_cells ? 1 : 0;
    keys += c->restarts ? 1 : 0;
    keys += c->popularity > 0 ? 1 : 0;
    char preset[sizeof c->preset + sizeof BY_POPULARITY];
    snprintf(preset, sizeof preset, "%s%s", c->preset,
             c->popularity > 0 ? BY_POPULARITY : "");
    msgpack_packer *pack = mf__writer_begin(w, keys);
    mf__pack_key_u64(pack, "k", c->k);
    mf__pack_key_u64(pack, "p", c->personas);
    mf__pack_key_str(pack, "preset", preset);
    mf__pack_key_str(pack, "init", c->init);
    mf__pack_key_f64(pack, "overlap", c->overlap);
    mf__pack_key_f64(pack, "shrink", c->shrink);
    if (c->persona_cells)
        mf__pack_key_u64(pack, "persona_cells", c->persona_cells);
    mf__pack_key_f64(pack, "unobserved", c->unobserved);
    if (c->popularity > 0)
        mf__pack_key_f64(pack, "popularity", c->popularity);
    mf__pack_key_f64(pack, "lambda_users", c->lambda_users);
    mf__pack_key_f64(pack, "lambda_items", c->lambda_items);
    mf__pack_key_f64(pack, "nu", c->nu);
    mf__pack_key_u64(pack, "iterations", c->iterations);
    mf__pack_key_u64(pack, "warmup", c->warmup);
    if (c->restarts)
        mf__pack_key_u64(pack, "restarts", c->restarts);
    mf__pack_key_u64(pack, "seed", c->seed);
    mf__pack_key_f64(pack, "mu", c->mu);
    if (c->assign[0])
        mf__pack_key_str(pack, "assign", c->assign);
    if (confident) {
        mf__pack_key_str(pack, "confidence", c->confidence);
        mf__pack_key_f64(pack, "alpha", c->alpha);
        mf__pack_key_f64(pack, "eps", c->eps);
    }
    if (biased)
        mf__pack_key_f64(pack, "lambda_bias", c->lambda_bias);
    mf__pack_key_digest(pack, "train", c->train);
    mf__pack_key_digest(pack, "held_out", c->held_out);
    mf__pack_key_str(pack, "watch", c->watch);
    mf__pack_key_u64(pack, "best", c->best);
    mf__pack_key_f64(pack, "agreement", c->agreement);
    mf__pack_key_f64(pack, "entropy", c->entropy);
    return mf__writer_put(w, 'M', err);
}
