#!/usr/bin/env python3
"""EASE (Steck 2019) in NumPy: mf-convert --to=tsv split.mf | ease.py LAMBDA [N] > lists.tsv

B = I - P diag(P)^-1 with P = (X'X + lambda I)^-1. Users are fewer than items here, and
X P = K X with K = (X X' + lambda I)^-1: K alone is inverted, and X B = X - K X / diag(P)."""
import sys
import numpy as np, scipy.sparse as sp
from scipy.linalg import lapack

weight, n = float(sys.argv[1]), int((sys.argv[2:] + [20])[0])
cells = [line.rstrip('\n').split('\t') for line in sys.stdin]
users, u = np.unique([c[0] for c in cells], return_inverse=True)
items, i = np.unique([c[1] for c in cells], return_inverse=True)
known = np.array([c[3] != '2' and float(c[2]) > 0 for c in cells])
x = sp.csr_matrix((np.ones(known.sum(), 'f4'), (u[known], i[known])), (len(users), len(items)))
k = (x @ x.T).toarray(order='F')
k[np.diag_indices_from(k)] += weight
k = lapack.spotri(lapack.spotrf(k, lower=1, overwrite_a=1)[0], lower=1, overwrite_c=1)[0]
blocks = [slice(a, a + 1000) for a in range(0, len(users), 1000)]
rows = lambda b: np.hstack([k[b, :b.start], np.tril(k[b, b]) + np.tril(k[b, b], -1).T, k[b.stop:, b].T])
kx = lambda b: (x.T @ rows(b).T).T
diagonal = (1 - sum(np.asarray(x[b].multiply(kx(b)).sum(0))[0] for b in blocks)) / weight
for b in blocks:
    scores = x[b].toarray() - kx(b) / diagonal
    scores[x[b].nonzero()] = -np.inf
    for user, row in zip(users[b], scores):
        for j in sorted(np.argpartition(-row, n)[:n], key=lambda j: -row[j]):
            print(user, items[j], row[j], sep='\t')
