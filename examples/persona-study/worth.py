#!/usr/bin/env python3
"""What personas are worth: tuned against tuned on real data, and where the gain comes from.

usage: worth.py [-k K] [-s SPLITS] DATA OUT [SET ...]

SET is one of SETS, GIVEN and CURVES; all of them by default. DATA holds their files; OUT gets
worth.tsv, curves.tsv and, where gnuplot is, worth.png and worth.svg; sets that are named
are made again there, others stay. Needs the tools on PATH and python3 alone; about 20 minutes
of two cores for all.

Of each set, and of each point of a curve, one split is for tuning, on its validation cells:
plain ALS (-p 1) has W0, lambda and the number of sweeps that mf-tune finds; personas have V
of that model, and the best of the four PERSONAS (of a curve: the best overlap of each P).
Then the test cells of fresh splits are looked at once. `mf-als -n 0 --init plain.mf` gives a
plain model personas: the vectors are those of `mf-als -p P` with the same settings, to the
bit. Values of a user are means over the splits, intervals are bootstraps over users of the
paired difference, in per cent of plain ALS.
"""
import argparse
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zlib

import tune

FIRST_SPLIT = 901
TUNING = 900
PERSONAS = ['-p 3', '-p 8', '-p 3 -w .35', '-p 8 -w .35']  # the first is the default
CURVE_SIDES = [['-p 3', '-p 3 -w .35', '-p 3 -w .7'], ['-p 8', '-p 8 -w .35', '-p 8 -w .7']]
CURVE_SPLITS = 3
LENGTHS = [10, 20, 40, 80]  # games of each user who has as many as the last
SHARES = [.125, .25, .5, 1]  # of the users
SEEDS = range(1, 4)  # starts, where the split is given

# How a set is read.
SETS = {
    'HetRec': 'mf-convert --from=tsv --header --columns userID,artistID,weight '
              '{data}/hetrec2011-lastfm-2k/user_artists.dat',
    'MSD union': 'msd-aggregate -q --tracks {data}/msd/unique_tracks.partial.txt '
                 '{data}/msd/triplets.merged_users5plus.tsv',
    'Gowalla': 'mf-convert --from=tsv --columns 1,2 {data}/gowalla/train.tsv',
    'Steam': 'mf-convert --from=tsv --columns 1,2 {data}/steam/owned.tsv',
}
# Cells with folds: training, test; and those that users to be folded in show and hide.
GIVEN = {
    'Gowalla, official split': ('gowalla/train.tsv', 'gowalla/test.tsv', None, None),
    'MSD Challenge': ('msd/triplets.union2_users5plus.tsv', None,
                      'msd/triplets.year1_test_visible.tsv',
                      'msd/triplets.year1_test_hidden.tsv'),
}
CURVES = ['Steam: games of a user', 'Steam: users', 'Gowalla: users']


def tool(command):
    return tune.tool('set -o pipefail; ' + command)


def pair(line):
    return line.rstrip('\n').split('\t')[:2]


