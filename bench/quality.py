"""Seconds of training until ndcg@100 on held-out cells is within half a percent of
where it ends, for every trainer, and the curve.

A tenth of the cells of a shape are held out at random. Every trainer learns from the
same matrix, and one program measures all from their factors. Peers' seconds are those
of their epochs, with what comes between the matrix in memory and the first one; ours
are since mf-als was started, reading the bundle included."""
import os

import data
from harness import (THREADS, Table, alternate, peer, run, run_json, say, supports, version,
                     HERE)
from train import sweep_ends

COLUMNS = ['size', 'k', 'tool', 'epoch', 'seconds', 'ndcg', 'version', 'settings']
KEY = ['size', 'k', 'tool', 'epoch']
OUR_EPOCHS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32)
WITHIN = .005
WARMUP = 4  # plain sweeps of mf-als before personas are split

# Settings by a small search on shape S, k = 64, 8 epochs, by ndcg@100. nu = 1 (ours,
# irspack; irspack ran it): unobserved .03 .1 .3, lambda .003 .01 .03; the next lambda
# up collapses to no factors at .1 and .3. nu = 0 (implicit, cmfrec; implicit ran it):
# alpha 3 10 30, lambda 10 30 100 300 1000. Both ended at .161.
NU1 = {'--unobserved': '.1', '--lambda': '.01', '--nu': '1'}
NU0 = {'--alpha': '10', '--lambda': '300'}
PEERS = {'irspack': ('irspack', 'cholesky', NU1), 'irspack cg': ('irspack', 'cg', NU1),
         'implicit': ('implicit', 'cholesky', NU0), 'implicit cg': ('implicit', 'cg', NU0),
         'cmfrec': ('cmfrec', 'cholesky', NU0), 'cmfrec cg': ('cmfrec', 'cg', NU0)}


def flat(settings):
    return [word for pair in settings.items() for word in pair]


def split(place, size):
    """Training cells as npz and as bundle, test cells as npz. Ids are row numbers, as
    many digits each, so that both have the same order."""
    source = data.matrix(place, size)
    base = place.file(f'{size}.split')

    def steps(new):
        run([place.python, os.path.join(HERE, 'ndcg.py'), 'split', source, base])
        run([place.tool('mf-convert'), '--from=npz', '--user-names', base + '.users',
             '--item-names', base + '.items', base + '.train.npz', '-o', new])
    data.make(place, base + '.mf', steps)
    return base


def measure(place, base, prefix):
    """ndcg@100 of PREFIX-users.npy and PREFIX-items.npy, which are then removed."""
    users, items = prefix + '-users.npy', prefix + '-items.npy'
    ndcg = run_json([place.python, os.path.join(HERE, 'ndcg.py'), 'measure',
                     base + '.train.npz', base + '.test.npz', users, items])['ndcg']
    os.remove(users)
    os.remove(items)
    return ndcg


def ours(place, base, k, p, solver, last):
    """mf-als for each number of sweeps: the same run, stopped earlier. The clock is that
    of the longest one. With personas it begins where they are split."""
    log, model = place.file('quality.log'), place.file('quality.mf')
    prefix, ndcg = place.file('quality'), {}
    for n in [n for n in OUR_EPOCHS if n <= last and (p == 1 or n >= WARMUP)]:
        run([place.tool('mf-als'), '-q', '-k', str(k), '-p', str(p), '-n', str(n),
             '--warmup', str(min(n, WARMUP)), '-j', str(THREADS), *flat(NU1),
             *(['--solver=cg:3'] if solver == 'cg' else []), '--log', log, base + '.mf',
             '-o', model])
        for side in 'users', 'items':
            run([place.tool('mf-convert'), '--to=npy', f'--part={side}', model, '-o',
                 f'{prefix}-{side}.npy'])
        ndcg[n] = measure(place, base, prefix)
    ends = sweep_ends(log)
    os.remove(log)
    os.remove(model)
    return {'curve': [(n, ends[n], ndcg[n]) for n in ndcg],
            'version': version(place, 'mf-als'),
            'settings': f'{THREADS} threads, ' + ' '.join(flat(NU1))}


def theirs(place, base, k, name, last):
    adapter, solver, settings = PEERS[name]
    prefix = place.file('quality')
    r = peer(place, adapter + '_peer', [
        'train', '--data', base + '.train.npz', '-k', str(k), '--solver', solver, '--epochs',
        str(last - 1), '--threads', str(THREADS), '--factors', prefix, *flat(settings)])
    if 'at' in r:
        ends = dict(zip(r['at'], r['elapsed']))
    else:
        total, ends = r['startup'], {}
        for epoch, seconds in enumerate(r['epochs'], 1):
            total += seconds
            ends[epoch] = total
    return {'curve': [(e, ends[e], measure(place, base, f'{prefix}-{e}')) for e in sorted(ends)],
            'version': r['version'], 'settings': r['settings']}


def reached(curve):
    """Seconds to the first epoch from which on ndcg stays within half a percent of
    the last one's."""
    final, when = curve[-1][2], None
    for _, seconds, ndcg in curve:
        if abs(ndcg / final - 1) > WITHIN:
            when = None
        elif when is None:
            when = seconds
    return when


def main(place, sizes, ks, tools, last=24):
    table = Table(place, 'quality', COLUMNS, KEY)
    for size in sizes:
        for k in ks:
            base = split(place, size)
            jobs = {'mf-als': lambda: ours(place, base, k, 1, 'cholesky', last),
                    'mf-als p=3': lambda: ours(place, base, k, 3, 'cholesky', last)}
            if supports(place, 'mf-als', '--solver'):
                jobs['mf-als cg'] = lambda: ours(place, base, k, 1, 'cg', last)
            for name in PEERS:
                if PEERS[name][0] in tools:
                    jobs[name] = lambda name=name: theirs(place, base, k, name, last)

            def each(name, _, r):
                table.rows = [x for x in table.rows if (x['size'], x['k'], x['tool'])
                              != (size, str(k), name)]
                for epoch, seconds, ndcg in r['curve']:
                    table.put(size=size, k=k, tool=name, epoch=epoch,
                              seconds=f'{seconds:.3f}', ndcg=f'{ndcg:.5f}',
                              version=r['version'], settings=r['settings'])
                say(f'  quality {size} k={k} {name}: {reached(r["curve"])} s to '
                    f'{r["curve"][-1][2]:.4f}')
            alternate(jobs, 1, each)
