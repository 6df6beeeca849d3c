"""What the tests share."""

import io
import random
import struct
from importlib.util import find_spec
from pathlib import Path

import mfpipe
import msgpack
from mfpipe.frames import Frame, FrameReader, write_frames

TOP = Path(__file__).resolve().parents[2]
GOLDEN = sorted((TOP / "tests" / "golden").glob("*.mf"))
CORPUS = sorted((TOP / "tests" / "fuzz" / "corpus" / "bundle").iterdir())


def has(module: str) -> bool:
    return find_spec(module) is not None


def written(bundle) -> bytes:
    file = io.BytesIO()
    mfpipe.write(bundle, file)
    return file.getvalue()


def packed(frames) -> bytes:
    """Frames with sound checks, whatever they say."""
    file = io.BytesIO()
    write_frames(file, frames)
    return file.getvalue()


def frames(path) -> list:
    with open(path, "rb") as file:
        return list(FrameReader(file, "x"))


def amended(path, change) -> bytes:
    """A bundle whose frames, [tag, map], `change` has changed, its checks sound."""
    all_of = [[f.tag, msgpack.unpackb(f.payload)] for f in frames(path)]
    change(all_of)
    return packed(Frame(tag, msgpack.packb(data)) for tag, data in all_of)


def golden(name: str) -> Path:
    return TOP / "tests" / "golden" / f"{name}.mf"


def u32(*numbers: int) -> bytes:
    return struct.pack(f"<{len(numbers)}I", *numbers)


ODD = (
    None,
    True,
    0,
    1,
    3,
    -1,
    255,
    1 << 32,
    (1 << 64) - 1,
    0.5,
    -0.5,
    float("nan"),
    float("inf"),
    "",
    "user",
    "x" * 300,
    "a\tb",
    "\x07",
    "a\u202e",
    b"",
    b"\0" * 4,
    [],
    {},
    {"a": 1},
    [[[[[[[[[1]]]]]]]]],
    "f32",
    msgpack.ExtType(3, b"ab"),
    1e308,
    "implicit+pop",
)


def mutated(value, luck: random.Random):
    """Something near this value, or far from it."""
    if isinstance(value, dict) and value and luck.random() < 0.93:
        key, chance = luck.choice(list(value)), luck.random()
        if chance < 0.08:
            del value[key]
        elif chance < 0.12:
            value["zz"] = luck.choice(ODD)
        else:
            value[key] = mutated(value[key], luck)
        return value
    if isinstance(value, list) and value and luck.random() < 0.8:
        at = luck.randrange(len(value))
        value[at] = mutated(value[at], luck)
        return value
    if isinstance(value, bytes) and value and luck.random() < 0.8:
        data = bytearray(value)
        data[luck.randrange(len(data))] = luck.choice((0, 1, 2, 3, 4, 127, 255))
        return bytes(data[:-1] if luck.random() < 0.15 else data)
    if type(value) is int and luck.random() < 0.6:
        return max(value + luck.choice((-1, 1, 2)), 0)
    return luck.choice(ODD)


def hostile(luck: random.Random) -> bytes:
    """A golden bundle with something wrong in it, or nothing, its checks sound."""
    some = frames(luck.choice(GOLDEN))
    at, chance = luck.randrange(len(some)), luck.random()
    if chance < 0.06:
        some.insert(at, luck.choice(some))
    elif chance < 0.1:
        del some[at]
    elif chance < 0.14:
        some[at] = Frame(luck.choice("HIRMFhEnxCZ"), some[at].payload)
    elif chance < 0.22:
        data = bytearray(some[at].payload)
        data[luck.randrange(len(data))] = luck.randrange(256)
        some[at] = Frame(some[at].tag, bytes(data))
    else:
        value = mutated(msgpack.unpackb(some[at].payload), luck)
        some[at] = Frame(some[at].tag, msgpack.packb(value))
    return packed(some)