class Study:
    def __init__(self, k, splits, data, out, work, pool, names):
        self.k, self.n, self.data, self.work, self.pool = k, splits, data, work, pool
        self.table = table(f'{out}/worth.tsv', names, 'set', 'personas', 'metric', 'who', 'users',
                           'plain', 'with', 'gain', 'low', 'high')
        self.curves = table(f'{out}/curves.tsv', names, 'curve', 'personas', 'x', 'users', 'gain',
                            'low', 'high')

    # --- one model each; a setting is the options of mf-als that mf-tune prints ---

    def plain(self, split, setting, seed=1):
        model = f'{split}.plain'
        if not os.path.exists(model):
            tool(f'mf-als -q -j 1 {setting} --seed {seed} {split} -o {model}')
        return model

    def divided(self, split, model, setting, personas):
        """The command that gives a plain model personas."""
        setting = setting.replace(' -p 1 ', f' {personas} ').rsplit(' -n ', 1)[0]
        return f'mf-als -q -j 1 {setting} -n 0 --init {model} {split}'

    def values(self, split, model, setting, personas=None):
        """{metric: {user: value}} of a plain model, or of one with personas and its V."""
        users = f'{split}.{zlib.crc32((personas or "").encode())}.users'
        make = self.divided(split, model, setting, personas) if personas else f'cat {model}'
        tool(f'{make} | mf-eval -j 1 --bootstrap 0 -m {",".join(tune.METRICS)} '
             f'--no-header --per-user {users} -o /dev/null')
        return tune.per_user(users)

    def all_values(self, splits, setting, sides, seeds=None):
        """For each side, means over the splits."""
        def one(job):
            split, seed = job
            model = self.plain(split, setting, seed)
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

    def tuned(self, split, groups):
        """The best setting of plain ALS by the validation cells of a split, and of each
        group of personas the one that suits it."""
        setting = tool(f'mf-tune -q -k {self.k} -p 1 --print {split}').strip()
        model = self.plain(split, setting)

        def worth(personas):
            log = f'{split}.{zlib.crc32(personas.encode())}.log'
            tool(f'{self.divided(split, model, setting, personas)} --log {log} -o {log}.mf')
            return json.loads(open(log).readlines()[-1])['valid']
        found = dict(zip(sum(groups, []), self.pool.map(worth, sum(groups, []))))
        suit = [max(group, key=found.get) for group in groups]
        print(f'{setting}; {", ".join(suit)}', file=sys.stderr, flush=True)
        return setting, suit

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

    def split(self, bundle, seed, held='--test .15'):
        path = f'{bundle}.{seed}'
        tool(f'mf-split -q --seed {seed} {held} {bundle} -o {path}')
        return path

    def fresh(self, bundle, n):
        seeds = range(FIRST_SPLIT, FIRST_SPLIT + n)
        return list(self.pool.map(lambda seed: self.split(bundle, seed), seeds))

    def tuning(self, bundle):
        return self.split(bundle, TUNING, '--test 0 --valid .15')

    def bundle(self, name):
        path = f'{self.work}/{name.replace(" ", "-")}.mf'
        if not os.path.exists(path):
            tool(SETS[name].format(data=self.data) + f' -o {path}')
        return path

    def compare(self, name):
        """Fresh splits."""
        bundle = self.bundle(name)
        print(name, end=': ', file=sys.stderr, flush=True)
        setting, (suits,) = self.tuned(self.tuning(bundle), [PERSONAS])
        splits = self.fresh(bundle, self.n)
        sides = [None, PERSONAS[0]] + ([suits] if suits != PERSONAS[0] else [])
        self.report(name, splits[0], sides, self.all_values(splits, setting, sides))
        clean(bundle + '.*')

    def given(self, name):
        """The split is given; means over a few starts."""
        train, test, shown, hidden = GIVEN[name]
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
                        print(user, item, 1, 1 if held and tuned != 0 else fold, sep='\t',
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
        setting, (suits,) = self.tuned(f'{self.work}/tuning.mf', [PERSONAS])
        splits = []
        for seed in SEEDS:
            splits.append(f'{self.work}/given.{seed}.mf')
            shutil.copy(f'{self.work}/given.mf', splits[-1])
        sides = [None, PERSONAS[0]] + ([suits] if suits != PERSONAS[0] else [])
        self.report(name, splits[0], sides, self.all_values(splits, setting, sides, SEEDS))
        clean(f'{self.work}/given*')
        clean(f'{self.work}/tuning*')

    def lines(self, name):
        """The lines of a file of whole pairs; none without a name."""
        if not name:
            return []
        return [line for line in open(f'{self.data}/{name}') if line.count('\t') >= 1]

    # --- curves ---

    def point(self, curve, x, bundle):
        print(f'{curve}, {x}', end=': ', file=sys.stderr, flush=True)
        setting, suit = self.tuned(self.tuning(bundle), CURVE_SIDES)
        splits = self.fresh(bundle, CURVE_SPLITS)
        means = self.all_values(splits, setting, [None] + suit)
        for group, mean in zip(CURVE_SIDES, means[1:]):
            plain = means[0]['ndcg@100']
            _, gain = gain_of(plain, mean['ndcg@100'], sorted(plain))
            print(curve, group[0], x, len(plain), *('%+.2f' % g for g in gain), sep='\t',
                  file=self.curves, flush=True)
        clean(bundle + '.*')

    def curve(self, curve):
        name, what = curve.split(': ')
        if what == 'users':
            self.curve_of_users(curve, self.bundle(name))
        else:
            self.curve_of_lengths(curve, self.bundle(name))

    def curve_of_lengths(self, curve, bundle):
        """Histories cut to n random items, of the users who have as many as the longest."""
        items = {}
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
            self.point(curve, n, cut)

    def curve_of_users(self, curve, bundle):
        users = sorted({pair(line)[0] for line in
                        tool(f'mf-convert --to=tsv {bundle}').splitlines()},
                       key=lambda u: zlib.crc32(u.encode()))
        for share in SHARES:
            some = users[:int(len(users) * share)]
            with open(f'{self.work}/some', 'w') as out:
                print(*some, sep='\n', file=out)
            part = f'{self.work}/part{share}.mf'
            tool(f'mf-filter -q --users {self.work}/some {bundle} -o {part}')
            self.point(curve, len(some), part)


def table(path, names, *columns):
    """A file with a head, and the rows there were of sets that are not made again."""
    old = open(path).readlines()[1:] if os.path.exists(path) else []
    out = open(path, 'w')
    print(*columns, sep='\t', file=out)
    out.writelines(line for line in old if line.split('\t')[0] not in names)
    out.flush()
    return out


def gain_of(plain, other, users):
    """The mean of plain, and [gain, low, high] in per cent of it."""
    base = sum(plain[u] for u in users) / len(users)
    return base, [100 * x / base for x in tune.interval([other[u] - plain[u] for u in users])]


def clean(pattern):
    subprocess.run(f'rm -f {pattern}', shell=True, check=True)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.strip())
    parser.add_argument('-k', type=int, default=64)
    parser.add_argument('-s', type=int, default=10)
    parser.add_argument('data')
    parser.add_argument('out')
    parser.add_argument('names', nargs='*')
    args = parser.parse_args()
    every = [*SETS, *GIVEN, *CURVES]
    names = args.names or every
    for name in names:
        if name not in every:
            sys.exit(f"worth.py: '{name}' is none of {'; '.join(every)}")
    os.makedirs(args.out, exist_ok=True)
    with tempfile.TemporaryDirectory() as work, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        study = Study(args.k, args.s, args.data, args.out, work, pool, names)
        for name in names:
            make = study.compare if name in SETS else study.given if name in GIVEN else study.curve
            make(name)
    study.table.close()
    study.curves.close()
    if shutil.which('gnuplot') and os.path.getsize(f'{args.out}/curves.tsv') > 100:
        here = os.path.dirname(os.path.abspath(__file__))
        for kind in ('png', 'svg'):
            terminal = 'pngcairo' if kind == 'png' else kind
            subprocess.run(['gnuplot', '-e', f"out='{args.out}/worth.{kind}'; term='{terminal}'; "
                            f"curves='{args.out}/curves.tsv'", f'{here}/worth.gp'], check=True)


if __name__ == '__main__':
    main()
