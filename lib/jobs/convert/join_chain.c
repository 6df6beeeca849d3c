/* Shards that were made by command lines that differ in --shard alone get the
 * provenance of the whole: the option goes, the rest is the same in all. Where a stage
 * names the digest of the bundle before it, that of the whole cannot be known: the sum
 * of the shards' digests takes its place, and the join becomes a stage of its own. */
#include "jobs/convert/join_chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jobs/convert/format.h"
#include "wire/stage.h"

static int add_stage(join_chain *chain, const mf_stage *stage, mf_err *err)
{
    if (mf__reserve(&chain->stage, &chain->cap, chain->n + 1, sizeof *stage, err) < 0)
        return MF_ENOMEM;
    chain->stage[chain->n++] = *stage;
    return MF_OK;
}

/* The join as a stage of its own; a sum of digests does not depend on order. Where the
 * order of the parts matters, because the first or last of cells without times is kept,
 * another one does. */
static int add_join(join_chain *chain, const join_part *part, size_t parts,
                    const mf_duplicates *rule, mf_err *err)
{
    uint64_t sum = 0, order = 0;
    for (size_t i = 0; i < parts; i++) {
        sum += part[i].model.digest;
        order = (order ^ part[i].model.digest) * UINT64_C(0x9e3779b97f4a7c15);
    }
    mf_stage stage = mf_stage_make("mf-convert");
    mf_stage_option(&stage, "join", "%zu", parts);
    if (rule)
        mf_stage_option(&stage, "duplicates", "%s", mf_duplicates_names[*rule]);
    mf_stage_input(&stage, "bundles", sum);
    if (rule && (*rule == MF_DUPLICATES_FIRST || *rule == MF_DUPLICATES_LAST) &&
        !part[0].model.ratings.time)
        mf_stage_input(&stage, "order", order);
    return add_stage(chain, &stage, err);
}

/* Equal but for the value of --shard and the digests of inputs? */
static bool alike(const mf_stage *a, const mf_stage *b)
{
    if (strcmp(a->tool, b->tool) != 0 || strcmp(a->version, b->version) != 0 ||
        a->seeded != b->seeded || a->seed != b->seed || a->options != b->options ||
        a->inputs != b->inputs)
        return false;
    for (size_t i = 0; i < a->options; i++)
        if (strcmp(a->option[i].name, b->option[i].name) != 0 ||
            (strcmp(a->option[i].name, "shard") != 0 &&
             strcmp(a->option[i].value, b->option[i].value) != 0))
            return false;
    for (size_t i = 0; i < a->inputs; i++)
        if (strcmp(a->input[i].name, b->input[i].name) != 0)
            return false;
    return true;
}

static bool equal(const mf_stage *a, const mf_stage *b)
{
    const char *x = mf__stage_value(a, "shard"), *y = mf__stage_value(b, "shard");
    if (!alike(a, b) || (x && strcmp(x, y) != 0))
        return false;
    for (size_t i = 0; i < a->inputs; i++)
        if (a->input[i].digest != b->input[i].digest)
            return false;
    return true;
}

static bool chains_alike(const mf_model *a, const mf_model *b)
{
    bool same = a->stages == b->stages;
    for (size_t i = 0; same && i < a->stages; i++)
        same = alike(&a->stage[i], &b->stage[i]);
    return same;
}

/* Of a stage of a part, or of the LAST of each; NULL: that names no shard. */
static const size_t LAST = SIZE_MAX;
static const char *shard_of(const join_part *part, size_t stage)
{
    const mf_model *m = &part->model;
    size_t i = stage == LAST ? m->stages - 1 : stage;
    return m->stages > 0 ? mf__stage_value(&m->stage[i], "shard") : NULL;
}

/* See that the parts are shards 1/N .. N/N, each once. */
static int check_complete(const join_part *part, size_t parts, size_t stage,
                          mf_err *err)
{
    unsigned total = 0;
    char *seen = NULL;
    int code = MF_OK;
    for (size_t i = 0; code == MF_OK && i < parts; i++) {
        unsigned shard = 0, of = 0;
        const char *text = shard_of(&part[i], stage);
        if (sscanf(text, "%u/%u", &shard, &of) != 2 || shard < 1 || shard > of ||
            of > 1u << 20 || (total && of != total))
            code = mf_fail(err, MF_EFORMAT, "%s: is shard %s, %s is not of that many",
                           part[i].name, text, part[0].name);
        else if (!seen && !(seen = mf__new0((size_t)of + 1, 1)))
            code = mf__nomem(err);
        else if (seen[shard]++)
            code = mf_fail(err, MF_EFORMAT, "%s: shard %s is there twice", part[i].name,
                           text);
        total = of;
    }
    for (unsigned shard = 1; code == MF_OK && shard <= total; shard++)
        if (!seen[shard])
            code = mf_fail(err, MF_EFORMAT, "shard %u/%u is missing; name all of them",
                           shard, total);
    free(seen);
    return code;
}

/* May the digests of this input be summed, because the parts read different lines and
 * the whole would have read them all? Only where each line is read alone. */
static bool of_lines(const mf_stage *stage, const char *input)
{
    const char *from = mf__stage_value(stage, "from");
    if (strcmp(stage->tool, "mf-convert") != 0 || !from ||
        strcmp(input, "ratings") != 0 || mf__stage_value(stage, "header"))
        return false;
    for (int i = 0; i < MF_FORMATS; i++)
        if (strcmp(from, mf_format_names[i]) == 0)
            return mf__format((mf_format)i)->apart;
    return false;
}

