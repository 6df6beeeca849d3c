"""mfpipe from Python: bundles as arrays, tools as functions, stages of one's own.

    import mfpipe

    bundle = mfpipe.read("split.mf")
    model = mfpipe.als(bundle, k=32, personas=3)
    mfpipe.evaluate(model, metrics=["ndcg@100"])
    score, persona = mfpipe.scores(model, "ann")
    mfpipe.write(model, "model.mf")

README.md of the package is a tour; mf-bundle(5) says what is in a bundle.
"""

from ._version import version as _version
from .bundle import Bundle, Model, Ratings, read, write
from .frames import BundleError, Frame
from .scores import active, scores
from .stages import Stage, stage
from .tables import from_cells, from_pandas, from_parquet, from_scipy
from .processes import ToolError
from .tools import (
    aggregate,
    als,
    convert,
    evaluate,
    filter,
    info,
    pipe,
    recommend,
    run,
    score,
    split,
    synth,
    text,
    transform,
    tune,
)

__version__ = _version()

__all__ = [
    "Bundle",
    "BundleError",
    "Frame",
    "Model",
    "Ratings",
    "Stage",
    "ToolError",
    "active",
    "aggregate",
    "als",
    "convert",
    "evaluate",
    "filter",
    "from_cells",
    "from_pandas",
    "from_parquet",
    "from_scipy",
    "info",
    "pipe",
    "read",
    "recommend",
    "run",
    "score",
    "scores",
    "split",
    "stage",
    "synth",
    "text",
    "transform",
    "tune",
    "write",
]
