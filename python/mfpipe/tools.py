"""The tools of mfpipe as functions: bundles go in and come out through pipes."""

import json
import logging
import os
import re
import shutil
import subprocess
import threading
from typing import Any

from .bundle import Bundle
from .frames import BundleError, FrameReader, write_frames

log = logging.getLogger("mfpipe")

# Options that take a list of words with commas between. Others are repeated.
_LISTS = {"metrics", "m", "columns", "train_on", "space"}


class ToolError(RuntimeError):
    """A tool failed. str() is its one line; `status` its exit status: 1 the input, the
    disk or the machine, 2 wrong usage; `tool` its name."""

    def __init__(self, tool: str, status: int, message: str):
        super().__init__(message)
        self.tool, self.status = tool, status


def find(tool: str) -> str:
    """The path of a tool: in the folder MFPIPE_BIN if that is set, else by PATH.
    Raises FileNotFoundError, whose message says what to do."""
    folder = os.environ.get("MFPIPE_BIN")
    path = shutil.which(tool, path=folder or None)
    if not path:
        where = f"the folder of MFPIPE_BIN, {folder}" if folder else "PATH"
        raise FileNotFoundError(
            f"{tool} is not in {where}: install mfpipe, or set "
            "MFPIPE_BIN to the folder of its tools (build/bin)"
        )
    return path


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


class _Feeds:
    """What goes into a process: bundles and texts, each through a pipe of its own."""

    def __init__(self):
        self.jobs, self.ends = [], []
        self.names = {}  # what the paths of pipes are called in results and messages

    def path(self, source, name: str) -> str:
        """A path under which the process reads a bundle, a list of lines or a file."""
        if isinstance(source, (str, os.PathLike)):
            return os.fspath(source)
        path = f"/dev/fd/{self.pipe(source)}"
        self.names[path] = name
        return path

    def named(self, value):
        """The same with names, where the paths of pipes are texts in it."""
        if isinstance(value, dict):
            return {key: self.named(x) for key, x in value.items()}
        if isinstance(value, list):
            return [self.named(x) for x in value]
        return self.names.get(value, value) if isinstance(value, str) else value

    def pipe(self, source) -> int:
        read, write = os.pipe()
        self.ends.append(read)
        self.jobs.append(
            threading.Thread(target=self._pour, args=(source, write), daemon=True)
        )
        return read

    @staticmethod
    def _pour(source, end) -> None:
        try:
            with os.fdopen(end, "wb") as file:
                if isinstance(source, Bundle):
                    write_frames(file, source.frames)
                else:
                    file.write("".join(f"{line}\n" for line in source).encode())
        except BrokenPipeError:
            pass  # the process has read what it wanted, or says why it did not

    def start(self) -> None:
        for end in self.ends:
            os.close(end)
        for job in self.jobs:
            job.start()


def _call(tool: str, args: list, input, feeds: _Feeds, take):
    """Run a tool; `take` reads its standard output. Raises ToolError."""
    if isinstance(input, Bundle):
        stdin = feeds.pipe(input)
    elif isinstance(input, (str, os.PathLike)):
        stdin = open(input, "rb")
    else:
        stdin = subprocess.DEVNULL if input is None else input
    opened = stdin if isinstance(input, (str, os.PathLike)) else None
    try:
        process = subprocess.Popen(
            [find(tool), *map(os.fspath, args)],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=feeds.ends,
        )
    except BaseException:
        for end in feeds.ends:
            os.close(end)
        feeds.ends, feeds.jobs = [], []
        raise
    finally:
        if opened:
            opened.close()
    feeds.start()
    said: list = []
    listener = threading.Thread(
        target=lambda: said.append(process.stderr.read()), daemon=True
    )
    listener.start()
    result = wrong = None
    try:
        with process.stdout:
            result = take(process.stdout)
    except BundleError as error:
        wrong = error  # what the tool says of it comes first
    except BaseException:
        process.kill()
        raise
    finally:
        status = process.wait()
        listener.join()
        process.stderr.close()
    words = said[0].decode(errors="replace")
    for path, name in feeds.names.items():
        words = re.sub(re.escape(path) + r"\b", name, words)
    lines = words.splitlines()
    if status:
        raise ToolError(
            tool,
            status,
            (
                lines[-1]
                if lines
                else f"{tool}: ended with status {status}, without a word"
            ),
        )
    for line in lines:
        log.log(logging.WARNING if "warning" in line else logging.INFO, "%s", line)
    if wrong:
        raise wrong
    return result


