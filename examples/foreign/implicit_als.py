#!/usr/bin/env python3
"""implicit's ALS (Hu, Koren, Volinsky 2008): mf-convert --to=tsv split.mf |
implicit_als.py FACTORS ALPHA REGULARIZATION SWEEPS [N] > lists.tsv"""
import os, sys
os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')  # as it recommends
import numpy as np, scipy.sparse as sp
from implicit.als import AlternatingLeastSquares

factors, alpha, reg, sweeps, n = (float(a) for a in (sys.argv[1:] + [20])[:5])
cells = [line.rstrip('\n').split('\t') for line in sys.stdin]
users, u = np.unique([c[0] for c in cells], return_inverse=True)
items, i = np.unique([c[1] for c in cells], return_inverse=True)
known = np.array([c[3] != '2' and float(c[2]) > 0 for c in cells])
x = sp.csr_matrix((np.ones(known.sum(), 'f4'), (u[known], i[known])), (len(users), len(items)))
model = AlternatingLeastSquares(int(factors), alpha=alpha, regularization=reg,
                                iterations=int(sweeps), random_state=1)
model.fit(x, show_progress=False)
found, scores = model.recommend(np.arange(len(users)), x, N=int(n))
for user, row, by in zip(users, found, scores):
    for item, score in zip(items[row], by):
        print(user, item, score, sep='\t')
