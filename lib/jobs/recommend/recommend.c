#include "mf/recommend.h"

#include <math.h>
#include <string.h>

#include "data/ids.h"
#include "jobs/recommend/formats.h"

mf_recommend_params mf_recommend_defaults(void)
{
    return (mf_recommend_params){.top = 10, .relevance = MF_RECOMMEND_PERSONAS_L};
}

int mf_recommend_check(const mf_recommend_params *p, mf_err *err)
{
    const list_format *format = mf__rec_format(p);
    bool users = p->users || p->user_list || p->shards > 1;
    if (p->top < 1 || p->top > MF_RECOMMEND_TOP_MAX)
        return mf_fail(err, MF_EINVAL, "top is not in 1 .. %d", MF_RECOMMEND_TOP_MAX);
    if (p->shards && (p->shard < 1 || p->shard > p->shards))
        return mf_fail(err, MF_EINVAL, "the shard is not in 1 .. %u", p->shards);
    if (p->history && users)
        return mf_fail(err, MF_EINVAL,
                       "a history is one new user: no --user, --user-list or --shard");
    if (p->histories && (p->users || p->user_list || p->history))
        return mf_fail(err, MF_EINVAL,
                       "histories are new users: no --user, --user-list or --history");
    if (p->similars && (users || p->history || p->histories))
        return mf_fail(err, MF_EINVAL,
                       "similar items are nobody's: no --user, --user-list, --shard, "
                       "--history or --histories");
    if (p->similars && (p->persona || p->include_seen))
        return mf_fail(err, MF_EINVAL,
                       "similar items are nobody's: no --persona or --include-seen");
    if (p->history && !p->history_name)
        return mf_fail(err, MF_EINVAL, "a history without a name for its user");
    const char *fault =
        p->history ? mf__id_fault(p->history_name, strlen(p->history_name)) : NULL;
    if (fault)
        return mf_fail(err, MF_EINVAL,
                       "the history's file names the user, but its name %s; use "
                       "--history - to read standard input",
                       fault);
    if (!(fabs(p->rarity) <= MF_RECOMMEND_RARITY_MAX))
        return mf_fail(err, MF_EINVAL, "rarity is not in -%g .. %g",
                       MF_RECOMMEND_RARITY_MAX, MF_RECOMMEND_RARITY_MAX);
    if (!(p->relevance >= 0 && p->relevance <= 1))
        return mf_fail(err, MF_EINVAL, "the L of --diversify is not in 0 .. 1");
    if (p->similars && (p->explain || p->rarity != 0 || p->diversify))
        return mf_fail(err, MF_EINVAL,
                       "similar items are nobody's: no --explain, --rarity or "
                       "--diversify");
    if (!format)
        return mf_fail(err, MF_EINVAL, "a format that is not known");
    if (p->explain && format->no_explain)
        return mf_fail(err, MF_EINVAL, "%s", format->no_explain);
    return MF_OK;
}
