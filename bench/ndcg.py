"""Run in the peers' environment: holding cells out, and measuring factors.

    ndcg.py split   X.npz BASE                         BASE.train.npz .test.npz .users .items
    ndcg.py measure TRAIN.npz TEST.npz USERS.npy ITEMS.npy    {"ndcg":, "users":}"""
import json
import sys

import numpy as np
import scipy.sparse as sp

TEST, TOP, SAMPLE, BATCH = .1, 100, 10000, 1000


def split(source, base):
    x = sp.load_npz(source).tocsr()
    out = np.random.default_rng(1).random(x.nnz) < TEST
    row = np.repeat(np.arange(x.shape[0]), np.diff(x.indptr))
    for name, part in (('train', ~out), ('test', out)):
        cells = sp.csr_matrix((x.data[part], (row[part], x.indices[part])), x.shape)
        sp.save_npz(f'{base}.{name}.npz', cells, compressed=False)
    for name, n in zip(('users', 'items'), x.shape):
        with open(f'{base}.{name}', 'w', encoding='ascii') as f:
            for i in range(n):
                print(f'{name[0]}{i:08d}', file=f)


def ndcg(train, test, users, items):
    """Mean ndcg@100 over up to SAMPLE users with test cells, and how many; training cells
    left out; the score is the largest over personas."""
    items = items.reshape(items.shape[0], -1)
    users = users.reshape(users.shape[0], -1, items.shape[1])
    who = np.flatnonzero(np.diff(test.indptr))
    if len(who) > SAMPLE:
        who = np.sort(np.random.default_rng(2).choice(who, SAMPLE, replace=False))
    top = min(TOP, items.shape[0])
    gain = 1 / np.log2(np.arange(2, top + 2))
    total = 0.
    for first in range(0, len(who), BATCH):
        some = who[first:first + BATCH]
        score = users[some, 0] @ items.T
        for q in range(1, users.shape[1]):
            np.maximum(score, users[some, q] @ items.T, out=score)
        seen = train[some]
        score[np.repeat(np.arange(len(some)), np.diff(seen.indptr)), seen.indices] = -np.inf
        best = np.argpartition(-score, top - 1, axis=1)[:, :top]
        order = np.argsort(-np.take_along_axis(score, best, 1), axis=1, kind='stable')
        best = np.take_along_axis(best, order, 1)
        for u, items_of_u in zip(some, best):
            wanted = test.indices[test.indptr[u]:test.indptr[u + 1]]
            hits = np.isin(items_of_u, wanted)
            total += gain[hits].sum() / gain[:min(len(wanted), top)].sum()
    return float(total / len(who)), len(who)


def measure(train, test, users, items):
    train, test = sp.load_npz(train).tocsr(), sp.load_npz(test).tocsr()
    mean, n = ndcg(train, test, np.load(users), np.load(items))
    return {'ndcg': mean, 'users': n}


if __name__ == '__main__':
    if sys.argv[1] == 'split':
        split(*sys.argv[2:])
    else:
        print(json.dumps(measure(*sys.argv[2:])))
