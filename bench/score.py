"""Users per second of exact top-100 lists for all users, what they know left out.

All use the factors of one model of mf-als. Ours is the whole tool, which reads the
bundle and writes text to /dev/null, less a run for a single user; the peers' is the
call alone, factors and cells in memory. The lists of the first users are compared.

And pairs per second of mf-score: lines of user and item to lines with scores, less a run of
one line. NumPy does the same in Python, and the product alone for ids that are mapped."""
import json
import os
import random
import subprocess

import data
from harness import THREADS, Table, alternate, peer, run, say, version

COLUMNS = ['size', 'k', 'tool', 'run', 'users_per_s', 'seconds', 'startup', 'users', 'peak_mb',
           'base_mb', 'same', 'threads', 'version', 'settings']
KEY = ['size', 'k', 'tool', 'run']
PEERS = ['implicit', 'faiss', 'cmfrec']
TOP, CHECKED = 100, 200
PAIR_COLUMNS = ['size', 'k', 'order', 'tool', 'run', 'pairs_per_s', 'seconds', 'startup', 'pairs',
                'peak_mb', 'same', 'threads', 'version', 'settings']
PAIR_KEY = ['size', 'k', 'order', 'tool', 'run']
PAIRS, PAIRS_OF_USER = 10_000_000, 200  # lines at most; and of a user, on average


def model(place, size, k, p):
    """A model of three sweeps: its lists are as hard to find as any."""
    source = data.bundle(place, size)
    return data.make(place, place.file(f'{size}.k{k}p{p}.mf'), lambda new: run(
        [place.tool('mf-als'), '-q', '-k', str(k), '-p', str(p), '-n', '3', '--warmup', '1',
         source, '-o', new]))


def factors(place, path, side):
    return data.make(place, f'{path[:-3]}.{side}.npy', lambda new: run(
        [place.tool('mf-convert'), '--to=npy', f'--part={side}', path, '-o', new]))


def ids(place, path, side, n):
    """The first n ids of a side, in the bundle's order."""
    argv = [place.tool('mf-convert'), '--to=tsv', f'--part={side}', path]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as table:
        found = []
        for line in table.stdout:
            found.append(line.decode().rstrip('\n').split('\t')[0])
            if len(found) == n:
                break
        table.stdout.close()
    return found


def ours(place, path, users):
    base = [place.tool('mf-recommend'), '-q', '--top', str(TOP), '-j', str(THREADS)]
    alone = base + ['--user', ids(place, path, 'users', 1)[0], path]
    one = min(run(alone)[0] for _ in range(3))  # the first may find its pages on the disk
    seconds, peak, _ = run(base + [path])
    return {'version': version(place, 'mf-recommend'), 'seconds': max(seconds - one, 1e-3),
            'users': users, 'startup': one, 'peak_mb': round(peak, 1), 'base_mb': '',
            'settings': f'{THREADS} threads, text to /dev/null'}


def our_lists(place, path):
    """Item numbers of the first users' lists."""
    number = {name: i for i, name in enumerate(ids(place, path, 'items', None))}
    asked = path + '.users'
    with open(asked, 'w', encoding='utf-8') as f:
        print(*ids(place, path, 'users', CHECKED), sep='\n', file=f)
    _, _, text = run([place.tool('mf-recommend'), '--top', str(TOP), '--user-list', asked, path],
                     stdout=subprocess.PIPE)
    os.remove(asked)
    lists = {}
    for line in text.splitlines():
        user, _, item = line.split('\t')[:3]
        lists.setdefault(user, []).append(number[item])
    return list(lists.values())


def agreement(place, ours_, path):
    """Mean share of our lists that a peer's lists (.npy) have too."""
    code = ('import json, sys, numpy as np\nprint(json.dumps(np.load(sys.argv[1]).tolist()))')
    theirs = json.loads(subprocess.run([place.python, '-c', code, path], capture_output=True,
                                       check=True, text=True).stdout)
    shares = [len(set(a) & set(b)) / len(a) for a, b in zip(ours_, theirs)]
    return sum(shares) / len(shares)


