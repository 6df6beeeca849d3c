"""Inputs that are shaped to cost much: denial.py LINES IDS.

LINES: of each of the shapes below, through every tool. IDS: how many ids, those that collide
under XXH3-64 with seed 0 against as many that do not. Time and memory must grow as the input
does: at most 60 microseconds and 600 bytes a line, beside what a start costs."""
import os, subprocess, sys

BUILD = os.environ['BUILD']
SECONDS, BYTES, START_SECONDS, START_BYTES = 60e-6, 600, 3, 250 << 20
count = dict.fromkeys('tried failed slow over_memory'.split(), 0)


def run(command, source):
    """Status, CPU seconds, peak of memory; what it writes goes to the next."""
    with open(source, 'rb') as file, open('next', 'wb') as out:
        child = subprocess.Popen(command.split(), stdin=file, stdout=out)
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss << 10


def within(what, command, source, lines, ends=(0,)):
    status, seconds, peak = run(command, source)
    count['tried'] += 1
    for name, bad in (('failed', status not in ends),
                      ('slow', seconds > START_SECONDS + SECONDS * lines),
                      ('over_memory', peak > START_BYTES + BYTES * lines)):
        if bad:
            count[name] += 1
            print(f'{what}: {name}, exit {status}, {seconds:.2f} s, {peak >> 20} MB: {command}')
    return seconds


def shapes(n):
    yield 'a million users of one line', ((f'u{i}', f's{i % 50}', 1) for i in range(n))
    yield 'a user of a million items', ((f'u{i % 3 if i < 9 else 0}', f's{i}', 1) for i in range(n))
    yield 'an item of a million users', ((f'u{i // 2}', f's{0 if i % 2 else i % 7 + 1}', 1) for i in range(n))
    yield 'few cells again and again', ((f'u{i % 20}', f's{(i + i // 20 % 3) % 20}', 1) for i in range(n))
    yield 'equal rows', ((f'u{i // 20}', f's{i % 20}', 1) for i in range(n))
    yield 'a chain', ((f'u{i // 2}', f's{(i + 1) // 2}', 1) for i in range(n))


STEPS = ('mf-convert --from=tsv', 'mf-split --test .3 -q', 'mf-transform -e bm25 -q', 'mf-filter --min-items 1 -q',
         'mf-als -q -k 3 -p 2 -n 2', 'mf-info')
ASIDE = {'mf-als -q -k 3 -p 2 -n 2': ('mf-eval -q -m ndcg@10,rmse', 'mf-recommend -q --top 3', 'mf-convert --to=tsv')}


def shape(what, cells, n):
    songs = set()
    with open('plays', 'w') as file:
        for user, song, plays in cells:
            songs.add(song)
            file.write(f'{user}\t{song}\t{plays}\n')
    with open('tracks', 'w') as file:
        for song in sorted(songs):
            file.write(f'T<SEP>{song}<SEP>A{song}<SEP>x\n')
    for options in ('--min-artists 1', '--min-artists 1 --memory 1M --tmpdir .'):
        within(what, f'msd-aggregate -q -t tracks {options}', 'plays', n)
    for options in ('', '--memory 1M --tmpdir .'):  # there may be nothing left
        within(what, f'msd-aggregate -q -t tracks --core --min-listeners 2 {options}', 'plays', n, (0, 1))
    source = 'plays'
    within(what, 'mf-convert --from=tsv', source, n)
    os.replace('next', 'cells')
    within(what, 'mf-filter --min-items 2 --core -q', 'cells', n, (0, 1))
    for step in STEPS:
        within(what, step, source, n)
        os.replace('next', 'step')
        source = 'step'
        for command in ASIDE.get(step, ()):
            # a ranking costs users times items, and a chain has as many of both as lines
            if what != 'a chain' or n <= 20000 or command.startswith('mf-convert'):
                within(what, command, source, n)


def collisions(n):
    bad = subprocess.run([BUILD + '/tests/fault/collide', str(n)], capture_output=True, check=True,
                         text=True).stdout.split('\n')[:n]
    assert len(set(bad)) == n
    good = [f'{i:08d}' for i in range(n)]
    for what, line in (('users', '{}\ts1\t1\n'), ('items', 'u\t{}\t1\n')):
        for command in ('mf-convert --from=tsv', 'msd-aggregate -q -j 1 --level=song --min-artists 1'):
            seconds = []
            for ids in (good, bad):
                with open('plays', 'w') as file:
                    file.writelines(line.format(i) for i in ids)
                seconds.append(within(f'colliding {what}', command, 'plays', n))
            if seconds[1] > 3 * seconds[0] + .3:
                count['slow'] += 1
                print(f'colliding {what}: {seconds[1]} s, ordinary ones {seconds[0]} s: {command}')


def main():
    lines, ids = int(sys.argv[1]), int(sys.argv[2])
    for what, cells in shapes(lines):
        shape(what, cells, lines)
    collisions(ids)
    print('denial: ' + ', '.join(f'{n} {what}' for what, n in count.items()))
    sys.exit(sum(count.values()) > count['tried'])


main()
