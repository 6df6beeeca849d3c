"""irspack: iALS (Rendle et al. 2021) with Eigen, float32. Its own objective is
mf-als's preset `implicit`: alpha0 is --unobserved, reg --lambda, nu --nu."""
import time
from importlib.metadata import version

import common

a = common.arguments()
from irspack.recommenders._ials_core import (IALSModelConfigBuilder, IALSSolverConfigBuilder,
                                             IALSTrainer, LossType, SolverType)
base = common.memory('VmRSS')
x = common.load(a.data)

began = time.perf_counter()
model = (IALSModelConfigBuilder().set_K(a.k).set_init_stdev(.1).set_alpha0(a.unobserved)
         .set_reg(a.reg).set_nu(a.nu).set_loss_type(LossType.IALSPP).set_random_seed(1)
         .build())
solver = (IALSSolverConfigBuilder().set_n_threads(a.threads)
          .set_solver_type(SolverType.CG if a.solver == 'cg' else SolverType.CHOLESKY)
          .set_max_cg_steps(3).set_ialspp_iteration(1).set_ialspp_subspace_dimension(64)
          .build())
trainer = IALSTrainer(model, x)
startup = time.perf_counter() - began
seconds = []
for epoch in range(1, a.epochs + 2):
    began = time.perf_counter()
    trainer.step(solver)
    seconds.append(time.perf_counter() - began)
    if a.factors:
        common.save(a.factors, epoch, trainer.user, trainer.item)
common.answer(version=version('irspack'), startup=startup, epochs=seconds, base_mb=base,
              hwm_mb=common.memory('VmHWM'),
              settings=f'float32, {a.threads} threads, alpha0 {a.unobserved:g}, '
                       f'reg {a.reg:g}, nu {a.nu:g}')
