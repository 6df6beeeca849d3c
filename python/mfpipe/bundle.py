"""A bundle in memory: ids, ratings, model, history, provenance.

A bundle is what its frames say, and cannot be changed: its arrays are read-only, and
what changes it makes another, with one stage more in its provenance. So what is
written has been read by the same checks as what comes from a file.
"""

import io
import os
from dataclasses import dataclass
from typing import BinaryIO, Iterable, Sequence

from . import encode
from ._need import numpy as np
from ._version import version
from .decode import FOLDS, Decoded, decode
from .digests import digest_of_cells
from .files import DAMAGED, named, plain, whole_file
from .frames import BundleError, Frame, FrameReader, digest, write_frames


@dataclass(frozen=True, eq=False, repr=False)
class Ratings:
    """The cells of a bundle, row by row, as scipy's CSR has them.

    Row u owns the cells indptr[u] to indptr[u + 1]; its items ascend.
    """

    indptr: np.ndarray  # [users + 1] int64
    indices: np.ndarray  # [cells] uint32, the number of the item
    values: np.ndarray  # [cells] uint32 (counts) or float32
    fold: np.ndarray  # [cells] uint8: 0 train, 1 valid, 2 test, 3 fold-in
    time: np.ndarray | None  # [cells] int64, seconds since 1970, or None

    def __len__(self) -> int:
        return len(self.indices)

    def __repr__(self) -> str:
        return f"<{len(self)} cells of {len(self.indptr) - 1} users>"

    @property
    def rows(self) -> np.ndarray:
        """[cells] int64, the number of each cell's user."""
        return np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))

    def of(self, user: int) -> slice:
        """Where the cells of a user stand."""
        return slice(self.indptr[user], self.indptr[user + 1])

    def mask(self, fold=None) -> np.ndarray:
        """[cells] bool: those of a fold ("train", "valid", "test", "fold-in", or its
        number), of several, or of all (None). Raises ValueError for other names."""
        if fold is None:
            return np.ones(len(self), bool)
        wanted = [fold] if isinstance(fold, (str, int)) else list(fold)
        for name in wanted:
            if name not in FOLDS and name not in range(len(FOLDS)):
                raise ValueError(f"no fold is called {name!r}: {', '.join(FOLDS)}")
        numbers = [FOLDS.index(x) if x in FOLDS else x for x in wanted]
        return np.isin(self.fold, numbers)


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """The factors of a bundle, and the card that says what they are of.

    The score of user u and item i is mu + user_bias[u] + item_bias[i] + the largest
    <U[u, q], V[i]> over the personas q that own a training cell of u (mfpipe.scores).
    """

    card: dict  # k, p, preset and every hyper-parameter, as in mf-bundle(5)
    U: np.ndarray  # [users, p, k] float32
    V: np.ndarray  # [items, k] float32
    user_bias: np.ndarray | None  # [users] float32, or None
    item_bias: np.ndarray | None  # [items] float32, or None
    weight: np.ndarray | None  # [items] float32, where W0 goes by popularity
    zptr: np.ndarray | None  # [users + 1] int64: training cells up to each user,
    z: np.ndarray | None  # [zptr[users]] uint8: and the persona that owns each; p > 1

    @property
    def k(self) -> int:
        return self.card["k"]

    @property
    def personas(self) -> int:
        return self.card["p"]

    def __repr__(self) -> str:
        return (
            f"<{self.card['preset']}, k {self.k}, p {self.personas}, "
            f"{len(self.U)} users, {len(self.V)} items>"
        )


