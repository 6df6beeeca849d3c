"""The data sets: made by msd-synth, kept under build/bench/data.

A shape is users x items and the mean artists of a user. All have a median of 24
artists at a mean of 40, a log-normal tail, and popularity like Zipf's law."""
import os
import subprocess

from harness import Failed, run, say

SHAPES = {
    'X': (200, 100, 10),             # tests of these programs
    'T': (2000, 1000, 20),           # tiny: a look at whether all runs
    'S': (50000, 10000, 40),         # 2.0 M cells
    'M': (300000, 25000, 40),        # 12.0 M cells
    'MSD': (1000000, 44000, 40),     # 40 M cells, 52 M lines: the Taste Profile's size
}
# Real data, below a folder that --real names; none of it is here. A set is left out
# where it is absent.
REAL = {
    'hetrec': ['hetrec2011-lastfm-2k/user_artists.dat', '--header', '--columns',
               'userID,artistID,weight'],
    'gowalla': ['gowalla/train.tsv', '--columns', '1,2'],
}
# Files of triplets by lines. A user of mean 40 artists has about 52 lines.
LINES = {'10k': 10_000, '1M': 1_000_000, '10M': 10_000_000, '48M': 48_000_000}
ARTISTS = {'10k': 1000, '1M': 10000, '10M': 44000, '48M': 44000}
MIN_LINES_PER_USER = 49


def synth(place, users, items, mean, tracks, plays):
    """Triplets to the file or pipe `plays`."""
    argv = [place.tool('msd-synth'), '--users', str(users), '--artists', str(items),
            '--artists-per-user', str(mean), '--tracks', tracks]
    return subprocess.Popen(argv, stdout=plays)


def make(place, path, steps):
    """Make the file `path` by steps(temporary path), once."""
    if not os.path.exists(path):
        say(f'making {os.path.relpath(path)}')
        steps(path + '.new')
        os.replace(path + '.new', path)
    return path


def bundle_of(place, users, items, mean, path):
    """A bundle of counts of this shape, through the tools; no user is filtered."""
    def steps(new):
        tracks, plays = new + '.tracks', new + '.plays'
        run([place.tool('msd-synth'), '--users', str(users), '--artists', str(items),
             '--artists-per-user', str(mean), '--tracks', tracks, '-o', plays])
        run([place.tool('msd-aggregate'), '--min-artists', '1', '-t', tracks, plays,
             '-o', new])
        os.remove(tracks)
        os.remove(plays)
    return make(place, path, steps)


def bundle(place, size):
    path = place.file(size + '.mf')
    if size in SHAPES:
        return bundle_of(place, *SHAPES[size], path)
    name, *options = REAL[size]
    source = os.path.join(place.real, name)
    if not os.path.exists(source):
        raise Failed(f'{source} is not there')
    return make(place, path, lambda new: run(
        [place.tool('mf-convert'), '--from=tsv', *options, source, '-o', new]))


def matrix(place, size):
    """The same cells as scipy's .npz, for the peers."""
    source = bundle(place, size)
    return make(place, place.file(size + '.npz'), lambda new: run(
        [place.tool('mf-convert'), '--to=npz', source, '-o', new]))


def triplets(place, lines):
    """(track list, triplets), users contiguous, exactly so many lines."""
    n = LINES[lines]
    tracks = place.file(f'{lines}.tracks')

    def steps(new):
        with open(new, 'wb') as out:
            source = synth(place, 100 + n // MIN_LINES_PER_USER * 11 // 10, ARTISTS[lines],
                           40, tracks, subprocess.PIPE)
            # all is read: the track list appears when msd-synth is done
            subprocess.run(['awk', f'NR <= {n}'], stdin=source.stdout, stdout=out, check=True)
            source.stdout.close()
            assert source.wait() == 0
    plays = make(place, place.file(f'{lines}.plays'), steps)
    with open(plays, 'rb') as f:
        f.seek(-1, os.SEEK_END)
        assert f.read() == b'\n'
    return tracks, plays


def shuffled(place, lines):
    """The same lines in an order that a seeded generator gives."""
    tracks, plays = triplets(place, lines)

    def steps(new):
        code = ('import random, sys\nr = random.Random(1)\n'
                'try:\n    while True: sys.stdout.buffer.write(r.randbytes(1 << 16))\n'
                'except BrokenPipeError: sys.stdout = None')
        subprocess.run(['bash', '-c', 'exec shuf --random-source=<("$1" -c "$2" 2>/dev/null) '
                        '-o "$3" "$4"', '-', 'python3', code, new, plays], check=True)
    return tracks, make(place, place.file(f'{lines}.shuffled'), steps)


def songs(place, lines):
    """The track list as `song TAB artist`, for the peers: parsing it is not timed."""
    tracks, _ = triplets(place, lines)

    def steps(new):
        with open(tracks, encoding='utf-8') as f, open(new, 'w', encoding='utf-8') as out:
            for line in f:
                _, song, artist, _ = line.rstrip('\n').split('<SEP>')
                print(song, artist, sep='\t', file=out)
    return make(place, place.file(f'{lines}.songs'), steps)
