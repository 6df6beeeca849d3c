"""A tool as a process: bundles and lists go in through pipes, its output comes out."""

import logging
import os
import re
import shutil
import signal
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

    def lines(self, said: bytes) -> list:
        """The lines of what a tool says, with names in place of paths."""
        words = said.decode(errors="replace")
        for path, name in self.names.items():
            words = re.sub(re.escape(path) + r"\b", name, words)
        return words.splitlines()


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


class _Process:
    """A tool that runs; what it says on standard error is gathered meanwhile."""

    def __init__(self, command: list, input, pass_fds):
        self.tool, *args = (x if isinstance(x, str) else str(x) for x in command)
        self.running = subprocess.Popen(
            [find(self.tool), *args],
            stdin=subprocess.DEVNULL if input is None else input,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=pass_fds,
        )
        self.said = b""
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        assert self.running.stderr  # it is a pipe
        with self.running.stderr as errors:
            self.said = errors.read()

    def end(self) -> int:
        """Its status, once it has ended."""
        self._listener.join()
        return self.running.wait()


def _start(commands: list, input, feeds: Feeds) -> list:
    """Processes of the commands, each reading what the one before it writes."""
    started: list = []
    opened = None
    try:
        if isinstance(input, (Bundle, bytes, bytearray, memoryview)):
            input = feeds.pipe(input)
        elif isinstance(input, (str, os.PathLike)):
            input = opened = open(input, "rb")
        for command in commands:
            started.append(_Process(command, input, () if started else feeds.ends))
            if opened:
                opened.close()
            input = opened = started[-1].running.stdout
        feeds.start()
    except BaseException:
        feeds.close()
        if opened:
            opened.close()
        for process in started:
            process.running.kill()
            process.end()
        raise
    return started


def call(commands: list, input, feeds: Feeds, take):
    """Run tools, each with its arguments, in a pipe; `take` makes the result of what
    the last one writes, a binary file.

    input is a Bundle, bytes, a path, an open file or None. What a tool says though it
    succeeds is logged. Raises ToolError for the first that failed, and what `take`
    raises.
    """
    wrong = result = None
    processes = _start(commands, input, feeds)
    try:
        with processes[-1].running.stdout as out:
            result = take(out)
    except ValueError as error:
        wrong = error  # what the tools say of it comes first
    except BaseException:
        for process in processes:
            process.running.kill()
        raise
    finally:
        statuses = [process.end() for process in processes]
    failed = [(p, status) for p, status in zip(processes, statuses) if status]
    # Who writes to a tool that has failed dies of it: that is not what went wrong.
    guilty = [one for one in failed if one[1] != -signal.SIGPIPE]
    if guilty or failed and not wrong:
        process, status = (guilty or failed)[0]
        silent = f"{process.tool}: ended with status {status}, without a word"
        raise ToolError(
            process.tool, status, (feeds.lines(process.said) or [silent])[-1]
        )
    if wrong:
        raise wrong
    for line in [line for process in processes for line in feeds.lines(process.said)]:
        log.log(logging.WARNING if "warning" in line else logging.INFO, "%s", line)
    return result