class Bundle:
    """Ids, ratings, a model and their history: what flows through a pipe of mfpipe.

    users, items   [m], [n] str, ascending; a number in the arrays below means the
                   user or item at that place
    ratings        Ratings, or None where a model came without (mf-als --factors-only)
    model          Model, or None
    history        what training said after each half-sweep: a list of dicts
    note           what people should know of the data, or None
    provenance     the stages that made it: a list of dicts with tool, version,
                   options, seed, inputs
    digest         its last check, which depends on every byte
    """

    def __init__(self, frames: Iterable[Frame]):
        """Of frames as they stand in a stream, H to E. Raises BundleError."""
        place = frames if isinstance(frames, FrameReader) else None
        content = decode(frames, place)
        self.frames = tuple(content.frames)
        self.digest = content.digest or digest(self.frames)
        self.users, self.items = (
            _names(content.ids[axis]) for axis in ("user", "item")
        )
        self.note, self.provenance = content.note, content.provenance
        self.history = content.history
        self.ratings = _ratings(content)
        self.model = _model(content)

    def __repr__(self) -> str:
        parts = [f"{len(self.users)} users", f"{len(self.items)} items"]
        if self.ratings is not None:
            parts.append(f"{len(self.ratings)} cells")
        if self.model is not None:
            parts.append(f"model {self.model}")
        return f"<Bundle: {', '.join(parts)}>"

    @property
    def card(self) -> dict | None:
        """The model card, or None."""
        return self.model.card if self.model else None

    def user(self, name: str) -> int:
        """The number of a user. Raises KeyError."""
        return _number(self.users, name, "user")

    def item(self, name: str) -> int:
        """The number of an item. Raises KeyError."""
        return _number(self.items, name, "item")

    # What makes another bundle of this one.

    def with_values(self, values=None, fold=None) -> "Bundle":
        """The same cells with other values, other folds, or both.

        values [cells], finite; whole numbers from 0 below 2^32 in an array of
        integers stay counts, all else becomes float32. fold [cells], 0 to 3. Model,
        history and frames that are not safe go: they were made from what was.
        Raises ValueError.
        """
        ratings = self.need_ratings()
        values = ratings.values if values is None else as_values(values)
        fold = ratings.fold if fold is None else np.asarray(fold)
        for array, what in ((values, "values"), (fold, "folds")):
            if array.shape != ratings.indices.shape:
                raise ValueError(f"{array.shape} {what} for {len(ratings)} cells")
        fold = as_folds(fold)
        old = self.frames[0].map()
        frames, others = [], iter(
            encode.rows_like([f for f in self.frames if f.tag == "R"], values, fold)
        )
        for frame in self.frames:
            if frame.tag == "H":
                frames.append(
                    encode.header(
                        old["users"],
                        old["items"],
                        old["nnz"],
                        values.dtype,
                        ratings.time is not None,
                        old,
                    )
                )
            elif frame.tag == "R":
                frames += others  # all of them stand where the first one stood
            elif encode.outlives(frame):
                frames.append(frame)
        return self._next(frames, "mfpipe.with_values", {})

    def with_folds(self, fold) -> "Bundle":
        """The same cells in other folds: [cells] 0 to 3, or names. As with_values."""
        fold = np.asarray(fold)
        if fold.dtype.kind in "UO":
            names = {name: i for i, name in enumerate(FOLDS)}
            fold = np.array([names.get(name, 255) for name in fold.ravel()])
        return self.with_values(fold=fold)

    def with_model(
        self,
        U,
        V,
        *,
        z=None,
        mu=0.0,
        user_bias=None,
        item_bias=None,
        tool="mfpipe.with_model",
        version=version(),
        options=None,
        preset="other",
        **card,
    ) -> "Bundle":
        """The same ratings with factors that something else has found.

        U [users, k] or [users, p, k], V [items, k], finite. With p > 1, z [training
        cells] is the persona that owns each, in the order of the rows; by default the
        one of the greatest score. mu and the biases [users], [items] come on top.
        tool, version and options (str to str) say in the provenance who it was;
        further arguments are keys of the card, as mf-bundle(5) has them. So mf-eval
        and mf-recommend take the models of any library. It takes about a second for
        each million cells. Raises ValueError.
        """
        ratings, shape = self.need_ratings(), (len(self.users), len(self.items))
        U, V = np.asarray(U, "<f4"), np.asarray(V, "<f4")
        U = U[:, None] if U.ndim == 2 else U
        if (
            U.ndim != 3
            or V.ndim != 2
            or (len(U), len(V)) != shape
            or U.shape[2] != V.shape[1]
        ):
            raise ValueError(
                f"factors of {U.shape} and {V.shape} for {shape[0]} users "
                f"and {shape[1]} items: [users, p, k] and [items, k]"
            )
        biased = user_bias is not None or item_bias is not None
        biases = (
            [
                np.zeros(n, "<f4") if b is None else np.asarray(b, "<f4")
                for n, b in zip(shape, (user_bias, item_bias))
            ]
            if biased
            else [None] * 2
        )
        zptr = None
        if U.shape[1] > 1:
            train = ratings.fold == 0
            zptr = np.concatenate([[0], np.cumsum(train)])[ratings.indptr]
            z = best_personas(U, V, ratings, train) if z is None else np.asarray(z)
            if (
                z.shape != (zptr[-1],)
                or z.min(initial=0) < 0
                or z.max(initial=0) >= U.shape[1]
            ):
                raise ValueError(
                    f"z is {z.shape}: a persona for each of {zptr[-1]} "
                    "training cells"
                )
            z = z.astype(np.uint8)
        else:
            z = None
        values = {
            "k": U.shape[2],
            "p": U.shape[1],
            "preset": preset,
            **card,
            "mu": float(mu),
            "train": digest_of_cells(self, ("train",), True),
            "held_out": digest_of_cells(self, ("valid", "test"), False),
        }
        frames = [f for f in self.frames if encode.outlives(f)]
        frames += [
            encode.card(values),
            *encode.factors("item", V[:, None], biases[1]),
            *encode.factors("user", U, biases[0], None, zptr, z),
        ]
        return self._next(frames, tool, options or {}, version)

    def with_stage(
        self,
        before: "Bundle",
        tool: str,
        version: str = "1",
        options: dict | None = None,
    ) -> "Bundle":
        """What a stage made of `before`: in the provenance this stage comes after those
        of `before` and those of the tools that it ran, and no with_values and the like.
        Options: str to str."""
        own = encode.stage(tool, version, options or {}, {"bundle": before.digest})
        ran = [
            encode.packable(one)
            for one in self.provenance[len(before.provenance) :]
            if not one["tool"].startswith("mfpipe.with_")
        ]
        frames, old = self.frames[:-1], self.frames[-1].map()
        last = before.frames[-1].map()
        return Bundle((*frames, encode.end(frames, old["nnz"], [*ran, own], last)))

    def _next(self, frames, tool, options, by=None) -> "Bundle":
        end = encode.end(
            frames,
            len(self.need_ratings()),
            [encode.stage(tool, by or version(), options, {"bundle": self.digest})],
            self.frames[-1].map(),
        )
        return Bundle((*frames, end))

    def need_ratings(self) -> Ratings:
        """The ratings. Raises ValueError where there are none."""
        if self.ratings is None:
            raise ValueError(
                "the bundle holds no ratings: mf-convert --join puts both together"
            )
        return self.ratings

    def need_model(self) -> Model:
        """The model. Raises ValueError where there is none."""
        if self.model is None:
            raise ValueError("the bundle holds no model: mfpipe.als makes one")
        return self.model

    # Tables; see tables.py.

    def to_scipy(self, fold=None):
        """[users, items] scipy.sparse.csr_matrix of the values, of all cells or of
        those of a fold or several: "train", "valid", "test", "fold-in"."""
        from .tables import to_scipy

        return to_scipy(self, fold)

    def to_pandas(self, fold=None):
        """A data frame of a row a cell: user and item (categories), value, fold (a
        category), and, where there are times, time in seconds since 1970."""
        from .tables import to_pandas

        return to_pandas(self, fold)

    def to_parquet(self, path, fold=None) -> None:
        """The same as a Parquet file, which appears whole or not at all."""
        from .tables import to_parquet

        to_parquet(self, path, fold)

    def write(self, target) -> None:
        """As mfpipe.write(bundle, target)."""
        write(self, target)


