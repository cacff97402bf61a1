"""`python -m quality rules [--out PATH]`: write the catalogue of rules as a page."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from quality.catalogue import render_catalogue


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m quality", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    rules = commands.add_parser("rules", help="write the catalogue of rules")
    rules.add_argument("--out", type=Path, help="file to write; printed if left out")
    asked = parser.parse_args(arguments)
    page = render_catalogue()
    if asked.out is None:
        sys.stdout.write(page)
    else:
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        asked.out.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
