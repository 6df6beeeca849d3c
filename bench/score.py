"""Users per second of exact top-100 lists for all users, what they know left out.

All use the factors of one model of mf-als. Ours is the whole tool, which reads the
bundle and writes text to /dev/null, less a run for a single user; the peers' is the
call alone, factors and cells in memory. The lists of the first users are compared."""
import json
import os
import subprocess

import data
from harness import THREADS, Table, alternate, peer, run, say, version

COLUMNS = ['size', 'k', 'tool', 'run', 'users_per_s', 'seconds', 'startup', 'users', 'peak_mb',
           'base_mb', 'same', 'threads', 'version', 'settings']
KEY = ['size', 'k', 'tool', 'run']
PEERS = ['implicit', 'faiss', 'cmfrec']
TOP, CHECKED = 100, 200


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
