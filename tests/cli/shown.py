"""Run the commands of a Markdown file as they stand, and hold what they print against
what the file shows: shown.py FILE.md; with --write FILE.md the file then shows it.

Blocks of `sh` are run, those of `console` compared, all in one bash and in order. In a
console block a line that begins with "$ " is a command, and the lines below it that are
indented after a line that ends in \\ or | belong to it; what follows is what it prints,
standard error included, where a line "..." stands for any lines. "needs WORD ..." behind
sh or console leaves the block out where there is no such program (or module of python3:
needs python:WORD), and says so. Blocks of any language with "file NAME" are written to
NAME. Other blocks are not looked at.

White space may differ by its length; numbers with a point may by 0.3 % or one in the last
place, percentages by one: the last digits of a model are those of the machine.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

FENCE = re.compile(r"^```(\w*)(.*)$")
NUMBER = re.compile(r"[-+]?\d*\.\d+(?:e[-+]\d+)?|\d+ ?%")


def blocks(text):
    """(language, words behind it, line, [lines]) of each fenced block."""
    inside, lines = None, text.splitlines()
    for n, line in enumerate(lines, 1):
        if inside is None and (found := FENCE.match(line)):
            inside = (found[1], found[2].split(), n + 1, [])
        elif inside and line == "```":
            yield inside
            inside = None
        elif inside:
            inside[3].append(line)
    assert inside is None, f"line {inside[2]}: a block has no end"


def commands(lines):
    """(offset, command, [what it prints]) of a console block."""
    found, more = [], False
    for n, line in enumerate(lines):
        if line.startswith("$ "):
            found.append((n, line[2:], []))
        elif more and line.startswith("    "):
            found[-1] = (found[-1][0], f"{found[-1][1]}\n{line}", [])
        else:
            found[-1][2].append(line)
            continue
        more = line.endswith(("\\", "|"))
    return found


def missing(words):
    """What a block needs and is not here."""
    assert not words or words[0] == "needs", words
    for word in words[1:]:
        module = word.removeprefix("python:")
        if module == word and not shutil.which(word):
            yield word
        elif module != word and subprocess.call(
            ["python3", "-c", f"import {module}"], stderr=subprocess.DEVNULL
        ):
            yield f"module {module} of python3"


def same(want, got):
    """Whether a line printed is the one shown."""
    if re.split(r"\s+", NUMBER.sub("N", want).strip()) != re.split(
        r"\s+", NUMBER.sub("N", got).strip()
    ):
        return False
    for a, b in zip(NUMBER.findall(want), NUMBER.findall(got)):
        x, y = float(a.rstrip(" %")), float(b.rstrip(" %"))
        last = 10.0 ** -len(a.split("e")[0].partition(".")[2])  # place shown
        if abs(x - y) > (1 if "%" in a else max(1.01 * last, 2e-4 + 3e-3 * abs(x))):
            return False
    return True


def agree(want, got):
    """Whether the lines printed are those shown; "..." is any lines."""
    if not want:
        return not got
    if want[0] == "...":
        return any(agree(want[1:], got[n:]) for n in range(len(got) + 1))
    return bool(got) and same(want[0], got[0]) and agree(want[1:], got[1:])


def rewritten(text, line, command, want, got):
    """The text with what a command prints below it."""
    lines, first = text.splitlines(), line + command.count("\n")
    lines[first : first + len(want)] = got
    return "\n".join(lines) + "\n"


def main():
    name, write = sys.argv[-1], sys.argv[1] == "--write"
    text, steps = Path(name).read_text(encoding="utf-8"), []
    for language, words, line, lines in blocks(text):
        if words[:1] == ["file"]:
            here = "\n".join([f"cat > {words[1]} <<'END_OF_FILE'", *lines, "END_OF_FILE"])
            steps.append((line, here, None))
            continue
        if language not in ("sh", "console"):
            continue
        if absent := list(missing(words)):
            print(f"{name}:{line}: left out, there is no {', '.join(absent)}")
        elif language == "sh":
            steps.append((line, "\n".join(lines), None))
        else:
            steps += [(line + n, c, shown) for n, c, shown in commands(lines)]
    out = Path("shown.out").absolute()
    out.mkdir()
    script = "".join(f"exec >'{out}'/{n} 2>&1\n{s[1]}\n" for n, s in enumerate(steps))
    Path("shown.sh").write_text(script, encoding="utf-8")
    code = subprocess.call(
        ["bash", "-euo", "pipefail", "shown.sh"], stdin=subprocess.DEVNULL
    )
    wrong, done = 0, len(os.listdir(out))
    for n, (line, command, shown) in reversed(list(enumerate(steps[:done]))):
        got = (out / str(n)).read_text(encoding="utf-8").splitlines()
        if code and n == done - 1:
            print(f"{name}:{line}: exit {code}\n$ {command}", *got, sep="\n")
            wrong += 1
        elif shown is not None and not agree(shown, got):
            print(f"{name}:{line}: not what is shown\n$ {command}", *got, sep="\n")
            wrong += 1
            if write and "..." not in shown:
                text = rewritten(text, line, command, shown, got)
    if write:
        Path(name).write_text(text, encoding="utf-8")
    print(f"{name}: {done} of {len(steps)} commands run, {wrong} wrong")
    return bool(code or wrong or not steps)


if __name__ == "__main__":
    sys.exit(main())
