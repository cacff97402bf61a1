"""Command line: `python -m extractors check FEED FILE` shows what the project makes of a department's file."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path

from extractors.check import check_file
from extractors.contract import FEEDS_FOLDER, ContractError, load_contracts


def main(arguments: list[str] | None = None) -> int:
    """Run the command; exit status 0 if the file would be taken, 1 if it would be held, 2 for a wrong call."""
    parser = argparse.ArgumentParser(prog="python -m extractors", description=__doc__)
    commands = parser.add_subparsers(required=True)
    check = commands.add_parser("check", help="read a file by its feed's contract and say what was found")
    check.add_argument("feed")
    check.add_argument("file", type=Path)
    check.add_argument("--as-of", type=dt.date.fromisoformat, default=None, help="YYYY-MM-DD, default today")
    check.add_argument("--feeds", type=Path, default=FEEDS_FOLDER, help="folder of contracts")
    options = parser.parse_args(arguments)
    try:
        contracts = load_contracts(options.feeds)
    except ContractError as fault:
        parser.error(str(fault))
    if options.feed not in contracts:
        parser.error(f"no contract for feed {options.feed!r}; there are {', '.join(contracts)}")
    if not options.file.is_file():
        parser.error(f"{options.file} is not a file")
    as_of = options.as_of or dt.datetime.now().astimezone().date()
    is_held = False
    for line in check_file(contracts[options.feed], options.file, as_of=as_of):
        is_held |= line.startswith("HELD")
        print(line)
    return int(is_held)


if __name__ == "__main__":
    sys.exit(main())