/* Merge stage i of chains that are alike. *certain becomes false where a digest of the
 * whole cannot be known, *kin where the inputs show that there is no whole. */
static mf_stage merge_stage(const join_part *part, size_t parts, size_t i,
                            bool *certain, bool *kin)
{
    mf_stage merged = part[0].model.stage[i];
    for (size_t j = 0; j < merged.inputs; j++) {
        bool same = true;
        uint64_t first = merged.input[j].digest, sum = first;
        for (size_t p = 1; p < parts; p++) {
            uint64_t digest = part[p].model.stage[i].input[j].digest;
            same = same && digest == first;
            sum += digest;
        }
        if (same)
            continue;
        merged.input[j].digest = sum;
        if (strcmp(merged.input[j].name, "bundle") == 0)
            *certain = false;
        else if (!of_lines(&merged, merged.input[j].name) || mf__stage_value(&merged, "shard"))
            *kin = false;
    }
    mf__stage_drop(&merged, "shard");
    return merged;
}

/* What parts of different makes have in common: their first stages, as far as they are
 * equal. */
static int common_stages(join_chain *chain, const join_part *part, size_t parts,
                         mf_err *err)
{
    chain->n = 0;
    for (size_t i = 0; i < part[0].model.stages; i++) {
        for (size_t p = 1; p < parts; p++)
            if (i >= part[p].model.stages ||
                !equal(&part[0].model.stage[i], &part[p].model.stage[i]))
                return MF_OK;
        int code = add_stage(chain, &part[0].model.stage[i], err);
        if (code < 0)
            return code;
    }
    return MF_OK;
}

/* Would a text of all lines have given what the parts sum to? Only where each part is a
 * text of counts, and equal cells are summed within it too, by their ids. */
static bool sums_alike(const join_part *part, size_t parts)
{
    bool alike = true;
    for (size_t p = 0; alike && p < parts; p++) {
        const mf_model *m = &part[p].model;
        const mf_stage *stage = m->stage;
        const char *rule = m->stages == 1 ? mf__stage_value(stage, "duplicates") : NULL;
        alike = m->header.value == MF_U32 && rule && strcmp(rule, "sum") == 0 &&
                strcmp(stage->tool, "mf-convert") == 0 && !mf__stage_value(stage, "item-key");
    }
    return alike;
}

/* The shards of a training may have been trained on ratings of different makes. */
static int check_training(const join_part *part, size_t parts, mf_err *err)
{
    for (size_t p = 0; p < parts; p++)
        if (!part[p].model.has_factors || !shard_of(&part[p], LAST))
            return MF_OK;
    return check_complete(part, parts, LAST, err);
}

int mf__join_chain_ratings(join_chain *chain, const join_part *part, size_t parts,
                           const mf_duplicates *rule, mf_err *err)
{
    bool certain = !rule || (*rule == MF_DUPLICATES_SUM && sums_alike(part, parts));
    bool kin = true;
    const join_part *shard = NULL;
    int code = check_training(part, parts, err);
    for (size_t p = 0; p < parts; p++) {
        const mf_model *m = &part[p].model;
        kin = kin && chains_alike(&part[0].model, m);
        for (size_t i = 0; i + (m->has_factors ? 1 : 0) < m->stages; i++)
            if (mf__stage_value(&part[p].model.stage[i], "shard"))
                shard = &part[p];
    }
    for (size_t i = 0; code == MF_OK && kin && i < part[0].model.stages; i++) {
        if (mf__stage_value(&part[0].model.stage[i], "shard"))
            code = check_complete(part, parts, i, err);
        mf_stage merged = merge_stage(part, parts, i, &certain, &kin);
        if (code == MF_OK)
            code = add_stage(chain, &merged, err);
    }
    if (code == MF_OK && !kin && shard)
        return mf_fail(err, MF_EFORMAT,
                       "%s: is a shard, and not every other bundle is one "
                       "of the same options and inputs; make all of them alike",
                       shard->name);
    if (code == MF_OK && !kin)
        code = common_stages(chain, part, parts, err);
    if (code == MF_OK && !(certain && kin))
        code = add_join(chain, part, parts, rule, err);
    return code;
}

int mf__join_chain_model(join_chain *chain, const mf_model *ratings,
                         const mf_model *factors, mf_err *err)
{
    int code = MF_OK;
    bool direct = factors->stages == ratings->stages + 1;
    for (size_t i = 0; code == MF_OK && i < factors->stages; i++) {
        if (i < ratings->stages)
            direct = direct && equal(&ratings->stage[i], &factors->stage[i]);
        code = add_stage(chain, &factors->stage[i], err);
    }
    if (direct) { /* trained on this very bundle: the whole model, in two files */
        mf_stage *last = &chain->stage[chain->n - 1];
        direct = false;
        for (size_t j = 0; j < last->inputs; j++)
            direct |= strcmp(last->input[j].name, "bundle") == 0 &&
                      last->input[j].digest == ratings->digest;
        if (direct)
            mf__stage_drop(last, "factors-only");
    }
    if (code < 0 || direct)
        return code;
    mf_stage stage = mf_stage_make("mf-convert");
    mf_stage_option(&stage, "join", "2");
    mf_stage_input(&stage, "ratings", ratings->digest);
    mf_stage_input(&stage, "factors", factors->digest);
    return add_stage(chain, &stage, err);
}
