"""Cells to and from arrays of ids, sparse matrices, data frames and Parquet."""

import warnings
from typing import NamedTuple

from . import encode
from ._need import need_pandas, need_pyarrow, need_scipy
from ._need import numpy as np
from ._version import version
from .bundle import Bundle, as_folds, as_values
from .columns import listed, told
from .decode import FOLDS, TIMES, id_fault
from .files import whole_file

RULES = ("sum", "last", "first", "max", "mean", "error")


def from_cells(
    users,
    items,
    values=None,
    fold=None,
    time=None,
    *,
    duplicates: str = "sum",
    note: str | None = None,
) -> Bundle:
    """A bundle of cells in any order.

    users, items  [cells] ids: str, or numbers, which become str; no NUL, TAB, newline
    values        [cells] finite numbers; whole ones below 2^32 in an array of
                  integers become counts (u32), all else f32; None: 1 for each
    fold          [cells] 0 to 3 or "train", "valid", "test", "fold-in"; None: train
    time          [cells] whole seconds since 1970, or None
    duplicates    what becomes of cells of the same user and item: sum, last, first,
                  max, mean or error; last and first go by time, of equal times take
                  the largest and the smallest value, and without go by place
    note          what people should know of the data

    Raises ValueError.
    """
    if duplicates not in RULES:
        raise ValueError(f"duplicates={duplicates!r}: {', '.join(RULES)}")
    user_names, row = _ids(users, "user")
    item_names, col = _ids(items, "item")
    cells = _cells(row, col, values, fold, time)
    return _build(
        (user_names, item_names), cells, duplicates, note, "mfpipe.from_cells"
    )


def from_scipy(
    matrix, users=None, items=None, *, fold=None, note: str | None = None
) -> Bundle:
    """A bundle of a sparse matrix [users, items]; what it stores are the cells.

    users, items  ids of the rows and columns, all different; None: their numbers from
                  0, with zeros in front, so that they ascend
    fold          one fold for all cells, 0 to 3 or a name; None: train

    Cells that are stored twice are summed. Raises ValueError.
    """
    matrix = need_scipy().coo_matrix(matrix)
    names, places = [], []
    for ids, n, what in (
        (users, matrix.shape[0], "users"),
        (items, matrix.shape[1], "items"),
    ):
        if ids is None:
            ids = [f"{i:0{len(str(max(n - 1, 0)))}d}" for i in range(n)]
        if len(ids) != n:
            raise ValueError(f"{len(ids)} ids of {what}, the matrix has {n}")
        one, place = _ids(ids, what[:-1])
        if len(one) != n:
            raise ValueError(f"ids of {what} stand twice")
        names.append(one)
        places.append(place)
    if fold is not None:
        fold = np.full(matrix.nnz, fold)
    cells = _cells(
        places[0][matrix.row], places[1][matrix.col], matrix.data, fold, None
    )
    return _build(names, cells, "sum", note, "mfpipe.from_scipy")


def from_pandas(
    frame,
    user: str | None = None,
    item: str | None = None,
    value: str | None = None,
    fold: str | None = None,
    time: str | None = None,
    *,
    duplicates: str = "sum",
    note: str | None = None,
) -> Bundle:
    """A bundle of a data frame, a row a cell; arguments are names of columns.

    Those that are not given are told by the names that mf-convert knows: user, userId,
    customer_id; item, movie_id, asin; value, rating, plays; fold, split; time,
    timestamp, date. Without a value, it is 1. A warning names columns that are not
    read. time may be a datetime, or text in ISO 8601. See from_cells. Raises
    ValueError, also for a column that is not there.
    """
    given = dict(user=user, item=item, value=value, fold=fold, time=time)
    return _from_frame(frame, given, duplicates, note, "mfpipe.from_pandas")


def from_parquet(
    path, user: str | None = None, item: str | None = None, **columns
) -> Bundle:
    """A bundle of a Parquet file; as from_pandas, which has the arguments."""
    table = need_pyarrow("pyarrow.parquet").read_table(path)

    def read(value=None, fold=None, time=None, *, duplicates="sum", note=None):
        given = dict(user=user, item=item, value=value, fold=fold, time=time)
        frame = table.to_pandas()
        return _from_frame(frame, given, duplicates, note, "mfpipe.from_parquet", 4)

    return read(**columns)


