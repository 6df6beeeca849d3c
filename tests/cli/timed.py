"""Give the cells of a bundle times: timed.py TIMES < BUNDLE > BUNDLE

TIMES has lines of user TAB item TAB seconds. An encoder of its own, which knows of
mfpipe only what mf-bundle(5) says; to write, the bundle must not hold a model.
`timed.py --show < BUNDLE` prints user, item, value, fold and time instead.
"""
import struct
import sys
from array import array  # numpy takes five times as long to start

import msgpack
import xxhash

show = sys.argv[1] == '--show'
times = {}
if not show:
    for line in open(sys.argv[1], encoding='utf-8'):
        user, item, seconds = line.rstrip('\n').split('\t')
        times[user, item] = int(seconds)
ids, read, sent, sections = {'user': [], 'item': []}, 0, 0, {}
kind, timed, tag = 'I', False, ''
for tag, payload, check in msgpack.Unpacker(sys.stdin.buffer, max_buffer_size=1 << 26):
    read = xxhash.xxh3_64_intdigest(tag.encode() + payload, read)
    assert read == check, 'damaged'
    data = msgpack.unpackb(payload)
    if tag == 'H':
        kind = {'u32': 'I', 'f32': 'f'}[data['value']]
        timed = data['version'] >= [1, 1] and data.get('time', False)
        data['version'], data['time'] = [1, 1], True
    elif tag == 'I':
        at, text = 0, data['text'].encode()
        for n in array('I', data['len']):
            ids[data['axis']].append(text[at:at + n].decode())
            at += n
    elif tag == 'R':
        user = [data['first'] + u for u, n in enumerate(array('I', data['len'])) for _ in range(n)]
        item = array('I', data['item'])
        if show:
            fold = data.get('fold') or bytes(len(item))
            value = array(kind, data['value'])
            time = array('q', data['time']) if timed else [''] * len(item)
            for u, i, v, f, t in zip(user, item, value, fold, time, strict=True):
                print(ids['user'][u], ids['item'][i], f'{v:g}', f, t, sep='\t')
        data['time'] = array('q', [times.get((ids['user'][u], ids['item'][i]), 0)
                                   for u, i in zip(user, item)]).tobytes()
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
