"""Cells to and from arrays of ids, sparse matrices, data frames and Parquet."""

from . import encode
from ._need import need_pandas, need_pyarrow, need_scipy
from ._need import numpy as np
from ._version import version
from .bundle import Bundle, Ratings, as_folds, as_values
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
    return _build(
        user_names,
        item_names,
        row,
        col,
        values,
        fold,
        time,
        duplicates,
        note,
        "mfpipe.from_cells",
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
    return _build(
        *names,
        places[0][matrix.row],
        places[1][matrix.col],
        matrix.data,
        fold,
        None,
        "sum",
        note,
        "mfpipe.from_scipy",
    )


def from_pandas(
    frame,
    user: str = "user",
    item: str = "item",
    value: str | None = None,
    fold: str | None = None,
    time: str | None = None,
    *,
    duplicates: str = "sum",
    note: str | None = None,
) -> Bundle:
    """A bundle of a data frame, a row a cell; arguments are names of columns.

    Columns value, fold and time are taken where the frame has them under these names,
    unless others are given; time may be a datetime. See from_cells. Raises ValueError,
    KeyError for a column that is not there.
    """

    def column(name, usual):
        if name is None:
            return frame[usual] if usual in frame.columns else None
        return frame[name]

    fold, time = column(fold, "fold"), column(time, "time")
    if time is not None and time.dtype.kind == "M":
        time = time.to_numpy().astype("datetime64[s]").astype(np.int64)
    value = column(value, "value")
    return from_cells(
        frame[user],
        frame[item],
        None if value is None else value.to_numpy(),
        None if fold is None else fold.to_numpy(),
        None if time is None else np.asarray(time),
        duplicates=duplicates,
        note=note,
    )


def from_parquet(path, user: str = "user", item: str = "item", **columns) -> Bundle:
    """A bundle of a Parquet file; as from_pandas, which has the arguments."""
    table = need_pyarrow("pyarrow.parquet").read_table(path)
    return from_pandas(table.to_pandas(), user, item, **columns)


def to_scipy(bundle: Bundle, fold=None):
    """See Bundle.to_scipy."""
    sparse, ratings = need_scipy(), _ratings(bundle)
    mask = ratings.mask(fold)
    indptr = np.concatenate([[0], np.cumsum(mask)])[ratings.indptr]
    return sparse.csr_matrix(
        (ratings.values[mask], ratings.indices[mask], indptr),
        shape=(len(bundle.users), len(bundle.items)),
    )


def to_pandas(bundle: Bundle, fold=None):
    """See Bundle.to_pandas."""
    pandas, ratings = need_pandas(), _ratings(bundle)
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
    ratings = _ratings(bundle)
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


def _ratings(bundle: Bundle) -> Ratings:
    return bundle._need_ratings()


def _ids(ids, what: str):
    """The ids that there are, ascending by their bytes, and the place of each one.

    Python compares str by code points, which is the order of their UTF-8.
    """
    codes = getattr(ids, "cat", None)  # a categorical column of pandas
    if codes is not None:
        names, place = _ids(ids.cat.categories, what)
        numbers = codes.codes.to_numpy()
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
        try:
            wrong = id_fault(name.encode())
        except UnicodeEncodeError:
            wrong = "is not UTF-8"
        if wrong:
            raise ValueError(f"{what} id {name[:40]!r} {wrong}")
    place = {name: i for i, name in enumerate(names)}
    return names, np.fromiter((place[x] for x in texts), np.int64, len(texts))


def _build(
    users, items, row, col, values, fold, time, duplicates, note, tool
) -> Bundle:
    n = len(row)
    values = np.ones(n, np.uint32) if values is None else as_values(values)
    fold = np.zeros(n, np.uint8) if fold is None else _fold_numbers(fold)
    time = None if time is None else np.asarray(time)
    for array, what in (
        (col, "items"),
        (values, "values"),
        (fold, "folds"),
        (time, "times"),
    ):
        if array is not None and array.shape != (n,):
            raise ValueError(f"{len(array)} {what} for {n} users of cells")
    if time is not None:
        if n and (
            time.dtype.kind not in "iu"
            or time.min() < TIMES[0]
            or time.max() > TIMES[1]
        ):
            raise ValueError(
                "times are whole seconds since 1970, of the years 0000 to " "9999"
            )
        time = time.astype("<i8")
    # First and last go by time, and by place without; the rest by nothing of the order.
    if time is None:
        by_place = duplicates in ("first", "last")
        order = np.lexsort((col, row) if by_place else (values, col, row))
    else:
        order = np.lexsort((values, time, col, row))
    row, col, values, fold = row[order], col[order], values[order], fold[order]
    time = time if time is None else time[order]
    begins = np.flatnonzero(
        np.r_[True, (row[1:] != row[:-1]) | (col[1:] != col[:-1])]
        if n
        else np.empty(0, bool)
    )
    if len(begins) < n:
        values, time = _merged(
            users, items, row, col, values, fold, time, begins, duplicates
        )
        row, col, fold = row[begins], col[begins], fold[begins]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(users)))])
    frames = [
        encode.header(len(users), len(items), len(row), values.dtype, time is not None)
    ]
    if note is not None:
        frames.append(encode.note(note))
    frames += [
        *encode.ids("user", users),
        *encode.ids("item", items),
        *encode.rows(indptr, col.astype("<u4"), values, fold, time),
    ]
    stage = encode.stage(tool, version(), {"duplicates": duplicates}, {})
    return Bundle([*frames, encode.end(frames, len(row), [stage])])


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


def _merged(users, items, row, col, values, fold, time, begins, rule):
    """One value, and one time, for the cells from each of `begins` to the next."""
    ends = np.r_[begins[1:], len(row)]
    first = begins[np.flatnonzero(ends - begins > 1)[0]]
    name = f"user {users[row[first]]!r} and item {items[col[first]]!r}"
    if rule == "error":
        raise ValueError(f"{name} stand together twice")
    mixed = np.minimum.reduceat(fold, begins) != np.maximum.reduceat(fold, begins)
    if mixed.any():
        at = begins[np.flatnonzero(mixed)[0]]
        raise ValueError(
            f"user {users[row[at]]!r} and item {items[col[at]]!r} stand "
            "together in different folds"
        )
    times = None if time is None else time[ends - 1]  # the latest, but with first
    if rule in ("first", "last"):
        at = begins if rule == "first" else ends - 1
        return values[at], None if time is None else time[at]
    if rule == "max":
        return np.maximum.reduceat(values, begins), times
    counts = values.dtype.kind == "u"
    sums = np.add.reduceat(values.astype(np.uint64 if counts else float), begins)
    if rule == "mean":
        sums = sums / (ends - begins)
        counts = counts and (sums == np.floor(sums)).all()
    if counts and sums.max() >= 1 << 32:
        raise ValueError("a sum of counts is 2^32 or more")
    return as_values(sums.astype(np.uint64) if counts else sums), times
