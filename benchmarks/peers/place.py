"""Where the peers are: the interpreter of an environment that has them."""

from __future__ import annotations

import os
from pathlib import Path

from runtime.settings import read_settings

PYTHON = "YIDANG_PEERS_PYTHON"
"""Environment variable: an interpreter that has the peers. Default: the one that `make peers` makes, if it is there."""
FOLDER = read_settings().home / "peers"


def peers_python() -> str | None:
    """The interpreter that has the peers; None where there is none, and then no peer is measured."""
    named = os.environ.get(PYTHON)
    if named is not None:
        return named or None
    made = Path(FOLDER) / "bin" / "python"
    return str(made) if made.exists() else None
