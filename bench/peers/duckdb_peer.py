"""DuckDB: join songs to artists and sum by user and artist, into a table in memory.
The schema is told and the order of lines may be lost, as its guide advises for speed."""
import argparse
import json
import time

import duckdb

p = argparse.ArgumentParser()
p.add_argument('--songs', required=True)
p.add_argument('--plays', required=True)
p.add_argument('--threads', type=int, required=True)
a = p.parse_args()

began = time.perf_counter()
db = duckdb.connect(config={'threads': a.threads, 'preserve_insertion_order': False})
csv = "delim = '\t', header = false, quote = '', escape = '', auto_detect = false"
db.execute(f"""create table songs as select * from
    read_csv($1, columns = {{'song': 'varchar', 'artist': 'varchar'}}, {csv})""", [a.songs])
db.execute(f"""create table cells as select user, artist, sum(plays)::uinteger as plays from
    read_csv($1, columns = {{'user': 'varchar', 'song': 'varchar', 'plays': 'uinteger'}}, {csv})
    join songs using (song) group by user, artist""", [a.plays])
seconds = time.perf_counter() - began
cells, plays = db.execute('select count(*), sum(plays) from cells').fetchone()
print(json.dumps({'version': duckdb.__version__, 'seconds': seconds, 'cells': cells,
                  'plays': int(plays),
                  'settings': f'threads {a.threads}, preserve_insertion_order false, schema told, '
                              'into a table in memory'}))
