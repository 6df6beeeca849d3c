"""The version: that of the C library beside it, or of the installed package."""

import re
from importlib import metadata
from pathlib import Path

HEADER = Path(__file__).resolve().parents[2] / "include" / "mf" / "version.h"


def version() -> str:
    """The version, as `mf-info --version` says it."""
    try:
        return re.search(r'#define MF_VERSION "(.+)"', HEADER.read_text())[1]
    except FileNotFoundError:  # installed: no tree is around it
        return metadata.version("mfpipe")
