"""Runs the Python of README.md, block after block, in the current folder.

A block that needs a module which is not there is left out, and said so.
"""

import re
import sys
from importlib.util import find_spec
from pathlib import Path

TEXT = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python(?: needs (\w+))?\n(.*?)^```$", TEXT, re.M | re.S)

names: dict = {}
for need, code in BLOCKS:
    if need and find_spec(need) is None:
        print(f"left out, there is no {need}", file=sys.stderr)
        continue
    exec(
        compile(
            code, f"README.md:{TEXT[:TEXT.index(code)].count(chr(10)) + 1}", "exec"
        ),
        names,
    )
assert len(BLOCKS) >= 9, len(BLOCKS)
assert names["best"].shape == (5,) and names["svd"].card["k"] == 16
assert names["even"].ratings.mask("valid").sum() == -(-len(names["r"]) // 10)
