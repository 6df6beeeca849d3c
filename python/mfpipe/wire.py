"""msgpack as bundles have it: maps that are read within bounds, and packed.

msgpack packs; it does not read, because a reader here must hold every length against
what is left, refuse a key that stands twice, and keep the very bytes of what it does
not know. The words of a `Fault` are those of the C library.
"""

import math
import struct
import unicodedata

from ._need import msgpack

KEYS_MAX = 128
DEPTH_MAX = 8
VALUES_MAX = 131072
U32_MAX = (1 << 32) - 1
U64_MAX = (1 << 64) - 1

# What a first byte says: the struct format of a number, or the bytes of a length.
_NUMBERS = {
    0xCA: ">f",
    0xCB: ">d",
    0xCC: ">B",
    0xCD: ">H",
    0xCE: ">I",
    0xCF: ">Q",
    0xD0: ">b",
    0xD1: ">h",
    0xD2: ">i",
    0xD3: ">q",
}
_CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}
_BIN = {0xC4: 1, 0xC5: 2, 0xC6: 4}
_STR = {0xD9: 1, 0xDA: 2, 0xDB: 4}
_EXT = {0xC7: 1, 0xC8: 2, 0xC9: 4}
_ARRAY = {0xDC: 2, 0xDD: 4}
_MAP = {0xDE: 2, 0xDF: 4}
_ACTS = {
    0x61C,
    0x200E,
    0x200F,
    0xFEFF,
    *range(0x2028, 0x202F),
    *range(0x2066, 0x206A),
}  # control a terminal, or the order of what it shows


class Fault(Exception):
    """What is wrong with a payload; a reader says where."""


class _Ext:
    """A value of msgpack's extension types: nobody knows it, it is passed on."""


class Map(dict):
    """A msgpack map: its values by key.

    bin is a memoryview, str is str, where bytes that are no UTF-8 are surrogates.
    `pairs` has the bytes of each key with its value, `raw` those of the value.
    `fault` is what is wrong with its keys; None if nothing is.
    """

    def __init__(self):
        super().__init__()
        self.pairs, self.raw, self.fault = {}, {}, None

    def unknown(self, *known: str) -> list:
        """The bytes of the pairs whose keys are not these."""
        return [pair for key, pair in self.pairs.items() if key not in known]

    def _get(self, key, types, need):
        value = self.get(key)
        if value is None:
            if need:
                raise Fault(f"key '{key}' is missing")
        elif type(value) not in types:
            raise Fault(f"key '{key}' has a wrong type or range")
        return value

    def integer(self, key: str, most: int = U32_MAX, need: bool = True):
        """A number from 0 to `most`, or None where it may be missing."""
        value = self._get(key, (int,), need)
        if value is not None and not 0 <= value <= most:
            raise Fault(f"key '{key}' has a wrong type or range")
        return value

    def number(self, key: str, need: bool = False):
        value = self._get(key, (int, float), need)
        return None if value is None else float(value)

    def flag(self, key: str) -> bool:
        return bool(self._get(key, (bool,), False))

    def text(self, key: str) -> str:
        return self._get(key, (str,), True)

    def name(self, key: str, most: int, need: bool = True):
        """A str of UTF-8 without NUL, of at most so many bytes."""
        value = self._get(key, (str,), need)
        if value is not None and (
            not is_utf8(value) or "\0" in value or len(value.encode()) > most
        ):
            raise Fault(f"key '{key}' has a wrong type or range")
        return value

    def word(self, key: str, most: int, need: bool = False):
        """A name that a terminal may be shown."""
        value = self.name(key, most, need)
        if value and any(
            unicodedata.category(c) == "Cc" or ord(c) in _ACTS for c in value
        ):
            raise Fault(f"key '{key}' holds a control character")
        return value

    def bin(self, key: str, need: bool = True):
        return self._get(key, (memoryview,), need)

    def list(self, key: str, need: bool = True) -> list:
        return self._get(key, (list,), need) or []


def is_utf8(text: str) -> bool:
    """Were the bytes of this str UTF-8? Surrogates stand for those that were not."""
    return text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text)


