"""faiss: exact inner product search, IndexFlatIP. It cannot leave out what a user
knows, so it does less than the others."""
import time
from importlib.metadata import version

import common

a = common.arguments()
import faiss
import numpy as np
base = common.memory('VmRSS')
users, items = np.load(a.users), np.load(a.items)
faiss.omp_set_num_threads(a.threads)
index = faiss.IndexFlatIP(items.shape[1])
index.add(items)


def recommend(first, last):
    return index.search(users[first:last], a.top)[1]


recommend(0, 100)
seconds, n = common.score_in_batches(recommend, users.shape[0], 8192, a)
common.answer(version=version('faiss-cpu'), seconds=seconds, users=n, base_mb=base,
              hwm_mb=common.memory('VmHWM'),
              settings=f'IndexFlatIP, {a.threads} threads, nothing left out')
