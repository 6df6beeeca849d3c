"""The framing of a bundle: tagged, chained, checksummed. mf-bundle(5) has the bytes."""

import struct
from typing import BinaryIO, Iterable, Iterator, NamedTuple

from ._need import xxhash
from .wire import Map, parse

READ_MAX = 16 << 20  # bytes of payload that are accepted
WRITE_MAX = 8 << 20  # and that may be written anew

_LENGTHS = {0xC4: 1, 0xC5: 2, 0xC6: 4}  # heads of a bin
_KNOWN = (
    (b"%%MatrixMarket", "a matrix in MatrixMarket format", "mf-convert --from=mtx"),
    (b"PK\x03\x04", "a zip archive", "mf-convert --from=npz or mfpipe.from_scipy"),
    (b"\x93NUMPY", "an array of numpy", "mfpipe.from_scipy"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", "zstd -dc"),
    (b"PAR1", "a Parquet file", "mfpipe.from_parquet"),
    (b"\x89HDF", "an HDF5 file", "mfpipe.from_pandas"),
)


class BundleError(ValueError):
    """What was read is no sound bundle: `name: frame I@OFFSET: what is wrong`."""


class Frame(NamedTuple):
    """One frame: its tag, a letter, and its payload, a msgpack map."""

    tag: str
    payload: bytes

    def map(self) -> Map:
        return parse(self.payload)


def chain(tag: str, payload: bytes, before: int) -> int:
    """The check of a frame, seeded with that of the frame before (the first with 0)."""
    state = xxhash.xxh3_64(tag.encode(), seed=before)
    state.update(payload)
    return state.intdigest()


def digest(frames: Iterable[Frame]) -> int:
    """The digest of a bundle: its last check."""
    check = 0
    for tag, payload in frames:
        check = chain(tag, payload, check)
    return check


def write_frames(file: BinaryIO, frames: Iterable[Frame]) -> None:
    """Write frames, with their checks, to a binary file."""
    check = 0
    for tag, payload in frames:
        check = chain(tag, payload, check)
        size = len(payload)
        head = (
            struct.pack(">BB", 0xC4, size)
            if size < 1 << 8
            else (
                struct.pack(">BH", 0xC5, size)
                if size < 1 << 16
                else struct.pack(">BI", 0xC6, size)
            )
        )
        file.write(b"\x93\xa1" + tag.encode() + head)
        file.write(payload)
        file.write(struct.pack(">BQ", 0xCF, check))


class FrameReader:
    """Iterates over the frames of a binary file, each with its check verified.

    `index` and `offset` are those of the frame last read; `check` is its check.
    Raises BundleError.
    """

    def __init__(self, file: BinaryIO, name: str):
        self.file, self.name = file, name
        self.index, self.offset, self.check, self._next = -1, 0, 0, 0

    def fail(self, what: str):
        raise BundleError(
            f"{self.name}: frame {max(self.index, 0)}@{self.offset}: {what}"
        )

    def _take(self, n: int) -> bytes:
        data = self.file.read(n)
        while len(data) < n:  # a raw file may give less than there is
            more = self.file.read(n - len(data))
            if not more:
                self.fail("the input is cut short inside a frame")
            data += more
        return data

    def _no_frame(self, begin: bytes):
        if self.index:
            self.fail("the bytes are no frame; damaged")
        begin += self.file.read(64) or b""
        for magic, what, instead in _KNOWN:
            if begin.startswith(magic):
                self.fail(f"not a bundle: it is {what}: use {instead}")
        text = all(c >= 0x20 and c != 0x7F or c in b"\t\r\n" for c in begin)
        self.fail(
            "not a bundle: "
            + (
                "it is text: mf-convert makes a bundle of it"
                if text
                else "the bytes are no frame"
            )
        )

    def __iter__(self) -> Iterator[Frame]:
        while first := self.file.read(1):
            self.index, self.offset = self.index + 1, self._next
            head = first + (self.file.read(1) or b"") if first == b"\x93" else first
            if head not in (b"\x93\xa1", b"\x93"):
                self._no_frame(head)
            head += self._take(4 - len(head))
            tag, width = chr(head[2]), _LENGTHS.get(head[3], 0)
            if not width or not (tag.isascii() and tag.isalpha()):
                self._no_frame(head)
            size = int.from_bytes(self._take(width), "big")
            if size > READ_MAX:
                self.fail(f"payload of {size} bytes; at most {READ_MAX} are allowed")
            payload, check = self._take(size), self._take(9)
            want = chain(tag, payload, self.check)
            if check != struct.pack(">BQ", 0xCF, want):
                self.fail(
                    "check does not match: damaged, or frames are missing " "before it"
                )
            self.check = want
            self._next = self.offset + 4 + width + size + 9
            yield Frame(tag, payload)
        self.index, self.offset = self.index + 1, self._next