class _Walker:
    """Reads values, one after the other, from bytes that may say anything."""

    def __init__(self, data):
        self.data, self.at, self.values = memoryview(data), 0, 0

    def take(self, n: int) -> memoryview:
        if n > len(self.data) - self.at:
            raise ValueError
        self.at += n
        return self.data[self.at - n : self.at]

    def length(self, width: int) -> int:
        return int.from_bytes(self.take(width), "big")

    def head(self):
        """The kind of what comes, and its number: a value, a length or a byte."""
        c = self.take(1)[0]
        if c <= 0x7F or c >= 0xE0:
            return "value", c - 256 * (c >= 0xE0)
        if c <= 0xBF:
            return (
                ("map", c & 15)
                if c <= 0x8F
                else ("array", c & 15) if c <= 0x9F else ("str", c & 31)
            )
        if c in _NUMBERS:
            form = _NUMBERS[c]
            return "value", struct.unpack(form, self.take(struct.calcsize(form)))[0]
        if c in _CONSTANTS:
            return "value", _CONSTANTS[c]
        for kind, widths in (
            ("bin", _BIN),
            ("str", _STR),
            ("array", _ARRAY),
            ("map", _MAP),
        ):
            if c in widths:
                return kind, self.length(widths[c])
        if c in _EXT:
            return "ext", 1 + self.length(_EXT[c])
        if 0xD4 <= c <= 0xD8:
            return "ext", 1 + (1 << (c - 0xD4))
        raise ValueError  # 0xc1 is never used

    def key(self) -> str:
        kind, n = self.head()
        if kind != "str":
            raise ValueError
        return str(self.take(n), "utf-8", "surrogateescape")

    def value(self, depth: int):
        self.values += 1
        if depth > DEPTH_MAX or self.values > VALUES_MAX:
            raise ValueError
        kind, n = self.head()
        if kind == "value":
            return n
        if kind == "str":
            return str(self.take(n), "utf-8", "surrogateescape")
        if kind == "bin":
            return self.take(n)
        if kind == "ext":
            self.take(n)
            return _Ext
        if n > len(self.data) - self.at:  # each element has a byte at least
            raise ValueError
        if kind == "array":
            return [self.value(depth + 1) for _ in range(n)]
        return self.map(n, depth)

    def map(self, n: int, depth: int) -> Map:
        """The n pairs of a map; those of the payload itself stand at depth 0."""
        found = Map()
        if n > KEYS_MAX:
            found.fault = "the map has too many keys"
            if depth == 0:
                raise Fault(found.fault)
        for _ in range(n):
            begin = self.at
            try:
                key = self.key()
            except ValueError:
                if depth:
                    raise
                raise Fault("a key of the map is no str, or is cut short") from None
            middle = self.at
            value = self.value(depth + 1)
            if key in found:
                found.fault = "a key of the map stands twice"
                if depth == 0:
                    raise Fault(found.fault)
            found[key] = value
            found.pairs[key] = self.data[begin : self.at]
            found.raw[key] = self.data[middle : self.at]
        return found


def parse(payload) -> Map:
    """The map that a payload is. Raises Fault."""
    walker = _Walker(payload)
    try:
        kind, n = walker.head()
    except ValueError:
        kind, n = "nothing", 0
    if kind != "map":
        raise Fault("the payload is not a map")
    try:
        found = walker.map(n, 0)
    except ValueError:
        raise Fault("a value of the map is cut short, too deep or too large") from None
    if walker.at != len(walker.data):
        raise Fault("bytes follow the map")
    return found


def inner(value) -> Map:
    """A map within a payload, its keys checked. Raises Fault."""
    if not isinstance(value, Map):
        raise Fault("the payload is not a map")
    if value.fault:
        raise Fault(value.fault)
    return value


def elements(array) -> memoryview:
    """The bytes of the elements of a packed array, without its head."""
    walker = _Walker(array)
    walker.head()
    return walker.data[walker.at :]


class Digest(int):
    """A number that is packed in the 9 bytes of a digest, however small it is."""


class Raw(bytes):
    """A value that is packed already."""


def pack(value) -> bytes:
    """A value as bytes: numbers in their shortest form, floats as f64, NaN as nil."""
    if isinstance(value, Raw):
        return value
    if isinstance(value, Digest):
        return b"\xcf" + value.to_bytes(8, "big")
    if isinstance(value, dict):
        return pack_map(value)
    if isinstance(value, (list, tuple)):
        return pack_array_head(len(value)) + b"".join(map(pack, value))
    if isinstance(value, float) and math.isnan(value):
        value = None
    return msgpack.packb(value, use_bin_type=True)


def pack_map(values: dict, more=()) -> bytes:
    """A map of these values, then of `more` pairs, which are bytes already."""
    parts = [msgpack.Packer().pack_map_header(len(values) + len(more))]
    for key, value in values.items():
        parts += (pack(key), pack(value))
    return b"".join((*parts, *more))


def pack_array_head(n: int) -> bytes:
    return msgpack.Packer().pack_array_header(n)
