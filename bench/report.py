#!/usr/bin/env python3
"""Tables and plots of what bench.py measured: BUILD/bench/report.md and *.svg.

    report.py [--build BUILD] [--out DIR] [--readme README.md]

With --readme the sections also replace those of the same name between the two marks of
that file; others, which were not measured this time, stay as they are."""
import argparse
import os
import platform
import shutil
import subprocess

import many
import plots
from harness import TOP, middle, read
from quality import WITHIN, reached

BEGIN, END = '<!-- tables: written by report.py -->', '<!-- end of tables -->'
JUDGED = ('S', 'M')  # shapes; smaller ones measure the start of processes
EXACT = {16: (3, 3), 64: (4, 5), 128: (4, 5)}  # k: floor and goal against the fastest exact peer
CG = 1.5        # mf-als's cg against the fastest peer's
MANY = (3, 5)   # many factors: floor and goal against the fastest solver of the peers
PERSONAS = 2.5  # sweeps with p = 4 at most so many times those with p = 1
THREE = 1.3     # and a whole training with p = 3
PAIRS = 5_000_000  # a second and core, of mf-score, k = 64, those of a user together
EVALUATE = 5    # times as fast as the peer's evaluator
SCORE = {'mf-recommend p=1': (6, 8), 'mf-recommend p=4': (2.5, 2.5)}  # against implicit
AGGREGATE = {'contiguous': (6, 8), 'shuffled': (3, 4)}  # against DuckDB
MEMORY = 4      # and in a fourth of its memory
MEMORY_MAX = 4000  # MB, for the whole Taste Profile


def command(*argv):
    try:
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ''


def machine():
    model = memory = ''
    with open('/proc/cpuinfo', encoding='utf-8') as f:
        text = f.read()
    for line in text.splitlines():
        if line.startswith('model name'):
            model = line.split(':', 1)[1].strip()
    vectors = [name for flag, name in (('avx2', 'AVX2'), ('avx512f', 'AVX-512'))
               if f' {flag} ' in text]
    with open('/proc/meminfo', encoding='ascii') as f:
        memory = round(int(f.readline().split()[1]) / 2 ** 20)
    caches = [line.split(':', 1) for line in command('lscpu').splitlines() if 'cache' in line]
    system = ''
    if os.path.exists('/etc/os-release'):
        with open('/etc/os-release', encoding='utf-8') as f:
            system = dict(x.rstrip().split('=', 1) for x in f if '=' in x).get(
                'PRETTY_NAME', '').strip('"')
    return '; '.join([
        f'{os.cpu_count()} cores of {model} ({", ".join(vectors)})',
        ', '.join(f'{a.replace(" cache", "").strip()} {b.strip().split(" (")[0]}'
                  for a, b in caches),
        f'{memory} GB', system, f'Linux {platform.release().split("-")[0]}',
        command('cc', '--version').splitlines()[0] if command('cc', '--version') else '',
        'OpenBLAS ' + command('pkg-config', '--modversion', 'openblas')])


class Runs:
    """Rows of a table by their cell and tool: {run: value}."""

    def __init__(self, rows, cell, value):
        self.of, self.row = {}, {}
        for r in rows:
            key = (tuple(r[c] for c in cell), r['tool'])
            self.of.setdefault(key, {})[r['run']] = float(r[value])
            self.row[key] = r
        self.cells = list(dict.fromkeys(c for c, _ in self.of))
        self.tools = list(dict.fromkeys(t for _, t in self.of))

    def __iter__(self):
        """Cell, tool and {run: value} of all that there are, by cell."""
        return ((c, t, self.of[c, t]) for c in self.cells for t in self.tools if (c, t) in self.of)

    def get(self, cell, tool):
        return self.of.get((cell, tool))

    def ratio(self, cell, a, b):
        """Median over the runs that both have of a's value by b's; None without any."""
        x, y = self.get(cell, a), self.get(cell, b)
        both = sorted(set(x or ()) & set(y or ()))
        return middle([x[r] / y[r] for r in both]) if both else None


