/* Reading the model: card, factors, history. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "wire/private.h"

static bool all_finite(const double x[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

int mf__bundle_read_card(mf_bundle_reader *r, mf_err *err)
{
    mf_card *c = &r->card;
    wire_map *m = &r->map;
    const char *why;
    *c = (mf_card){.cosine = NAN, .entropy = NAN};
    if ((why = mf__wire_get_u32(m, "k", true, &c->k)) ||
        (why = mf__wire_get_u32(m, "p", true, &c->personas)) ||
        (why = mf__wire_get_name(m, "preset", true, c->preset, sizeof c->preset)) ||
        (why = mf__wire_get_name(m, "init", false, c->init, sizeof c->init)) ||
        (why = mf__wire_get_f64(m, "overlap", false, &c->overlap)) ||
        (why = mf__wire_get_f64(m, "shrink", false, &c->shrink)) ||
        (why = mf__wire_get_f64(m, "unobserved", false, &c->unobserved)) ||
        (why = mf__wire_get_f64(m, "lambda_users", false, &c->lambda_users)) ||
        (why = mf__wire_get_f64(m, "lambda_items", false, &c->lambda_items)) ||
        (why = mf__wire_get_f64(m, "nu", false, &c->nu)) ||
        (why = mf__wire_get_u32(m, "iterations", false, &c->iterations)) ||
        (why = mf__wire_get_u32(m, "warmup", false, &c->warmup)) ||
        (why = mf__wire_get_u32(m, "restarts", false, &c->restarts)) ||
        (why = mf__wire_get_u64(m, "seed", UINT64_MAX, false, &c->seed)) ||
        (why = mf__wire_get_f64(m, "mu", false, &c->mu)) ||
        (why = mf__wire_get_name(m, "assign", false, c->assign, sizeof c->assign)) ||
        (why = mf__wire_get_name(m, "confidence", false, c->confidence,
                                 sizeof c->confidence)) ||
        (why = mf__wire_get_f64(m, "alpha", false, &c->alpha)) ||
        (why = mf__wire_get_f64(m, "eps", false, &c->eps)) ||
        (why = mf__wire_get_f64(m, "lambda_bias", false, &c->lambda_bias)) ||
        (why = mf__wire_get_u64(m, "train", UINT64_MAX, false, &c->train)) ||
        (why = mf__wire_get_u64(m, "held_out", UINT64_MAX, false, &c->held_out)) ||
        (why = mf__wire_get_name(m, "watch", false, c->watch, sizeof c->watch)) ||
        (why = mf__wire_get_f64(m, "cosine", false, &c->cosine)) ||
        (why = mf__wire_get_f64(m, "entropy", false, &c->entropy)))
        return mf__bundle_bad(r, err, why);
    c->best = c->iterations; /* where the card does not say */
    if ((why = mf__wire_get_u32(m, "best", false, &c->best)))
        return mf__bundle_bad(r, err, why);
    if (c->k == 0 || c->personas == 0 || c->k > MF_K_MAX ||
        c->personas > MF_PERSONAS_MAX)
        return mf_bundle_fail(r, err,
                              "M: k is %u and p is %u; 1 to %d and 1 to %d are allowed",
                              c->k, c->personas, MF_K_MAX, MF_PERSONAS_MAX);
    const double number[] = {
        c->overlap, c->shrink, c->unobserved, c->lambda_users, c->lambda_items,
        c->nu,      c->mu,     c->alpha,      c->eps,          c->lambda_bias};
    if (!all_finite(number, sizeof number / sizeof *number) || isinf(c->cosine) ||
        isinf(c->entropy))
        return mf__bundle_bad(r, err, "a number of the card is not finite");
    r->record.kind = MF_REC_CARD;
    r->record.card = *c;
    return MF_OK;
}

/* The persona of each training cell, in a frame of user factors. */
static int read_personas(mf_bundle_reader *r, mf_factor_block *b, mf_err *err)
{
    wire_span z;
    int code = mf__bundle_copy_bin(r, "len", b->n, sizeof *r->len, &r->len, &r->len_cap,
                                   0, err);
    if (code < 0)
        return code;
    const char *why = mf__wire_get_bin(&r->map, "z", true, &z);
    if (why)
        return mf__bundle_bad(r, err, why);
    size_t sum = 0;
    for (uint32_t i = 0; i < b->n; i++)
        sum += r->len[i];
    if (sum != z.size)
        return mf__bundle_bad(r, err, "'z' has not one byte for each training cell");
    unsigned wrong = 0;
#pragma omp simd reduction(| : wrong)
    for (size_t t = 0; t < z.size; t++)
        wrong |= z.data[t] >= b->personas;
    if (wrong)
        return mf__bundle_bad(r, err, "a cell belongs to a persona that is not there");
    b->len = r->len;
    b->z = z.data;
    b->z_size = z.size;
    return MF_OK;
}

