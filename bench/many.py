"""Many factors: seconds an epoch, and until ndcg@100 on held-out cells is what the best
reach, for every solver of ours and of the peers.

A tenth of the cells of up to 10,000 users is held out, so that the training cells are
nearly all of the shape. In the first round ndcg is measured after every epoch; later rounds
are of three epochs, for the clock alone, and without the solvers that were far behind.

Clocks begin with the matrix in memory for peers, with the process for ours. Measuring is
not timed: peers' adapters do it between epochs, and mf-als, whose factors are the same in
every run, runs twice, once to be timed and once with --watch."""
import json
import os
import subprocess

import data
from harness import THREADS, Failed, Table, alternate, middle, peer, run, say, version
from train import sweep_ends

COLUMNS = ['size', 'k', 'tool', 'run', 'epoch', 'seconds', 'ndcg', 'peak_mb', 'threads',
           'version', 'settings']
KEY = ['size', 'k', 'tool', 'run', 'epoch']
CELLS = [[('S', 256), ('S', 512), ('S', 1024)], [('M', 512)], [('hetrec', 256), ('hetrec', 512)],
         [('gowalla', 256), ('gowalla', 1024)]]
OURS = ['auto', 'cg:2', 'cholesky']
PEERS = {'irspack cholesky': 'cholesky', 'irspack cg': 'cg', 'irspack ials++': 'ialspp',
         'implicit cholesky': 'cholesky', 'implicit cg': 'cg'}
EPOCHS, SHORT = 8, 3
LIMIT = 100    # seconds of training after which a peer is stopped
SLOW = 10      # times the fastest peer's epoch: left out of later rounds, and of k as large
WITHIN = .003  # of the best ndcg
USERS = 10000  # with held-out cells
TEST = '10%'

# Settings by a small search at k = 256 on the held-out cells. nu = 1 for ours and irspack,
# whose objective is the same; nu = 0 for implicit, which has no other.
NU1 = {'S': ('.1', '.01'), 'M': ('.1', '.01'), 'T': ('.1', '.01'), 'X': ('.1', '.01'),
       'hetrec': ('.04', '.01'), 'gowalla': ('.01', '.003')}
NU0 = {'S': ('10', '300'), 'M': ('10', '300'), 'T': ('10', '300'), 'X': ('10', '300'),
       'hetrec': ('25', '100'), 'gowalla': ('100', '100')}


