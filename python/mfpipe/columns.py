"""Which column is which, told by its name: the names that mf-convert knows.

The lists are those of lib/jobs/shared/column_names.c; a test compares them.
"""

from typing import Iterable, Mapping

NAMES = {
    "user": (
        "user userid uid username userkey userhash usersha1 usersha "
        "usermboxsha1 member memberid listener listenerid customer customerid "
        "reviewer reviewerid profile profileid account accountid visitorid "
        "visitor steamid"
    ).split(),
    "item": (
        "item itemid iid itemname artist artistid artistname artid artname "
        "artistmbid song songid songname track trackid trackname album albumid "
        "movie movieid movietitle film filmid book bookid isbn business "
        "businessid product productid asin parentasin game gameid gamename app "
        "appid anime animeid place placeid poi venue venueid location "
        "locationid recipeid band bandname performer podcast podcastid"
    ).split(),
    "value": (
        "value rating ratings plays playcount playcounts count counts weight "
        "score hours hoursplayed playhours playtime listens listencount "
        "listencounts stars overall interactions interaction frequency "
        "scrobbles timesplayed"
    ).split(),
    "fold": "fold split".split(),
    "time": (
        "time timestamp ts date datetime unixtime listenedat createdat "
        "reviewtime unixreviewtime playedat reviewdate ratingdate "
        "unixtimestamp eventtime ratedat"
    ).split(),
}  # the first of each is our own, and goes before others


def _rank(name, role: str) -> int:
    """How a name stands for a role: 0 it does not, 2 our own, 1 another."""
    stem, colon, kind = str(name).rpartition(":")  # of RecBole: "rating:float"
    if colon and kind.lower() in ("token", "float", "token_seq", "float_seq"):
        name = stem
    bare = str(name).lower()
    for ch in " _-.":
        bare = bare.replace(ch, "")
    names = NAMES[role]
    return 2 if bare == names[0] else int(bare in names)


def _is_index(name) -> bool:
    return str(name) == "" or str(name).startswith("Unnamed: ")


def listed(columns: Iterable) -> str:
    return ", ".join(map(repr, columns))


def told(columns: Iterable, given: Mapping, needed=("user", "item")) -> tuple:
    """Which of these columns is which.

    given has names by role, None: to be told by its usual spellings. Returns a dict of
    columns by role, None where there is none, and a list of the columns that are
    neither read nor an index. Raises ValueError, which lists the columns, where one is
    not there, a needed one is not told, or several could be one.
    """
    columns = list(columns)
    found = {role: name for role, name in given.items() if name is not None}
    for role, name in found.items():
        if name not in columns:
            raise ValueError(
                f"{role}={name!r}: there is no such column among {listed(columns)}"
            )
    left = [name for name in columns if name not in found.values()]
    for role in given:
        if role in found:
            continue
        best = max((_rank(name, role) for name in left), default=0)
        names = [name for name in left if best and _rank(name, role) == best]
        if len(names) > 1:
            raise ValueError(
                f"several columns could be the {role} among {listed(columns)}; say "
                f"which with {role}="
            )
        if not names and role in needed:
            raise ValueError(
                f"the names do not tell the {role} among the columns "
                f"{listed(columns)}; say which with user= and item="
            )
        found[role] = names[0] if names else None
    read = list(found.values())
    return found, [x for x in left if x not in read and not _is_index(x)]
