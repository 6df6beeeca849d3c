"""The modules of others that the package stands on, or what to install."""

import sys
from importlib import import_module

_PACKAGES = "pip install numpy msgpack xxhash"
_DEBIAN = "apt install python3-numpy python3-msgpack python3-xxhash"


def need(name: str, why: str = "mfpipe", pip: str = "", debian: str = ""):
    """The module of this name. Raises ImportError, whose one line says what to do."""
    try:
        return import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name != name.partition(".")[0] and missing.name != name:
            raise
        pip, debian = pip or _PACKAGES, debian or _DEBIAN
        instead = (
            f', or, for the python3 of Debian, "{debian}"' if debian != "-" else ""
        )
        raise ImportError(
            f"{why} needs the module {missing.name}, which {sys.executable} does not "
            f'have: "{pip}"{instead}',
            name=missing.name,
        ) from None


def need_pandas():
    return need(
        "pandas", "a data frame", "pip install pandas", "apt install python3-pandas"
    )


def need_scipy():
    return need(
        "scipy.sparse",
        "a sparse matrix",
        "pip install scipy",
        "apt install python3-scipy",
    )


def need_pyarrow(part: str = "pyarrow"):
    return need(part, "Parquet", "pip install pyarrow", "-")


numpy = need("numpy")
msgpack = need("msgpack")
xxhash = need("xxhash")
