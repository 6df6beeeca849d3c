"""Inputs that are small, empty, extreme or dirty, through every tool: shapes.py values|text SOME

values  matrices of one user, one item, one cell, equal, huge, 0 or negative values, values that are no
        numbers, without test cells, without anything else; with k = p = 1 and k above what there is
text    what is wrong with lines of text, in every file of lines that a tool reads

Each command ends with 0, or with 1 and one line; 2 for an option that cannot be; and no text says
nan or inf, nor is it anything but UTF-8. SOME: one in so many of the commands are run."""
import itertools, os, re, subprocess, sys

count = dict.fromkeys('tried accepted refused wrong'.split(), 0)
golden = os.environ['TOP'] + '/tests/golden/'
step, at = int(sys.argv[2]), 0


def write(name, data):
    with open(name, 'wb') as file:
        file.write(data if isinstance(data, bytes) else data.encode())


def run(command, source, shown=True):
    """Its output, or None."""
    with open(source, 'rb') as file:
        done = subprocess.run(command.split(), stdin=file, capture_output=True, timeout=60)
    count['tried'] += 1
    lines = done.stderr.decode(errors='replace').splitlines()
    errors = [line for line in lines if ': warning: ' not in line]
    bad = done.returncode not in (0, 1, 2) or (done.returncode and len(errors) != 1)
    if shown and done.returncode == 0:
        try:
            text = done.stdout.decode()
            given = open('dirty', 'rb').read() if os.path.exists('dirty') else b''
            if b'nan' not in given and b'inf' not in given:  # mf-score gives back what it gets
                bad |= re.search(r'(?<![\w-])[-+]?(nan|inf|infinity)(?!\w)', text, re.I) is not None
        except UnicodeDecodeError:
            bad = True
    count['accepted' if done.returncode == 0 else 'refused'] += 1
    if bad:
        count['wrong'] += 1
        print(f'{command}, {source}: exit {done.returncode}: {lines} {done.stdout[:200]}')
    return done.stdout if done.returncode == 0 else None


def chosen():
    global at
    at += 1
    return at % step == 0


MATRICES = {
    'one cell': 'u\ti\t1\n',
    'one user': ''.join(f'u\ti{n}\t{n + 1}\n' for n in range(9)),
    'one item': ''.join(f'u{n}\ti\t{n + 1}\n' for n in range(9)),
    'two apart': 'u\ti\t1\nv\tj\t2\n',
    'equal': ''.join(f'u{a}\ti{b}\t1\n' for a in range(6) for b in range(6)),
    'huge': ''.join(f'u{a}\ti{b}\t{3e38 if a == b else 1e-38}\n' for a in range(6) for b in range(5)),
    'counts': ''.join(f'u{a}\ti{b}\t4294967295\n' for a in range(5) for b in range(4)),
    'zeros': ''.join(f'u{a}\ti{b}\t0\n' for a in range(5) for b in range(4)),
    'negative': ''.join(f'u{a}\ti{b}\t-{a + 1}\n' for a in range(5) for b in range(4)),
    'ratings': ''.join(f'u{a}\ti{b}\t{(a * b) % 5 + .5}\n' for a in range(8) for b in range(7) if (a + b) % 3),
    'nan': 'u\ti\tnan\n', 'inf': 'u\ti\t1e39\n', 'nothing': '',
}
SPLITS = ('', 'mf-split -q --test .3', 'mf-split -q --method=users --test .5 --valid .2', 'mf-split -q --method=leave-out')
STAGES = ('mf-transform -q -e bm25', 'mf-transform -q -e tfidf', 'mf-transform -q -e log2:1', 'mf-filter -q --min-items 2 --core',
          'mf-convert --join -', 'mf-info', 'mf-info --format=json', 'mf-tune -q -n 1 -k 2 --trials 2 --print')
MODELS = ('-k 1 -p 1', '-k 2 -p 3', '-k 40 -p 2', '-k 2 -p 2 --preset=explicit', '-k 2 --preset=study', '-k 3 --preset=wrmf')
USES = ('mf-eval -q -B all', 'mf-eval -q --by=popularity --format=json', 'mf-eval -q -m rmse,mae,auc,entropy,distance',
        'mf-recommend -q', 'mf-recommend -q --explain --diversify=personas --format=json', 'mf-recommend -q --rarity=.5 --diversify=mmr',
        'mf-recommend -q --histories lines', 'mf-score -q - lines', 'mf-info', 'mf-convert --part=users --to=tsv', 'mf-convert --to=tsv')


