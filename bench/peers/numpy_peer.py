"""NumPy, as one scores pairs in a notebook: ids by a dict, vectors by index, einsum in
batches, and text again. With --mapped the product alone is timed, of indexes in memory.

    numpy_peer.py --pairs FILE --scores OURS --users U.npy --items V.npy
                  --user-ids FILE --item-ids FILE [--mapped]

OURS is what mf-score made of the pairs; `same` is the share of scores that agree to five
digits."""
import argparse
import os
import time

os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')
import common

import numpy as np

BATCH = 100_000

p = argparse.ArgumentParser()
for option in ('pairs', 'scores', 'users', 'items', 'user-ids', 'item-ids'):
    p.add_argument('--' + option, required=True)
p.add_argument('--mapped', action='store_true')
a = p.parse_args()
base = common.memory('VmRSS')


def flat(path):
    x = np.load(path)
    return np.ascontiguousarray(x.reshape(len(x), -1), dtype=np.float32)


def numbers(path):
    with open(path, encoding='utf-8') as f:
        return {name: i for i, name in enumerate(f.read().split('\n')[:-1])}


def batches():
    with open(a.pairs, encoding='utf-8') as f:
        while lines := f.readlines(BATCH * 50):
            fields = [line[:-1].split('\t') for line in lines]
            yield fields, ([user[u] for u, _ in fields], [item[i] for _, i in fields])


def score(u, i):
    return np.einsum('ij,ij->i', U[u], V[i])


U, V = flat(a.users), flat(a.items)
user, item = numbers(a.user_ids), numbers(a.item_ids)
n, found = 0, []
if a.mapped:
    index = [np.array(ui) for _, ui in batches()]
    began = time.perf_counter()
    for u, i in index:
        found.append(score(u, i))
    seconds = time.perf_counter() - began
else:
    began = time.perf_counter()
    with open(os.devnull, 'w', encoding='utf-8') as out:
        for fields, (u, i) in batches():
            s = score(u, i)
            out.write(''.join([f'{x}\t{y}\t{z}\n' for (x, y), z in zip(fields, s.tolist())]))
            found.append(s)
    seconds = time.perf_counter() - began
found = np.concatenate(found)
with open(a.scores, encoding='utf-8') as f:
    ours = np.array([float(line.split('\t')[2]) for line in f])
same = float(np.mean(np.abs(ours - found) <= 1e-5 * np.maximum(1, np.abs(ours))))
common.answer(version=np.__version__, seconds=seconds, pairs=len(found), same=f'{same:.4f}',
              base_mb=base, hwm_mb=common.memory('VmHWM'),
              settings='einsum of ids in memory, 1 thread' if a.mapped
                       else 'dict, einsum, text to /dev/null, 1 thread')
