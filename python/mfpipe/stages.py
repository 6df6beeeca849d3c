"""Stages of one's own: functions from bundle to bundle, in a pipe."""

import inspect
import os
import signal
import sys
from typing import Callable

from .bundle import Bundle, read, write

_SWITCH = {"true": True, "false": False}


class Stage:
    """A function from a bundle, and options, to a bundle, as a stage of a pipe.

    What it returns gets one stage more in its provenance: the function's name,
    `version`, and the options in force. main() reads a bundle from standard input,
    options from the command line, in the order of the arguments of the function or by
    name (--factor=0.5), and writes the result to standard output, once all of the
    input was verified. What fails is one line on standard error and exit status 1,
    wrong usage 2.
    """

    def __init__(self, function: Callable, version: str = "1"):
        self.function, self.version = function, version
        self.name, self.__doc__ = function.__name__, function.__doc__
        self.signature = inspect.signature(function, eval_str=True)
        self.wanted = list(self.signature.parameters.values())[1:]

    def __call__(self, bundle: Bundle, *args, **options) -> Bundle:
        bound = self.signature.bind(bundle, *args, **options)
        bound.apply_defaults()
        made = self.function(*bound.args, **bound.kwargs)
        if not isinstance(made, Bundle):
            raise TypeError(f"{self.name} made a {type(made).__name__}, not a Bundle")
        texts = {
            p.name.replace("_", "-"): _canonical(bound.arguments[p.name])
            for p in self.wanted
        }
        return made.with_stage(bundle, self.name, self.version, texts)

    def main(self, argv: list | None = None) -> None:
        """Be a stage: sys.argv, standard input, standard output. Exits if it fails."""
        name = os.path.basename(sys.argv[0]) or self.name
        argv = sys.argv[1:] if argv is None else argv
        if argv in (["-h"], ["--help"]):
            print(f"{self._usage(name)}\n{inspect.getdoc(self.function) or ''}".strip())
            return
        try:
            options = self._options(argv)
            self.signature.bind(None, **options)
        except (TypeError, ValueError) as error:
            print(f"{name}: {error}; {self._usage(name)}", file=sys.stderr)
            sys.exit(2)
        try:
            made = self(read(sys.stdin.buffer), **options)
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # only now: tools have pipes
            write(made, sys.stdout.buffer)
        except Exception as error:
            first = f"{error}".partition("\n")[0]
            sys.exit(f"{name}: {first or type(error).__name__}")

    def _usage(self, name: str) -> str:
        words = [
            f"{p.name.upper()}" if p.default is p.empty else f"[{p.name.upper()}]"
            for p in self.wanted
        ]
        return " ".join([f"usage: {name}", *words, "<BUNDLE >BUNDLE"])

    def _options(self, argv: list) -> dict:
        """The words of a command line by argument, of the types that they have."""
        by_name, found, left = {p.name: p for p in self.wanted}, {}, list(self.wanted)
        for word in argv:
            name, equals, value = word.partition("=")
            if word.startswith("--") and equals:
                name = name[2:].replace("-", "_")
                if name not in by_name:
                    raise ValueError(f"there is no option {word.partition('=')[0]}")
            else:
                left = [p for p in left if p.name not in found]
                if not left:
                    raise ValueError(f"nothing is to be done with {word!r}")
                name, value = left[0].name, word
            found[name] = _typed(by_name[name], value)
        return found


def stage(function: Callable | None = None, *, version: str = "1"):
    """Make a stage of a function: @mfpipe.stage, or @mfpipe.stage(version="2")."""
    if function is None:
        return lambda f: Stage(f, version)
    return Stage(function, version)


def _typed(parameter, word: str):
    kind = parameter.annotation
    if kind is parameter.empty and parameter.default not in (parameter.empty, None):
        kind = type(parameter.default)
    if kind is bool:
        if word not in _SWITCH:
            raise ValueError(f"{parameter.name} is {word!r}: true or false")
        return _SWITCH[word]
    if kind not in (int, float):
        return word
    try:
        return kind(word)
    except ValueError:
        what = "a whole number" if kind is int else "a number"
        raise ValueError(f"{parameter.name} is {word!r}: {what} is wanted") from None


def _canonical(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
