#include "jobs/convert/join_models.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

bool mf__join_are_models(const join_part *part, size_t parts)
{
    bool all = parts > 1;
    for (size_t p = 0; p < parts; p++)
        all &= part[p].model.has_factors &&
               (part[p].model.has_ratings || part[p].model.header.users == 0);
    return all;
}

static bool same_ids(const mf_ids *a, const mf_ids *b)
{
    return a->n == b->n &&
           (a->n == 0 ||
            (memcmp(a->off, b->off, ((size_t)a->n + 1) * sizeof *a->off) == 0 &&
             memcmp(a->text, b->text, a->off[a->n]) == 0));
}

static bool same_floats(const float *a, const float *b, size_t n)
{
    return (a != NULL) == (b != NULL) && (!a || memcmp(a, b, n * sizeof *a) == 0);
}

/* All ranks of a training end with the same item vectors, bit by bit. */
static int check_alike(const join_part *part, size_t parts, mf_err *err)
{
    const mf_model *first = &part[0].model;
    const mf_tensor *v = &first->items;
    for (size_t p = 0; p < parts; p++) {
        const mf_model *m = &part[p].model;
        if (m->card.k != first->card.k || m->card.personas != first->card.personas ||
            !same_ids(&m->ratings.items, &first->ratings.items) ||
            !same_floats(m->items.data, v->data, (size_t)v->n * v->k) ||
            !same_floats(m->items.bias, v->bias, v->n) ||
            !same_floats(m->items.weight, v->weight, v->n))
            return mf_fail(
                err, MF_EFORMAT,
                "%s: its item vectors are not those of %s; models are joined "
                "that one training has written, a shard a rank",
                part[p].name, part[0].name);
        if (m->folded_active)
            return mf_fail(err, MF_EFORMAT,
                           "%s: has users who were folded in; join what mf-als wrote",
                           part[p].name);
    }
    return MF_OK;
}

/* The users of all, in the order of the joined ratings. */
typedef struct users {
    mf_tensor factors;
    size_t *zptr; /* [n + 1], or NULL for one persona; owned, like z */
    uint8_t *z;
} users;

static void users_free(users *u)
{
    mf_tensor_free(&u->factors);
    free(u->zptr);
    free(u->z);
}

static int users_room(users *u, const join_part *part, size_t parts, uint32_t n,
                      mf_err *err)
{
    const mf_model *some = &part[0].model; /* with users, if any are */
    size_t cells = 0;
    for (size_t p = 1; p < parts && some->users.n == 0; p++)
        some = &part[p].model;
    const mf_tensor *first = &some->users;
    int code = mf_tensor_alloc(&u->factors, n, first->personas, first->k, err);
    if (code == MF_OK && first->bias)
        code = mf_tensor_add_bias(&u->factors, err);
    if (code < 0 || !some->z)
        return code;
    for (size_t p = 0; p < parts; p++)
        if (part[p].model.users.n > 0)
            cells += part[p].model.zptr[part[p].model.users.n];
    u->zptr = mf__new0((size_t)n + 1, sizeof *u->zptr);
    u->z = mf__new(cells, 1);
    return u->zptr && u->z ? MF_OK : mf__nomem(err);
}

static void copy_users(users *u, const join_part *part, const join_sum *sum)
{
    size_t width = (size_t)u->factors.personas * u->factors.k;
    for (uint32_t i = 0; i < u->factors.n; i++) {
        const mf_model *m = &part[sum->owner[i]].model;
        uint32_t row = sum->row[i];
        memcpy(mf_tensor_at(&u->factors, i, 0), mf_tensor_at(&m->users, row, 0),
               width * sizeof *u->factors.data);
        if (u->factors.bias)
            u->factors.bias[i] = m->users.bias[row];
        if (!u->zptr)
            continue;
        size_t n = m->zptr[row + 1] - m->zptr[row];
        memcpy(u->z + u->zptr[i], m->z + m->zptr[row], n);
        u->zptr[i + 1] = u->zptr[i] + n;
    }
}

/* The card of the whole: digests of cells are sums over cells. */
static mf_card card_of(const join_part *part, size_t parts)
{
    mf_card card = part[0].model.card;
    for (size_t p = 1; p < parts; p++) {
        card.train += part[p].model.card.train;
        card.held_out += part[p].model.card.held_out;
    }
    return card;
}

int mf__join_models(const join_part *part, size_t parts, const char *note,
                    mf_bundle_writer *out, join_chain *chain, join_sum *sum,
                    mf_err *err)
{
    const mf_model *first = &part[0].model;
    const mf_card card = card_of(part, parts);
    users u = {0};
    sum->ordered = true;
    int code = check_alike(part, parts, err);
    if (code == MF_OK)
        code = mf__join_ratings(part, parts, MF_DUPLICATES_ERROR, note, out, chain, sum,
                                err);
    if (code == MF_OK && sum->shared > 0)
        code =
            mf_fail(err, MF_EFORMAT,
                    "%u of the users are in several of the models; models are joined "
                    "that one training has written, a shard a rank",
                    sum->shared);
    if (code == MF_OK)
        code = mf_bundle_put_card(out, &card, err);
    if (code == MF_OK)
        code = mf_bundle_put_factors(out, MF_ITEM, &first->items, NULL, NULL, err);
    if (code == MF_OK)
        code = users_room(&u, part, parts, (uint32_t)sum->users, err);
    if (code == MF_OK) {
        copy_users(&u, part, sum);
        code = mf_bundle_put_factors(out, MF_USER, &u.factors, u.zptr, u.z, err);
    }
    users_free(&u);
    return code == MF_OK
               ? mf_bundle_put_history(out, first->history_n, first->history, err)
               : code;
}
