"""Command line of contracts: propose one from a sample file, check a file against one.

python -m extractors check FEED FILE shows what the project makes of a department's file; FEED is a feed's code or the
path of a contract. propose FILE writes a first contract for a department's sample file. layout FEED writes the document
the department gets. pull FEED brings what its source holds into the inbox; without FEED it lists the sources. compare OLD.yml NEW.yml says whether a changed contract may replace the one in force.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path

from extractors.check import check_file
from extractors.compatibility import compare
from extractors.contract import FEEDS_FOLDER, Contract, ContractError, load_contract, load_contracts
from extractors.drafts import open_places
from extractors.fields import read_yaml
from extractors.held import HeldFault
from extractors.layout import write_layout
from extractors.propose import ProposeError, propose
from extractors.pull import PullFault, pull, setting_of
from extractors.send import send_file
from extractors.snapshot import read_delivery
from runtime.settings import read_settings, source_url

Options = argparse.Namespace


def main(arguments: list[str] | None = None) -> int:
    """Run a command; exit status 0 if all is well, 1 if the answer is no (the file would be held), 2 for a wrong call."""
    parser = argparse.ArgumentParser(
        prog="python -m extractors", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    check = commands.add_parser("check", help="read a file by its feed's contract and say what was found")
    check.add_argument("feed", help="a feed's code, or the path of a contract, finished or not")
    check.add_argument("file", type=Path)
    check.set_defaults(run=_check)
    suggest = commands.add_parser("propose", help="write a first contract from a sample file")
    suggest.add_argument("file", type=Path)
    suggest.add_argument("--out", type=Path, help="the contract to write, such as extractors/feeds/ct_reader.yml")
    suggest.add_argument("--subject", choices=("person", "enterprise"), help="whom a row is about, if not plain")
    suggest.set_defaults(run=_propose)
    layout = commands.add_parser("layout", help="write the layout document for the department (Markdown and xlsx)")
    layout.add_argument("feed", help="a feed's code, the path of a contract, or all")
    layout.add_argument("--out", type=Path, required=True, help="folder")
    layout.set_defaults(run=_layout)
    deliver = commands.add_parser("send", help="put a file into an inbox as a delivery, with its manifest")
    deliver.add_argument("feed", help="a feed's code, or the path of a contract")
    deliver.add_argument("file", type=Path)
    deliver.add_argument("inbox", type=Path)
    deliver.add_argument("--date", type=dt.date.fromisoformat, required=True, help="business date, YYYY-MM-DD")
    deliver.add_argument("--number", type=int, default=1, help="number of the batch on that day, from 1")
    deliver.set_defaults(run=_send)
    against = commands.add_parser("compare", help="refuse an incompatible change of a contract, naming the field")
    against.add_argument("old", type=Path, help="the contract in force, a file of any name")
    against.add_argument("new", type=Path, help="its successor")
    against.set_defaults(run=_compare)
    fetch = commands.add_parser("pull", help="bring what a feed's source holds into the inbox, or list the sources")
    fetch.add_argument("feed", nargs="?", help="a feed's code, or the path of a contract")
    fetch.add_argument("--after", metavar="BATCH", help="only what came after this landed batch; default: everything")
    fetch.set_defaults(run=_pull)
    for command in (check, suggest, against, fetch):
        command.add_argument("--as-of", type=dt.date.fromisoformat, default=None, help="YYYY-MM-DD, default today")
    for command in (check, layout, deliver, fetch):
        command.add_argument("--feeds", type=Path, default=FEEDS_FOLDER, help="folder of contracts")
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except (ContractError, ProposeError, HeldFault, OSError) as fault:
        parser.error(str(fault))


def find_contract(feed: str, folder: Path) -> Contract:
    """The contract of a feed code in a folder or of a path; unfinished ones too. Raises ContractError."""
    return load_contract(_path_of(feed, folder), draft=True)


def _path_of(feed: str, folder: Path) -> Path:
    path = Path(feed) if feed.endswith(".yml") else folder / f"{feed}.yml"
    if not path.is_file():
        there = ", ".join(sorted(other.stem for other in folder.glob("*.yml")))
        raise ContractError(f"no contract for feed {feed!r}; there are {there}")
    return path


def _open_places(options: Options) -> str:
    """The places of the contract that a person must still fill in, or ''."""
    return "; ".join(dict.fromkeys(open_places(read_yaml(_path_of(options.feed, options.feeds)))))


def _as_of(options: Options) -> dt.date:
    return options.as_of or dt.datetime.now().astimezone().date()


def _check(options: Options) -> int:
    contract = find_contract(options.feed, options.feeds)
    if not options.file.is_file():
        raise ContractError(f"{options.file} is not a file")
    if places := _open_places(options):
        print(f"DRAFT     still FILL IN: {places}; columns without a field of their own are read as spare numbers")
    is_held = False
    for line in check_file(contract, options.file, as_of=_as_of(options)):
        is_held |= line.startswith("HELD")
        print(line)
    return int(is_held)


def _propose(options: Options) -> int:
    out: Path | None = options.out
    if out is not None and out.exists():
        raise ProposeError(f"{out} is there already; name another file, or remove it first")
    text = propose(options.file, as_of=_as_of(options), feed=out.stem if out else None, subject=options.subject)
    if out is None:
        print(text, end="")
        return 0
    out.write_text(text, encoding="utf-8")
    print(f"{out} written. Fill in what says FILL IN, then: python -m extractors check {out} {options.file}")
    return 0


def _layout(options: Options) -> int:
    if options.feed == "all":
        contracts = list(load_contracts(options.feeds).values())
    else:
        contracts = [find_contract(options.feed, options.feeds)]
    for contract in contracts:
        for path in write_layout(contract, options.out):
            print(path)
    return 0


def _pull(options: Options) -> int:
    settings = read_settings()
    if options.feed is None:
        for contract in load_contracts(options.feeds).values():
            if contract.source is not None:
                is_set = "set" if source_url(contract.source.connection) else "not set here"
                print(f"{contract.feed:<16}{contract.source.kind:<10}{setting_of(contract)}: {is_set}")
        return 0
    contract = find_contract(options.feed, options.feeds)
    landed = {}
    if options.after is not None:
        try:
            landed = {options.after: read_delivery(settings.snapshots, contract.feed, options.after).file_sm3}
        except FileNotFoundError as fault:
            there = settings.snapshots / contract.feed
            raise ContractError(f"no snapshot of batch {options.after} in {there}; name one that has landed") from fault
    url = source_url(contract.source.connection) if contract.source else None
    try:
        pulled = pull(
            contract,
            url,
            inbox=settings.inbox,
            snapshots=settings.snapshots,
            workshop=settings.workshop,
            known=landed,
            as_of=_as_of(options),
        )
    except PullFault as fault:
        print(f"HELD      {fault.code}: {fault.message}")
        return 1
    for batch_no in pulled.batches:
        print(f"PULLED    {contract.feed} batch {batch_no} into {settings.inbox}")
    print(
        f"ROWS      {pulled.rows:,}" if pulled.rows else "NOTHING   is new" if not pulled.batches else "FILES     whole"
    )
    if pulled.note:
        print(f"NOTE      {pulled.note}")
    return 0


def _send(options: Options) -> int:
    contract = find_contract(options.feed, options.feeds)
    file = send_file(contract, options.file, options.inbox, day=options.date, number=options.number)
    print(f"{file} and its manifest are written. Next: make run INBOX={options.inbox} DATE={options.date}")
    if places := _open_places(options):
        print(f"DRAFT     no night runs before the contract says what still is FILL IN: {places}")
    return 0


def _compare(options: Options) -> int:
    old, new = (load_contract(path, any_name=True) for path in (options.old, options.new))
    changes = compare(old, new, as_of=_as_of(options))
    for change in changes:
        print(change)
    refused = sum(change.breaks for change in changes)
    print(f"{len(changes)} changes, {refused} not compatible" if changes else "no change")
    return int(refused > 0)


if __name__ == "__main__":
    sys.exit(main())
