"""The stage before dies: upstream.py CUTS < JOBS

JOBS: a line for each, the bundle that it reads, TAB, kind (text or binary), TAB, the command. The
bundle ends after each of its frames, within each, and at CUTS random bytes; the command gets it
through a pipe. It exits 1 with one line, and what it wrote is no result."""
import random, subprocess, sys

import msgpack

count = dict.fromkeys('tried silent crashed hung'.split(), 0)


def frame_ends(data):
    unpacker = msgpack.Unpacker(max_buffer_size=1 << 26)
    unpacker.feed(data)
    for _ in unpacker:
        yield unpacker.tell()


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
    draw = random.Random(1)
    for line in sys.stdin:
        file, kind, command = line.rstrip('\n').split('\t')
        whole = open(file, 'rb').read()
        ends = list(frame_ends(whole))
        assert ends[-1] == len(whole) and len(ends) > 4
        assert subprocess.run(command.split(), input=whole, stdout=subprocess.DEVNULL).returncode == 0
        cuts = {0} | set(ends[:-1]) | {(a + b) // 2 for a, b in zip([0] + ends, ends)}
        cuts |= {draw.randrange(len(whole)) for _ in range(int(sys.argv[1]))}
        for cut in sorted(cuts):
            count['tried'] += 1
            fault = fault_of(command.split(), whole[:cut], kind)
            if fault:
                count[fault] += 1
                print(f'{command}, {file} cut at {cut}: {fault}')
    print('upstream dies: ' + ', '.join(f'{n} {what}' for what, n in count.items()))
    sys.exit(sum(count.values()) > count['tried'] or count['tried'] < 50)


main()