def run(tool: str, *args, input=None, **options) -> Bundle:
    """Run a tool that writes a bundle, and return that.

    run("mf-als", "-k", "32", input=bundle) is run("mf-als", k=32, input=bundle). input
    is a Bundle, a path, an open file or None. What the tool notes goes to the logger
    "mfpipe". Raises ToolError with the tool's one line, FileNotFoundError without it.
    """
    return _call(
        tool,
        [*arguments(options), *args],
        input,
        _Feeds(),
        lambda out: Bundle(FrameReader(out, tool)),
    )


def text(tool: str, *args, input=None, **options) -> str:
    """Run a tool that writes text, and return that; as run()."""
    return _call(
        tool,
        [*arguments(options), *args],
        input,
        _Feeds(),
        lambda out: out.read().decode(),
    )


def split(bundle, **options) -> Bundle:
    """mf-split: marks training, validation, test and fold-in cells.

    split(bundle, test=0.15, valid=0.05, seed=1); method="users", "last", ...
    """
    return run("mf-split", input=bundle, **options)


def filter(bundle, **options) -> Bundle:
    """mf-filter: filter(bundle, min_items=5, core=True, value=">=4")."""
    return run("mf-filter", input=bundle, **options)


def transform(bundle, *op: str, **options) -> Bundle:
    """mf-transform: transform(bundle, "log2:1", "user-mean"), one after the other."""
    return run("mf-transform", input=bundle, op=op, **options)


def als(bundle, k: int = 64, personas: int = 3, **options) -> Bundle:
    """mf-als: the bundle with a model of k factors and up to so many personas.

    als(bundle, k=32, personas=3, overlap=0.5, lambda_=0.02, unobserved="8x")
    """
    return run("mf-als", input=bundle, k=k, personas=personas, **options)


def tune(bundle, k: int = 64, personas: int = 3, **options) -> Bundle:
    """mf-tune: finds W0 and lambda on the validation cells; the bundle with the best
    model. tune(bundle, k=32, trials=12, space="unobserved,lambda")"""
    return run("mf-tune", input=bundle, k=k, personas=personas, **options)


def info(bundle) -> dict:
    """mf-info: what is in a bundle."""
    return json.loads(text("mf-info", input=bundle, format="json"))


def evaluate(*models, **options) -> dict:
    """mf-eval: metrics with 95 % intervals over users; models are compared with the
    first.

    models are Bundles or paths; evaluate(a, b, metrics=["ndcg@100", "recall@20"],
    baseline="popularity", ratings=bundle). Returns what --format=json has: "metrics",
    a list of dicts with model, name, mean, low, high, n; "compare", with metric, diff,
    low, high, p; and counts of users and cells. A Bundle is called model 1, 2, ...
    """
    feeds, ratings = _Feeds(), options.pop("ratings", None)
    args = arguments({**options, "format": "json"})
    if ratings is not None:
        args.append("--ratings=" + feeds.path(ratings, "ratings"))
    args += [feeds.path(model, f"model {i}") for i, model in enumerate(models, 1)]
    return feeds.named(
        _call("mf-eval", args, None, feeds, lambda out: json.loads(out.read() or "{}"))
    )


def recommend(
    model,
    *,
    history=None,
    items=None,
    exclude=None,
    user_list=None,
    table: bool = False,
    **options,
) -> Any:
    """mf-recommend: top-N lists of users, of somebody new, or items that are alike.

    recommend(model, user="ann", top=10, explain=True); without user, of all users.
    history is a path, a list of items as people type them, or a dict of values by
    item: a new user. items, exclude and user_list are paths or lists of ids;
    similar="Björk" lists what is like it. Returns a list of dicts as --format=json has
    them: {"user": ..., "items": [{"rank", "item", "score", "persona"}, ...]}; with
    table=True a data frame of user, rank, item, score, persona.
    """
    feeds = _Feeds()
    args = arguments({**options, "format": "json"})
    if isinstance(history, dict):
        history = [f"{item}\t{_text(value)}" for item, value in history.items()]
    for option, value in (
        ("history", history),
        ("items", items),
        ("exclude", exclude),
        ("user-list", user_list),
    ):
        if value is not None:
            args.append(f"--{option}={feeds.path(value, option)}")
    lists = feeds.named(
        _call(
            "mf-recommend",
            args,
            model,
            feeds,
            lambda out: [json.loads(line) for line in out],
        )
    )
    if not table:
        return lists
    from ._need import need_pandas

    return need_pandas().DataFrame(
        [
            {"user": one.get("user", one.get("similar")), **item}
            for one in lists
            for item in one["items"]
        ]
    )
