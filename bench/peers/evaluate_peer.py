"""Evaluation by others: one line of JSON.

    evaluate_peer.py irspack --train X.npz --test Y.npz --users U.npy --items V.npy
    evaluate_peer.py ranx --lists L.tsv --qrels Q       L as mf-recommend writes it
        --metrics ndcg@20,recall@20 ... --threads T

The time is that of the call which computes the metrics; what it is given is in memory
before, and compiled."""
import argparse
import os
import time
from importlib.metadata import version
from urllib.parse import unquote

import common
import numpy as np


def by_irspack(a):
    import scipy.sparse as sp
    from irspack import Evaluator
    base = common.memory('VmRSS')
    train, test = common.load(a.train), common.load(a.test)
    users, items = np.load(a.users), np.load(a.items)

    class Factors:
        """A recommender of theirs: what the evaluator asks of it."""
        X_train_all, n_users, n_items = train, *train.shape

        def get_score_block(self, first, last):
            return users[first:last] @ items.T

    tested = np.flatnonzero(np.diff(test.indptr))
    cuts = sorted({int(m.partition('@')[2]) for m in a.metrics.split(',')})
    evaluator = Evaluator(sp.csr_matrix(test), cutoff=cuts[-1], n_threads=a.threads, mb_size=1024)
    began = time.perf_counter()
    found = evaluator.get_scores(Factors(), cuts)
    seconds = time.perf_counter() - began
    return {'seconds': seconds, 'users': len(tested), 'base_mb': base, 'version': version('irspack'),
            'ndcg': found[f'ndcg@{cuts[-1]}'],
            'settings': f'Evaluator, cutoffs {cuts}, {a.threads} threads, blocks of 1024 users, float32'}


def by_ranx(a):
    os.environ['NUMBA_NUM_THREADS'] = str(a.threads)
    import ranx
    base = common.memory('VmRSS')
    names = [{'hr': 'hit_rate'}.get(m.partition('@')[0], m.partition('@')[0]) + m[m.find('@'):] * ('@' in m)
             for m in a.metrics.split(',')]
    qrels, lists = {}, {}
    with open(a.qrels, encoding='utf-8') as f:
        for line in f:
            user, _, item, _ = map(unquote, line.split(' '))
            qrels.setdefault(user, {})[item] = 1
    with open(a.lists, encoding='utf-8') as f:
        for line in f:
            user, _, item, score = line.rstrip('\n').split('\t')[:4]
            if user in qrels:
                lists.setdefault(user, {})[item] = float(score)
    few = dict(list(qrels.items())[:50])
    ranx.evaluate(ranx.Qrels(few), ranx.Run({u: lists[u] for u in few}), names)  # compiles
    users = len(qrels)
    qrels, lists = ranx.Qrels(qrels), ranx.Run(lists)
    began = time.perf_counter()
    found = ranx.evaluate(qrels, lists, names)
    seconds = time.perf_counter() - began
    return {'seconds': seconds, 'users': users, 'base_mb': base, 'version': version('ranx'),
            'ndcg': float(found['ndcg@100']),
            'settings': f'evaluate, {a.threads} threads, lists and test cells in its own objects'}


p = argparse.ArgumentParser()
p.add_argument('who', choices=['irspack', 'ranx'])
for name in ('train', 'test', 'users', 'items', 'lists', 'qrels', 'metrics'):
    p.add_argument('--' + name)
p.add_argument('--threads', type=int, default=1)
arguments = p.parse_args()
answer = (by_irspack if arguments.who == 'irspack' else by_ranx)(arguments)
common.answer(hwm_mb=common.memory('VmHWM'), **answer)
