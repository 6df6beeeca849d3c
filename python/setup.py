"""The version is that of the C library beside this folder; a source distribution, which
has no such neighbour, has it in its PKG-INFO."""

import re
from pathlib import Path
from runpy import run_path

from setuptools import setup

HERE = Path(__file__).resolve().parent
FOUND = run_path(str(HERE / "mfpipe" / "_version.py"))  # not mfpipe: it needs numpy


def version() -> str:
    if FOUND["HEADER"].exists():
        return FOUND["version"]()
    return re.search(r"^Version: (.+)$", (HERE / "PKG-INFO").read_text(), re.M)[1]


setup(version=version())