def values():
    write('lines', 'u\ti\nu0\ti0\t2\nu1\ti1\t1\n')
    for what, text in MATRICES.items():
        write('cells', text)
        bundle = run('mf-convert --from=tsv', 'cells', False)
        if bundle is None:
            continue
        write('counts.mf', bundle)
        for split in SPLITS:
            made = run(split, 'counts.mf', False) if split else bundle
            if made is None:
                continue
            write('split.mf', made)
            for stage in STAGES:
                if chosen():
                    run(stage, 'split.mf', 'info' in stage)
            for model in MODELS:
                if not chosen():
                    continue
                made = run('mf-als -q -j 1 -n 2 ' + model, 'split.mf', False)
                if made is None:
                    continue
                write('model.mf', made)
                for use in USES if step == 1 else (USES[at // step % len(USES)],):
                    run(use, 'model.mf')


# What stands for a line, with %s in the place of what is there else.
LINES = [b'', b' ', b'\t', b'\t\t', b'\t\t\t\t\t\t', b'%s\r', b'\xef\xbb\xbf%s', b'%s\0', b'\0', b'%s\xff', b'\xc0\x80%s',
         b'\xed\xa0\x80', b'\xf4\x90\x80\x80', b'\xff\xfe%s', b'PK\3\4%s', b'\x93\xa1H%s', b'%s\t', b'\t%s', b' %s ', b'%s\textra',
         b'%s %s', b'"%s"', b'"%s', b'%s"', b'\'%s\'', b'%s\\', b'#%s', b'%%', b'{%s}', b'{"user":"%s"}', b'[', b'{"user":{"user":1}}',
         b'%s\t-1', b'%s\t1e3', b'%s\t4294967296', b'%s\t18446744073709551616', b'%s\t1e400', b'%s\tnan', b'%s\t-inf',
         b'%s\t0x10', b'%s\t1,5', b'%s\t1.5.5', b'%s\t+1', b'%s\t.', b'%s\t--', b'%s\t1_000', b'%s\t\xd9\xa1', b'%s\n%s',
         b'%s\n\n%s', b'%s\r\r\n', b'%s\x0b', b'%s\x1b[2J', b'%s\xe2\x80\xae', b'%s\xc2\x85', b'user\titem', b'%%MatrixMarket x',
         b'\x1f\x8b%s', b'BZh%s', b'\x28\xb5\x2f\xfd%s', b'x' * 70000, b'x' * (1 << 20), b'%s' + b'y' * 66000, b'1 1', b'1 1 1']
READERS = [  # the file, a good line, the command
    ('msd-aggregate -q --min-artists=1 --level=song', 'ann\tSO1\t3'), ('msd-aggregate -q --min-artists=1 -t {} plays', 'TR1<SEP>SO1<SEP>Abba<SEP>x'),
    ('msd-aggregate -q --min-artists=1 --level=song --mismatches {} plays', 'ERROR: <SO1 TR1> a - b != c - d'),
    ('mf-convert --from=tsv', 'anna\tABBA\t2'), ('mf-convert --from=csv', 'anna,ABBA,2'), ('mf-convert --from=inter', 'anna\tABBA\t2'),
    ('mf-convert --from=ndjson', '{"user":"a","item":"b"}'), ('mf-convert --from=lists', 'anna ABBA'), ('mf-convert --from=mtx', '1 1 2'),
    ('mf-convert --from=mtx --user-names {} matrix', 'anna'),
    ('mf-recommend -q --history {} MODEL', 'ABBA'), ('mf-recommend -q --histories {} MODEL', 'anna\tABBA'),
    ('mf-recommend -q --user-list {} MODEL', 'anna'), ('mf-recommend -q --items {} MODEL', 'ABBA'),
    ('mf-recommend -q --exclude {} MODEL', 'ABBA'), ('mf-score -q MODEL -', 'anna\tABBA'), ('mf-score -q --header MODEL -', 'user\titem'),
    ('mf-filter -q --users {} MODEL', 'anna'), ('mf-filter -q --not-items {} MODEL', 'ABBA'),
    ('mf-eval -q --lists {} MODEL', 'anna\tABBA\t1'), ('mf-eval -q --lists {} MODEL', 'anna Q0 ABBA 1 2 x')]

HEADS = {'mf-convert --from=mtx': b'%%MatrixMarket matrix coordinate real general\n9 9 2\n',
         'mf-convert --from=inter': b'user:token\titem:token\tcount:float\n'}


def read(command):
    """The file `dirty`, by a command of READERS."""
    return run(command.format('dirty').replace('MODEL', golden + 'persona-model.mf'),
               'dirty' if '{}' not in command else '/dev/null', command.startswith(('mf-recommend', 'mf-eval', 'mf-score')))


def text():
    write('plays', 'ann\tSO1\t3\nann\tSO2\t1\n')
    write('matrix', '%%MatrixMarket matrix coordinate real general\n1 1 1\n1 1 1\n')
    for command, good in READERS:
        head = HEADS.get(command, b'').replace(b'9 9 2', b'9 9 1')
        write('dirty', head + good.encode() + b'\n')
        if read(command) is None:
            print(f'{command}: a good line is refused')
            count['wrong'] += 1
    for (command, good), line in itertools.product(READERS, LINES):
        if not chosen():
            continue
        good = good.encode()
        dirty = line.replace(b'%s', good)
        before = HEADS.get(command, b'')
        for data in (before + good + b'\n' + dirty + b'\n', dirty, dirty + b'\n' + good):
            write('dirty', data)
            read(command)


{'values': values, 'text': text}[sys.argv[1]]()
print(f'shapes, {sys.argv[1]}: ' + ', '.join(f'{n} {what}' for what, n in count.items()))
sys.exit(count['wrong'] > 0 or count['accepted'] == 0 or count['refused'] == 0)
