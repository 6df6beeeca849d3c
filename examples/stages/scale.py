#!/usr/bin/env python3
"""scale.py FACTOR < BUNDLE > BUNDLE: a stage that multiplies every value."""
import signal, struct, sys
try:
    import msgpack, numpy as np, xxhash
except ModuleNotFoundError as missing:
    sys.exit(f'scale.py: there is no module {missing.name} for {sys.executable}: "pip install msgpack numpy xxhash" '
             'or, for the python3 of Debian, "apt install python3-msgpack python3-numpy python3-xxhash"')

def chain(tag, payload, before):
    return xxhash.xxh3_64_intdigest(tag.encode() + payload, before)

signal.signal(signal.SIGPIPE, signal.SIG_DFL)
sys.excepthook = lambda kind, error, where: print(f'scale.py: {error}', file=sys.stderr)
factor, read, sent, sections = float(sys.argv[1]), 0, 0, {}
frames = msgpack.Unpacker(sys.stdin.buffer, max_buffer_size=1 << 26)
for tag, payload, check in frames:
    read, data = chain(tag, payload, read), msgpack.unpackb(payload)
    if check != read:
        raise ValueError('a frame is damaged')
    if tag == 'H':
        dtype, data['value'] = {'u32': '<u4', 'f32': '<f4'}[data['value']], 'f32'
    elif tag == 'R':
        value = np.frombuffer(data['value'], dtype) * factor
        data['value'] = value.astype('<f4').data.cast('B')
    elif tag == 'E':
        if frames.read_bytes(1):
            raise ValueError('bytes follow the end frame E')
        data.update(frames=sum(sections.values()), sections=sections)
        data['prov'].append({'tool': 'scale.py', 'version': '1', 'options': {'factor': repr(factor)},
                             'inputs': [{'name': 'bundle', 'digest': read}]})
    elif tag in 'MF' or tag.islower() and not data.get('safe'):
        continue  # stale: made from the values that were
    elif tag.isupper() and tag != 'I':
        raise ValueError(f'frame {tag} is unknown and must not be skipped')
    payload = msgpack.packb(data) if tag in 'HRE' else payload  # with the keys that we do not know
    sent = chain(tag, payload, sent)
    sections[tag] = sections.get(tag, 0) + 1
    sys.stdout.buffer.write(b'\x93' + msgpack.packb(tag) + msgpack.packb(payload) + struct.pack('>BQ', 0xcf, sent))
if 'E' not in sections:  # msgpack ends quietly where its input was cut
    raise ValueError('the input ends without its end frame E: it was cut')
sys.stdout.flush()