def read(source) -> Bundle:
    """Read a bundle from a path or a binary file, to its end.

    Files that gzip, bzip2 or xz made are read as they are. Raises BundleError, a
    ValueError, that says in which frame and at which byte what is wrong; OSError.
    """
    if isinstance(source, (str, os.PathLike)):
        with open(source, "rb") as file:
            return _read(file, named(source))
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _read(io.BufferedReader(io.BytesIO(source)), "bytes")
    return _read(source, named(source))


def _read(file: BinaryIO, name: str) -> Bundle:
    opened = plain(file)
    try:
        return Bundle(FrameReader(opened, name))
    except DAMAGED as error:
        raise BundleError(f"{name}: compressed, and damaged: {error}") from None
    finally:
        if opened is not file:
            opened.close()


def write(bundle: Bundle, target) -> None:
    """Write a bundle to a path, where it appears whole or not at all, or to a binary
    file. A bundle that was read gives the bytes that were read. Raises OSError."""
    if not isinstance(target, (str, os.PathLike)):
        write_frames(target, bundle.frames)
        target.flush()
        return
    with whole_file(target) as file:
        write_frames(file, bundle.frames)


def as_values(values) -> np.ndarray:
    """Values as a bundle holds them: uint32 or float32, finite. Raises ValueError."""
    values = np.asarray(values)
    if values.dtype.kind not in "biuf":
        raise ValueError(f"values of type {values.dtype}: numbers are wanted")
    whole = values.dtype.kind in "biu"
    if whole and (not values.size or 0 <= values.min() and values.max() < 1 << 32):
        return np.ascontiguousarray(values, "<u4")
    with np.errstate(over="ignore"):
        narrow = np.ascontiguousarray(values, "<f4")
    wrong = np.flatnonzero(~np.isfinite(narrow))
    if wrong.size:
        raise ValueError(
            f"a value is not finite, or too large for float32: "
            f"{values.ravel()[wrong[0]]}"
        )
    return narrow


