"""Arrays to frames, byte for byte as the C library writes them.

Frames are cut by counts alone, so that equal content gives equal frames whoever
writes it.
"""

from typing import Iterator, Sequence

from ._need import numpy as np
from .frames import WRITE_MAX, Frame
from .wire import Digest, Fault, Map, Raw, elements, pack_array_head, pack_map, pack

IDS_MAX = 1 << 16  # ids in a frame, and
TEXT_MAX = 1 << 20  # bytes of them
ROWS_CELLS = 1 << 17  # cells and rows in a frame
FACTOR_BYTES = 1 << 20  # in a frame, unless one row has more
HISTORY_MAX = 256  # entries in a frame

_DIGESTS = ("train", "held_out")


def _frame(tag: str, values: dict, more=()) -> Frame:
    return Frame(tag, pack_map(values, more))


def header(
    users: int, items: int, nnz: int | None, dtype, timed: bool, like: Map | None = None
) -> Frame:
    """H, with the unknown keys of the header that it is to replace, if there is one."""
    minor, more = int(timed), []
    if like is not None:
        minor = max(minor, like["version"][1])
        known = ["magic", "version", "users", "items", "nnz", "value"]
        more = like.unknown(*known, *(["time"] if minor >= 1 else []))
    values = {
        "magic": "mfpipe",
        "version": [1, minor],
        "users": users,
        "items": items,
        "nnz": nnz,
        "value": "f32" if np.dtype(dtype).kind == "f" else "u32",
    }
    if timed:
        values["time"] = True
    return _frame("H", values, more)


def ids(axis: str, names: Sequence[str]) -> Iterator[Frame]:
    """I: ids that ascend, of the axis "user" or "item"."""
    texts = [name.encode() for name in names]
    length = np.array([len(text) for text in texts], "<u4")
    ends = np.concatenate([[0], np.cumsum(length, dtype=np.int64)])
    first = 0
    while first < len(texts):
        end = int(np.searchsorted(ends, ends[first] + TEXT_MAX, "right")) - 1
        end = min(max(end, first + 1), first + IDS_MAX)
        yield _frame(
            "I",
            {
                "axis": axis,
                "first": first,
                "n": end - first,
                "len": length[first:end].tobytes(),
                "text": b"".join(texts[first:end]).decode(),
            },
        )
        first = end


def rows(indptr, item, value, fold, time=None) -> Iterator[Frame]:
    """R: the cells of all rows. indptr [rows + 1], the others [cells]."""
    first, at, last = 0, 0, len(indptr) - 1
    while first < last:
        long = indptr[first + 1] - at > ROWS_CELLS  # it goes on in the next frame
        if long:
            end, stop, length = first + 1, at + ROWS_CELLS, np.array([ROWS_CELLS])
        else:
            end = int(np.searchsorted(indptr, at + ROWS_CELLS, "right")) - 1
            end = min(end, first + ROWS_CELLS)
            stop, length = int(indptr[end]), np.diff(indptr[first : end + 1])
            length[0] -= at - indptr[first]
        cells = slice(at, stop)
        yield from row_frames(
            first,
            length,
            item[cells],
            value[cells],
            fold[cells],
            None if time is None else time[cells],
            bool(long),
        )
        first, at = (first if long else end), stop


def row_frames(
    first: int, length, item, value, fold, time, continues: bool, more=()
) -> Iterator[Frame]:
    """R: these rows as one frame, or, where they do not fit, as two halves."""
    values = {
        "first": first,
        "n": len(length),
        "len": length.astype("<u4").tobytes(),
        "item": item.tobytes(),
        "value": value.tobytes(),
    }
    if fold.any():
        values["fold"] = fold.tobytes()
    if time is not None:
        values["time"] = time.tobytes()
    if continues:
        values["continues"] = True
    frame = _frame("R", values, more)
    if len(frame.payload) <= WRITE_MAX or len(item) + len(length) <= 2:
        yield frame
        return
    if len(length) > 1:
        half = len(length) // 2
        left, right, cut = length[:half], length[half:], int(length[:half].sum())
        next_first, goes_on = first + half, False
    else:
        cut = len(item) // 2
        left, right = np.array([cut]), np.array([len(item) - cut])
        next_first, goes_on = first, True
    for begin, rows_of, part, on in (
        (first, left, slice(None, cut), goes_on),
        (next_first, right, slice(cut, None), continues),
    ):
        arrays = item[part], value[part], fold[part]
        times = None if time is None else time[part]
        yield from row_frames(begin, rows_of, *arrays, times, on, more)