def number(x):
    return f'{x:,.0f}' if x >= 100 else f'{x:.1f}' if x >= 10 else f'{x:.2f}' if x >= 1 else f'{x:.3f}'


def shown(values, best=min):
    return f'{number(middle(values.values()))} ({number(best(values.values()))})'


def table(head, rows):
    return ['| ' + ' | '.join(map(str, line)) + ' |' for line in
            [head, ['---'] * len(head)] + rows]


def by_size(rows):
    order = {s: i for i, s in enumerate(['T', 'S', 'M', 'MSD'])}
    return sorted(rows, key=lambda r: (order.get(r['size'], 9), int(r['k'])))


def training(rows, losses):
    runs = Runs(by_size(rows), ['size', 'k', 'solver'], 'seconds')
    tools = [t for t in runs.tools if not t.startswith('mf-als')]
    text = ['Seconds per epoch, both half-steps: median (minimum) of '
            f'{how_many(runs)} alternating runs; x is how many times as long as `mf-als -p 1` of '
            'the same solver, the median of the ratios pair by pair.', '']
    ours, four = 'mf-als -p 1', 'mf-als -p 4'
    lines = []
    for cell in runs.cells:
        line = [cell[0], cell[1], {'cg': 'CG, 3 steps'}.get(cell[2], 'exact')]
        for tool in [ours, four] + tools:
            values, x = runs.get(cell, tool), runs.ratio(cell, tool, ours)
            line.append('' if not values else shown(values) +
                        (f', {x:.2f} x' if x and tool != ours else ''))
        lines.append(line)
        judge_training(runs, cell, tools, losses)
    text += table(['shape', 'k', 'solver', *(f'`{t}`' for t in [ours, four]), *tools], lines)
    text += ['', 'Peak memory of the process, MB (of which interpreter and imports, before any '
             'data):', '']
    sizes = Runs(by_size(rows), ['size', 'k', 'solver'], 'peak_mb')
    lines = []
    for cell in sizes.cells:
        if cell[2] != 'cholesky':
            continue
        line = [cell[0], cell[1]]
        for tool in [ours, four] + tools:
            values = sizes.get(cell, tool)
            base = values and sizes.row[cell, tool]['base_mb']
            line.append('' if not values else number(middle(values.values())) +
                        (f' ({number(float(base))})' if base else ''))
        lines.append(line)
        if cell[:2] == ('M', '64') and (sizes.ratio(cell, ours, 'irspack') or 0) > 1:
            losses.append('memory of training on M, k = 64: '
                          f'{sizes.ratio(cell, ours, "irspack"):.2f} times irspack\'s (floor 1)')
    text += table(['shape', 'k', *(f'`{t}`' for t in [ours, four]), *tools], lines)
    text += ['', 'Settings: ' + '; '.join(f'{t} {v}: {s}' for t, (v, s) in settings(rows).items())
             + '.']
    return text


def fastest(runs, cell, tools):
    have = [(middle(runs.get(cell, t).values()), t) for t in tools if runs.get(cell, t)]
    return min(have)[1] if have else None


def judge_training(runs, cell, tools, losses):
    """Say in `losses` where a floor or goal is missed."""
    size, k, solver = cell
    if size not in JUDGED:
        return
    ours, four, where = 'mf-als -p 1', 'mf-als -p 4', f'{size}, k = {k}'
    best = fastest(runs, cell, tools)
    x = best and runs.ratio(cell, best, ours)
    if solver == 'cholesky':
        floor, goal = EXACT.get(int(k), (1, 1))
        if x and x < goal:
            losses.append(f'exact training, {where}: {x:.2f} times as fast as {best} '
                          f'(floor {floor}, goal {goal})')
        other = (size, k, 'cg')
        cg = fastest(runs, other, tools)
        if cg and runs.get(cell, ours):
            y = middle(runs.get(other, cg).values()) / middle(runs.get(cell, ours).values())
            if y < 1:
                losses.append(f'exact training, {where}, beside {cg}\'s CG of 3 steps: '
                              f'{y:.2f} times as fast (goal 1)')
        y = runs.ratio(cell, four, ours)
        if y and y > PERSONAS:
            losses.append(f'four personas, {where}: {y:.2f} times the time of one '
                          f'(floor {PERSONAS})')
    elif x and x < CG:
        losses.append(f'CG, {where}: {x:.2f} times as fast as {best} (floor {CG})')


