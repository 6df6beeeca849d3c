"""Seconds and memory to join songs to artists and sum by user and artist.

Whole processes on both sides but for DuckDB, whose start is left out. All yield the
same cells; the sums of plays are compared."""
import json
import os
import subprocess
import tempfile

import data
from harness import THREADS, Failed, Table, alternate, peer, run, say, supports, version

COLUMNS = ['lines', 'order', 'tool', 'run', 'seconds', 'peak_mb', 'cells', 'plays', 'version',
           'settings']
KEY = ['lines', 'order', 'tool', 'run']
PEERS = ['duckdb', 'sqlite3', 'mawk']

MAWK = r"""BEGIN { FS = "\t" }
NR == FNR { artist[$1] = $2; next }
{ n[$1 SUBSEP artist[$2]] += $3 }
END { for (c in n) { cells++; plays += n[c] } printf "%d %d\n", cells, plays }"""
SQL = """.mode tabs
create table songs (song text primary key, artist text) without rowid;
create table triplets (user text, song text, plays integer);
.import %s songs
.import %s triplets
create table cells as select user, artist, sum(plays) as plays
    from triplets join songs using (song) group by user, artist;
select count(*) || ' ' || sum(plays) from cells;"""


def ours(place, tracks, plays, extra=()):
    with tempfile.NamedTemporaryFile(dir=place.out, suffix='.json') as stats:
        argv = [place.tool('msd-aggregate'), '-q', '-j', str(THREADS), '--min-artists', '1',
                '--artist-key=exact', '--stats', stats.name, '-t', tracks, *extra, plays]
        seconds, peak, _ = run(argv)
        with open(stats.name, encoding='utf-8') as f:
            told = json.load(f)
    return {'version': version(place, 'msd-aggregate'), 'seconds': seconds,
            'peak_mb': round(peak, 1), 'cells': told['cells'], 'plays': told['plays'],
            'settings': ' '.join([f'{THREADS} threads', '--artist-key=exact', *extra])}


def counted(argv, name, settings, stdin=None):
    """A program that prints the number of cells and the sum of plays."""
    seconds, peak, text = run(argv, stdin=stdin, stdout=subprocess.PIPE, env={'LC_ALL': 'C'})
    cells, plays = text.split()[:2]
    return {'version': name, 'seconds': seconds, 'peak_mb': round(peak, 1), 'cells': int(cells),
            'plays': int(plays), 'settings': settings}


def sqlite(songs, plays):
    with tempfile.TemporaryFile('w+') as script:
        script.write(SQL % (songs, plays))
        script.seek(0)
        return counted(['sqlite3', ':memory:'], 'sqlite3', 'in memory, 1 thread', script)


def jobs_of(place, lines, order, tools):
    tracks, plays = data.triplets(place, lines)
    if order == 'shuffled':
        tracks, plays = data.shuffled(place, lines)
    songs = data.songs(place, lines)
    jobs = {'msd-aggregate': lambda: ours(place, tracks, plays)}
    if supports_memory(place):
        jobs['msd-aggregate --memory 256M'] = lambda: ours(place, tracks, plays,
                                                           ['--memory', '256M'])
    if 'duckdb' in tools:
        jobs['duckdb'] = lambda: peer(place, 'duckdb_peer', [
            '--songs', songs, '--plays', plays, '--threads', str(THREADS)])
    if 'sqlite3' in tools:
        jobs['sqlite3'] = lambda: sqlite(songs, plays)
    if 'mawk' in tools:
        jobs['mawk'] = lambda: counted(['mawk', MAWK, songs, plays], 'mawk', '1 thread')
    return jobs


def supports_memory(place):
    return supports(place, 'msd-aggregate', '--memory')


def main(place, lines, runs, tools, orders=('contiguous', 'shuffled')):
    table = Table(place, 'aggregate', COLUMNS, KEY)
    for n in lines:
        for order in orders:
            say(f'aggregate {n} lines, {order}')
            sums = {}

            def each(name, round_, r):
                sums[name] = (r['cells'], r['plays'])
                say(f'  {name}: {r["seconds"]:.2f} s, {r["peak_mb"]:.0f} MB')
                if len(set(sums.values())) > 1:
                    raise Failed(f'the sums differ: {sums}')
                table.put(lines=n, order=order, tool=name, run=round_,
                          seconds=f'{r["seconds"]:.3f}', peak_mb=r['peak_mb'],
                          cells=r['cells'], plays=r['plays'], version=r['version'],
                          settings=r['settings'])
            alternate(jobs_of(place, n, order, tools), runs, each)
