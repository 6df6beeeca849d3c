"""Files: compressed ones are read as they are, new ones appear whole or not at all."""

import bz2
import gzip
import lzma
import os
import secrets
import zlib
from contextlib import contextmanager
from typing import Any, BinaryIO, Iterator

_COMPRESSED = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ", lzma.open),
)
DAMAGED = (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error)


def named(source) -> str:
    """What messages call a path or a file."""
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source)
    name = getattr(source, "name", None)
    if not isinstance(name, str):
        return "bytes"
    return "standard input" if name == "<stdin>" else name


def plain(file) -> Any:
    """The file, or what gzip, bzip2 or xz made it of. Reading raises what DAMAGED has
    where it was cut."""
    begin = file.peek(8) if hasattr(file, "peek") else b""
    for magic, opener in _COMPRESSED:
        if begin.startswith(magic):
            return opener(file)
    return file


@contextmanager
def whole_file(path) -> Iterator[BinaryIO]:
    """A binary file that takes its name only when the block ends without an error.

    What is there and no regular file, such as a pipe, is written to as it is.
    """
    path = os.fspath(path)
    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, "wb") as file:
            yield file
        return
    folder, base = os.path.split(path)
    temporary = os.path.join(folder, f".{base}.{secrets.token_hex(4)}")
    with open(temporary, "xb") as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
