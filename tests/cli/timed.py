"""Give the cells of a bundle times: timed.py TIMES < BUNDLE > BUNDLE

TIMES has lines of user TAB item TAB seconds. An encoder of its own, which knows of
mfpipe only what mf-bundle(5) says; to write, the bundle must not hold a model.
`timed.py --show < BUNDLE` prints user, item, value, fold and time instead.
"""
import struct
import sys

import msgpack
import numpy as np
import xxhash

show = sys.argv[1] == '--show'
times = {}
if not show:
    for line in open(sys.argv[1], encoding='utf-8'):
        user, item, seconds = line.rstrip('\n').split('\t')
        times[user, item] = int(seconds)
ids, read, sent, sections = {'user': [], 'item': []}, 0, 0, {}
dtype, timed, tag = '<u4', False, ''
for tag, payload, check in msgpack.Unpacker(sys.stdin.buffer, max_buffer_size=1 << 26):
    read = xxhash.xxh3_64_intdigest(tag.encode() + payload, read)
    assert read == check, 'damaged'
    data = msgpack.unpackb(payload)
    if tag == 'H':
        dtype = {'u32': '<u4', 'f32': '<f4'}[data['value']]
        timed = data['version'] >= [1, 1] and data.get('time', False)
        data['version'], data['time'] = [1, 1], True
    elif tag == 'I':
        at, text = 0, data['text'].encode()
        for n in np.frombuffer(data['len'], '<u4'):
            ids[data['axis']].append(text[at:at + n].decode())
            at += n
    elif tag == 'R':
        user = np.repeat(np.arange(data['n']) + data['first'],
                         np.frombuffer(data['len'], '<u4'))
        item = np.frombuffer(data['item'], '<u4')
        if show:
            fold = np.frombuffer(data.get('fold') or bytes(len(item)), 'u1')
            value = np.frombuffer(data['value'], dtype)
            time = np.frombuffer(data['time'], '<i8') if timed else [''] * len(item)
            for u, i, v, f, t in zip(user, item, value, fold, time, strict=True):
                print(ids['user'][u], ids['item'][i], f'{v:g}', f, t, sep='\t')
        data['time'] = np.array([times.get((ids['user'][u], ids['item'][i]), 0)
                                 for u, i in zip(user, item)], '<i8').tobytes()
    elif tag == 'E':
        data['prov'].append({'tool': 'timed.py', 'version': '1',
                             'inputs': [{'name': 'bundle', 'digest': read}]})
    else:
        assert show or tag.islower(), f'a frame {tag}'
    if show:
        continue
    payload = msgpack.packb(data) if tag in 'HRE' else payload
    sent = xxhash.xxh3_64_intdigest(tag.encode() + payload, sent)
    sys.stdout.buffer.write(b'\x93' + msgpack.packb(tag) + msgpack.packb(payload)
                            + struct.pack('>BQ', 0xcf, sent))
assert tag == 'E', 'cut'
