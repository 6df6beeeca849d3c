"""Frames to arrays, every promise of mf-bundle(5) checked on the way."""

from dataclasses import dataclass, field
from io import BytesIO

from ._need import numpy as np
from .frames import READ_MAX, Frame, FrameReader
from .wire import U64_MAX, Fault, Map, inner, is_utf8

K_MAX, P_MAX, ID_MAX, NOTE_MAX = 16384, 64, 65535, 65536
STAGES_MAX, OPTIONS_MAX, INPUTS_MAX = 1024, 40, 64
TIMES = (-62167219200, 253402300799)  # seconds since 1970 of the years 0000 to 9999
ORDER = "HIRMFhE"  # the sections of a stream
FOLDS = ("train", "valid", "test", "fold-in")
NEED = True

# The numbers of a card that are 0 or more and finite, where they are there.
_AMOUNTS = (
    "overlap",
    "shrink",
    "unobserved",
    "lambda_users",
    "lambda_items",
    "lambda_bias",
    "nu",
    "alpha",
    "eps",
)
_LOSSES = ("loss", "prediction", "users", "items", "rmse", "valid", "moved")


@dataclass
class Decoded:
    """What the frames of a bundle say; the arrays are joined, and of aligned memory."""

    users: int = 0
    items: int = 0
    nnz: int | None = None
    dtype: np.dtype = np.dtype("<u4")
    timed: bool = False
    minor: int = 0
    frames: list = field(default_factory=list)  # as they were read, E too
    sections: dict = field(default_factory=dict)  # frames by tag
    ids: dict = field(default_factory=lambda: {"user": [], "item": []})
    rows: int = 0
    cells: int = 0
    length: list = field(default_factory=list)
    item: list = field(default_factory=list)
    value: list = field(default_factory=list)
    fold: list = field(default_factory=list)
    time: list = field(default_factory=list)
    card: dict | None = None
    factors: dict = field(default_factory=lambda: {"item": {}, "user": {}})
    history: list = field(default_factory=list)
    note: str | None = None
    provenance: list = field(default_factory=list)
    digest: int = 0

    def joined(self, parts: list, dtype) -> np.ndarray:
        """The parts as one array that cannot be changed: it is what was verified."""
        whole = np.concatenate([np.empty(0, dtype), *parts]).astype(dtype, copy=False)
        whole.flags.writeable = False
        return whole


def _array(data: Map, key: str, n: int, dtype: str, need=NEED):
    """The bin of a key: n elements, little-endian, without a copy; None if missing."""
    raw, size = data.bin(key, need), np.dtype(dtype).itemsize
    if raw is None:
        return None
    if len(raw) != n * size:
        raise Fault(f"'{key}' has {len(raw)} bytes, not {n} times {size}")
    return np.frombuffer(raw, dtype)


