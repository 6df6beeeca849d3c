"""Print the cells of a bundle as user TAB item TAB value, from the bytes alone.

A second reader, which knows of mfpipe only what mf-bundle(5) says and needs
nothing but Python. `dump.py prov FILE` prints the provenance instead.
"""
import json
import struct
import sys

data = open(sys.argv[-1], 'rb').read()
at = 0


def take(n):
    global at
    at += n
    assert at <= len(data), 'cut'
    return data[at - n:at]


def number(fmt):
    return struct.unpack('>' + fmt, take(struct.calcsize('>' + fmt)))[0]


def value():
    b = number('B')
    if b < 0x80:
        return b
    if b < 0x90:
        return {value(): value() for _ in range(b & 15)}
    if b < 0xa0:
        return [value() for _ in range(b & 15)]
    if b < 0xc0:
        return take(b & 31).decode()
    if b >= 0xe0:
        return b - 256
    if b in (0xc0, 0xc2, 0xc3):
        return {0xc0: None, 0xc2: False, 0xc3: True}[b]
    if b in (0xc4, 0xc5, 0xc6):
        return take(number('BHI'[b - 0xc4]))
    if b in (0xca, 0xcb):
        return number('fd'[b - 0xca])
    if 0xcc <= b <= 0xd3:
        return number('BHIQbhiq'[b - 0xcc])
    if b in (0xd9, 0xda, 0xdb):
        return take(number('BHI'[b - 0xd9])).decode()
    if b in (0xdc, 0xdd):
        return [value() for _ in range(number('HI'[b - 0xdc]))]
    return {value(): value() for _ in range(number('HI'[b - 0xde]))}


def array(raw, fmt='I'):
    return struct.unpack(f'<{len(raw) // struct.calcsize(fmt)}{fmt}', raw)


ids = {'user': [], 'item': []}
rows = []
while at < len(data):
    tag, payload, _ = value()
    after, data_all = at, data
    data, at = payload, 0
    frame = value()
    data, at = data_all, after
    if tag == 'I':
        text, start = frame['text'], 0
        raw = text.encode() if isinstance(text, str) else text
        for n in array(frame['len']):
            ids[frame['axis']].append(raw[start:start + n].decode())
            start += n
    elif tag == 'R':
        lens, items = array(frame['len']), array(frame['item'])
        values, start = array(frame['value']), 0
        for r, n in enumerate(lens):
            for t in range(start, start + n):
                rows.append((frame['first'] + r, items[t], values[t]))
            start += n
    elif tag == 'E' and sys.argv[1] == 'prov':
        print(json.dumps(frame['prov'], ensure_ascii=False))
if sys.argv[1] != 'prov':
    for axis in ids.values():
        assert axis == sorted(axis, key=str.encode), 'an axis is not sorted'
        assert len(set(axis)) == len(axis), 'an id occurs twice'
    for u, i, v in rows:
        print(ids['user'][u], ids['item'][i], v, sep='\t')
