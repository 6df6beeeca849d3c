#!/usr/bin/env python3
"""Tuned against tuned: are personas worth having on a data set?

usage: tune.py COUNTS.mf K 'PERSONA OPTIONS' OUT.tsv [SEED,SEED,SEED]

Plain ALS (-p 1) and persona ALS (say, '-p 3 -w .5') get the same trials and sweeps (16)
and are tuned on validation cells alone, trained without validation and test cells:
ndcg@100, the mean over three splits. A 4 x 4 grid of W0 and lambda, a factor of 2 apart,
moves until its best is not on its edge; then a 3 x 3 grid, a factor of sqrt 2 apart,
likewise. Then the test cells are looked at once: each side's best setting is trained on
each split, and ndcg@100 and recall@20 of a user are the means over the splits. Intervals
are percentile bootstraps over users of the paired difference; `busy` is the third of the
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


class Trials:
    """Settings tried on the validation cells of all splits, each once."""

    def __init__(self, work, seeds, pool, model):
        self.work, self.seeds, self.pool, self.model, self.done = work, seeds, pool, model, {}

    def run(self, job):
        setting, seed = job
        out = tool(f'set -o pipefail; mf-als -q -j 1 {self.model} {options(setting)} '
                   f'{self.work}/tune.{seed}.mf | '
                   'mf-eval -j 1 --bootstrap 0 -m ndcg@100 --no-header --format=tsv')
        return float(out.split('\t')[1])

    def all(self, settings):
        new = [s for s in settings if s not in self.done]
        jobs = [(s, seed) for s in new for seed in self.seeds]
        for (s, _), value in zip(jobs, self.pool.map(self.run, jobs)):
            self.done[s] = self.done.get(s, 0) + value / len(self.seeds)


def options(setting):
    return f'-u {setting[0]:.4g} -l {setting[1]:.4g}'


def search(trials, w0, lam, step, n):
    """The best of an n x n grid that moves until its best is inside; its moves."""
    for moves in range(8):
        at = [step ** (i - (n - 1) / 2) for i in range(n)]
        cells = [(w0 * a, lam * b) for a in at for b in at]
        trials.all(cells)
        best = max(cells, key=trials.done.get)
        row, column = divmod(cells.index(best), n)
        if 0 < row < n - 1 and 0 < column < n - 1:
            break
        w0 *= step ** ((row == n - 1) - (row == 0))
        lam *= step ** ((column == n - 1) - (column == 0))
    return best, moves


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
    counts, k, personas, out = sys.argv[1:5]
    seeds = sys.argv[5].split(',') if len(sys.argv) > 5 else ['101', '102', '103']
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
        for side, model in (('plain', f'-k {k} -p 1'), ('personas', f'-k {k} {personas}')):
            trials = Trials(work, seeds, pool, model)
            best, moves = search(trials, .08, .01, 2, 4)
            best, fine = search(trials, *best, 2 ** .5, 3)
            print(f'{side}: {model} {options(best)}: best of {len(trials.done)} trials '
                  f'({moves} and {fine} moves), validation {trials.done[best]:.4f}',
                  file=sys.stderr, flush=True)
            users = {m: {} for m in METRICS}
            for seed in seeds:
                tool(f'set -o pipefail; mf-als -q {model} {options(best)} '
                     f'{work}/{seed}.mf | mf-eval --bootstrap 0 -m {",".join(METRICS)} '
                     f'--no-header --per-user {work}/users.tsv')
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