def how_many(runs):
    """How many runs there were of what was measured least, and most."""
    counts = [len(v) for v in runs.of.values()] or [0]
    least, most = min(counts), max(counts)
    return f'{most}' if least == most else f'{least} to {most}'


def settings(rows):
    """Tool to version and settings, the first that was seen."""
    found = {}
    for r in rows:
        found.setdefault(r['tool'], (r['version'], r['settings']))
    return found


def whole_trainings(rows, losses):
    runs = Runs(by_size(rows), ['size', 'k'], 'seconds')
    splits = Runs(by_size(rows), ['size', 'k'], 'split')
    ours, three = 'mf-als -p 1', 'mf-als -p 3'
    text = ['Seconds of a training with the default number of sweeps, without reading and writing: '
            f'median (minimum) of {how_many(runs)} runs. With three personas histories are divided '
            'after the last sweep (the best of six clusterings), and their vectors solved.', '']
    lines = []
    for cell in runs.cells:
        if runs.get(cell, ours) and runs.get(cell, three):
            lines.append([*cell, shown(runs.get(cell, ours)),
                          f'{shown(runs.get(cell, three))}, {runs.ratio(cell, three, ours):.2f} x',
                          number(middle(splits.get(cell, three).values()))])
            x = runs.ratio(cell, three, ours)
            if cell[0] in JUDGED and x > THREE:
                losses.append(f'a whole training with three personas, {cell[0]}, k = {cell[1]}: '
                              f'{x:.2f} times that with one (floor {THREE})')
    return text + table(['shape', 'k', f'`{ours}`', f'`{three}`', 'of which dividing'], lines)


def many_factors(rows, losses):
    """Epochs, and the time to the ndcg that is within many.WITHIN of the best."""
    text = [f'An epoch is the median (minimum) of up to {max(int(r["run"]) for r in rows)} '
            'alternating runs. The target is '
            f'{1 - many.WITHIN:.1%} of the best ndcg@100 that mf-als or irspack, whose objective '
            'is the same, reach; a dash is where it was not reached. x is how many times as fast '
            'as the fastest of the peers (the fastest of ours, for a peer). many-*.svg are the '
            'curves.', '']
    cells = {}
    for r in rows:
        cells.setdefault((r['size'], r['k']), {}).setdefault(r['tool'], []).append(r)
    lines = []
    for (size, k), tools in sorted(cells.items(), key=lambda c: many_order(*c[0])):
        curves = {t: many.curve(of) for t, of in tools.items()}
        target = many.target(curves) or 0
        epochs, when = {}, {}
        for tool, of in tools.items():
            runs = {}
            for r in of:
                runs.setdefault(r['run'], []).append((int(r['epoch']), float(r['seconds'])))
            epochs[tool] = {run: many.epoch([s for _, s in sorted(e)]) for run, e in runs.items()}
            when[tool] = many.reached(curves[tool], target)
        fast = {tool: middle(e.values()) for tool, e in epochs.items()}
        soon = {tool: p[1] for tool, p in when.items() if p}
        for tool in tools:
            top = max(curves[tool], key=lambda p: p[2], default=None)
            x, y = beside(fast, tool), beside(soon, tool)
            lines.append([size, k, tool, shown(epochs[tool]), f'{x:.2f}' if x else '',
                          number(soon[tool]) if tool in soon else '-', f'{y:.2f}' if y else '',
                          when[tool][0] if when[tool] else '',
                          f'{top[2]:.4f} ({top[0]})' if top else '', curves[tool][-1][0]
                          if curves[tool] else '', number(float(tools[tool][0]['peak_mb']))])
        for what, times in (('epoch', fast), ('time to the target', soon)):
            mine = {t: s for t, s in times.items() if t.startswith('mf-als')}
            x = mine and beside(times, min(mine, key=mine.get))
            if x and x < MANY[1] and size in JUDGED:
                losses.append(f'many factors, {size}, k = {k}, {what}: {x:.2f} times as fast as '
                              f'the fastest peer (floor {MANY[0]}, goal {MANY[1]})')
    text += table(['shape', 'k', 'solver', 's/epoch', 'x', 's to target', 'x', 'epochs',
                   'best ndcg@100 (after)', 'of', 'peak MB'], lines)
    text += ['', 'Settings:', '']
    for size in dict.fromkeys(line[0] for line in lines):
        of = settings([r for r in rows if r['size'] == size])
        text.append(f'- {size}: ' + '; '.join(f'{t} {v}: {s}' for t, (v, s) in of.items()))
    return text