class Decoder:
    """Takes the frames of one bundle, in their order. Raises Fault."""

    def __init__(self):
        self.out = Decoded()
        self.at = ""  # the section that the stream has reached
        self.continues = False  # the last row goes on in the next frame
        self.last = -1  # its last item so far
        self.last_id = b""
        self.next_factor = {"item": 0, "user": 0}
        self.biased = None
        self.train = None  # training cells of each user, once all rows are there

    def take(self, frame: Frame) -> None:
        tag, data = frame.tag, frame.map()
        if self.continues and tag != "R":
            raise Fault("a row that goes on is followed by no R frame")
        self._enter(tag, data)
        sections = self.out.sections
        if tag != "E":
            sections[tag] = sections.get(tag, 0) + 1
        reader = getattr(self, "_read_" + tag, None)
        if reader:
            reader(data)
        elif tag.islower():
            data.flag("safe")
        self.out.frames.append(frame)

    def _enter(self, tag: str, data: Map) -> None:
        """May this frame stand here?"""
        if not self.at and tag == "C" and "iteration" in data:
            raise Fault("not a bundle but a checkpoint of mf-als: give it to --resume")
        if not self.at and tag != "H":
            raise Fault("not a bundle: it does not begin with a header H")
        if tag == "n" and "n" in self.out.sections:
            raise Fault("a bundle has one such frame")
        if tag not in ORDER:
            if tag.isupper():
                raise Fault(
                    "unknown kind of frame that must not be skipped; use a "
                    "newer mfpipe"
                )
            return
        if (
            tag in "HM"
            and tag in self.out.sections
            or self.at
            and ORDER.index(tag) < ORDER.index(self.at)
        ):
            raise Fault("the frame is out of order")
        passed = ORDER[ORDER.index(self.at or "H") : ORDER.index(tag)]
        self._whole(passed)
        self.at = tag

    def _whole(self, passed: str) -> None:
        """Are the sections whole that a frame stands behind?"""
        out = self.out
        if "I" in passed and (
            len(out.ids["user"]) != out.users or len(out.ids["item"]) != out.items
        ):
            raise Fault("the frame comes before all ids")
        if "R" in passed and "R" in out.sections:
            if out.rows != out.users:
                raise Fault("the frame comes before all rows")
        if (
            "F" in passed
            and out.card is not None
            and self.next_factor != {"item": out.items, "user": out.users}
        ):
            raise Fault("the frame comes before all factors")

    # One reader for each kind of frame.

    def _read_H(self, data: Map) -> None:
        out = self.out
        if data.get("magic") != "mfpipe":
            raise Fault("not an mfpipe bundle: the magic is missing")
        version = data.list("version")
        if (
            len(version) != 2
            or any(type(v) is not int or v < 0 for v in version)
            or version[0] == 0
        ):
            raise Fault("key 'version' has a wrong type or range")
        if version[0] > 1:
            raise Fault(
                f"the bundle has version {version[0]}, this tool reads up "
                "to 1; use a newer mfpipe"
            )
        out.minor = version[1]
        out.users, out.items = data.integer("users"), data.integer("items")
        if "nnz" not in data:
            raise Fault("key 'nnz' is missing")
        out.nnz = data.integer("nnz", U64_MAX, need=False)
        if (out.nnz or 0) > out.users * out.items:
            raise Fault("key 'nnz' is more than users times items")
        value = data.name("value", 7)
        if value not in ("u32", "f32"):
            raise Fault("key 'value' is neither u32 nor f32")
        out.dtype = np.dtype("<u4" if value == "u32" else "<f4")
        out.timed = out.minor >= 1 and data.flag("time")

    def _read_I(self, data: Map) -> None:
        out, axis = self.out, data.name("axis", 7)
        first, n = data.integer("first"), data.integer("n")
        text = data.text("text").encode("utf-8", "surrogateescape")
        if axis not in ("user", "item"):
            raise Fault("key 'axis' is neither user nor item")
        if axis == "user" and out.ids["item"]:
            raise Fault("ids of users after ids of items")
        if axis == "item" and len(out.ids["user"]) != out.users:
            raise Fault("ids of items before all users were named")
        ids, total = out.ids[axis], out.users if axis == "user" else out.items
        if first != len(ids) or not 0 < n <= total - first:
            raise Fault("ids do not follow those before, or are more than H says")
        at, before = 0, self.last_id if first else b""
        for i, length in enumerate(_array(data, "len", n, "<u4").tolist(), first):
            one = text[at : at + length]
            if len(one) < length:
                raise Fault("the lengths of the ids are more than the text")
            if wrong := id_fault(one):
                raise Fault(f"{axis} id {i} {wrong}")
            if i and one <= before:
                raise Fault(
                    f"{axis} id {i} is not after the one before it in byte " "order"
                )
            ids.append(one.decode())
            at, before = at + length, one
        if at != len(text):
            raise Fault("the text is longer than the lengths of the ids")
        self.last_id = before

    def _read_R(self, data: Map) -> None:
        out, going_on = self.out, self.continues
        first, n = data.integer("first"), data.integer("n")
        self.continues = data.flag("continues")
        if first != out.rows - going_on or not 0 < n <= out.users - first:
            raise Fault("rows do not follow those before, or are more than H says")
        length = _array(data, "len", n, "<u4").astype(np.int64)
        cells = int(length.sum())
        if cells > READ_MAX:
            raise Fault("the lengths of the rows are more than a frame holds")
        if out.nnz is not None and cells > out.nnz - out.cells:
            raise Fault("more cells than H says")
        item = _array(data, "item", cells, "<u4")
        value = _array(data, "value", cells, out.dtype)
        raw = data.bin("fold", not NEED)
        if raw is not None and len(raw) != cells:
            raise Fault("'fold' has not one byte for each cell")
        fold = (
            np.zeros(cells, np.uint8) if raw is None else np.frombuffer(raw, np.uint8)
        )
        if (fold > 3).any():
            raise Fault("a fold is more than 3")
        if out.dtype.kind == "f" and not np.isfinite(value).all():
            raise Fault("a value is not finite")
        if out.timed:
            time = _array(data, "time", cells, "<i8")
            if ((time < TIMES[0]) | (time > TIMES[1])).any():
                raise Fault(
                    "a time is outside the years 0000 to 9999: times are "
                    "seconds since 1970"
                )
            out.time.append(time)
        self._check_order(item, length, going_on)
        if going_on:
            out.length[-1][-1] += length[0]
            if out.length[-1][-1] > out.items:
                raise Fault("a row has more cells than there are items")
            length = length[1:]
        if len(length):
            out.length.append(length)
        out.rows, out.cells = first + n, out.cells + cells
        out.item.append(item)
        out.value.append(value)
        out.fold.append(fold)

    def _check_order(self, item, length, going_on: bool) -> None:
        """Items ascend within each row, and in one that goes on from frame to frame."""
        ends = np.cumsum(length)
        rising = np.empty(len(item), bool)
        rising[1:] = item[1:] > item[:-1]
        rising[(ends - length)[length > 0]] = True  # the first of each row
        if going_on and length[0]:
            rising[0] = int(item[0]) > self.last
        if not rising.all() or (len(item) and item.max() >= self.out.items):
            raise Fault("item numbers of a row do not ascend, or are more than H says")
        if self.continues:
            if length[-1]:
                self.last = int(item[-1])
            elif not (going_on and len(length) == 1):
                self.last = -1  # a new row, without a cell so far

    def _read_M(self, data: Map) -> None:
        card = {
            "k": data.integer("k"),
            "p": data.integer("p"),
            "preset": data.word("preset", 15, NEED),
        }
        if not (1 <= card["k"] <= K_MAX and 1 <= card["p"] <= P_MAX):
            raise Fault(
                f"k is {card['k']} and p is {card['p']}; 1 to {K_MAX} and 1 to "
                f"{P_MAX} are allowed"
            )
        if card["preset"].endswith("+pop"):
            data.number("popularity", NEED)
            amounts = (*_AMOUNTS, "popularity")
        else:
            amounts = _AMOUNTS
        for key, most in (
            ("init", 15),
            ("assign", 7),
            ("confidence", 15),
            ("watch", 23),
        ):
            data.word(key, most)
        for key in ("persona_cells", "iterations", "warmup", "restarts", "best"):
            data.integer(key, need=False)
        for key in ("seed", "train", "held_out"):
            data.integer(key, U64_MAX, need=False)
        numbers = {
            key: data.number(key)
            for key in (*amounts, "mu", "agreement", "entropy")
        }
        if not np.isfinite([x or 0 for x in numbers.values()]).all():
            raise Fault("a number of the card is not finite")
        for key in _AMOUNTS:
            if (numbers[key] or 0) < 0:
                raise Fault(f"key '{key}' is below 0")
        if (numbers["overlap"] or 0) > 1:
            raise Fault("key 'overlap' is more than 1")
        if card["preset"].endswith("+pop") and not numbers["popularity"] > 0:
            raise Fault("key 'popularity' is not more than 0")
        self.out.card = dict(data)

    def _read_F(self, data: Map) -> None:
        out = self.out
        if out.card is None:
            raise Fault("factors without a model card M")
        side, first, n = (
            data.name("side", 7),
            data.integer("first"),
            data.integer("n"),
        )
        if side not in ("user", "item"):
            raise Fault("key 'side' is neither user nor item")
        personas = out.card["p"] if side == "user" else 1
        total = out.users if side == "user" else out.items
        if side == "item" and self.next_factor["user"]:
            raise Fault("factors of items after factors of users")
        if side == "user" and self.next_factor["item"] != out.items:
            raise Fault("factors of users before those of all items")
        if first != self.next_factor[side] or not 0 < n <= total - first:
            raise Fault("factors do not follow those before, or are more than H says")
        parts = {
            "data": _array(data, "data", n * personas * out.card["k"], "<f4"),
            "bias": _array(data, "bias", n, "<f4", not NEED),
        }
        if not np.isfinite(parts["data"]).all():
            raise Fault("a factor is not finite")
        if self.biased not in (None, parts["bias"] is not None):
            raise Fault("some factors have a bias and some have none")
        self.biased = parts["bias"] is not None
        if self.biased and not np.isfinite(parts["bias"]).all():
            raise Fault("a bias is not finite")
        if side == "item" and out.card["preset"].endswith("+pop"):
            parts["weight"] = weight = _array(data, "weight", n, "<f4")
            if not (np.isfinite(weight) & (weight >= 0)).all():
                raise Fault("a weight is below 0 or not finite")
        if personas > 1:
            parts["len"], parts["z"] = self._owners(data, first, n, personas)
        for key, part in parts.items():
            if part is not None:
                out.factors[side].setdefault(key, []).append(part)
        self.next_factor[side] += n

    def _owners(self, data: Map, first: int, n: int, personas: int):
        """The persona of each training cell, of the users of a frame."""
        length = _array(data, "len", n, "<u4").astype(np.int64)
        raw = data.bin("z")
        if length.sum() != len(raw):
            raise Fault("'z' has not one byte for each training cell")
        if self.out.rows:
            if self.train is None:
                self.train = train_cells(self.out)
            if (length != self.train[first : first + n]).any():
                raise Fault(
                    "the personas do not fit the training cells: the factors "
                    "are of other ratings"
                )
        z = np.frombuffer(raw, np.uint8)
        if (z >= personas).any():
            raise Fault("a cell belongs to a persona that is not there")
        return length, z

    def _read_h(self, data: Map) -> None:
        for entry in data.list("entries"):
            entry = inner(entry)
            entry.integer("iteration"), entry.word("half", 7, NEED)
            numbers = [entry.number(key) for key in _LOSSES]
            if not np.isfinite([x or 0 for x in numbers]).all():
                raise Fault("a number of the history is not finite")
            self.out.history.append(dict(entry))

    def _read_n(self, data: Map) -> None:
        data.flag("safe")
        text = data.text("text")
        if not text:
            raise Fault("the note is empty")
        if not is_utf8(text) or "\0" in text:
            raise Fault("the note is not UTF-8 without NUL")
        if len(text.encode()) > NOTE_MAX:
            raise Fault("the note has more than 65536 bytes")
        self.out.note = text

    def _read_E(self, data: Map) -> None:
        out = self.out
        if out.sections.get("R") and out.nnz is not None and out.cells != out.nnz:
            raise Fault("the stream has fewer cells than H says")
        frames, nnz = data.integer("frames", U64_MAX), data.integer("nnz", U64_MAX)
        if not isinstance(data.get("sections"), Map):
            raise Fault("key 'sections' is missing or not a map")
        sections = inner(data["sections"])
        if frames != len(out.frames) or nnz != out.cells:
            raise Fault("totals differ from what the stream holds")
        tags = [chr(c) for c in range(ord("A"), ord("z") + 1) if chr(c).isalpha()]
        for tag in tags:
            if tag != "E" and (
                sections.integer(tag, U64_MAX, need=False) or 0
            ) != out.sections.get(tag, 0):
                raise Fault("counts by section differ from what the stream holds")
        stages = data.list("prov")
        if len(stages) > STAGES_MAX:
            raise Fault("more stages of provenance than are allowed")
        out.provenance = [check_stage(stage) for stage in stages]