def as_folds(fold) -> np.ndarray:
    """Folds as a bundle holds them: uint8, 0 to 3. Raises ValueError."""
    fold = np.asarray(fold)
    if fold.size and (fold.dtype.kind not in "biu" or fold.min() < 0 or fold.max() > 3):
        raise ValueError(f"a fold is none of {', '.join(FOLDS)} (0 to 3)")
    return np.ascontiguousarray(fold, np.uint8)


def best_personas(U, V, ratings: Ratings, cells) -> np.ndarray:
    """[cells.sum()] uint8: for each of these cells the persona of greatest score."""
    owner, where = np.empty(len(ratings), np.uint8), np.diff(ratings.indptr) > 0
    for u in np.flatnonzero(where):
        row = ratings.of(u)
        owner[row] = (V[ratings.indices[row]] @ U[u].T).argmax(1)
    return owner[cells]


def _names(ids: Sequence[str]) -> np.ndarray:
    names = np.array(ids, object)
    names.flags.writeable = False
    return names


def _number(names: np.ndarray, name: str, what: str) -> int:
    at = int(np.searchsorted(names, name)) if len(names) else 0
    if at == len(names) or names[at] != name:
        raise KeyError(f"no {what} is called {name!r}")
    return at


def _ratings(c: Decoded) -> Ratings | None:
    if not c.sections.get("R") and (c.users or c.card):
        return None
    indptr = np.concatenate([[0], np.cumsum(c.joined(c.length, np.int64))])
    indptr.flags.writeable = False
    return Ratings(
        indptr,
        c.joined(c.item, "<u4"),
        c.joined(c.value, c.dtype),
        c.joined(c.fold, np.uint8),
        c.joined(c.time, "<i8") if c.timed else None,
    )


def _model(c: Decoded) -> Model | None:
    if c.card is None:
        return None
    k, p = c.card["k"], c.card["p"]
    user, item = c.factors["user"], c.factors["item"]

    def joined(side, key, dtype="<f4"):
        return c.joined(side[key], dtype) if key in side else None

    zptr = None
    if p > 1:
        zptr = np.concatenate([[0], np.cumsum(c.joined(user.get("len", []), np.int64))])
        zptr.flags.writeable = False
    return Model(
        c.card,
        c.joined(user.get("data", []), "<f4").reshape(-1, p, k),
        c.joined(item.get("data", []), "<f4").reshape(-1, k),
        joined(user, "bias"),
        joined(item, "bias"),
        joined(item, "weight"),
        zptr,
        c.joined(user.get("z", []), np.uint8) if p > 1 else None,
    )
