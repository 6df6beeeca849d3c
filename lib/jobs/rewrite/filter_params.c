/* The options of mf-filter: defaults, checks, provenance. */
#include "jobs/rewrite/filter_params.h"

#include "jobs/shared/conditions.h"

mf_filter_params mf_filter_defaults(void)
{
    return (mf_filter_params){.min_items = 1, .min_users = 1};
}

int mf_filter_check(const mf_filter_params *p, mf_err *err)
{
    if (p->core && p->min_items <= 1 && p->min_users <= 1)
        return mf_fail(err, MF_EINVAL,
                       "--core: repeats --min-items and --min-users: give one of them");
    if (p->has_since && p->has_until && p->since >= p->until)
        return mf_fail(err, MF_EINVAL, "--since: not before --until: nothing is left");
    if (p->shards && (p->shard < 1 || p->shard > p->shards))
        return mf_fail(err, MF_EINVAL, "shard %u is not in 1 .. %u", p->shard,
                       p->shards);
    if (p->conditions > MF_FILTER_CONDITIONS)
        return mf_fail(err, MF_EINVAL, "--value: more than %d conditions",
                       MF_FILTER_CONDITIONS);
    return MF_OK;
}

static void add_list(mf_stage *stage, const char *name, const mf_lines *lines)
{
    if (lines)
        mf_stage_input(stage, name, mf_lines_digest(lines));
}

mf_stage mf__filter_stage(const mf_filter_params *p, const mf_filter_lists *lists)
{
    mf_stage stage = mf_stage_make("mf-filter");
    char text[MF_CONDITIONS_TEXT];
    mf__conditions_say(text, p->conditions, p->condition);
    if (p->min_items > 1)
        mf_stage_option(&stage, "min-items", "%u", p->min_items);
    if (p->min_users > 1)
        mf_stage_option(&stage, "min-users", "%u", p->min_users);
    if (p->core)
        mf_stage_option(&stage, "core", "true");
    if (p->conditions)
        mf_stage_option(&stage, "value", "%s", text);
    if (p->has_since)
        mf_stage_option(&stage, "since", "%lld", (long long)p->since);
    if (p->has_until)
        mf_stage_option(&stage, "until", "%lld", (long long)p->until);
    if (p->shards > 1)
        mf_stage_option(&stage, "shard", "%u/%u", p->shard, p->shards);
    if (p->keep_empty)
        mf_stage_option(&stage, "keep-empty", "true");
    add_list(&stage, "users", lists->users);
    add_list(&stage, "items", lists->items);
    add_list(&stage, "not-users", lists->not_users);
    add_list(&stage, "not-items", lists->not_items);
    return stage;
}