def check_stage(stage) -> dict:
    """A stage of provenance, as a dict. Raises Fault for what a tool would refuse."""
    broken = Fault("a stage of the provenance is not as it should be")
    try:
        stage = inner(stage)
        stage.name("tool", 63), stage.name("version", 63)
        stage.integer("seed", U64_MAX, need=False)
        inputs = [inner(one) for one in stage.list("inputs", not NEED)]
        for one in inputs:
            one.name("name", 63), one.integer("digest", U64_MAX)
        options = inner(stage["options"]) if stage.get("options") is not None else {}
    except Fault:
        raise broken from None
    if len(inputs) > INPUTS_MAX:
        raise Fault("a stage of the provenance has more than 64 inputs")
    known = {key: value for key, value in options.items() if value is not None}
    if len(known) > OPTIONS_MAX:
        raise Fault("a stage of the provenance has more than 40 options")
    for key, value in options.items():
        if not is_utf8(key) or "\0" in key or len(key.encode()) > 63:
            raise Fault(
                "a stage of the provenance has an option whose name is not at "
                "most 63 bytes of UTF-8"
            )
        if value is not None and (
            type(value) is not str
            or not is_utf8(value)
            or "\0" in value
            or len(value.encode()) > 255
        ):
            raise Fault(
                "a stage of the provenance has an option whose value is not a "
                "str of at most 255 bytes of UTF-8 without NUL"
            )
    return {**stage, "options": dict(known), "inputs": [dict(one) for one in inputs]}


