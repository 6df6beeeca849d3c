"""Seconds per epoch of exact and of conjugate-gradient ALS, ours beside the peers'.

An epoch is both half-steps. The first one of each run is left out, as is all that
comes before; a run's figure is the median of those after it. Personas are split after as
many plain sweeps, and the first epoch is the one after that."""
import json
import os

import data
from harness import (THREADS, Failed, Table, alternate, middle, peer, run, say, supports,
                     version)

COLUMNS = ['size', 'k', 'solver', 'tool', 'run', 'seconds', 'startup', 'peak_mb', 'base_mb',
           'threads', 'version', 'settings']
KEY = ['size', 'k', 'solver', 'tool', 'run']
PEERS = ['irspack', 'implicit', 'cmfrec']
WARMUP = 10  # plain sweeps of mf-als before sweeps with personas
SETTINGS = ['--unobserved', '.1', '--lambda', '.01', '--nu', '1']


def ours(place, bundle, k, personas, solver, epochs, threads=THREADS, settings=SETTINGS):
    """One run of mf-als: the epochs from the split of personas on, without the last,
    which may be an exact one at the end of cg."""
    log = os.path.join(place.out, 'als.log')
    first = WARMUP if personas > 1 else 0
    argv = [place.tool('mf-als'), '-q', '-k', str(k), '-p', str(personas), '-j', str(threads),
            '-n', str(first + epochs + 2), '--warmup', str(first), '--log', log, *settings]
    if solver == 'cg':
        argv.append('--solver=cg:3')
    elif supports(place, 'mf-als', '--solver'):
        # with more factors auto is not exact
        argv.append('--solver=auto' if k < 128 else '--solver=dual')
    _, peak, _ = run(argv + [bundle])
    ends = sweep_ends(log)
    os.remove(log)
    return {'version': version(place, 'mf-als'), 'peak_mb': round(peak, 1), 'base_mb': '',
            'startup': ends[0],
            'epochs': [ends[i + 1] - ends[i] for i in range(first, first + epochs + 1)],
            'settings': f'float32, {threads} threads, ' + ' '.join(settings)}


def sweep_ends(log):
    """The clock at the end of each sweep, 0 being the start, from mf-als --log."""
    ends = {}
    with open(log, encoding='utf-8') as f:
        for line in f:
            entry = json.loads(line)
            ends[entry['iteration']] = entry['seconds']
    return [ends[i] for i in sorted(ends)]


def jobs_of(place, size, k, solver, tools, personas, epochs):
    """Name to job, for one cell of the table."""
    bundle, matrix = data.bundle(place, size), data.matrix(place, size)
    jobs = {}
    for p in personas:
        if solver == 'cg' and not supports(place, 'mf-als', '--solver'):
            say('mf-als has no --solver: its cg is left out')
            break
        jobs[f'mf-als -p {p}'] = lambda p=p: ours(place, bundle, k, p, solver, epochs)
    for tool in tools:
        jobs[tool] = lambda tool=tool: peer(
            place, tool + '_peer', ['train', '--data', matrix, '-k', str(k), '--solver', solver,
                                    '--epochs', str(epochs), '--threads', str(THREADS)])
    return jobs


def main(place, sizes, ks, runs, tools, epochs=2, personas=(1, 4), solvers=('cholesky', 'cg')):
    table = Table(place, 'train', COLUMNS, KEY)
    tools = [t for t in PEERS if t in tools]
    for size in sizes:
        for k in ks:
            for solver in solvers:
                say(f'train {size} k={k} {solver}')

                def each(name, round_, r):
                    seconds = middle(r['epochs'][1:])
                    say(f'  {name}: {seconds:.3f} s, {r["peak_mb"]:.0f} MB')
                    table.put(size=size, k=k, solver=solver, tool=name, run=round_,
                              seconds=f'{seconds:.4f}', startup=f'{r["startup"]:.3f}',
                              peak_mb=r['peak_mb'], base_mb=r['base_mb'], threads=THREADS,
                              version=r['version'], settings=r['settings'])
                alternate(jobs_of(place, size, k, solver, tools, personas, epochs), runs, each)


def whole(place, sizes, ks, runs):
    """Whole trainings by mf-als, all at its defaults: with three personas, the same plain
    sweeps, the division of the histories and the vectors of the parts."""
    table = Table(place, 'whole', ['size', 'k', 'tool', 'run', 'seconds', 'split'],
                  ['size', 'k', 'tool', 'run'])

    def train(bundle, k, personas):
        log = os.path.join(place.out, 'als.log')
        run([place.tool('mf-als'), '-q', '-k', str(k), '-p', str(personas), '-j', str(THREADS),
             '--log', log, bundle])
        with open(log, encoding='utf-8') as f:
            steps = [json.loads(line) for line in f]
        os.remove(log)
        split = [b['seconds'] - a['seconds'] for a, b in zip(steps, steps[1:])
                 if b['half'] == 'cluster']
        return {'seconds': steps[-1]['seconds'] - steps[0]['seconds'], 'split': sum(split)}

    for size in sizes:
        for k in ks:
            say(f'whole {size} k={k}')
            bundle = data.bundle(place, size)

            def each(name, round_, r):
                say(f'  {name}: {r["seconds"]:.3f} s')
                table.put(size=size, k=k, tool=name, run=round_,
                          seconds=f'{r["seconds"]:.4f}', split=f'{r["split"]:.4f}')
            alternate({f'mf-als -p {p}': lambda p=p: train(bundle, k, p) for p in (1, 3)},
                      runs, each)


def memory(place):
    """mf-als on the Taste Profile's size, k = 16: seconds and peak memory."""
    table = Table(place, 'memory', ['what', 'seconds', 'peak_mb'], ['what'])
    try:
        r = ours(place, data.bundle(place, 'MSD'), 16, 1, 'cholesky', 1)
    except Failed as e:
        return say(e)
    table.put(what='mf-als -k 16 -p 1 on 1,000,000 x 44,000, 40 M cells',
              seconds=f'{r["epochs"][1]:.2f}', peak_mb=r['peak_mb'])