def main(place, sizes, ks, runs, tools, sample=2000):
    table = Table(place, 'score', COLUMNS, KEY)
    for size in sizes:
        for k in ks:
            users = data.SHAPES[size][0]
            plain, matrix = model(place, size, k, 1), data.matrix(place, size)
            jobs = {'mf-recommend p=1': lambda: ours(place, plain, users)}
            four = model(place, size, k, 4)
            jobs['mf-recommend p=4'] = lambda: ours(place, four, users)
            lists = our_lists(place, plain)
            for tool in [t for t in PEERS if t in tools]:
                out = place.file(f'{tool}.lists.npy')
                argv = ['score', '--data', matrix, '-k', str(k), '--threads', str(THREADS),
                        '--users', factors(place, plain, 'users'),
                        '--items', factors(place, plain, 'items'), '--top', str(TOP),
                        '--lists', out]
                if tool == 'cmfrec':
                    argv += ['--sample', str(sample)]
                jobs[tool] = lambda tool=tool, argv=argv: peer(place, tool + '_peer', argv)

            def each(name, round_, r):
                rate = r['users'] / r['seconds']
                out, same = place.file(f'{name}.lists.npy'), ''
                if os.path.exists(out):
                    same = f'{agreement(place, lists, out):.4f}'
                say(f'  {size} k={k} {name}: {rate:.0f} users/s, {r["peak_mb"]:.0f} MB {same}')
                table.put(size=size, k=k, tool=name, run=round_, users_per_s=f'{rate:.1f}',
                          seconds=f'{r["seconds"]:.3f}', users=r['users'],
                          startup=f'{r.get("startup", 0):.3f}', peak_mb=r['peak_mb'],
                          base_mb=r['base_mb'], same=same, threads=THREADS,
                          version=r['version'], settings=r['settings'])
            alternate(jobs, runs, each)


def pair_file(place, path, size, order):
    """Lines of a user and an item, those of few items often; users one after the other, or
    in no order."""
    def write(new):
        draw = random.Random(1)
        users, items = ids(place, path, 'users', None), ids(place, path, 'items', None)
        draw.shuffle(items)
        n = min(PAIRS, PAIRS_OF_USER * len(users))
        with open(new, 'w', encoding='utf-8') as f:
            for first in range(0, n, 100_000):
                m = min(100_000, n - first)
                which = [int(len(items) * draw.random() ** 3) for _ in range(m)]
                who = ([users[(first + i) * len(users) // n] for i in range(m)]
                       if order == 'by user' else draw.choices(users, k=m))
                f.write(''.join(f'{u}\t{items[i]}\n' for u, i in zip(who, which)))
    return data.make(place, place.file(f'{size}.pairs.{order.replace(" ", "-")}'), write)


def our_pairs(place, path, pairs, scores, threads):
    base = [place.tool('mf-score'), '-q', '-j', str(threads), path]
    first = pairs + '.first'
    with open(pairs, encoding='utf-8') as f, open(first, 'w', encoding='utf-8') as g:
        g.write(f.readline())
    one = min(run(base + [first])[0] for _ in range(3))
    os.remove(first)
    seconds, peak, _ = run(base + [pairs])
    if not os.path.exists(scores):  # what the peer is compared with
        run(base + [pairs, '-o', scores])
    with open(pairs, 'rb') as f:
        n = sum(block.count(b'\n') for block in iter(lambda: f.read(1 << 20), b''))
    return {'version': version(place, 'mf-score'), 'seconds': max(seconds - one, 1e-3),
            'pairs': n, 'startup': one, 'peak_mb': round(peak, 1), 'threads': threads,
            'settings': f'{threads} thread{"s" * (threads > 1)}, text to /dev/null'}


def pairs(place, sizes, ks, runs, tools):
    table = Table(place, 'pairs', PAIR_COLUMNS, PAIR_KEY)
    for size in sizes:
        for k, p, order in [(k, p, o) for k in ks for p in (1, 3) for o in ('by user', 'random')]:
            path = model(place, size, k, p)
            lines = pair_file(place, path, size, order)
            scores = place.file(f'{size}.scores')
            name = f'mf-score p={p}'
            jobs = {f'{name} -j{j}': lambda j=j: our_pairs(place, path, lines, scores, j)
                    for j in sorted({1, THREADS})}
            if 'numpy' in tools and p == 1:
                argv = ['--pairs', lines, '--scores', scores,
                        '--users', factors(place, path, 'users'),
                        '--items', factors(place, path, 'items')]
                for side in ('users', 'items'):
                    with open(place.file('pair.' + side), 'w', encoding='utf-8') as f:
                        print(*ids(place, path, side, None), sep='\n', file=f)
                    argv += [f'--{side[:-1]}-ids', place.file('pair.' + side)]
                jobs['numpy'] = lambda argv=argv: peer(place, 'numpy_peer', argv)
                jobs['numpy, ids mapped'] = lambda argv=argv: peer(place, 'numpy_peer',
                                                                   argv + ['--mapped'])

            def each(tool, round_, r):
                rate = r['pairs'] / r['seconds']
                say(f'  {size} k={k} {order} {tool}: {rate:.0f} pairs/s, {r["peak_mb"]:.0f} MB')
                table.put(size=size, k=k, order=order, tool=tool, run=round_,
                          pairs_per_s=f'{rate:.1f}', seconds=f'{r["seconds"]:.3f}',
                          startup=f'{r.get("startup", 0):.3f}', pairs=r['pairs'],
                          peak_mb=r['peak_mb'], same=r.get('same', ''),
                          threads=r.get('threads', 1), version=r['version'],
                          settings=r['settings'])
            alternate(jobs, runs, each)
            if os.path.exists(scores):
                os.remove(scores)
