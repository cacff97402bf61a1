"""python -m runtime COMMAND: what the Makefile calls."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from runtime import airflow, postgres, session, supervisor
from runtime.settings import SettingError, Settings, read_settings

if TYPE_CHECKING:
    from warehouse.database import Connection


def _run(settings: Settings) -> int:
    from runtime import night

    try:
        return night.run_night(settings, night.read_asked(dict(os.environ)))
    except night.NightError as fault:
        print(f"yidang: {fault}", file=sys.stderr)
        return 1


def _ui(settings: Settings) -> int:
    from runtime.night import say_where

    servers = supervisor.running_servers(settings) or session.start_servers(settings, stays=True)
    say_where(settings, servers)
    print("It stays up until `make stop`.")
    return 0


def _stop(settings: Settings) -> int:
    print("Stopped." if session.stop_servers(settings) else "Nothing was running.")
    return 0


def _psql(settings: Settings) -> int:
    place = postgres.find_place(settings.home, settings.postgres_bin)
    psql = str(place.bin / "psql")
    if settings.database_url is not None:
        return subprocess.run([psql, settings.database_url], check=False).returncode
    with postgres.serving(place) as server:
        url = postgres.ensure_database(place, server, "yidang")
        return subprocess.run([psql, url], check=False, env={**os.environ, "PAGER": "cat"}).returncode


def _reset(settings: Settings) -> int:
    session.stop_servers(settings)
    supervisor.end_leftovers(settings)
    place = postgres.find_place(settings.home, settings.postgres_bin)
    postgres.stop_server(place)
    shutil.rmtree(place.data.parent, ignore_errors=True)
    shutil.rmtree(settings.home, ignore_errors=True)
    print(f"Deleted {settings.home}." + (" Your own database was left as it is." if settings.database_url else ""))
    return 0


def _docs(settings: Settings) -> int:
    from runtime.pages import write_pages

    for page in write_pages(settings):
        print(page)
    return 0


def _with_warehouse(settings: Settings, work: Callable[[Connection], int]) -> int:
    """Do something with the warehouse of the settings, whose own server is started if it is not up."""
    from warehouse.database import WarehouseError, connect
    from warehouse.migrate import migrate

    place = postgres.find_place(settings.home, settings.postgres_bin)
    with contextlib.ExitStack() as stack:
        url = settings.database_url
        if url is None:
            url = postgres.ensure_database(place, stack.enter_context(postgres.serving(place)), "yidang")
        try:
            migrate(url)
            with connect(url) as conn:
                return work(conn)
        except WarehouseError as fault:
            print(f"yidang: {fault}", file=sys.stderr)
            return 1


def _corrections(settings: Settings, asked: argparse.Namespace) -> int:
    from runtime import corrections

    def work(conn: Connection) -> int:
        made = corrections.write_correction_file(
            conn, asked.department, asked.out, made_by=asked.by, reason=asked.reason,
            as_of=corrections.last_date(conn), severities=SEVERITIES[: SEVERITIES.index(asked.severity) + 1],
        )  # fmt: skip
        print(made.words() if made else f"{asked.department} has nothing to correct; no file was written.")
        return 0

    return _with_warehouse(settings, work)


def _answers(settings: Settings, asked: argparse.Namespace) -> int:
    from runtime import corrections

    def work(conn: Connection) -> int:
        as_of = corrections.last_date(conn)
        taken = corrections.take_answer_file(conn, asked.file, taken_by=asked.by, as_of=as_of)
        print(
            f"{taken.answered} answered as corrected (closed when a delivery shows it), {taken.accepted} accepted as they "
            f"are, {taken.disputed} disputed (for a steward), {taken.closed_before} were closed by a delivery before."
        )
        return 0

    return _with_warehouse(settings, work)


def _rejects(settings: Settings, asked: argparse.Namespace) -> int:
    from runtime import rejects

    return _with_warehouse(settings, lambda conn: rejects.main(settings, conn, asked.rest))


def _replay(settings: Settings, asked: argparse.Namespace) -> int:
    from runtime import replay

    return _with_warehouse(settings, lambda conn: replay.main(settings, conn, asked.rest))


def _recount(settings: Settings, _: argparse.Namespace) -> int:
    from warehouse.recount_landing import recount_all
    from warehouse.totals import compare_totals

    def work(conn: Connection) -> int:
        number, landed = recount_all(conn)
        wrong = [*map(str, landed), *compare_totals(conn)]
        for one in wrong:
            print(one)
        print(
            f"{number} landed deliveries and all files counted again: {len(wrong) or 'no'} numbers differ from the tables."
        )
        return int(bool(wrong))

    return _with_warehouse(settings, work)


def _accept_contract(settings: Settings, asked: argparse.Namespace) -> int:
    from extractors.contract import FEEDS_FOLDER, ContractError, load_contract
    from warehouse.contracts import put_in_force

    try:
        contract = load_contract(FEEDS_FOLDER / f"{asked.feed}.yml")
    except (ContractError, OSError) as fault:
        print(f"yidang: {fault}", file=sys.stderr)
        return 2

    def work(conn: Connection) -> int:
        is_new = put_in_force(conn, contract, by=asked.by, why=asked.why)
        print(f"{asked.feed}: {'in force from now on' if is_new else 'was in force already'}.")
        return 0

    return _with_warehouse(settings, work)


def _dry_run(settings: Settings, asked: argparse.Namespace) -> int:
    from extractors.contract import load_contracts
    from quality.dry_run import render, replay
    from quality.thresholds import limits_from, limits_of
    from warehouse.runs import read_judged

    contract = load_contracts().get(asked.feed)
    if contract is None:
        print(f"yidang: no contract for feed {asked.feed}; known: {', '.join(load_contracts())}.", file=sys.stderr)
        return 2
    try:
        limits = limits_from(asked.limits) if asked.limits else limits_of(contract.expectations)
    except (OSError, ValueError, KeyError) as fault:
        print(f"yidang: {fault}", file=sys.stderr)
        return 2

    def work(conn: Connection) -> int:
        judged = read_judged(conn, asked.feed, asked.nights)
        if not judged:
            print(f"No delivery of {asked.feed} was judged yet: run a night first.")
            return 1
        print(render(replay(contract, limits, judged)), end="")
        return 0

    return _with_warehouse(settings, work)


COMMANDS = {
    "run": _run,
    "ui": _ui,
    "stop": _stop,
    "psql": _psql,
    "reset": _reset,
    "docs": _docs,
    "supervise": supervisor.supervise,
}
WITH_ARGUMENTS = {
    "corrections": _corrections,
    "answers": _answers,
    "rejects": _rejects,
    "replay": _replay,
    "recount": _recount,
    "dry-run": _dry_run,
    "accept-contract": _accept_contract,
}
SEVERITIES = ("stop", "warn", "inform")


def main() -> int:
    """Parse the command line and run the command; known faults end with a message, not a traceback."""
    parser = argparse.ArgumentParser(prog="python -m runtime", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in COMMANDS:
        commands.add_parser(name)
    out = commands.add_parser("corrections", help="write the correction file of a department")
    out.add_argument("department", help="its code: ps, hrss, nhsa, ca, mr, tax ...")
    out.add_argument("--out", type=Path, required=True, help="file to write (xlsx), readable for you alone")
    out.add_argument("--reason", required=True, help="who asked for it and what for; kept in the audit")
    out.add_argument("--severity", choices=SEVERITIES, default="inform", help="leave out what is less grave")
    commands.add_parser("recount", help="count all deliveries and files again from the tables")
    back = commands.add_parser("answers", help="read the answers of a department back in")
    back.add_argument("file", type=Path, help="the correction file with its answer columns filled")
    for name, said in (
        ("rejects", "list, export, correct, replay or trace rejected rows"),
        ("replay", "land all snapshots anew and compare with what is there"),
    ):
        commands.add_parser(name, help=said, add_help=False)
    accept = commands.add_parser(
        "accept-contract", help="put a changed contract in force although it is not compatible"
    )
    accept.add_argument("feed")
    accept.add_argument("--why", required=True, help="what was planned, with whom; kept in ops.contract")
    for one in (out, back, accept):
        one.add_argument("--by", default=getpass.getuser(), help="who does it; default: the user of this session")
    trial = commands.add_parser("dry-run", help="what other limits would have done on a feed's last nights")
    trial.add_argument("feed")
    trial.add_argument(
        "limits", nargs="?", type=Path, help="YAML of limits, or a contract; default: the feed's contract"
    )
    trial.add_argument("--nights", type=int, default=30)
    given = sys.argv[1:]
    rest = given[1:] if given[:1] in (["rejects"], ["replay"]) else []  # theirs to parse, options first as last
    asked = parser.parse_args(given[: len(given) - len(rest)], argparse.Namespace(rest=rest))
    try:
        settings = read_settings()
        if asked.command in WITH_ARGUMENTS:
            return WITH_ARGUMENTS[asked.command](settings, asked)
        return COMMANDS[asked.command](settings)
    except (SettingError, supervisor.SupervisorError, postgres.PostgresError, airflow.AirflowError) as fault:
        print(f"yidang: {fault}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nyidang: interrupted. Run the same command again; it finishes the job.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
