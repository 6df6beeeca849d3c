"""cmfrec: CMF_implicit in C with OpenMP and BLAS, float32. It says nothing between
epochs, so an epoch is the difference of two fits. Weight of the unobserved 1, nu 0."""
import os
import time
from importlib.metadata import version

os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')
import common

a = common.arguments()
import numpy as np
from cmfrec import CMF_implicit
base = common.memory('VmRSS')
x = common.load(a.data)


def fit(epochs):
    model = CMF_implicit(k=a.k, lambda_=a.reg, alpha=a.alpha, use_cg=a.solver == 'cg',
                         max_cg_steps=3, finalize_chol=False, use_float=True, niter=epochs,
                         nthreads=a.threads, precompute_for_predictions=False,
                         random_state=1)
    began = time.perf_counter()
    model.fit(cells)
    return time.perf_counter() - began, model


if a.task == 'train':
    cells = x.tocoo()
    del x
    if a.factors:  # a fit from nothing for each of a few numbers of epochs
        epochs, seconds = [e for e in (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32)
                           if e <= a.epochs + 1], []
        for n in epochs:
            took, model = fit(n)
            seconds.append(took)
            common.save(a.factors, n, model.A_, model.B_)
        common.answer(version=version('cmfrec'), at=epochs, elapsed=seconds, base_mb=base,
                      hwm_mb=common.memory('VmHWM'), startup=0,
                      settings=f'use_float, nthreads {a.threads}, OPENBLAS_NUM_THREADS=1, '
                               f'alpha {a.alpha:g}, lambda {a.reg:g}')
    else:
        one = fit(1)[0]
        more = fit(1 + a.epochs)[0]
        epoch = (more - one) / a.epochs
        common.answer(version=version('cmfrec'), epochs=[one] + [epoch] * a.epochs,
                      startup=max(0, one - epoch), base_mb=base,
                      hwm_mb=common.memory('VmHWM'),
                      settings=f'use_float, nthreads {a.threads}, '
                               'OPENBLAS_NUM_THREADS=1, finalize_chol off, difference of fits '
                               f'of 1 and {1 + a.epochs} epochs')
else:
    model = CMF_implicit.from_model_matrices(np.load(a.users), np.load(a.items),
                                             use_float=True, nthreads=a.threads,
                                             precompute=False)

    def recommend(first, last):
        return [model.topN(u, n=a.top, exclude=x.indices[x.indptr[u]:x.indptr[u + 1]])
                for u in range(first, last)]
    recommend(0, 10)
    seconds, n = common.score_in_batches(recommend, x.shape[0], 500, a)
    common.answer(version=version('cmfrec'), seconds=seconds, users=n, base_mb=base,
                  hwm_mb=common.memory('VmHWM'),
                  settings=f'topN, user by user, first {n} users')
