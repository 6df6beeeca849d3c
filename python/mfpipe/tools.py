"""The tools of mfpipe as functions: bundles go in and come out through pipes.

Each raises ToolError, whose text is the one line of the tool, FileNotFoundError where
there is no tool, OSError for files that cannot be read, and BundleError, a ValueError,
for what is no bundle. Where a bundle is wanted, a path, bytes and an open file do.
"""

import json
import os
import shlex
import tempfile
from pathlib import Path
from typing import Any

from ._need import need_pandas
from ._need import numpy as np
from .bundle import Bundle
from .columns import told
from .frames import FrameReader
from .processes import Feeds, call

# Options that take a list of words with commas between. Others are repeated.
_LISTS = {"metrics", "m", "columns", "train_on", "space"}


def arguments(options: dict) -> list:
    """Keyword arguments as options: k=32 is -k32, train_on="train" --train-on=train.

    True is an option without a value; None and False are none; a list is the option
    again and again, or, where it is such an option, words with commas between. An
    underscore at the end is for Python's own words: lambda_=0.1.
    """
    made = []
    for key, value in options.items():
        name = key.rstrip("_")
        option = f"-{name}" if len(name) == 1 else "--" + name.replace("_", "-")
        if isinstance(value, (list, tuple, set)):
            texts = [_text(x) for x in value]
            values = [",".join(texts)] if name in _LISTS else texts
        elif value is None or value is False:
            continue
        else:
            values = [value]
        for one in values:
            equals = "" if len(name) == 1 else "="
            made.append(option if one is True else f"{option}{equals}{_text(one)}")
    return made


def _text(value) -> str:
    if isinstance(value, float):
        return repr(float(value))  # of numpy's too
    return os.fsdecode(value) if isinstance(value, os.PathLike) else str(value)


def run(tool: str, *args, input=None, **options) -> Bundle:
    """Run a tool that writes a bundle, and return that.

    run("mf-als", "-k", "32", input=bundle) is run("mf-als", k=32, input=bundle), and
    run("mf-convert", "--join", a, b) joins two Bundles. input is a Bundle, bytes, a
    path, an open file or None. What the tool notes goes to the logger "mfpipe".
    Raises ToolError with the tool's one line, FileNotFoundError without the tool.
    """
    feeds = Feeds()
    made = _command(tool, args, options, feeds)
    return call([made], input, feeds, _bundle_of(tool))


def _command(tool: str, args, options: dict, feeds: Feeds) -> list:
    """A tool with its arguments; those that are bundles come through pipes."""
    words = [
        feeds.path(x, f"bundle {i}") if isinstance(x, Bundle) else x
        for i, x in enumerate(args, 1)
    ]
    return [tool, *arguments(options), *words]


def _bundle_of(tool: str):
    return lambda out: Bundle(FrameReader(out, tool))


def pipe(*stages, input=None) -> Bundle:
    """Run stages at once, each reading what the one before it writes; the bundle that
    comes out. A stage is a text, as a shell has it, or a list of tool and arguments:

    pipe("mf-split --test 0.15", ["mf-als", "-k", "32"], input=bundle)

    Nothing in between is kept, or looked at here. Otherwise as run(): the ToolError is
    that of the first stage that failed.
    """
    words = [shlex.split(x) if isinstance(x, str) else list(x) for x in stages]
    return call(words, input, Feeds(), _bundle_of(words[-1][0]))


def text(tool: str, *args, input=None, **options) -> str:
    """Run a tool that writes text, and return that; as run()."""
    feeds = Feeds()
    made = _command(tool, args, options, feeds)
    return call([made], input, feeds, lambda out: out.read().decode())


def aggregate(*triplets, **options) -> Bundle:
    """msd-aggregate: plays by user and artist, or song, of triplets and a track list.

    aggregate("train_triplets.txt", tracks="unique_tracks.txt", min_artists=5)

    triplets are paths, or lists of lines of user, TAB, song, TAB and plays; tracks,
    mismatches and accepted are each one of them.
    """
    feeds = Feeds()
    args = _files(feeds, options, "tracks", "mismatches", "accepted")
    args += arguments(options)
    args += [feeds.path(x, f"triplets {i}") for i, x in enumerate(triplets, 1)]
    return call([["msd-aggregate", *args]], None, feeds, _bundle_of("msd-aggregate"))


def synth(**options) -> Bundle:
    """msd-synth: plays by user and artist of made-up listeners, each with several
    tastes that were planted.

    synth(users=300, artists=200, personas=3, seed=1); truth="truth.tsv" is a file that
    has user, artist and planted persona. The artists are as msd-aggregate has them.
    """
    with tempfile.TemporaryDirectory() as folder:
        tracks, plays = Path(folder, "tracks"), Path(folder, "plays")
        text("msd-synth", tracks=tracks, output=plays, **options)
        return aggregate(plays, tracks=tracks)


def convert(source, *more, **options) -> Any:
    """mf-convert: other formats to bundles and back, or bundles to one.

    convert("ratings.csv", from_="csv", header=True)    a Bundle
    convert(bundle, to="tsv", fold="test")              a str; of npy and npz, bytes
    convert(first, second, join=True)                   a Bundle

    item_names and user_names are paths or lists of lines.
    """
    feeds = Feeds()
    args = _files(feeds, options, "item_names", "user_names") + arguments(options)
    if options.get("join") or more:
        given = enumerate((source, *more), 1)
        args += [feeds.path(x, f"bundle {i}") for i, x in given]
        source = None
    take: Any = _bundle_of("mf-convert")
    if "to" in options:
        whole = options["to"] in ("npy", "npz")
        take = (lambda out: out.read()) if whole else (lambda out: out.read().decode())
    return call([["mf-convert", *args]], source, feeds, take)


