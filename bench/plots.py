"""Plots by gnuplot, from the same rows as the tables."""
import os
import subprocess

import many
from harness import middle

HEAD = """set terminal svg size 900,560 font 'sans,14' background '#ffffff'
set output '{out}'
set title '{title}' noenhanced
set xlabel '{x}' noenhanced
set ylabel '{y}' noenhanced
set key {key} noenhanced
set grid lc rgb '#dddddd'
set logscale {log}
set autoscale fix
set offsets graph .02, graph .02, graph .02, graph .02
{more}set style data linespoints
set format y '%g'
set style line 1 lc rgb '#0072b2' lw 2 pt 7 ps .7
set style line 2 lc rgb '#d55e00' lw 2 pt 5 ps .7
set style line 3 lc rgb '#009e73' lw 2 pt 9 ps .8
set style line 4 lc rgb '#cc79a7' lw 2 pt 11 ps .8
set style line 5 lc rgb '#56b4e9' lw 2 pt 13 ps .9
set style line 6 lc rgb '#e69f00' lw 2 pt 4 ps .8
set style line 7 lc rgb '#000000' lw 2 pt 6 ps .8
set style line 8 lc rgb '#888888' lw 2 pt 8 ps .8
set style line 9 lc rgb '#888888' lw 2 dt 2 pt 0 ps 0
set style increment user
"""


def draw(path, title, x, y, log, lines, key='outside right', more=''):
    """lines: name to points (x, y). With both axes logarithmic, each x has a mark."""
    text = HEAD.format(out=path, title=title, x=x, y=y, log=log, key=key, more=more)
    if log == 'xy':
        marks = sorted({a for points in lines.values() for a, _ in points})
        text += f'set xtics ({", ".join(f"{chr(34)}{a:,g}{chr(34)} {a}" for a in marks)})\n'
    for i, points in enumerate(lines.values()):
        text += f'$d{i} << EOD\n' + ''.join(f'{a} {b}\n' for a, b in points) + 'EOD\n'
    text += 'plot ' + ', '.join(f"$d{i} using 1:2 title '{name}' {style}"
                                for i, (name, style) in enumerate(styles(lines))) + '\n'
    subprocess.run(['gnuplot'], input=text, text=True, check=True)


def styles(names):
    """A style of its own for each tool; its conjugate gradients are the same, dashed."""
    seen = {}
    for name in names:
        if name.startswith('limit'):
            yield name, 'with lines ls 9'
            continue
        tool = name.removesuffix(', CG').removesuffix(' cg')
        number = seen.setdefault(tool, len(seen)) % 8 + 1
        yield name, f'ls {number}' + (' dt 2' if tool != name else '')


def exact_flops(m, n, cells, k):
    """Of an exact epoch in the primal: Gram matrices, rank updates of half a matrix,
    Cholesky factors and solves."""
    rows = m + n
    return rows * k * k + 2 * cells * k * (k + 1) + rows * (k ** 3 / 3 + 2 * k * k) + 4 * cells * k


def limit(of, point):
    """Seconds of an exact epoch at the best sgemm rate of all threads."""
    rates = [float(r['value']) for r in of['roofline'] if r['what'].startswith('sgemm')]
    m, n, cells, k = (float(point[c]) for c in ('users', 'items', 'cells', 'k'))
    return exact_flops(m, n, cells, k) / (max(rates) * 1e9) if rates else None


def many_factors(out, rows):
    """ndcg against seconds, from a tenth below the best on, with the target as a line."""
    cells = {}
    for r in rows:
        if r['ndcg']:
            cells.setdefault((r['size'], r['k']), {}).setdefault(r['tool'], []).append(
                (float(r['seconds']), float(r['ndcg'])))
    for (size, k), lines in cells.items():
        goal = many.target({t: [(0, *p) for p in points] for t, points in lines.items()})
        seconds = [s for points in lines.values() for s, _ in points]
        lines = {t: sorted(p) for t, p in lines.items()}
        lines['limit: the target'] = [(min(seconds), goal), (max(seconds), goal)]
        draw(os.path.join(out, f'many-{size}-k{k}.svg'), f'{size}, k = {k}', 'seconds of training',
             'ndcg@100', 'x', lines, more=f'set yrange [{.9 * goal}:*]\n')


def make(out, of):
    many_factors(out, of['many'])
    curves = {}
    for r in of['quality']:
        curves.setdefault((r['size'], r['k']), {}).setdefault(r['tool'], []).append(
            (float(r['seconds']), float(r['ndcg'])))
    for (size, k), lines in curves.items():
        draw(os.path.join(out, f'quality-{size}-k{k}.svg'), f'Shape {size}, k = {k}',
             'seconds of training', 'ndcg@100', 'x',
             {t: sorted(p) for t, p in lines.items()})
    groups = {}
    for r in of['own']:
        groups.setdefault((r['size'], r['vary']), []).append(r)
    for (size, vary), rows in groups.items():
        lines, at = {}, {}
        for r in rows:
            lines.setdefault(r['stage'], {}).setdefault(float(r['value']), []).append(
                float(r['seconds']))
            at[float(r['value'])] = r
        lines = {s: sorted((x, middle(y)) for x, y in p.items()) for s, p in lines.items()
                 if len(p) > 1}
        if not lines:
            continue
        if vary in ('users', 'cells', 'k') and limit(of, rows[0]):
            lines['limit: als by sgemm, exact'] = sorted((x, limit(of, r)) for x, r in at.items())
        x = {'cells': 'mean artists of a user', 'p': 'personas'}.get(vary, vary)
        draw(os.path.join(out, f'own-{size}-{vary}.svg'), f'Shape {size}: growth with {x}', x,
             'seconds', 'xy', lines)
    training(out, of['train'])


def training(out, rows):
    of = {}
    for r in rows:
        name = r['tool'] + (', CG' if r['solver'] == 'cg' else '')
        of.setdefault(r['size'], {}).setdefault(name, {}).setdefault(int(r['k']), []).append(
            float(r['seconds']))
    for size, lines in of.items():
        if len({k for p in lines.values() for k in p}) < 2:
            continue  # a point is no curve
        draw(os.path.join(out, f'train-{size}.svg'), f'Shape {size}: seconds per epoch', 'k',
             'seconds', 'xy', {t: sorted((k, middle(v)) for k, v in p.items())
                               for t, p in lines.items()})