def many_order(size, k):
    order = ['T', 'S', 'M']
    return order.index(size) if size in order else len(order), size, int(k)


def beside(times, tool):
    """The least time of the other side, peers for ours and ours for peers, by this tool's."""
    other = [s for t, s in times.items() if t.startswith('mf-als') != tool.startswith('mf-als')]
    return min(other) / times[tool] if other and tool in times else None


def scoring(rows, losses):
    runs = Runs(by_size(rows), ['size', 'k'], 'users_per_s')
    text = ['Users per second: median (maximum); x is how many times implicit\'s. Same: the share of '
            'our lists (p = 1) that the peer\'s have too.', '']
    lines = []
    for cell, tool, values in runs:
        row, x = runs.row[cell, tool], runs.ratio(cell, tool, 'implicit')
        lines.append([*cell, tool, shown(values, max), f'{x:.2f}' if x else '',
                      row['peak_mb'], row['same'], f'{row["version"]}: {row["settings"]}'])
        floor, goal = SCORE.get(tool, (0, 0))
        if x and x < goal and cell[0] in JUDGED:
            losses.append(f'scoring, {cell[0]}, k = {cell[1]}, {tool}: {x:.2f} times implicit '
                          f'(floor {floor}, goal {goal})')
    return text + table(['shape', 'k', 'tool', 'users/s', 'x', 'peak MB', 'same', 'settings'],
                        lines)


def pairs(rows, losses):
    runs = Runs(by_size(rows), ['size', 'k', 'order'], 'pairs_per_s')
    text = ['Pairs per second, from text to text: median (maximum); x is how many times NumPy\'s. '
            'Same: the share of scores that the peer has too, to five digits.', '']
    lines = []
    for cell, tool, values in runs:
        row, x = runs.row[cell, tool], runs.ratio(cell, tool, 'numpy')
        lines.append([*cell, tool, shown(values, max), f'{x:.2f}' if x else '', row['peak_mb'],
                      row['same'], f'{row["version"]}: {row["settings"]}'])
        if tool == 'mf-score p=1 -j1' and cell[0] in JUDGED and cell[1:] == ('64', 'by user'):
            if middle(values.values()) < PAIRS:
                losses.append(f'pairs, {cell[0]}, k = 64, by user: '
                              f'{number(middle(values.values()))} a second and core '
                              f'(floor {PAIRS:,})')
    return text + table(['shape', 'k', 'order', 'tool', 'pairs/s', 'x', 'peak MB', 'same',
                         'settings'], lines)