def id_fault(text: bytes) -> str:
    """What is wrong with an id, or nothing."""
    if not text:
        return "is empty"
    if len(text) > ID_MAX:
        return "is longer than 65535 bytes"
    if b"\0" in text or b"\t" in text or b"\n" in text:
        return "holds a NUL, TAB or newline"
    try:
        text.decode()
    except UnicodeDecodeError:
        return "is not UTF-8"
    return ""


def train_cells(out: Decoded) -> np.ndarray:
    """[users] training cells of each user."""
    indptr = np.concatenate([[0], np.cumsum(out.joined(out.length, np.int64))])
    seen = np.concatenate([[0], np.cumsum(out.joined(out.fold, np.uint8) == 0)])
    return seen[indptr[1:]] - seen[indptr[:-1]]


def decode(frames, reader: FrameReader | None = None) -> Decoded:
    """The content of a bundle. `frames` may be the `reader` that messages point into.

    Raises BundleError, a ValueError.
    """
    decoder, place = Decoder(), reader or FrameReader(BytesIO(), "bundle")
    frame = None
    for index, frame in enumerate(frames):
        if not reader:
            place.index = index
        if decoder.at == "E":
            place.fail("a frame follows the end frame")
        try:
            decoder.take(frame)
        except Fault as fault:
            tagged = "" if str(fault).startswith("not a bundle") else f"{frame.tag}: "
            place.fail(f"{tagged}{fault}")
        if frame.tag == "E" and reader:
            decoder.out.digest = reader.check
    if frame is None:
        place.fail("the input is empty, not a bundle: what wrote it may have failed")
    if decoder.at != "E":
        place.fail(
            "the input ends without its end frame E: it was cut, or what wrote "
            "it failed"
        )
    return decoder.out
