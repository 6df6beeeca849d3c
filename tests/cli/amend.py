"""amend.py CODE < BUNDLE > BUNDLE: run Python on the frames, with sound checks.

`frames` is a list of [tag, payload]; a payload whose tag is None is put as its bytes are.
"""
import struct
import sys

import msgpack
import xxhash

frames = [[tag, msgpack.unpackb(payload)] for tag, payload, _ in msgpack.Unpacker(sys.stdin.buffer)]
exec(sys.argv[1])
chain = 0
for tag, payload in frames:
    if tag is not None:
        payload = msgpack.packb(payload)
        chain = xxhash.xxh3_64_intdigest(tag.encode() + payload, chain)
        payload = b'\x93' + msgpack.packb(tag) + msgpack.packb(payload) + struct.pack('>BQ', 0xcf, chain)
    sys.stdout.buffer.write(payload)
