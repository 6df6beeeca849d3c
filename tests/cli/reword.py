"""reword.py TAG PATH TEXT < BUNDLE > BUNDLE: put a text into the frames TAG, with sound checks.

PATH is of keys and indexes, parted by commas. TEXT is as Python writes it.
"""
import ast
import struct
import sys

import msgpack
import xxhash

tag, path, text = sys.argv[1:]
*path, last = [int(p) if p.isdigit() else p for p in path.split(',')]
chain = 0
for name, payload, _ in msgpack.Unpacker(sys.stdin.buffer):
    if name == tag:
        data = at = msgpack.unpackb(payload)
        for key in path:
            at = at[key]
        at[last] = ast.literal_eval(f"'{text}'")
        payload = msgpack.packb(data)
    chain = xxhash.xxh3_64_intdigest(name.encode() + payload, chain)
    sys.stdout.buffer.write(b'\x93' + msgpack.packb(name) + msgpack.packb(payload) + struct.pack('>BQ', 0xcf, chain))
