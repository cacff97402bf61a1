"""python -m runtime rejects COMMAND: rejected rows are listed, read, corrected, replayed and traced.

list [--feed F] counts them. export FEED FILE writes open ones in full into a CSV that a person corrects (who and why are
written down). correct FEED FILE takes the corrected CSV in. replay FEED lands what was corrected, --as-they-are also what
was not (after the contract changed). trace NUMBER says what became of one.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from pathlib import Path

from extractors.contract import Contract, load_contracts
from extractors.extract import ExtractError
from runtime.settings import Settings
from runtime.steps.night import StepError
from runtime.steps.replay import replay_rejects
from warehouse.database import Connection, WarehouseError
from warehouse.rejects import Choice, correct_rejects, count_rejects, read_rejects, trace_reject

ABOUT = ("reject_id", "batch_no", "line_no", "reason", "field", "row")
Options = argparse.Namespace


class RejectsError(ValueError):
    """The call or the file is wrong; the message says what to do and holds no value of a row."""


def main(settings: Settings, conn: Connection, arguments: list[str]) -> int:
    """Run a command; 0 if it did what was asked, 2 for a wrong call or file."""
    options = _parser().parse_args(arguments)
    options.settings = settings
    try:
        return int(options.run(conn, options))
    except (RejectsError, StepError, WarehouseError, ExtractError, OSError) as fault:
        print(f"yidang: {fault}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m runtime rejects", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    shown = commands.add_parser("list", help="count rejects by delivery and reason")
    shown.add_argument("--feed")
    shown.set_defaults(run=_list)
    export = commands.add_parser("export", help="write open rejects in full into a new CSV, readable by you alone")
    correct = commands.add_parser("correct", help="take in a CSV of corrected rejects")
    replay = commands.add_parser("replay", help="land corrected rejects")
    for command in (export, correct, replay):
        command.add_argument("feed")
    for command in (export, correct):
        command.add_argument("file", type=Path)
        command.add_argument("--by", required=True, help="who you are")
        command.add_argument("--why", required=True, help="why, for the record")
    for command in (export, replay):
        command.add_argument("--batch", help="only of this delivery")
        command.add_argument("--reason", help="only with this reason")
    export.set_defaults(run=_export)
    correct.set_defaults(run=_correct)
    replay.add_argument("--as-they-are", action="store_true", help="also rows that nobody corrected")
    replay.set_defaults(run=_replay)
    trace = commands.add_parser("trace", help="the way of one reject")
    trace.add_argument("reject_id", type=int)
    trace.set_defaults(run=_trace)
    return parser


def _contract(feed: str) -> Contract:
    contracts = load_contracts()
    if feed not in contracts:
        raise RejectsError(f"No contract for feed {feed!r}; there are {', '.join(contracts)}.")
    return contracts[feed]


def sources_of(contract: Contract) -> list[str]:
    """Every source column a row of the feed may have, of earlier layouts too, the operation column last."""
    columns = [*contract.columns, *(column for layout in contract.earlier for column in layout.columns)]
    ops = [layout.op for layout in contract.earlier if layout.op]
    return list(dict.fromkeys([*(column.source for column in columns), contract.op, *ops]))


def _list(conn: Connection, options: Options) -> int:
    counts = count_rejects(conn, options.feed)
    print(f"{'feed':16} {'delivery':18} {'reason':18} {'field':20} {'rows':>7} {'open':>7} {'corrected':>9}")
    for one in counts:
        print(
            f"{one.feed:16} {one.batch_no:18} {one.reason:18} {one.field:20} {one.number:7,} {one.open:7,} "
            f"{one.corrected:9,}"
        )
    return 0


def _export(conn: Connection, options: Options) -> int:
    sources = sources_of(_contract(options.feed))
    choice = Choice(options.feed, options.batch, options.reason)
    # Opened before the rows are read: nobody else may read it, and no file is written over.
    with os.fdopen(os.open(options.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", newline="", encoding="utf-8-sig") as stream:  # fmt: skip
        rows = read_rejects(conn, choice, sources, viewed_by=options.by, reason=options.why)
        writer = csv.DictWriter(stream, [*ABOUT, *sources])
        writer.writeheader()
        writer.writerows(rows.to_pylist())
    print(f"{options.file}: {rows.num_rows} rejected rows in full, personal data: delete it when it is corrected.")
    print(f"Correct the columns after 'row', then: python -m runtime rejects correct {options.feed} {options.file}")
    return 0


def _correct(conn: Connection, options: Options) -> int:
    rows = read_corrected(options.file, sources_of(_contract(options.feed)))
    changed = correct_rejects(conn, options.feed, rows, corrected_by=options.by, reason=options.why)
    print(f"{len(rows)} rows read, {changed} corrected. Next: python -m runtime rejects replay {options.feed}")
    return 0


def read_corrected(file: Path, sources: list[str]) -> dict[int, dict[str, str]]:
    """reject_id -> source column -> text of a corrected CSV. Raises RejectsError naming line and column, never values."""
    with file.open(newline="", encoding="utf-8-sig") as stream:
        reader = csv.DictReader(stream, strict=True)
        strange = [name for name in reader.fieldnames or () if name not in (*ABOUT, *sources)]
        if strange or "reject_id" not in (reader.fieldnames or ()):
            raise RejectsError(f"{file.name}: columns {strange} are unknown, or reject_id is missing. Keep the header.")
        rows: dict[int, dict[str, str]] = {}
        for line in reader:
            number = line["reject_id"]
            if None in line or not number or not number.isascii() or not number.isdigit() or int(number) in rows:
                raise RejectsError(
                    f"{file.name} line {reader.line_num}: reject_id is no number, or twice, or too many cells."
                )
            kept = {source: line[source] for source in sources if line.get(source)}
            rows[int(number)] = kept or {"row": line.get("row") or ""}
    return rows


def _replay(conn: Connection, options: Options) -> int:
    contract = _contract(options.feed)
    choice = Choice(options.feed, options.batch, options.reason)
    done = replay_rejects(options.settings, conn, contract, choice, as_they_are=options.as_they_are)
    for counts, batch_no in done:
        print(
            f"{batch_no}: {counts.read} rows = {counts.loaded} loaded ({counts.inserted} new, {counts.updated} changed, "
            f"{counts.unchanged} as they were, {counts.superseded} overtaken) + {counts.rejected} rejected again + "
            f"{counts.duplicate} duplicate"
        )
    print(
        "The next night matches and publishes them."
        if done
        else "Nothing to replay: correct rows first, or say --as-they-are."
    )
    return 0


def _trace(conn: Connection, options: Options) -> int:
    for step in trace_reject(conn, options.reject_id):
        when = f"{step['when']:%Y-%m-%d %H:%M}" if step["when"] else ""
        print(f"{step['what']:10} {when:16} {step['detail']}")
    return 0
