#!/usr/bin/env python3
"""What personas are worth: tuned against tuned on real data, and where the gain comes from.

usage: worth.py DATA OUT [SET ...]

DATA holds the files that SETS names; OUT gets worth.tsv, curves.tsv and, where gnuplot is,
worth.png and worth.svg. Needs the tools on PATH and python3 alone; about 20 minutes of two
cores for all sets.

Of each set, one split is for tuning: plain ALS (-p 1) has a 3 x 3 grid of W0 and lambda, a
factor of 2 apart, that moves until its best is inside, and a finer one (tune.py); personas
have V of the best plain model, so its W0 and lambda, and the four PERSONAS. Then the test
cells of SPLITS fresh splits are looked at once. `mf-als -n 0 --init plain.mf` gives a plain
model personas: the vectors are those of `mf-als -p P` with the same settings, to the bit.
Values of a user are means over the splits, intervals are bootstraps over users of the paired
difference, in per cent of plain ALS.
"""
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zlib

import tune

K = 64
SPLITS = range(901, 911)
TUNING = 900
PERSONAS = ['-p 3', '-p 8', '-p 3 -w .35', '-p 8 -w .35']  # the first is the default
CURVES = ['-p 3', '-p 8']
CURVE_SPLITS = range(901, 904)
LENGTHS = [10, 20, 40, 80]  # games of each user who has as many as the last
SHARES = [.125, .25, .5, 1]  # of the users
SEEDS = range(1, 4)  # starts, where the split is given

# How a set is read; where the search of W0 and lambda begins; sweeps.
SETS = {
    'HetRec': ('mf-convert --from=tsv --header --columns userID,artistID,weight '
               '{data}/hetrec2011-lastfm-2k/user_artists.dat', .057, .01, 16),
    'MSD union': ('msd-aggregate -q --tracks {data}/msd/unique_tracks.partial.txt '
                  '{data}/msd/triplets.merged_users5plus.tsv', .028, .028, 16),
    'Gowalla': ('mf-convert --from=tsv --columns 1,2 {data}/gowalla/train.tsv', .01, .004, 6),
    'Steam': ('mf-convert --from=tsv --columns 1,2 {data}/steam/owned.tsv', .49, .0025, 16),
}
# Cells with folds: training, test; and those that users to be folded in show and hide.
GIVEN = {
    'Gowalla, official split': ('gowalla/train.tsv', 'gowalla/test.tsv', None, None, .01, .004, 6),
    'MSD Challenge': ('msd/triplets.union2_users5plus.tsv', None,
                      'msd/triplets.year1_test_visible.tsv',
                      'msd/triplets.year1_test_hidden.tsv', .0014, .02, 16),
}


def tool(command):
    return tune.tool('set -o pipefail; ' + command)


def pair(line):
    return line.rstrip('\n').split('\t')[:2]


