"""irspack: iALS (Rendle et al. 2021) with Eigen, float32. Its own objective is
mf-als's preset `implicit`: alpha0 is --unobserved, reg --lambda, nu --nu."""
import time
from importlib.metadata import version

import common

a = common.arguments()
BLOCK = 64  # of iALS++, irspack's default
from irspack.recommenders._ials_core import (IALSModelConfigBuilder, IALSSolverConfigBuilder,
                                             IALSTrainer, LossType, SolverType)
base = common.memory('VmRSS')
x = common.load(a.data)

began = time.perf_counter()
model = (IALSModelConfigBuilder().set_K(a.k).set_init_stdev(.1).set_alpha0(a.unobserved)
         .set_reg(a.reg).set_nu(a.nu).set_loss_type(LossType.IALSPP).set_random_seed(1)
         .build())
solver = (IALSSolverConfigBuilder().set_n_threads(a.threads)
          .set_solver_type({'cg': SolverType.CG, 'cholesky': SolverType.CHOLESKY,
                            'ialspp': SolverType.IALSPP}[a.solver])
          .set_max_cg_steps(3).set_ialspp_iteration(1).set_ialspp_subspace_dimension(BLOCK)
          .build())
trainer = IALSTrainer(model, x)
startup = time.perf_counter() - began
seconds, watch = [], common.Watch(a, x)
for epoch in range(1, a.epochs + 2):
    began = time.perf_counter()
    trainer.step(solver)
    seconds.append(time.perf_counter() - began)
    if watch:
        watch.see(epoch, trainer.user, trainer.item)
    if sum(seconds) > a.limit:
        break
common.answer(version=version('irspack'), startup=startup, epochs=seconds, base_mb=base,
              hwm_mb=common.memory('VmHWM'), ndcg=watch.ndcg,
              settings=f'float32, {a.threads} threads, alpha0 {a.unobserved:g}, '
                       f'reg {a.reg:g}, nu {a.nu:g}'
                       + (f', blocks of {BLOCK}' if a.solver == 'ialspp' else ''))