def split(bundle, **options) -> Bundle:
    """mf-split: marks training, validation, test and fold-in cells.

    split(bundle, test=0.15, valid=0.05, seed=1); method="users", "last", ...
    """
    return run("mf-split", input=bundle, **options)


def filter(bundle, **options) -> Bundle:
    """mf-filter: filter(bundle, min_items=5, core=True, value=">=4"). users, items,
    not_users and not_items are paths or lists of ids."""
    feeds, names = Feeds(), ("users", "items", "not_users", "not_items")
    args = _files(feeds, options, *names) + arguments(options)
    return call([["mf-filter", *args]], bundle, feeds, _bundle_of("mf-filter"))


def transform(bundle, *op: str, **options) -> Bundle:
    """mf-transform: transform(bundle, "log2:1", "user-mean"), one after the other."""
    return run("mf-transform", input=bundle, op=op, **options)


def als(bundle, k: int | None = None, personas: int | None = None, **options) -> Bundle:
    """mf-als: the bundle with a model of k factors and up to so many personas.

    als(bundle, k=32, personas=3, overlap=0.5, lambda_=0.02, unobserved="8x")
    """
    return run("mf-als", input=bundle, k=k, personas=personas, **options)


def tune(
    bundle, k: int | None = None, personas: int | None = None, **options
) -> Bundle:
    """mf-tune: finds W0 and lambda on the validation cells; the bundle with the best
    model. tune(bundle, k=32, trials=12, space="unobserved,lambda")"""
    return run("mf-tune", input=bundle, k=k, personas=personas, **options)


def info(bundle) -> dict:
    """mf-info: what is in a bundle, as --format=json has it: users, items, nnz, folds,
    model, prov, digest and more. All of the bundle is verified."""
    return json.loads(text("mf-info", input=bundle, format="json"))


def evaluate(*models, table: bool = False, **options) -> Any:
    """mf-eval: metrics with 95 % intervals over users; models are compared with the
    first.

    models are Bundles or paths; evaluate(a, b, metrics=["ndcg@100", "recall@20"],
    baseline="popularity", ratings=bundle). Returns what --format=json has: "metrics",
    a list of dicts with model, name, mean, low, high, n; "compare", with metric, diff,
    low, high, p; and counts of users and cells. A Bundle is called model 1, 2, ...
    With table=True the metrics alone, a data frame.
    """
    feeds = Feeds()
    args = _files(feeds, options, "ratings") + arguments({**options, "format": "json"})
    args += [feeds.path(model, f"model {i}") for i, model in enumerate(models, 1)]
    found = feeds.named(call([["mf-eval", *args]], None, feeds, json.load))
    return need_pandas().DataFrame(found["metrics"]) if table else found


def recommend(model, *, history=None, table: bool = False, **options) -> Any:
    """mf-recommend: top-N lists of users, of somebody new, or items that are alike.

    recommend(model, user="ann", top=10, explain=True); without user, of all users.
    history is a path, a list of items as people type them, or a dict of values by
    item: a new user. items, exclude and user_list are paths or lists of ids;
    similar="Björk" lists what is like it. Returns a list of dicts as --format=json has
    them: {"user": ..., "items": [{"rank", "item", "score", "persona"}, ...]}; with
    table=True a data frame of user, rank, item, score, persona.
    """
    if isinstance(history, dict):
        history = [f"{item}\t{_text(value)}" for item, value in history.items()]
    feeds, options = Feeds(), {**options, "history": history, "format": "json"}
    names = "history", "items", "exclude", "user_list"
    args = _files(feeds, options, *names) + arguments(options)
    lists = feeds.named(
        call(
            [["mf-recommend", *args]],
            model,
            feeds,
            lambda out: list(map(json.loads, out)),
        )
    )
    if not table:
        return lists
    owners = [one.get("user", one.get("similar")) for one in lists]
    rows = [{"user": u, **x} for u, one in zip(owners, lists) for x in one["items"]]
    return need_pandas().DataFrame(rows)


def score(model, pairs, **options) -> tuple:
    """mf-score: what a model says of pairs of a user and an item.

    score(model, [("ann", "Abba"), ("bob", "Can")]); pairs may be a data frame, too,
    whose columns are told by their names. Returns (scores [pairs] float32, persona
    [pairs], counted from 1; 0: the model knows nothing of the user). A user or item
    who is not there is an error, or with skip_unknown=True has the score NaN.
    """
    if hasattr(pairs, "columns"):
        found, _ = told(pairs.columns, {"user": None, "item": None})
        pairs = zip(pairs[found["user"]], pairs[found["item"]])
    lines = []
    for user, item in pairs:
        line = f"{user}\t{item}\t{len(lines)}\n"
        if line.count("\t") != 2 or line.count("\n") != 1:
            raise ValueError(f"{(user, item)!r}: an id holds a TAB or newline")
        lines.append(line)
    scores = np.full(len(lines), np.nan, np.float32)
    persona = np.zeros(len(lines), np.int64)

    def take(out):
        for line in out:
            *_, at, said, who = line.rstrip(b"\n").split(b"\t")
            scores[int(at)], persona[int(at)] = float(said), int(who)

    feeds = Feeds()
    command = ["mf-score", *arguments(options), feeds.path(model, "model")]
    call([command], "".join(lines).encode(), feeds, take)
    return scores, persona


def _files(feeds: Feeds, options: dict, *names: str) -> list:
    """The arguments of these options, taken out: each names a file, or has its lines,
    or is a bundle, and then comes through a pipe."""
    given = [(name, options.pop(name)) for name in names if name in options]
    return [
        f"--{name.replace('_', '-')}={feeds.path(source, name)}"
        for name, source in given
        if source is not None
    ]