def evaluation(rows, losses):
    runs = Runs(by_size(rows), ['size', 'k', 'what'], 'seconds')
    text = ['Seconds for ten metrics of all users with test cells: median (minimum); x is how many '
            'times as fast as the peer. What `mf-eval` reads and writes is in its time, and not in '
            'the peers\'.', '']
    lines = []
    peers = [t for t in runs.tools if not t.startswith('mf-eval')]
    for cell, tool, values in runs:
        peer_ = fastest(runs, cell, peers)
        row, x = runs.row[cell, tool], peer_ and runs.ratio(cell, peer_, tool)
        lines.append([*cell, tool, shown(values), f'{x:.2f}' if x else '', row['users'],
                      row['peak_mb'], row['ndcg'], f'{row["version"]}: {row["settings"]}'])
        if tool == 'mf-eval' and x and x < EVALUATE and cell[0] in JUDGED:
            losses.append(f'evaluation of {cell[2]}, {cell[0]}, k = {cell[1]}: {x:.2f} times as '
                          f'fast as {peer_} (goal {EVALUATE})')
    return text + table(['shape', 'k', 'of', 'tool', 'seconds', 'x', 'users', 'peak MB', 'ndcg@100',
                         'settings'], lines)


def aggregation(rows, losses):
    runs = Runs(rows, ['lines', 'order'], 'seconds')
    sizes = Runs(rows, ['lines', 'order'], 'peak_mb')
    text = ['Seconds: median (minimum); x is how many times as fast as DuckDB.', '']
    lines = []
    for cell, tool, values in runs:
        row, x = runs.row[cell, tool], runs.ratio(cell, 'duckdb', tool)
        lines.append([*cell, tool, shown(values), f'{x:.2f}' if x else '', row['peak_mb'],
                      f'{row["version"]}: {row["settings"]}'])
        floor, goal = AGGREGATE[cell[1]]
        if tool == 'msd-aggregate' and x and cell[0] in ('10M', '48M'):
            if x < goal:
                losses.append(f'aggregation, {cell[0]} lines, {cell[1]}: {x:.2f} times DuckDB '
                              f'(floor {floor}, goal {goal})')
            y = sizes.ratio(cell, 'duckdb', tool)
            if y < MEMORY:
                losses.append(f'memory of aggregation, {cell[0]} lines, {cell[1]}: DuckDB\'s by '
                              f'{y:.1f} (floor {MEMORY})')
    return text + table(['lines', 'order', 'tool', 'seconds', 'x', 'peak MB', 'settings'], lines)


def to_quality(rows, losses):
    text = [f'Seconds of training until ndcg@100 stays within {WITHIN:.1%} of where it ends; '
            'quality-*.svg are the curves.', '']
    lines, times = [], {}
    curves = {}
    for r in rows:
        curves.setdefault((r['size'], r['k'], r['tool']), []).append(r)
    for (size, k, tool), points in curves.items():
        points.sort(key=lambda r: int(r['epoch']))
        curve = [(int(r['epoch']), float(r['seconds']), float(r['ndcg'])) for r in points]
        when = reached(curve)
        epoch = [e for e, s, _ in curve if s == when][0]
        times.setdefault((size, k), {})[tool] = when
        lines.append([size, k, tool, number(when), epoch, f'{curve[-1][2]:.4f}',
                      f'{curve[-1][0]}', f'{points[0]["version"]}: {points[0]["settings"]}'])
    for (size, k), of in times.items():
        peers = {t: s for t, s in of.items() if not t.startswith('mf-als')}
        mine = [s for t, s in of.items() if t.startswith('mf-als')]
        if peers and mine and min(mine) > min(peers.values()):
            best = min(peers, key=peers.get)
            losses.append(f'time to quality, {size}, k = {k}: {number(min(mine))} s, {best} '
                          f'{number(peers[best])} s')
    return text + table(['shape', 'k', 'tool', 'seconds', 'epochs', 'ndcg@100 at the end',
                         'after epochs', 'settings'], lines)


