"""`python -m warehouse migrate` brings the database of YIDANG_DATABASE_URL up to date; `dictionary` describes it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from runtime.settings import read_settings
from warehouse.database import WarehouseError, connect
from warehouse.dictionary import describe_warehouse
from warehouse.migrate import migrate

DICTIONARY = Path(__file__).resolve().parent.parent / "docs" / "dictionary.md"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m warehouse", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database to the shape of this version")
    dictionary = commands.add_parser("dictionary", help="write the dictionary from the comments in the database")
    dictionary.add_argument("--out", type=Path, default=DICTIONARY, help="default: docs/dictionary.md")
    chosen = parser.parse_args(arguments)
    url = read_settings().database_url
    if url is None:
        print(
            "YIDANG_DATABASE_URL is not set. Expected postgresql://user:password@host:port/database.", file=sys.stderr
        )
        return 2
    try:
        if chosen.command == "migrate":
            migrate(url)
        else:
            with connect(url) as conn:
                text = describe_warehouse(conn)
            chosen.out.parent.mkdir(parents=True, exist_ok=True)
            chosen.out.write_text(text, encoding="utf-8")
            print(f"{chosen.out}: {text.count(chr(10))} lines")
    except WarehouseError as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
