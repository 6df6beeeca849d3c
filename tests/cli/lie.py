"""A bundle with another value somewhere, its checks sound: lie.py KEY VALUE < BUNDLE

VALUE is Python. KEY is one of the model card or of the factors of users, `h` for the first
loss of the history, or `prov` for the options of the first stage.
"""
import struct
import sys

import msgpack
import xxhash

key, value, sent = sys.argv[1], eval(sys.argv[2]), 0
for tag, payload, check in msgpack.Unpacker(sys.stdin.buffer, max_buffer_size=1 << 26):
    data = msgpack.unpackb(payload)
    if tag == 'h' and key == 'h':
        data['entries'][0]['loss'] = value
    elif tag == 'E' and key == 'prov':
        data['prov'][0]['options'] = value
    elif tag in 'MF' and key in data and data.get('side') != 'item':
        data[key] = value
    payload = msgpack.packb(data)
    sent = xxhash.xxh3_64_intdigest(tag.encode() + payload, sent)
    sys.stdout.buffer.write(b'\x93' + msgpack.packb(tag) + msgpack.packb(payload)
                            + struct.pack('>BQ', 0xcf, sent))
