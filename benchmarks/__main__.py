"""python -m benchmarks NAME ... [--scale N] [--keep]: run benchmarks; --keep stores each outcome and renders docs/benchmarks.md.

NAME `all` runs every one; `page` only renders docs/benchmarks.md from what was kept.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from datetime import UTC, date, datetime

from benchmarks.goal import Outcome
from benchmarks.kept import keep
from benchmarks.page import write_page

BENCHMARKS = {
    "province": "province:run",
    "night": "night:run",
    "persons": "labelled:run_persons",
    "dense": "labelled:run_dense",
    "enterprises": "labelled:run_enterprises",
    "large": "labelled:run_large",
    "public": "public:run",
    "others": "others:run",
    "growth": "growth:run",
    "golden": "golden:run",
    "history": "history:run",
    "kills": "kills:run",
    "delta": "delta:run",
    "orders": "orders:run",
    "extract": "extract:run",
    "streams": "streams:run",
    "pulls": "pulls:run",
    "mutations": "mutations:run",
    "defects": "defects:run",
    "findings": "findings:run",
    "leaks": "leaks:run",
    "gates": "gates:run",
}
"""Name -> module:function, in the order of the page. A new benchmark is one line here."""


def main() -> int:
    """Run what is named; exit status 0 only if every goal is met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="+", choices=[*BENCHMARKS, "all", "page"], metavar="NAME", help=", ".join(BENCHMARKS)
    )
    parser.add_argument("--scale", type=int, help="size of the run; the default is the size the goals are set for")
    parser.add_argument("--keep", action="store_true", help="store the outcome in benchmarks/results, render the page")
    today = datetime.now(UTC).date()
    parser.add_argument("--date", type=date.fromisoformat, default=today, help="day told with a kept outcome")
    chosen = parser.parse_args()
    if chosen.names == ["page"]:
        write_page(BENCHMARKS)
        return 0
    are_met = True
    for name in BENCHMARKS if "all" in chosen.names else chosen.names:
        outcome = _run(name, chosen.scale)
        outcome.print()
        are_met &= all(goal.is_met for goal in outcome.goals)
        if chosen.keep:
            keep(name, outcome, chosen.date)
            write_page(BENCHMARKS)
    return 0 if are_met else 1


def _run(name: str, scale: int | None) -> Outcome:
    module, function = BENCHMARKS[name].split(":")
    run = getattr(importlib.import_module(f"benchmarks.{module}"), function)
    outcome: Outcome = run(scale) if scale else run()
    return outcome


if __name__ == "__main__":
    sys.exit(main())