def growth(rows, _):
    of = {}
    for r in rows:
        key = (r['size'], r['vary'], float(r['value']))
        of.setdefault(key, {}).setdefault(r['stage'], []).append(
            (float(r['seconds']), float(r['peak_mb'])))
    names = list(dict.fromkeys(r['stage'] for r in rows))
    lines = [[size, f'{vary} = {value:,g}', *(
        '' if n not in of[size, vary, value] else
        f'{number(middle([s for s, _ in of[size, vary, value][n]]))} / '
        f'{number(max(m for _, m in of[size, vary, value][n]))}' for n in names)]
        for size, vary, value in of]
    return ['Seconds (median) / peak MB. als is an epoch, the others are whole processes. cells is '
            'the mean artists of a user. own-*.svg have the curves.', ''] + table(
        ['shape', 'varied', *names], lines)


def roofline(rows, _):
    return table(['what', 'threads', 'value'],
                 [[r['what'], r['threads'], f'{r["value"]} {r["unit"]}'] for r in rows])


def memory(rows, losses):
    for r in rows:
        if float(r['peak_mb']) > MEMORY_MAX:
            losses.append(f'{r["what"]}: {r["peak_mb"]} MB (floor {MEMORY_MAX:,})')
    return table(['what', 'seconds per epoch', 'peak MB'],
                 [[r['what'], r['seconds'], r['peak_mb']] for r in rows])


SECTIONS = [  # title, table, what writes its lines and says where a floor or goal is missed
    ('Training', 'train', training), ('Many factors', 'many', many_factors),
    ('Whole trainings', 'whole', whole_trainings), ('Time to quality', 'quality', to_quality),
    ('Scoring', 'score', scoring), ('Pairs', 'pairs', pairs),
    ('Evaluation', 'evaluate', evaluation),
    ('Aggregation', 'aggregate', aggregation),
    ('At the size of the Taste Profile', 'memory', memory),
    ('How our tools grow', 'own', growth), ('What this machine can do', 'roofline', roofline)]
LOSSES, MISSED = 'Where we lose', 'Missed:'


def missed_lines(missed):
    return ['', MISSED, '', *(f'- {x}' for x in missed)] if missed else []


def whole(found):
    """The text of all sections, and before them what any of them missed."""
    losses, parts = [], []
    for title, _, _ in SECTIONS:
        if title in found:
            parts += [f'## {title}', '', *found[title], '']
            if MISSED in found[title]:
                losses += found[title][found[title].index(MISSED) + 2:]
    none = ['No floor or goal of those that were measured is missed.']
    return '\n'.join([f'## {LOSSES}', '', *(losses or none), '', *parts]).rstrip() + '\n'


def sections(text):
    """The sections of a text by title, as lines."""
    found = {}
    for part in text.split('## ')[1:]:
        title, _, body = part.partition('\n')
        found[title] = body.strip('\n').split('\n')
    return found


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--build', default=os.path.join(TOP, 'build'))
    p.add_argument('--out', help='where the tables are (BUILD/bench)')
    p.add_argument('--readme')
    a = p.parse_args()
    out = a.out or os.path.join(a.build, 'bench')
    of = {name: read(os.path.join(out, name + '.tsv')) for name in
          ('train', 'many', 'whole', 'score', 'pairs', 'evaluate', 'aggregate', 'quality', 'own',
           'memory', 'roofline')}
    found = {}
    for title, rows, write in SECTIONS:
        missed = []
        text = of[rows] and write(of[rows], missed)
        if text:
            found[title] = [f'Machine: {machine()}.', '', *text, *missed_lines(missed)]
    with open(os.path.join(out, 'report.md'), 'w', encoding='utf-8') as f:
        f.write(whole(found))
    if a.readme:
        with open(a.readme, encoding='utf-8') as f:
            before, rest = f.read().split(BEGIN)
        old, after = rest.split(END)
        with open(a.readme, 'w', encoding='utf-8') as f:
            f.write(before + BEGIN + '\n\n' + whole({**sections(old), **found}) + '\n' + END +
                    after)
    if shutil.which('gnuplot'):
        plots.make(out, of)
    print(os.path.relpath(os.path.join(out, 'report.md')))


if __name__ == '__main__':
    main()
