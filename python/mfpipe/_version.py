"""The version: that of the C library beside it, or of the installed package."""

from importlib import metadata
from pathlib import Path

HEADER = Path(__file__).resolve().parents[2] / "include" / "mf" / "version.h"


def version() -> str:
    """The version, as `mf-info --version` says it."""
    try:
        return HEADER.read_text().split('#define MF_VERSION "')[1].split('"')[0]
    except FileNotFoundError:  # installed: no tree is around it
        return metadata.version("mfpipe")