/* The biases, in all frames of factors or in none. */
static int read_biases(mf_bundle_reader *r, mf_factor_block *b, bool first, mf_err *err)
{
    wire_span bias = {0};
    const char *why = mf__wire_get_bin(&r->map, "bias", false, &bias);
    if (why)
        return mf__bundle_bad(r, err, why);
    bool there = bias.data != NULL;
    if (!first && there != r->biased)
        return mf__bundle_bad(r, err, "some factors have a bias and some have none");
    r->biased = there;
    if (!there)
        return MF_OK;
    int code = mf__bundle_copy_bin(r, "bias", b->n, sizeof *r->bias, &r->bias,
                                   &r->bias_cap, 0, err);
    if (code < 0)
        return code;
    if (!mf__bundle_all_finite(r->bias, b->n))
        return mf__bundle_bad(r, err, "a bias is not finite");
    b->bias = r->bias;
    return MF_OK;
}

int mf__bundle_read_factors(mf_bundle_reader *r, mf_err *err)
{
    char side[8] = "";
    mf_factor_block *b = &r->record.factors;
    const char *why;
    *b = (mf_factor_block){.k = r->card.k};
    if ((why = mf__wire_get_name(&r->map, "side", true, side, sizeof side)) ||
        (why = mf__wire_get_u32(&r->map, "first", true, &b->first)) ||
        (why = mf__wire_get_u32(&r->map, "n", true, &b->n)))
        return mf__bundle_bad(r, err, why);
    if (strcmp(side, "user") != 0 && strcmp(side, "item") != 0)
        return mf__bundle_bad(r, err, "key 'side' is neither user nor item");
    b->side = side[0] == 'u' ? MF_USER : MF_ITEM;
    b->personas = b->side == MF_USER ? r->card.personas : 1;
    uint32_t total = b->side == MF_USER ? r->header.users : r->header.items;
    if (b->side == MF_ITEM && r->next_factor[MF_USER] > 0)
        return mf__bundle_bad(r, err, "factors of items after factors of users");
    if (b->side == MF_USER && r->next_factor[MF_ITEM] != r->header.items)
        return mf__bundle_bad(r, err, "factors of users before those of all items");
    if (b->first != r->next_factor[b->side] || b->n == 0 || b->n > total - b->first)
        return mf__bundle_bad(
            r, err, "factors do not follow those before, or are more than H says");
    size_t floats = (size_t)b->n * b->personas * b->k; /* below 2^32 * 2^8 * 2^13 */
    int code = mf__bundle_copy_bin(r, "data", floats, sizeof *r->data, &r->data,
                                   &r->data_cap, 0, err);
    if (code < 0)
        return code;
    if (!mf__bundle_all_finite(r->data, floats))
        return mf__bundle_bad(r, err, "a factor is not finite");
    b->data = r->data;
    bool first = r->next_factor[MF_ITEM] == 0 && r->next_factor[MF_USER] == 0;
    if ((code = read_biases(r, b, first, err)) < 0)
        return code;
    if (b->personas > 1 && (code = read_personas(r, b, err)) < 0)
        return code;
    r->next_factor[b->side] += b->n;
    r->record.kind = MF_REC_FACTORS;
    return MF_OK;
}

const char *mf__bundle_unpack_entry(wire_span span, mf_history_entry *e, wire_map *map)
{
    *e = (mf_history_entry){.loss = NAN,
                            .prediction = NAN,
                            .users = NAN,
                            .items = NAN,
                            .rmse = NAN,
                            .valid = NAN,
                            .moved = NAN};
    const char *why = mf__wire_map_parse(map, span.data, span.size);
    if (why || (why = mf__wire_get_u32(map, "iteration", true, &e->iteration)) ||
        (why = mf__wire_get_name(map, "half", true, e->half, sizeof e->half)) ||
        (why = mf__wire_get_f64(map, "loss", false, &e->loss)) ||
        (why = mf__wire_get_f64(map, "prediction", false, &e->prediction)) ||
        (why = mf__wire_get_f64(map, "users", false, &e->users)) ||
        (why = mf__wire_get_f64(map, "items", false, &e->items)) ||
        (why = mf__wire_get_f64(map, "rmse", false, &e->rmse)) ||
        (why = mf__wire_get_f64(map, "valid", false, &e->valid)) ||
        (why = mf__wire_get_f64(map, "moved", false, &e->moved)))
        return why;
    return NULL;
}

int mf__bundle_read_history(mf_bundle_reader *r, mf_err *err)
{
    wire_map inner;
    wire_span *list;
    size_t n;
    const char *why = mf__wire_get_array(&r->map, "entries", true, &list, &n);
    if (!why &&
        mf__reserve(&r->history, &r->history_cap, n, sizeof *r->history, NULL) < 0)
        why = WIRE_NO_MEMORY;
    for (size_t i = 0; !why && i < n; i++)
        why = mf__bundle_unpack_entry(list[i], &r->history[i], &inner);
    free(list);
    if (why)
        return mf__bundle_bad(r, err, why);
    r->record.kind = MF_REC_HISTORY;
    r->record.history = (mf_history_block){n, r->history};
    return MF_OK;
}
