"""What the adapters share. Each is a program of its own: it loads, says what it
measured in one line of JSON, and ends, so that peak memory is that of one task.

    ADAPTER.py train   --data X.npz -k K --solver cholesky|cg|ialspp --epochs N --threads T
                       [--alpha A] [--unobserved W] [--lambda L] [--nu N] [--factors OUT]
                       [--test Y.npz] [--limit SECONDS]
    ADAPTER.py score   --data X.npz --users U.npy --items V.npy --top N --threads T
                       [--sample M] [--lists OUT.npy]

train times N epochs (both half-steps) after a first one. With --factors it writes
OUT-EPOCH-users.npy and -items.npy after each epoch, untimed, from the first on; with
--test it measures ndcg@100 there, likewise. After --limit seconds of training it ends
with the epoch that it is at."""
import argparse
import json
import os
import sys
import time

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def memory(what):
    """VmRSS or VmHWM of this process, MB."""
    with open('/proc/self/status', encoding='ascii') as f:
        for line in f:
            if line.startswith(what + ':'):
                return round(int(line.split()[1]) / 1024, 1)
    raise SystemExit(f'no {what} in /proc/self/status')


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument('task', choices=['train', 'score'])
    p.add_argument('--data', required=True)
    p.add_argument('-k', type=int, default=64)
    p.add_argument('--solver', choices=['cholesky', 'cg', 'ialspp'], default='cholesky')
    p.add_argument('--epochs', type=int, default=2)
    p.add_argument('--threads', type=int, default=1)
    p.add_argument('--unobserved', type=float, default=.1)
    p.add_argument('--lambda', type=float, default=.01, dest='reg')
    p.add_argument('--alpha', type=float, default=10)
    p.add_argument('--nu', type=float, default=1)
    p.add_argument('--factors')
    p.add_argument('--test')
    p.add_argument('--limit', type=float, default=float('inf'))
    p.add_argument('--users')
    p.add_argument('--items')
    p.add_argument('--top', type=int, default=100)
    p.add_argument('--sample', type=int, default=0)
    p.add_argument('--lists')
    return p.parse_args()


def load(path):
    """The cells, all of value 1, as float32 CSR."""
    import numpy as np
    import scipy.sparse as sp
    x = sp.load_npz(path)
    if x.dtype != np.float32:
        x = x.astype(np.float32)
    x.data[:] = 1
    return x


def save(prefix, epoch, users, items):
    import numpy as np
    np.save(f'{prefix}-{epoch}-users.npy', np.asarray(users, dtype=np.float32))
    np.save(f'{prefix}-{epoch}-items.npy', np.asarray(items, dtype=np.float32))


class Watch:
    """What is done after each epoch and not timed: a.factors, a.test."""

    def __init__(self, a, train):
        import scipy.sparse as sp
        self.a, self.train, self.ndcg = a, train, []
        self.test = sp.load_npz(a.test).tocsr() if a.test else None

    def __bool__(self):
        return bool(self.a.factors or self.a.test)

    def see(self, epoch, users, items):
        """Factors as arrays of float32, or what numpy makes one of."""
        import numpy as np
        if self.a.factors:
            save(self.a.factors, epoch, users, items)
        if self.test is not None:
            from ndcg import ndcg
            self.ndcg.append(ndcg(self.train, self.test, np.asarray(users, dtype=np.float32),
                                  np.asarray(items, dtype=np.float32))[0])


def score_in_batches(recommend, n, batch, a):
    """Time recommend(first, last) over all users, or the first a.sample of them.
    What is returned is let go of, but for the first batch, which --lists keeps."""
    import numpy as np
    n = min(n, a.sample) if a.sample else n
    began = time.perf_counter()
    for first in range(0, n, batch):
        ids = recommend(first, min(first + batch, n))
        if first == 0:
            kept = ids
    seconds = time.perf_counter() - began
    if a.lists:
        np.save(a.lists, np.asarray(kept)[:200])
    return seconds, n


def answer(**what):
    print(json.dumps(what))
