"""Tiny files in the formats of their sources, for the recipes of docs/cookbook.md:
cookbook_data.py, in the folder where they shall lie.

Of two tastes: users with an even number like items with an even one. What files of the
source look like was read off the source: fields, separators, line ends, headers.
"""

import csv
import json
import random
from pathlib import Path

draw = random.Random(20)
ARTISTS = ["Björk", "Sigur Rós", "Earth, Wind & Fire", "Portishead", "AC/DC", "múm"]
ARTISTS += [f"{a} {b}" for a in ("The Quiet", "Late", "DJ") for b in
            ("Harbour", "Meadow", "Lantern", "Signal", "Orchard", "Ember", "Tide")]
FILMS = [f"{name} ({1960 + 2 * n})" for n, name in enumerate(
    ["Harbour, The", "Meadow", "Night Train, A", "Signal", "Orchard", "Ember", "Tide",
     "Quiet Year, The", "Late", "Lantern", "Map", "Glass", "Wire", "Salt", "Two Doors"])]
DAY = 86400
START = 1767225600  # 2026-01-01


def cells(users, items, near=0.5, far=0.06):
    """(user, item) of two tastes, by number."""
    return [(u, i) for u in range(users) for i in range(items)
            if draw.random() < (near if u % 2 == i % 2 else far)]


def lines(name, rows, end="\n"):
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(row + end for row in rows), encoding="utf-8", newline="")


def table(name, header, rows):
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def main():
    plays = [(f"user{u:03}", ARTISTS[i], 1 + int(draw.expovariate(0.4)))
             for u, i in cells(240, len(ARTISTS))]
    table("plays.csv", ["listener", "band", "plays"], plays)

    # Last.fm 360K and 1K (Celma), HetRec 2011: UTF-8 and TABs; HetRec with CRLF
    sha = {u: f"{u * 2654435761 % 2**32:08x}" * 5 for u in range(60)}
    lines("usersha1-artmbid-artname-plays.tsv",
          (f"{sha[u]}\t{'%032x' % i if i % 5 else ''}\t{ARTISTS[i].lower()}\t{5 + draw.randrange(900)}"
           for u, i in cells(60, len(ARTISTS))))
    lines("userid-timestamp-artid-artname-traid-traname.tsv",
          (f"user_{u:06}\t2009-0{1 + n % 6}-04T23:08:{n % 60:02}Z\t{'%032x' % i}\t{ARTISTS[i]}\t\tTrack {n}"
           for u, i in cells(30, len(ARTISTS)) for n in range(1 + draw.randrange(4))))
    lines("artists.dat", ["id\tname\turl\tpictureURL"] + [
        f"{n + 1}\t{a}\thttp://www.last.fm/music/{n + 1}\thttp://userserve-ak.last.fm/serve/252/{n}.jpg"
        for n, a in enumerate(ARTISTS)], "\r\n")
    lines("user_artists.dat", ["userID\tartistID\tweight"] + [
        f"{u + 2}\t{i + 1}\t{1 + draw.randrange(9000)}" for u, i in cells(60, len(ARTISTS))], "\r\n")

    # ListenBrainz: a dump is listens/YEAR/MONTH.listens, a listen a line
    for month in (1, 2, 3):
        lines(f"listens/2026/{month}.listens", (json.dumps({
            "user_id": u, "user_name": f"lb_{u}", "timestamp": START + (month - 1) * 31 * DAY + 60 * n,
            "track_metadata": {"artist_name": ARTISTS[i] if n % 7 else ARTISTS[i].upper(),
                               "track_name": f"Track {n}", "additional_info": {"artist_msid": f"{i:08x}"}},
            "recording_msid": f"{n:08x}"}) for n, (u, i) in enumerate(cells(40, len(ARTISTS), 0.3, 0.03))))

    # MovieLens, ml-latest and 20M on
    table("movies.csv", ["movieId", "title", "genres"],
          [(10 * n + 1, title, "Drama|War") for n, title in enumerate(FILMS)])
    rated = [(u + 1, 10 * i + 1, draw.choice([3.5, 4, 4.5, 5] if u % 2 == i % 2 else [0.5, 1, 2, 3, 4]),
              START + DAY * n % 90) for n, (u, i) in enumerate(cells(160, len(FILMS), 0.6, 0.4))]
    table("ratings.csv", ["userId", "movieId", "rating", "timestamp"],
          [(u, i, float(r), t) for u, i, r, t in rated])

    # Two days of a service, and users of the day after
    for day in (26, 27):
        table(f"in/2026-11-{day}.csv", ["user", "item", "plays"],
              [p for p in plays if (hash_of(p) % 8 == 0) == (day == 27)])
    lines("new-users.tsv", ["zoe\tbjork", "zoe\tsigur ros", "yan\tquiet harbour\t3", "yan\tno such band"])


def hash_of(play):
    return sum(map(ord, play[0] + play[1]))


if __name__ == "__main__":
    main()