def _from_frame(frame, given: dict, duplicates, note, caller: str, level=3) -> Bundle:
    found, unread = told(frame.columns, given)
    if unread:
        ones = "; each value is 1, or say which it is with value="
        warnings.warn(
            f"{caller}: columns that are not read: {listed(unread)}"
            + (ones if found["value"] is None else ""),
            stacklevel=level,
        )

    def column(role):
        name = found[role]
        return None if name is None else frame[name].to_numpy()

    return from_cells(
        frame[found["user"]],
        frame[found["item"]],
        column("value"),
        column("fold"),
        None if found["time"] is None else _seconds(frame[found["time"]]),
        duplicates=duplicates,
        note=note,
    )


def _seconds(column) -> np.ndarray:
    """A column of moments as seconds since 1970, a fraction rounded down."""
    pandas = need_pandas()
    if not pandas.api.types.is_numeric_dtype(column.dtype) and not (
        pandas.api.types.is_datetime64_any_dtype(column.dtype)
    ):
        iso = {"format": "ISO8601"} if int(pandas.__version__.split(".")[0]) > 1 else {}
        try:
            column = pandas.to_datetime(column, utc=True, **iso)
        except (TypeError, ValueError) as error:
            raise ValueError(f"column {column.name!r} holds no times: {error}") from None
    if isinstance(column.dtype, pandas.DatetimeTZDtype):
        column = column.dt.tz_convert(None)
    when = column.to_numpy()
    if when.dtype.kind == "M":
        return when.astype("datetime64[s]").astype(np.int64)
    if when.dtype.kind == "f" and (np.abs(when) < 1 << 53).all():
        return np.floor(when).astype(np.int64)
    return when


def to_scipy(bundle: Bundle, fold=None):
    """See Bundle.to_scipy."""
    sparse, ratings = need_scipy(), bundle.need_ratings()
    mask = ratings.mask(fold)
    indptr = np.concatenate([[0], np.cumsum(mask)])[ratings.indptr]
    return sparse.csr_matrix(
        (ratings.values[mask], ratings.indices[mask], indptr),
        shape=(len(bundle.users), len(bundle.items)),
    )


def to_pandas(bundle: Bundle, fold=None):
    """See Bundle.to_pandas."""
    pandas, ratings = need_pandas(), bundle.need_ratings()
    mask = ratings.mask(fold)

    def category(codes, names):
        return pandas.Categorical.from_codes(codes, pandas.Index(names, dtype=object))

    columns = {
        "user": category(ratings.rows[mask], bundle.users),
        "item": category(ratings.indices[mask].astype(np.int64), bundle.items),
        "value": ratings.values[mask],
        "fold": category(ratings.fold[mask], FOLDS),
    }
    if ratings.time is not None:
        columns["time"] = ratings.time[mask]
    return pandas.DataFrame(columns)


def to_parquet(bundle: Bundle, path, fold=None) -> None:
    """See Bundle.to_parquet."""
    arrow, parquet = need_pyarrow(), need_pyarrow("pyarrow.parquet")
    ratings = bundle.need_ratings()
    mask = ratings.mask(fold)

    def category(codes, names):
        return arrow.DictionaryArray.from_arrays(
            arrow.array(codes, arrow.int32()), arrow.array(list(names), arrow.string())
        )

    columns = {
        "user": category(ratings.rows[mask], bundle.users),
        "item": category(ratings.indices[mask], bundle.items),
        "value": ratings.values[mask],
        "fold": category(ratings.fold[mask], FOLDS),
    }
    if ratings.time is not None:
        columns["time"] = ratings.time[mask]
    with whole_file(path) as file:
        parquet.write_table(arrow.table(columns), file)


def _ids(ids, what: str):
    """The ids that there are, ascending by their bytes, and the place of each one.

    Python compares str by code points, which is the order of their UTF-8.
    """
    if hasattr(ids, "cat"):  # a categorical column of pandas
        names, place = _ids(ids.cat.categories, what)
        numbers = ids.cat.codes.to_numpy()
        if numbers.min(initial=0) < 0:
            raise ValueError(f"a {what} id is missing")
        used = np.unique(place[numbers])
        return [names[i] for i in used], np.searchsorted(used, place[numbers])
    array = np.asarray(ids)
    if array.dtype.kind == "O" or array.dtype.kind == "U":
        wrong = [x for x in array.ravel() if not isinstance(x, (str, int, np.integer))]
        if wrong:
            raise ValueError(f"a {what} id is {wrong[0]!r}: a str or a whole number")
        texts = [str(x) for x in array.ravel()]
    elif array.dtype.kind in "iu":
        numbers, inverse = np.unique(array, return_inverse=True)
        names, place = _ids([str(x) for x in numbers], what)
        return names, place[inverse]
    elif not array.size:
        texts = []
    else:
        raise ValueError(f"{what} ids of type {array.dtype}: str or whole numbers")
    names = sorted(set(texts))
    for name in names:
        fault = id_fault(name.encode("utf-8", "surrogatepass"))
        if fault:
            raise ValueError(f"{what} id {name[:40]!r} {fault}")
    number = {name: i for i, name in enumerate(names)}
    return names, np.fromiter((number[x] for x in texts), np.int64, len(texts))


