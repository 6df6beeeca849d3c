#!/usr/bin/env python3
"""irspack's iALS (Rendle et al. 2021): mf-convert --to=tsv split.mf |
irspack_ials.py FACTORS ALPHA0 REG EPOCHS [N] > lists.tsv"""
import contextlib, sys
import numpy as np, scipy.sparse as sp
from irspack import IALSRecommender

factors, alpha0, reg, epochs, n = (float(a) for a in (sys.argv[1:] + [20])[:5])
n = int(n)
cells = [line.rstrip('\n').split('\t') for line in sys.stdin]
users, u = np.unique([c[0] for c in cells], return_inverse=True)
items, i = np.unique([c[1] for c in cells], return_inverse=True)
known = np.array([c[3] != '2' and float(c[2]) > 0 for c in cells])
x = sp.csr_matrix((np.ones(known.sum(), 'f4'), (u[known], i[known])), (len(users), len(items)))
model = IALSRecommender(x, n_components=int(factors), alpha0=alpha0, reg=reg, nu=1,
                        train_epochs=int(epochs), random_seed=1)
with contextlib.redirect_stdout(sys.stderr):  # its progress
    model.learn()
for first in range(0, len(users), 1000):
    scores = model.get_score_remove_seen(np.arange(first, min(first + 1000, len(users))))
    for user, row in zip(users[first:], scores):
        for j in sorted(np.argpartition(-row, n)[:n], key=lambda j: -row[j]):
            print(user, items[j], row[j], sep='\t')
