"""A tool as a process: bundles and lists go in through pipes, its output comes out."""

import logging
import os
import re
import shutil
import subprocess
import threading

from .bundle import Bundle
from .frames import write_frames

log = logging.getLogger("mfpipe")


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
            f"{tool} is not in {where}: install mfpipe, or set MFPIPE_BIN to the "
            "folder of its tools (build/bin)"
        )
    return path


class Feeds:
    """What goes into a process: bundles and lists, each through a pipe of its own."""

    def __init__(self):
        self.ends = []  # of pipes, for the process to read
        self.names = {}  # what their paths are called in results and messages
        self._jobs = []  # what is to be poured into which other end

    def path(self, source, name: str) -> str:
        """A path under which the process reads a bundle, a list of lines or a file."""
        if isinstance(source, (str, os.PathLike)):
            return os.fspath(source)
        path = f"/dev/fd/{self.pipe(source)}"
        self.names[path] = name
        return path

    def pipe(self, source) -> int:
        """A file descriptor where the process reads a bundle, bytes, or lines."""
        read, write = os.pipe()
        self.ends.append(read)
        self._jobs.append((source, write))
        return read

    def start(self) -> None:
        """The process is there, and has ends of its own."""
        jobs, self._jobs = self._jobs, []
        self.close()
        for job in jobs:
            threading.Thread(target=_pour, args=job, daemon=True).start()

    def close(self) -> None:
        for end in (*self.ends, *(write for _, write in self._jobs)):
            os.close(end)
        self.ends, self._jobs = [], []

    def named(self, value):
        """The same with names, where the paths of pipes are texts in it."""
        if isinstance(value, dict):
            return {key: self.named(x) for key, x in value.items()}
        if isinstance(value, list):
            return [self.named(x) for x in value]
        return self.names.get(value, value) if isinstance(value, str) else value

    def renamed(self, words: str) -> str:
        """A message with names in place of paths."""
        for path, name in self.names.items():
            words = re.sub(re.escape(path) + r"\b", name, words)
        return words


def _pour(source, end: int) -> None:
    try:
        with os.fdopen(end, "wb") as file:
            if isinstance(source, Bundle):
                write_frames(file, source.frames)
            elif isinstance(source, (bytes, bytearray, memoryview)):
                file.write(source)
            else:
                file.write("".join(f"{line}\n" for line in source).encode())
    except BrokenPipeError:
        pass  # the process has read what it wanted, or says why it did not


def _start(tool: str, args: list, input, feeds: Feeds) -> subprocess.Popen:
    opened = None
    try:
        command = [find(tool), *map(os.fspath, args)]
        if isinstance(input, (Bundle, bytes, bytearray, memoryview)):
            input = feeds.pipe(input)
        elif isinstance(input, (str, os.PathLike)):
            input = opened = open(input, "rb")
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if input is None else input,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=feeds.ends,
        )
    except BaseException:
        feeds.close()
        raise
    finally:
        if opened:
            opened.close()
    feeds.start()
    return process


def call(tool: str, args: list, input, feeds: Feeds, take):
    """Run a tool; `take` makes the result of its standard output, a binary file.

    input is a Bundle, bytes, a path, an open file or None. What the tool says though
    it succeeds is logged. Raises ToolError, and what `take` raises.
    """
    process, said, wrong, result = _start(tool, args, input, feeds), [], None, None
    out, errors = process.stdout, process.stderr
    assert out and errors  # they are pipes
    listener = threading.Thread(target=lambda: said.append(errors.read()))
    listener.start()
    try:
        with out:
            result = take(out)
    except ValueError as error:
        wrong = error  # what the tool says of it comes first
    except BaseException:
        process.kill()
        raise
    finally:
        status = process.wait()
        listener.join()
        errors.close()
    lines = feeds.renamed(said[0].decode(errors="replace")).splitlines()
    if status:
        silent = f"{tool}: ended with status {status}, without a word"
        raise ToolError(tool, status, lines[-1] if lines else silent)
    if wrong:
        raise wrong
    for line in lines:
        log.log(logging.WARNING if "warning" in line else logging.INFO, "%s", line)
    return result
