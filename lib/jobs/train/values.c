#include "jobs/train/values.h"

#include <math.h>
#include <string.h>

#include "als/params.h"
#include "base/disk.h"
#include "base/number.h"
#include "base/ranks.h"
#include "base/report.h"

int mf__values_check(const mf_als_params *p, const mf_csr *train, mf_err *err)
{
    double sums[] = {(double)train->nnz, 0};
    if (mf__als_takes_numbers(p))
        return MF_OK;
    for (size_t t = 0; t < train->nnz && sums[1] == 0; t++) {
        mf__disk_beat_at(p->disk, t);
        sums[1] = train->val[t] > 0;
    }
    mf__ranks_total(p->ranks, sums, 2);
    if (sums[0] == 0 || sums[1] > 0)
        return MF_OK;
    return mf_fail(err, MF_EFORMAT,
                   "no training cell has a value above 0, and so nothing is liked; "
                   "check the values, or predict them with --preset=explicit");
}

void mf__values_note(const mf_als_params *p, const mf_csr *train,
                     const mf_report *report)
{
    size_t liked = 0, disliked = 0, other = 0, n = train->nnz;
    if (mf__als_takes_numbers(p))
        return;
    for (size_t t = 0; t < n; t++) {
        mf__disk_beat_at(p->disk, t);
        liked += train->val[t] > 0;
        disliked += train->val[t] < 0;
        other += train->val[t] > 0 && train->val[t] != 1;
    }
    double sums[] = {(double)liked, (double)disliked, (double)other, (double)n};
    mf__ranks_total(p->ranks, sums, 4);
    liked = (size_t)sums[0];
    disliked = (size_t)sums[1];
    other = (size_t)sums[2];
    n = (size_t)sums[3];
    mf__report_note(
        report,
        "training cells: %zu liked, %zu that say nothing (0), %zu dislike%s "
        "(below 0)",
        liked, n - liked - disliked, disliked, mf__plural(disliked));
    if (other > 0 && p->preset == MF_PRESET_IMPLICIT && !mf__als_has_confidence(p))
        mf__report_note(report,
                        "values that are not 1: %zu; that a cell is there counts, not "
                        "its value; --confidence weighs it",
                        other);
}

/* --- ratings --- */

enum { HALVES = 20, LEAST_KINDS = 3, MOST_KINDS = 11, ENOUGH = 50 };

/* How often each half is there; count[HALVES + 1] is not 0 if other values are. */
static void count_halves(double count[HALVES + 2], size_t n, const float value[],
                         mf_disk *disk)
{
    memset(count, 0, (HALVES + 2) * sizeof *count);
    for (size_t t = 0; t < n && count[HALVES + 1] == 0; t++) {
        mf__disk_beat_at(disk, t);
        float twice = 2 * value[t];
        bool half = twice >= 0 && twice <= HALVES && twice == floorf(twice);
        count[half ? (size_t)twice : HALVES + 1]++;
    }
}

static bool are_ratings(const double count[HALVES + 2], values_ratings *out)
{
    double cells = 0, above = 0;
    size_t often = 0, kinds = 0, least = 0, most = 0;
    bool halves = false;
    if (count[HALVES + 1] > 0)
        return false;
    for (size_t h = 1; h <= HALVES; h++) {
        if (count[h] == 0)
            continue;
        cells += count[h];
        above += h > 4 ? count[h] : 0;
        halves |= h % 2 == 1;
        least = kinds++ == 0 ? h : least;
        most = h;
        often = count[h] > count[often] || often == 0 ? h : often;
    }
    *out = (values_ratings){(double)least / 2, (double)most / 2, (double)often / 2};
    return kinds >= LEAST_KINDS && kinds <= MOST_KINDS && 2 * least <= most &&
           (halves || (cells >= ENOUGH && 2 * above > cells && often > 4));
}

bool mf__values_are_ratings(size_t n, const float value[], values_ratings *out)
{
    double count[HALVES + 2];
    count_halves(count, n, value, NULL);
    return are_ratings(count, out);
}

void mf__values_warn(const mf_als_params *p, const mf_csr *train,
                     const mf_report *report)
{
    values_ratings r;
    double count[HALVES + 2];
    if (mf__als_takes_numbers(p))
        return;
    count_halves(count, train->nnz, train->val, p->disk);
    mf__ranks_total(p->ranks, count, HALVES + 2);
    if (!are_ratings(count, &r))
        return;
    mf__report_warn(report,
                    "the values look like ratings (%g to %g, most often %g), and the "
                    "lowest is liked as the highest is; mf-transform -e binarize:%g "
                    "keeps the high ones, --preset=explicit predicts all",
                    r.least, r.most, r.often, floor(r.most * .8));
}