class _Cells(NamedTuple):
    """Cells in any order, [cells] each; time may be None."""

    row: np.ndarray
    col: np.ndarray
    values: np.ndarray
    fold: np.ndarray
    time: np.ndarray | None

    def at(self, places) -> "_Cells":
        return _Cells(*(None if array is None else array[places] for array in self))


def _cells(row, col, values, fold, time) -> _Cells:
    """These, checked, in the types of a bundle."""
    n = len(row)
    values = np.ones(n, np.uint32) if values is None else as_values(values)
    fold = np.zeros(n, np.uint8) if fold is None else _fold_numbers(fold)
    if time is not None:
        time = np.asarray(time)
        wrong = time.dtype.kind not in "iu" and n
        if wrong or time.min(initial=0) < TIMES[0] or time.max(initial=0) > TIMES[1]:
            raise ValueError(
                "times are whole seconds since 1970, of the years 0000 to 9999"
            )
        time = time.astype("<i8")
    made = _Cells(row, col, values, fold, time)
    for what, array in made._asdict().items():
        if array is not None and array.shape != (n,):
            raise ValueError(f"{what}: {array.shape} for {n} cells")
    return made


def _build(names, cells: _Cells, duplicates: str, note, tool: str) -> Bundle:
    """The bundle of cells whose users and items are numbers in the lists `names`."""
    users, items = names
    key = cells.row.astype(np.int64) * max(len(items), 1) + cells.col
    order = np.argsort(key, kind="stable")
    cells, key = cells.at(order), key[order]
    new = np.ones(len(key), bool)
    new[1:] = key[1:] != key[:-1]
    if not new.all():
        cells = _merged(names, cells, key, new, duplicates)
    row, nnz, timed = cells.row, len(cells.row), cells.time is not None
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(users)))])
    frames = [encode.header(len(users), len(items), nnz, cells.values.dtype, timed)]
    if note is not None:
        frames.append(encode.note(note))
    frames += [
        *encode.ids("user", users),
        *encode.ids("item", items),
        *encode.rows(indptr, cells.col.astype("<u4"), *cells[2:]),
    ]
    stage = encode.stage(tool, version(), {"duplicates": duplicates}, {})
    return Bundle([*frames, encode.end(frames, nnz, [stage])])


def _fold_numbers(fold) -> np.ndarray:
    fold = np.asarray(fold)
    if fold.dtype.kind in "OU":
        names = {name: i for i, name in enumerate(FOLDS)}
        fold = np.array(
            [
                names.get(x, x if isinstance(x, (int, np.integer)) else 255)
                for x in fold.ravel()
            ]
        )
    return as_folds(fold)


def _merged(names, cells: _Cells, key, new, rule: str) -> _Cells:
    """Cells in order of `key`; those that are not `new` go with the one before."""
    # First and last go by time, and by place without; the rest by nothing of the order.
    if cells.time is not None:
        cells = cells.at(np.lexsort((cells.values, cells.time, key)))
    elif rule not in ("first", "last"):
        cells = cells.at(np.lexsort((cells.values, key)))
    begins = np.flatnonzero(new)
    ends = np.append(begins[1:], len(key))

    def where(wrong) -> str:
        one = cells.at(begins[np.flatnonzero(wrong)[0]])
        return f"user {names[0][one.row]!r} and item {names[1][one.col]!r}"

    if rule == "error":
        raise ValueError(f"{where(ends - begins > 1)} stand together twice")
    least = np.minimum.reduceat(cells.fold, begins)
    if (mixed := least != np.maximum.reduceat(cells.fold, begins)).any():
        raise ValueError(f"{where(mixed)} stand together in different folds")
    kept = cells.at(begins if rule == "first" else ends - 1)  # of the latest time
    if rule in ("first", "last"):
        return kept
    if rule == "max":
        return kept._replace(values=np.maximum.reduceat(cells.values, begins))
    counts = cells.values.dtype.kind == "u"
    sums = np.add.reduceat(cells.values.astype(np.uint64 if counts else float), begins)
    if rule == "mean":
        sums = sums / (ends - begins)
        counts = counts and bool((sums == np.floor(sums)).all())
    if counts and sums.max() >= 1 << 32:
        raise ValueError("a sum of counts is 2^32 or more")
    return kept._replace(values=as_values(sums.astype(np.uint64) if counts else sums))
