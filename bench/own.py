"""How our own tools grow: with users, cells, k, personas and threads.

Each point is a whole process, but for `als`, which is an epoch of mf-als (both
half-steps, from its log). Around a base point one thing is changed at a time."""
import json
import os
import subprocess

import data
from harness import THREADS, Table, alternate, middle, run, say, version
from train import ours as als

COLUMNS = ['size', 'vary', 'value', 'stage', 'run', 'seconds', 'peak_mb', 'users', 'items',
           'cells', 'k', 'p', 'threads', 'version']
KEY = ['size', 'vary', 'value', 'stage', 'run']
VARY = ['users', 'cells', 'k', 'p', 'threads']
K, P = 64, 1


def points(size):
    """(vary, value, users, items, mean, k, p, threads) of each point."""
    users, items, mean = data.SHAPES[size]
    base = {'users': users, 'items': items, 'mean': mean, 'k': K, 'p': P, 'threads': THREADS}
    found = []

    def vary(name, values, key):
        for value in values:
            found.append((name, value, {**base, key: value}))
    vary('users', [users // d for d in (16, 8, 4, 2, 1)], 'users')
    vary('cells', [mean * f / 4 for f in (1, 2, 4, 8)], 'mean')
    vary('k', [8, 16, 32, 64, 128, 256] if users <= 100000 else [16, 64, 128], 'k')
    vary('p', [1, 2, 4, 8] if users <= 100000 else [1, 4], 'p')
    threads = sorted({1 << i for i in range(THREADS.bit_length())} | {THREADS})
    vary('threads', [t for t in threads if t <= THREADS], 'threads')
    return found


def cells_of(place, path):
    _, _, text = run([place.tool('mf-info'), '--format=json', path], stdout=subprocess.PIPE)
    return json.loads(text)['nnz']


def stages(place, at, users):
    """Name to job for the stages that a point asks for: scoring and evaluation follow k,
    p, users and threads, the passes over cells users and cells."""
    path = data.bundle_of(place, at['users'], at['items'], at['mean'], place.file(
        f'{at["users"]}x{at["items"]}x{at["mean"]:g}.mf'))
    split = data.make(place, path[:-3] + '.split.mf', lambda new: run(
        [place.tool('mf-split'), path, '-o', new]))
    model = data.make(place, f'{path[:-3]}.k{at["k"]}p{at["p"]}.mf', lambda new: run(
        [place.tool('mf-als'), '-q', '-k', str(at['k']), '-p', str(at['p']), '-n', '2',
         '--warmup', '1', split, '-o', new]))
    j = ['-j', str(at['threads'])]

    def process(*argv):
        def job():
            seconds, peak, _ = run([place.tool(argv[0]), '-q', *argv[1:]])
            return {'seconds': seconds, 'peak_mb': round(peak, 1)}
        return job

    def epoch():
        r = als(place, path, at['k'], at['p'], 'cholesky', 2, at['threads'])
        return {'seconds': middle(r['epochs'][1:]), 'peak_mb': r['peak_mb']}
    jobs = {'als': epoch, 'recommend': process('mf-recommend', '--top', '100', *j, model),
            'eval': process('mf-eval', *j, model)}
    if at['k'] == K and at['p'] == P:
        jobs['split'] = process('mf-split', *j, path)
        jobs['transform'] = process('mf-transform', '-e', 'log2:1', *j, path)
        tracks, plays = triplets_of(place, at)
        jobs['aggregate'] = process('msd-aggregate', *j, '-t', tracks, plays)
    return path, jobs


def triplets_of(place, at):
    base = place.file(f'{at["users"]}x{at["items"]}x{at["mean"]:g}')
    tracks, plays = base + '.tracks', base + '.plays'
    data.make(place, plays, lambda new: run(
        [place.tool('msd-synth'), '--users', str(at['users']), '--artists', str(at['items']),
         '--artists-per-user', str(at['mean']), '--tracks', tracks, '-o', new]))
    return tracks, plays


def main(place, sizes, runs, varied=tuple(VARY)):
    table = Table(place, 'own', COLUMNS, KEY)
    for size in sizes:
        for vary, value, at in points(size):
            if vary not in varied:
                continue
            path, jobs = stages(place, at, data.SHAPES[size][0])
            cells = cells_of(place, path)

            def each(name, round_, r):
                say(f'  {size} {vary}={value:g} {name}: {r["seconds"]:.3f} s, '
                    f'{r["peak_mb"]:.0f} MB')
                table.put(size=size, vary=vary, value=f'{value:g}', stage=name, run=round_,
                          seconds=f'{r["seconds"]:.4f}', peak_mb=r['peak_mb'],
                          users=at['users'], items=at['items'], cells=cells, k=at['k'],
                          p=at['p'], threads=at['threads'], version=version(place, 'mf-als'))
            alternate(jobs, runs, each)


def roofline(place):
    """The table of roofline_bench; its sgemm once more with the kernels that OpenBLAS
    has for AVX-512, which it may not choose by itself."""
    program = os.path.join(place.build, 'bench', 'roofline_bench')
    _, _, text = run([program], stdout=subprocess.PIPE)
    with open('/proc/cpuinfo', encoding='utf-8') as f:
        if ' avx512f ' in f.read():
            name = 'OPENBLAS_CORETYPE'
            _, _, more = run([program], stdout=subprocess.PIPE, env={name: 'SkylakeX'})
            text += ''.join(line.replace('sgemm', f'sgemm, {name}=SkylakeX', 1) + '\n'
                            for line in more.splitlines() if line.startswith('sgemm'))
    with open(os.path.join(place.out, 'roofline.tsv'), 'w', encoding='utf-8') as f:
        f.write(text)
