#!/usr/bin/env python3
"""Tuned against tuned: are personas worth having on a data set?

usage: tune.py COUNTS.mf K OUT.tsv [SEED,SEED,SEED]

Plain ALS and persona ALS get the same number of trials (25) and of sweeps (16), and
are tuned on validation cells alone, trained without validation and test cells: ndcg@100,
the mean over three splits. First a 4 x 4 grid of W0 and lambda; for personas at P = 2
and mf-als's own overlap and shrink. Then nine more: for plain ALS a finer grid around
the best, for personas P with three pairs of overlap and shrink. The grid moves until its
best is not on its edge, for both alike. Then the test cells are looked at once: each
side's best setting is trained on each split,
and ndcg@100 and recall@20 of a user are the means over the splits. Intervals are
percentile bootstraps over users of the paired difference; `busy` is the third of the
users with most training cells. Needs the tools on PATH and python3 alone.
"""
import concurrent.futures
import os
import random
import subprocess
import sys
import tempfile

METRICS = ('ndcg@100', 'recall@20')


def tool(command):
    return subprocess.run(command, shell=True, check=True, executable='/bin/bash',
                          stdout=subprocess.PIPE, text=True).stdout


def options(setting):
    w0, lam, p, overlap, shrink = setting
    return f'-p {p} -w {overlap} --shrink {shrink} -u {w0:.4g} -l {lam:.4g}'


class Trials:
    """Settings tried on the validation cells of all splits, each once."""

    def __init__(self, work, seeds, pool, k):
        self.work, self.seeds, self.pool, self.k, self.done = work, seeds, pool, k, {}

    def run(self, job):
        setting, seed = job
        out = tool(f'set -o pipefail; mf-als -q -j 1 -k {self.k} {options(setting)} '
                   f'{self.work}/tune.{seed}.mf | '
                   'mf-eval -j 1 --bootstrap 0 -m ndcg@100 --format=tsv')
        return float(out.split('\t')[1])

    def all(self, settings):
        new = [s for s in settings if s not in self.done]
        jobs = [(s, seed) for s in new for seed in self.seeds]
        for (s, _), value in zip(jobs, self.pool.map(self.run, jobs)):
            self.done[s] = self.done.get(s, 0) + value / len(self.seeds)

    def best(self):
        return max(self.done, key=self.done.get)


def grid(w0, lam, step, n, *rest):
    """n x n settings around a middle, a factor of `step` apart."""
    at = [i - (n - 1) / 2 for i in range(n)]
    return [(w0 * step ** i, lam * step ** j, *rest) for i in at for j in at]


def tune(trials, p, overlap, shrink):
    """16 trials, more where the best is on the edge; then 9."""
    w0, lam, step, moves = .08, .01, 2.0, 0
    while True:
        cells = grid(w0, lam, step, 4, p, overlap, shrink)
        trials.all(cells)
        best = max(cells, key=trials.done.get)
        at = cells.index(best)
        row, column = divmod(at, 4)
        if moves == 6 or (0 < row < 3 and 0 < column < 3):
            break
        w0 *= step ** ((row == 3) - (row == 0))
        lam *= step ** ((column == 3) - (column == 0))
        moves += 1
    w0, lam = best[:2]
    if p == 1:
        trials.all(grid(w0, lam, 2 ** .5, 3, p, overlap, shrink))
    else:
        trials.all([(w0, lam, q, w, c) for q in (2, 3, 4)
                    for w, c in ((.5, 5), (.5, 20), (.3, 20))])
    return trials.best(), moves


def per_user(path):
    """{metric: {user: value}} of a model's test cells."""
    table = {m: {} for m in METRICS}
    for line in open(path):
        user, metric, value = line.rstrip('\n').split('\t')[:3]
        if metric in table:
            table[metric][user] = float(value)
    return table


def interval(values):
    draw, n = random.Random(1), len(values)
    means = sorted(sum(draw.choices(values, k=n)) / n for _ in range(1000))
    return sum(values) / n, means[25], means[974]


def main():
    counts, k, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    seeds = sys.argv[4].split(',') if len(sys.argv) > 4 else ['101', '102', '103']
    with tempfile.TemporaryDirectory() as work, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for seed in seeds:
            tool(f'mf-split --seed {seed} --test .15 --valid .1 -o {work}/{seed}.mf {counts}')
        # Without test cells, the validation cells as test cells.
        for seed in seeds:
            tool(f"set -o pipefail; mf-convert --to=tsv {work}/{seed}.mf | "
                 "awk -F'\\t' -v OFS='\\t' '$4 != 2 { $4 = $4 == 1 ? 2 : $4; print }' | "
                 f"mf-convert --from=tsv --columns 1,2,3,4 -o {work}/tune.{seed}.mf")
        cells = {}
        for seed in seeds:
            for line in tool(f'mf-convert --to=tsv {work}/{seed}.mf').splitlines():
                user, _, _, fold = line.split('\t')
                cells[user] = cells.get(user, 0) + (fold == '0')
        sides = {}
        for side, start in (('plain', (1, 1, 0)), ('personas', (2, .5, 5))):
            trials = Trials(work, seeds, pool, k)
            best, moves = tune(trials, *start)
            print(f'{side}: best of {len(trials.done)} trials ({moves} moves of the grid): '
                  f'{options(best)}, validation {trials.done[best]:.4f}',
                  file=sys.stderr, flush=True)
            users = {m: {} for m in METRICS}
            for seed in seeds:
                tool(f'set -o pipefail; mf-als -q -k {k} {options(best)} '
                     f'{work}/{seed}.mf | mf-eval --bootstrap 0 -m {",".join(METRICS)} '
                     f'--per-user {work}/users.tsv')
                for m, values in per_user(f'{work}/users.tsv').items():
                    for user, value in values.items():
                        users[m].setdefault(user, []).append(value)
            sides[side] = {m: {u: sum(v) / len(v) for u, v in users[m].items()} for m in METRICS}
    with open(out, 'w') as table:
        for m in METRICS:
            plain, personas = sides['plain'][m], sides['personas'][m]
            ranked = sorted(plain, key=lambda u: (cells[u], u))
            thirds = [ranked[i * len(ranked) // 3:(i + 1) * len(ranked) // 3] for i in range(3)]
            for name, some in zip(('all', 'quiet', 'middle', 'busy'), [ranked] + thirds):
                base = sum(plain[u] for u in some) / len(some)
                diff, low, high = interval([personas[u] - plain[u] for u in some])
                print(m, name, len(some), f'{base:.4f}\t{base + diff:.4f}\t{100 * diff / base:+.2f} %'
                      f'\t[{100 * low / base:+.2f}, {100 * high / base:+.2f}]', sep='\t', file=table)


if __name__ == '__main__':
    main()
