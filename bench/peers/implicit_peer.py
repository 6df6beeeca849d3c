"""implicit: Hu, Koren, Volinsky with Cython and BLAS, float32, its native code. It
recommends OPENBLAS_NUM_THREADS=1. Weight of the unobserved 1, nu 0."""
import os
import time
from importlib.metadata import version

os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')
import common

a = common.arguments()
import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
base = common.memory('VmRSS')
x = common.load(a.data)
model = AlternatingLeastSquares(
    factors=a.k, regularization=a.reg, alpha=a.alpha, dtype=np.float32, use_native=True,
    use_cg=a.solver == 'cg', iterations=a.epochs + 1, num_threads=a.threads, random_state=1)

if a.task == 'train':
    assert a.solver != 'cg' or model.cg_steps == 3
    marks, watch = [], common.Watch(a, x)

    def each(epoch, seconds, _):
        """implicit times the epoch itself, this call not included."""
        marks.append(seconds)
        if watch:
            watch.see(epoch + 1, model.user_factors, model.item_factors)
        if sum(marks) > a.limit:
            raise StopIteration
    began = time.perf_counter()
    try:
        model.fit(x, show_progress=False, callback=each)
    except StopIteration:
        pass
    whole = time.perf_counter() - began
    common.answer(version=version('implicit'), epochs=marks, base_mb=base,
                  startup=0 if watch else whole - sum(marks),
                  hwm_mb=common.memory('VmHWM'), ndcg=watch.ndcg,
                  settings=f'float32, {a.threads} threads, OPENBLAS_NUM_THREADS=1, '
                           f'alpha {a.alpha:g}, regularization {a.reg:g}')
else:
    model.user_factors, model.item_factors = np.load(a.users), np.load(a.items)
    model.num_threads = a.threads

    def recommend(first, last):
        return model.recommend(np.arange(first, last), x[first:last], N=a.top,
                               filter_already_liked_items=True)[0]
    recommend(0, 100)
    seconds, n = common.score_in_batches(recommend, x.shape[0], 8192, a)
    common.answer(version=version('implicit'), seconds=seconds, users=n, base_mb=base,
                  hwm_mb=common.memory('VmHWM'),
                  settings=f'recommend, {a.threads} threads, batches of 8192, '
                           'OPENBLAS_NUM_THREADS=1')