def rows_like(frames, value, fold) -> Iterator[Frame]:
    """R frames that were read, with other values and folds, [cells] each.

    They are cut as they were, and keep the keys that nobody here knows.
    """
    at = 0
    for frame in frames:
        data = frame.map()
        item = np.frombuffer(data["item"], "<u4")
        cells = slice(at, at + len(item))
        time = data.get("time")
        known = ["first", "n", "len", "item", "value", "fold", "time", "continues"]
        yield from row_frames(
            data["first"],
            np.frombuffer(data["len"], "<u4"),
            item,
            value[cells],
            fold[cells],
            None if time is None else np.frombuffer(time, "<i8"),
            data.flag("continues"),
            data.unknown(*known),
        )
        at += len(item)


def card(values: dict) -> Frame:
    """M: the model card, its keys in the order in which they stand."""
    return _frame(
        "M",
        {
            key: Digest(x) if key in _DIGESTS and x is not None else x
            for key, x in values.items()
        },
    )


def factors(side: str, data, bias=None, weight=None, zptr=None, z=None):
    """F: data [n, p, k], bias and weight [n]; zptr [n + 1] and z [zptr[n]] if p > 1."""
    n = len(data)
    each = (
        4 * data[0].size + 4 * (bias is not None) + 4 * (weight is not None) if n else 0
    )
    size = np.full(n, each, np.int64) + (0 if z is None else np.diff(zptr))
    ends = np.concatenate([[0], np.cumsum(size)])
    first = 0
    while first < n:
        end = int(np.searchsorted(ends, ends[first] + FACTOR_BYTES, "right")) - 1
        end = max(end, first + 1)
        part = slice(first, end)
        values = {
            "side": side,
            "first": first,
            "n": end - first,
            "data": data[part].tobytes(),
        }
        if bias is not None:
            values["bias"] = bias[part].tobytes()
        if weight is not None:
            values["weight"] = weight[part].tobytes()
        if z is not None:
            values["len"] = np.diff(zptr[first : end + 1]).astype("<u4").tobytes()
            values["z"] = z[zptr[first] : zptr[end]].tobytes()
        yield _frame("F", values)
        first = end


def history(entries: Sequence[dict]) -> Iterator[Frame]:
    """h: what training said of itself."""
    for first in range(0, len(entries), HISTORY_MAX):
        yield _frame("h", {"entries": list(entries[first : first + HISTORY_MAX])})


def note(text: str) -> Frame:
    return _frame("n", {"safe": True, "text": text})


def stage(tool: str, version: str, options: dict, inputs: dict, seed=None) -> dict:
    """A stage of provenance; inputs: digests by name."""
    one = {
        "tool": tool,
        "version": version,
        "options": {key: options[key] for key in sorted(options, key=str.encode)},
    }
    if seed is not None:
        one["seed"] = seed
    one["inputs"] = [{"name": name, "digest": Digest(x)} for name, x in inputs.items()]
    return one


def packable(one: dict) -> dict:
    """A stage that was read, as end() takes it."""
    inputs = [{**x, "digest": Digest(x["digest"])} for x in one["inputs"]]
    return {**one, "inputs": inputs}


def end(
    frames: Sequence[Frame], nnz: int, stages: Sequence[dict], like: Map | None = None
) -> Frame:
    """E behind these frames: the stages of the end that was read, then `stages`."""
    tags = [frame.tag for frame in frames]
    before, more, n = b"", [], 0
    if like is not None:
        before, n = bytes(elements(like.raw["prov"])), len(like["prov"])
        more = like.unknown("frames", "nnz", "sections", "prov")
    prov = pack_array_head(n + len(stages)) + before + b"".join(map(pack, stages))
    return _frame(
        "E",
        {
            "frames": len(tags),
            "nnz": nnz,
            "sections": {tag: tags.count(tag) for tag in sorted(set(tags))},
            "prov": Raw(prov),
        },
        more,
    )


def outlives(frame: Frame) -> bool:
    """Does a frame stay right when values or folds change?"""
    if frame.tag in "HIR":
        return True
    if frame.tag in "MFhE":
        return False
    try:
        return frame.map().flag("safe")
    except Fault:
        return False
