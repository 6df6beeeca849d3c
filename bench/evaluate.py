"""Ten metrics of all users: of a model, beside irspack's evaluator, and of lists, beside
ranx.

A tenth of the cells is held out. Ours is the whole tool: it reads the bundle, and lists as
text. irspack gets our factors and the cells in memory, ranx the lists and the test cells as
its own objects, compiled before: the time is that of the call alone. Neither has intervals,
so that `mf-eval` is shown with none (--bootstrap 0) and with the 1000 samples that it takes
by default. All must agree on ndcg@100."""
import subprocess

import data
from harness import THREADS, Table, alternate, peer, run, say, version

COLUMNS = ['size', 'k', 'what', 'tool', 'run', 'users_per_s', 'seconds', 'users', 'peak_mb',
           'base_mb', 'ndcg', 'threads', 'version', 'settings']
KEY = ['size', 'k', 'what', 'tool', 'run']
TOP = 100
METRICS = {
    'model': [f'{m}@{n}' for n in (20, TOP) for m in ('ndcg', 'recall', 'map', 'precision', 'hr')],
    'lists': ['ndcg@10', 'ndcg@20', 'ndcg@100', 'recall@20', 'recall@100', 'precision@10',
              'precision@20', 'map@100', 'mrr', 'hr@10']}
# Of ndcg. Of a user without training cells all our factors are 0: mf-eval ranks what is popular.
SAME = 2e-3
PEERS = {'model': 'irspack', 'lists': 'ranx'}


def split(place, size):
    source = data.bundle(place, size)
    return data.make(place, place.file(f'{size}.eval.mf'), lambda new: run(
        [place.tool('mf-split'), '-q', '--test', '10%', source, '-o', new]))


def cells(place, path, fold):
    return data.make(place, f'{path[:-3]}.{fold}.npz', lambda new: run(
        [place.tool('mf-convert'), '--to=npz', '--fold=' + fold, path, '-o', new]))


def model(place, size, k):
    source = split(place, size)
    return data.make(place, place.file(f'{size}.eval.k{k}.mf'), lambda new: run(
        [place.tool('mf-als'), '-q', '-k', str(k), '-p', '1', '-n', '3', source, '-o', new]))


def part(place, path, side):
    return data.make(place, f'{path[:-3]}.{side}.npy', lambda new: run(
        [place.tool('mf-convert'), '--to=npy', f'--part={side}', path, '-o', new]))


def lists(place, path):
    return data.make(place, f'{path[:-3]}.lists.tsv', lambda new: run(
        [place.tool('mf-recommend'), '-q', '--top', str(TOP), path, '-o', new]))


def test_cells(place, path):
    """As a qrels file, for ranx."""
    return data.make(place, f'{path[:-3]}.qrels', lambda new: run(
        [place.tool('mf-eval'), '-q', '-m', 'ndcg@1', '--bootstrap', '0', '--qrels', new, path]))


def ours(place, what, samples, argv):
    seconds, peak, text = run(
        [place.tool('mf-eval'), '-q', '--format=tsv', '-j', str(THREADS), '--bootstrap', str(samples),
         '-m', ','.join(METRICS[what]), *argv], stdout=subprocess.PIPE)
    found = [line.split('\t') for line in text.splitlines()]
    ndcg = [f for f in found if f[0] == f'ndcg@{TOP}'][0]
    return {'version': version(place, 'mf-eval'), 'seconds': seconds, 'users': int(ndcg[4]),
            'ndcg': float(ndcg[1]), 'peak_mb': round(peak, 1), 'base_mb': '',
            'settings': f'{THREADS} threads, ' + (f'{samples} samples' if samples else 'no intervals')}


def jobs_of(place, size, k, what, tools):
    source, trained = split(place, size), model(place, size, k)
    argv = [trained] if what == 'model' else ['--ratings', source, '--lists', lists(place, trained)]
    jobs = {'mf-eval': lambda: ours(place, what, 0, argv),
            'mf-eval, intervals': lambda: ours(place, what, 1000, argv)}
    tool = PEERS[what]
    if tool in tools and what == 'model':
        theirs = ['--train', cells(place, source, 'train'), '--test', cells(place, source, 'test'),
                  '--users', part(place, trained, 'users'), '--items', part(place, trained, 'items')]
    elif tool in tools:
        theirs = ['--lists', lists(place, trained), '--qrels', test_cells(place, trained)]
    else:
        return jobs
    jobs[tool] = lambda: peer(place, 'evaluate_peer',
                              [tool, '--threads', str(THREADS), '--metrics', ','.join(METRICS[what]),
                               *theirs])
    return jobs


def main(place, sizes, ks, runs, tools):
    table = Table(place, 'evaluate', COLUMNS, KEY)
    for size in sizes:
        for k in ks:
            for what in METRICS:
                seen = {}

                def each(name, round_, r):
                    rate = r['users'] / r['seconds']
                    seen[name] = r['ndcg']
                    say(f'  {size} k={k} {what} {name}: {r["seconds"]:.2f} s, {rate:.0f} users/s, '
                        f'{r["peak_mb"]:.0f} MB, ndcg {r["ndcg"]:.5f}')
                    if max(seen.values()) - min(seen.values()) > SAME:
                        say(f'  {size} {what}: ndcg@{TOP} differs: {seen}')
                    table.put(size=size, k=k, what=what, tool=name, run=round_,
                              users_per_s=f'{rate:.1f}', seconds=f'{r["seconds"]:.3f}',
                              users=r['users'], peak_mb=r['peak_mb'], base_mb=r['base_mb'],
                              ndcg=f'{r["ndcg"]:.6f}', threads=THREADS, version=r['version'],
                              settings=r['settings'])
                alternate(jobs_of(place, size, k, what, tools), runs, each)