class Study:
    def __init__(self, data, out, work, pool):
        self.data, self.out, self.work, self.pool = data, out, work, pool
        self.table = open(f'{out}/worth.tsv', 'w')
        self.curves = open(f'{out}/curves.tsv', 'w')
        print('set', 'personas', 'metric', 'who', 'users', 'plain', 'with', 'gain', 'low', 'high',
              sep='\t', file=self.table)
        print('curve', 'personas', 'x', 'users', 'gain', 'low', 'high', sep='\t', file=self.curves)

    # --- one model each ---

    def plain(self, split, setting, sweeps, seed=1):
        model = f'{split}.plain'
        if not os.path.exists(model):
            tool(f'mf-als -q -j 1 -k {K} -p 1 -n {sweeps} --seed {seed} '
                 f'{tune.options(setting)} {split} -o {model}')
        return model

    def values(self, split, model, setting, personas=None):
        """{metric: {user: value}} of a plain model, or of one with personas and its V."""
        users = f'{split}.{zlib.crc32((personas or "").encode())}.users'
        make = f'cat {model}'
        if personas:
            make = (f'mf-als -q -j 1 -k {K} -n 0 {personas} {tune.options(setting)} '
                    f'--init {model} {split}')
        tool(f'{make} | mf-eval -j 1 --bootstrap 0 -m {",".join(tune.METRICS)} '
             f'--no-header --per-user {users} -o /dev/null')
        return tune.per_user(users)

    def all_values(self, splits, setting, sweeps, sides, seeds=None):
        """For each side, means over the splits."""
        def one(job):
            split, seed = job
            model = self.plain(split, setting, sweeps, seed)
            return [self.values(split, model, setting, side) for side in sides]
        jobs = list(zip(splits, seeds or [1] * len(splits)))
        runs = list(self.pool.map(one, jobs))
        means = []
        for s in range(len(sides)):
            mean = {}
            for m in tune.METRICS:
                users = {}
                for run in runs:
                    for user, value in run[s][m].items():
                        users.setdefault(user, []).append(value)
                mean[m] = {u: sum(v) / len(v) for u, v in users.items()}
            means.append(mean)
        return means

    # --- tuning ---

    def tuned(self, split, w0, lam, sweeps):
        """The best setting of plain ALS, and the personas that suit it, by the cells that
        the tuning split holds out."""
        trials = tune.Trials(self.work, ['x'], self.pool, f'-k {K} -p 1 -n {sweeps}')
        shutil.copy(split, f'{self.work}/tune.x.mf')
        best, _ = tune.search(trials, w0, lam, 2, 3)
        best, _ = tune.search(trials, *best, 2 ** .5, 3)
        model = self.plain(split, best, sweeps)

        def mean(personas):
            values = self.values(split, model, best, personas)['ndcg@100'].values()
            return sum(values) / len(values)
        found = list(self.pool.map(mean, PERSONAS))
        suits = PERSONAS[found.index(max(found))]
        print(f'{tune.options(best)}, {len(trials.done)} trials; {suits}', file=sys.stderr,
              flush=True)
        return best, suits

    # --- tables ---

    def cells(self, split):
        count = {}
        for line in tool(f'mf-convert --to=tsv {split}').splitlines():
            user, _, _, fold = line.split('\t')[:4]
            count[user] = count.get(user, 0) + (fold in '03')
        return count

    def report(self, name, split, sides, means):
        cells = self.cells(split)
        for side, mean in list(zip(sides, means))[1:]:
            for m in tune.METRICS:
                plain, other = means[0][m], mean[m]
                ranked = sorted(plain, key=lambda u: (cells.get(u, 0), u))
                thirds = [ranked[i * len(ranked) // 3:(i + 1) * len(ranked) // 3]
                          for i in range(3)]
                for who, some in zip(('all', 'quiet', 'middle', 'busy'), [ranked] + thirds):
                    base, gain = gain_of(plain, other, some)
                    print(name, side, m, who, len(some), f'{base:.4f}',
                          f'{base * (1 + gain[0] / 100):.4f}', *('%+.2f' % g for g in gain),
                          sep='\t', file=self.table, flush=True)

    def split(self, bundle, seed):
        path = f'{bundle}.{seed}'
        tool(f'mf-split -q --seed {seed} --test .15 {bundle} -o {path}')
        return path

    def compare(self, name):
        """Ten fresh splits; returns the bundle and the tuned setting."""
        make, w0, lam, sweeps = SETS[name]
        bundle = f'{self.work}/{name.replace(" ", "-")}.mf'
        tool(make.format(data=self.data) + f' -o {bundle}')
        print(name, end=': ', file=sys.stderr, flush=True)
        setting, suits = self.tuned(self.split(bundle, TUNING), w0, lam, sweeps)
        splits = list(self.pool.map(lambda s: self.split(bundle, s), SPLITS))
        sides = [None, PERSONAS[0]] + ([suits] if suits != PERSONAS[0] else [])
        self.report(name, splits[0], sides, self.all_values(splits, setting, sweeps, sides))
        clean(bundle + '.*')
        return bundle, setting, sweeps

    def given(self, name):
        """The split is given; means over a few starts."""
        train, test, shown, hidden, w0, lam, sweeps = GIVEN[name]
        folded = {pair(line)[0] for line in self.lines(shown)}
        with open(f'{self.work}/given', 'w') as out, open(f'{self.work}/tuning', 'w') as tuning:
            seen = set()

            def put(lines, fold, tuned):
                for user, item in lines:
                    if (user, item) in seen:
                        continue
                    seen.add((user, item))
                    print(user, item, 1, fold, sep='\t', file=out)
                    if tuned is not None:
                        held = zlib.crc32(f'{user} {item}'.encode()) % 100 < 20
                        print(user, item, 1, 2 if held and tuned != 0 else fold, sep='\t',
                              file=tuning)
            known = [x for x in map(pair, self.lines(train)) if x[0] not in folded]
            put(known, 0, 0 if shown else 1)
            put(map(pair, self.lines(test)), 2, None)
            put(map(pair, self.lines(shown)), 3, 1)
            put(map(pair, self.lines(hidden)), 2, None)
        for name_of in ('given', 'tuning'):
            tool(f'mf-convert -q --from=tsv --columns 1,2,3,4 {self.work}/{name_of} '
                 f'-o {self.work}/{name_of}.mf')
        print(name, end=': ', file=sys.stderr, flush=True)
        setting, suits = self.tuned(f'{self.work}/tuning.mf', w0, lam, sweeps)
        splits = []
        for seed in SEEDS:
            splits.append(f'{self.work}/given.{seed}.mf')
            shutil.copy(f'{self.work}/given.mf', splits[-1])
        sides = [None, PERSONAS[0]] + ([suits] if suits != PERSONAS[0] else [])
        self.report(name, splits[0], sides,
                    self.all_values(splits, setting, sweeps, sides, SEEDS))
        clean(f'{self.work}/given*')
        clean(f'{self.work}/tuning*')

    def lines(self, name):
        """The lines of a file of whole pairs; none without a name."""
        if not name:
            return []
        return [line for line in open(f'{self.data}/{name}') if line.count('\t') >= 1]

    # --- curves ---

    def point(self, curve, x, bundle, setting, sweeps):
        splits = list(self.pool.map(lambda s: self.split(bundle, s), CURVE_SPLITS))
        sides = [None] + CURVES
        means = self.all_values(splits, setting, sweeps, sides)
        for side, mean in zip(CURVES, means[1:]):
            plain = means[0]['ndcg@100']
            _, gain = gain_of(plain, mean['ndcg@100'], sorted(plain))
            print(curve, side, x, len(plain), *('%+.2f' % g for g in gain), sep='\t',
                  file=self.curves, flush=True)
        clean(bundle + '.*')

    def curve_of_lengths(self, name, bundle, setting, sweeps):
        """Histories cut to n random items, of the users who have as many as the longest."""
        items, density = {}, density_of(bundle)
        for line in tool(f'mf-convert --to=tsv {bundle}').splitlines():
            user, item = pair(line)
            items.setdefault(user, []).append((zlib.crc32(f'{user} {item}'.encode()), item))
        for n in LENGTHS:
            cut = f'{self.work}/cut{n}.mf'
            with open(f'{self.work}/cut', 'w') as out:
                for user, some in items.items():
                    if len(some) >= LENGTHS[-1]:
                        for _, item in sorted(some)[:n]:
                            print(user, item, sep='\t', file=out)
            tool(f'mf-convert -q --from=tsv --columns 1,2 {self.work}/cut -o {cut}')
            scaled = setting[0] * density_of(cut) / density, setting[1]
            self.point(f'{name}: games of a user', n, cut, scaled, sweeps)

    def curve_of_users(self, name, bundle, setting, sweeps):
        users = sorted({pair(line)[0] for line in
                        tool(f'mf-convert --to=tsv {bundle}').splitlines()},
                       key=lambda u: zlib.crc32(u.encode()))
        for share in SHARES:
            some = users[:int(len(users) * share)]
            with open(f'{self.work}/some', 'w') as out:
                print(*some, sep='\n', file=out)
            part = f'{self.work}/part{share}.mf'
            tool(f'mf-filter -q --users {self.work}/some {bundle} -o {part}')
            scaled = setting[0] * density_of(part) / density_of(bundle), setting[1]
            self.point(f'{name}: users', len(some), part, scaled, sweeps)


def density_of(bundle):
    info = json.loads(tool(f'mf-info --format=json {bundle}'))
    return info['nnz'] / info['users'] / info['items']


def gain_of(plain, other, users):
    """The mean of plain, and [gain, low, high] in per cent of it."""
    base = sum(plain[u] for u in users) / len(users)
    return base, [100 * x / base for x in tune.interval([other[u] - plain[u] for u in users])]


def clean(pattern):
    subprocess.run(f'rm -f {pattern}', shell=True, check=True)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__.strip())
    data, out, names = sys.argv[1], sys.argv[2], sys.argv[3:] or [*SETS, *GIVEN]
    for name in names:
        if name not in SETS and name not in GIVEN:
            sys.exit(f"worth.py: '{name}' is none of {', '.join([*SETS, *GIVEN])}")
    os.makedirs(out, exist_ok=True)
    with tempfile.TemporaryDirectory() as work, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        study = Study(data, out, work, pool)
        for name in names:
            if name in GIVEN:
                study.given(name)
                continue
            found = study.compare(name)
            if name == 'Steam':
                study.curve_of_lengths(name, *found)
            if name in ('Steam', 'Gowalla'):
                study.curve_of_users(name, *found)
    study.table.close()
    study.curves.close()
    if shutil.which('gnuplot') and os.path.getsize(f'{out}/curves.tsv') > 100:
        here = os.path.dirname(os.path.abspath(__file__))
        for kind in ('png', 'svg'):
            terminal = 'pngcairo' if kind == 'png' else kind
            subprocess.run(['gnuplot', '-e', f"out='{out}/worth.{kind}'; term='{terminal}'; "
                            f"curves='{out}/curves.tsv'", f'{here}/worth.gp'], check=True)


if __name__ == '__main__':
    main()
