"""python -m benchmarks.peers: set up the environment of the tools we are measured beside, apart from our own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.peers.place import FOLDER

LIST = Path(__file__).parent / "requirements.txt"


def main() -> int:
    """Make the environment anew from requirements.txt; exit status 0 once every tool of it is installed."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    python = str(FOLDER / "bin" / "python")
    for words in (
        ["venv", "--python", sys.executable, str(FOLDER)],
        ["pip", "install", "--python", python, "-r", str(LIST)],
    ):
        done = subprocess.run([sys.executable, "-m", "uv", *words], check=False)
        if done.returncode:
            print(f"peers: uv {words[0]} ended with {done.returncode} (its words are above)", file=sys.stderr)
            return done.returncode
    print(f"peers are in {FOLDER}; benchmarks find them there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