def split(place, size):
    """A bundle with training and validation cells, and either as npz."""
    base = place.file(size + '.many')

    def fold(new):
        """mf-split holds cells of all users out; every n-th user keeps them so."""
        source = data.bundle(place, size)
        convert = place.tool('mf-convert')
        part = [place.tool('mf-split'), '-q', '--test', '0%', '--valid', TEST]
        command = ('set -o pipefail; "${@:5}" "$2" | "$1" --to=tsv - | awk -F"\\t" -v OFS="\\t" '
                   '-v n="$3" \'$1 "" != user { user = $1 ""; r++ } $4 == 1 && r % n { $4 = 0 } '
                   '{ print }\' | "$1" --from=tsv --columns=1,2,3,4 -o "$4" -')
        subprocess.run(['bash', '-c', command, '-', convert, source,
                        str(-(-users_of(place, source) // USERS)), new, *part], check=True)
    data.make(place, base + '.mf', fold)
    for name in 'train', 'valid':
        data.make(place, f'{base}.{name}.npz', lambda new, name=name: run(
            [place.tool('mf-convert'), '--to=npz', '--fold=' + name, base + '.mf', '-o', new]))
    return base


def users_of(place, bundle):
    _, _, text = run([place.tool('mf-convert'), '--to=tsv', '--part=users', bundle],
                     stdout=subprocess.PIPE)
    return text.count('\n')


def train(place, base, k, solver, settings, epochs, watch):
    """mf-als: the log of one run."""
    log = place.file('many.log')
    _, peak, _ = run([place.tool('mf-als'), '-q', '-p', '1', '-k', str(k), '-n', str(epochs),
                      '-j', str(THREADS), '--solver=' + solver, '--nu', '1', '--unobserved',
                      settings[0], '--lambda', settings[1], '--watch', watch, '--log', log,
                      base + '.mf'])
    ends = sweep_ends(log)
    with open(log, encoding='utf-8') as f:
        valid = {e['iteration']: e['valid'] for e in map(json.loads, f) if e['half'] == 'users'}
    os.remove(log)
    return ends[1:], [valid[i] for i in sorted(valid) if i], peak


def ours(place, base, k, solver, settings, epochs, measured):
    """Watched, rmse costs next to nothing: that is the run that is timed."""
    ends, _, peak = train(place, base, k, solver, settings, epochs, 'rmse')
    ndcg = train(place, base, k, solver, settings, epochs, 'ndcg@100')[1] if measured else []
    core = os.environ.get('OPENBLAS_CORETYPE')
    return {'ends': ends, 'ndcg': ndcg, 'peak_mb': round(peak, 1),
            'version': version(place, 'mf-als'),
            'settings': f'float32, {THREADS} threads, --unobserved {settings[0]} --lambda '
                        f'{settings[1]} --nu 1' + (f', OPENBLAS_CORETYPE={core}' if core else '')}


def theirs(place, base, size, k, name, epochs, measured):
    of = {'irspack': ('--unobserved', NU1), 'implicit': ('--alpha', NU0)}
    adapter = name.split()[0]
    weight, settings = of[adapter]
    r = peer(place, adapter + '_peer', [
        'train', '--data', base + '.train.npz', '-k', str(k), '--solver', PEERS[name],
        '--epochs', str(epochs - 1), '--threads', str(THREADS), '--nu', '1', '--limit', str(LIMIT),
        weight, settings[size][0], '--lambda', settings[size][1],
        *(['--test', base + '.valid.npz'] if measured else [])])
    ends, total = [], r['startup']
    for seconds in r['epochs']:
        total += seconds
        ends.append(total)
    return {**r, 'ends': ends}


def epoch(ends):
    """Seconds of one: the median without the first, if there are others."""
    return middle([b - a for a, b in zip(ends, ends[1:])] or ends)


def main(place, cells, runs, tools, solvers=OURS, theirs_too=PEERS, epochs=EPOCHS):
    """cells: (size, k) in the order in which they are run, small k first; theirs_too: the
    names of peers' solvers."""
    table = Table(place, 'many', COLUMNS, KEY)
    slow = {}  # by tool, the k at which it was
    for size, k in cells:
        try:
            base = split(place, size)
        except Failed as e:
            say(f'many {size}: left out: {e}')
            continue
        names = [f'mf-als {s}' for s in solvers] + [
            n for n in PEERS if n.split()[0] in tools and n in theirs_too]
        names = [n for n in names if k < slow.get(n, k + 1)]
        table.rows = [r for r in table.rows if (r['size'], r['k']) != (size, str(k))
                      or r['tool'] not in names]
        say(f'many {size} k={k}')
        took = {}

        def job(name, n, measured, size=size, k=k, base=base):
            tool, solver = name.split()
            if tool == 'mf-als':
                return ours(place, base, k, solver, NU1[size], n, measured)
            return theirs(place, base, size, k, name, n, measured)

        def each(name, round_, r, size=size, k=k, took=took):
            took.setdefault(name, epoch(r['ends']))
            say(f'  {name}: {epoch(r["ends"]):.3f} s'
                + (f', ndcg {" ".join(f"{x:.4f}" for x in r["ndcg"])}' if r['ndcg'] else ''))
            for i, seconds in enumerate(r['ends']):
                table.put(size=size, k=k, tool=name, run=round_, epoch=i + 1,
                          seconds=f'{seconds:.4f}', peak_mb=r['peak_mb'], threads=THREADS,
                          ndcg=f'{r["ndcg"][i]:.5f}' if r['ndcg'] else '',
                          version=r['version'], settings=r['settings'])
        alternate({n: lambda n=n: job(n, epochs, True) for n in names}, 1, each)
        peers = [s for n, s in took.items() if not n.startswith('mf-als')]
        behind = {n for n, s in took.items() if peers and s > SLOW * min(peers)}
        slow.update({n: min(k, slow.get(n, k)) for n in behind})
        alternate({n: lambda n=n: job(n, SHORT, False) for n in took if n not in behind},
                  runs - 1, lambda name, round_, r: each(name, round_ + 1, r))


def curve(rows):
    """(epoch, seconds, ndcg) of the round that was measured."""
    return sorted((int(r['epoch']), float(r['seconds']), float(r['ndcg']))
                  for r in rows if r['ndcg'])


def target(curves):
    """WITHIN of the best ndcg of those whose objective is the same; None without any."""
    values = [p[2] for tool, points in curves.items() for p in points
              if not tool.startswith('implicit')]
    return (1 - WITHIN) * max(values) if values else None


def reached(points, goal):
    """The first point whose ndcg is `goal`; None if none is."""
    return next((p for p in points if p[2] >= goal), None)
