"""A bundle that is not what was written: upstream.py WHAT N < JOBS

JOBS: a line for each, the bundle that it reads, TAB, kind (text or binary), TAB, the command, which
gets the bundle through a pipe. WHAT is done to it:

  cuts    it ends after each of its frames, within each, and at N random bytes: the stage before dies
  flips   one bit is another one, at N random places and, of several, the first and the last
  frames  a frame is missing, there twice, or in the place of another: each, or N of these; or
          something follows the end

The command exits 1 with one line, and what it wrote is no result."""
import random, subprocess, sys

import msgpack

count = dict.fromkeys('tried silent crashed hung'.split(), 0)
SUFFIXES = (b'\0', b'\n', b'\xc0', b'x', b'0' * 8, b'\xff' * 100, b'\x93', b'\x93\xa1E\xc4')


def frame_ends(data):
    unpacker = msgpack.Unpacker(max_buffer_size=1 << 26)
    unpacker.feed(data)
    for _ in unpacker:
        yield unpacker.tell()


def cuts(whole, ends, n, draw):
    at = {0} | set(ends[:-1]) | {(a + b) // 2 for a, b in zip([0] + ends, ends)}
    at |= {draw.randrange(len(whole)) for _ in range(n)}
    for cut in sorted(at):
        yield f'cut at {cut}', whole[:cut]


def flips(whole, ends, n, draw):
    bits = [draw.randrange(8 * len(whole)) for _ in range(n)]
    for bit in bits + ([0, 8 * len(whole) - 1] if n > 1 else []):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        yield f'bit {bit}', bytes(changed)


def frames(whole, ends, n, draw):
    part = [whole[a:b] for a, b in zip([0] + ends, ends)]
    made = [(f'frame {i} missing', part[:i] + part[i + 1:]) for i in range(len(part))]
    made += [(f'frame {i} twice', part[:i + 1] + part[i:]) for i in range(len(part))]
    made += [(f'frames {i} and {j} swapped', part[:i] + [part[j]] + part[i + 1:j] + [part[i]] + part[j + 1:])
             for i in range(len(part)) for j in range(i + 1, len(part)) if part[i] != part[j]]
    made += [(f'{suffix[:4]} behind', part + [suffix]) for suffix in SUFFIXES + (part[0], whole)]
    for name, parts in made if n >= len(made) else draw.sample(made, n):
        yield name, b''.join(parts)


def looks_sound(result):
    return subprocess.run(['mf-info', '--check'], input=result, stderr=subprocess.DEVNULL).returncode == 0


def fault_of(command, data, kind):
    """What is wrong with how the command takes it, or None."""
    try:
        run = subprocess.run(command, input=data, capture_output=True, timeout=60)
    except subprocess.TimeoutExpired:
        return 'hung'
    if run.returncode < 0 or run.returncode > 2:
        return 'crashed'
    if run.returncode != 1 or run.stderr.count(b'\n') != 1:
        return 'silent'
    if run.stdout and (kind == 'text' or looks_sound(run.stdout)):
        return 'silent'
    return None


def main():
    what, n = sys.argv[1], int(sys.argv[2])
    damage = {'cuts': cuts, 'flips': flips, 'frames': frames}[what]
    draw = random.Random(1)
    for line in sys.stdin:
        file, kind, command = line.rstrip('\n').split('\t')
        whole = open(file, 'rb').read()
        ends = list(frame_ends(whole))
        assert ends[-1] == len(whole) and len(ends) > 4
        assert subprocess.run(command.split(), input=whole, stdout=subprocess.DEVNULL).returncode == 0
        for name, data in damage(whole, ends, n, draw):
            count['tried'] += 1
            fault = fault_of(command.split(), data, kind)
            if fault:
                count[fault] += 1
                print(f'{command}, {file}, {name}: {fault}')
    print(f'bundles, {what}: ' + ', '.join(f'{n} {what}' for what, n in count.items()))
    sys.exit(sum(count.values()) > count['tried'] or count['tried'] < 20)


main()
