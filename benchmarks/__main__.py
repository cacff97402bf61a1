"""python -m benchmarks NAME [--scale N]: one benchmark; `all` runs every one and writes docs/benchmarks.md."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
from importlib.metadata import version

from benchmarks.goal import Outcome, as_markdown
from runtime.settings import ROOT

BENCHMARKS = {
    "province": "province:run",
    "night": "night:run",
    "persons": "labelled:run_persons",
    "dense": "labelled:run_dense",
    "enterprises": "labelled:run_enterprises",
    "public": "public:run",
    "growth": "growth:run",
    "history": "history:run",
    "kills": "kills:run",
    "delta": "delta:run",
    "orders": "orders:run",
    "extract": "extract:run",
    "mutations": "mutations:run",
}
PAGE = ROOT / "docs" / "benchmarks.md"
TOLD = ("duckdb", "pyarrow", "pandas", "rapidfuzz", "apache-airflow", "great-expectations")


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in TOLD)
    return (
        f"{os.cpu_count()} processors, {memory:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}; {versions}"
    )


def _write_page(outcomes: list[Outcome]) -> None:
    parts = [
        "# Benchmarks",
        "",
        "Written by `make bench`; do not edit. One run on a shared, noisy machine.",
        "",
        _machine(),
        "",
    ]
    for outcome in outcomes:
        parts += [f"## {outcome.title}", "", as_markdown(outcome.columns, outcome.rows), ""]
        parts += [outcome.remarks, ""] if outcome.remarks else []
        parts += ["```", *(goal.line() for goal in outcome.goals), "```", ""]
    PAGE.write_text("\n".join(parts), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


def main() -> int:
    """Run what is named; exit status 0 only if every goal is met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=[*BENCHMARKS, "all"])
    parser.add_argument("--scale", type=int, help="size of the run; the default is the size the goals are set for")
    chosen = parser.parse_args()
    outcomes = []
    for name in BENCHMARKS if chosen.name == "all" else [chosen.name]:
        module, function = BENCHMARKS[name].split(":")
        run = getattr(importlib.import_module(f"benchmarks.{module}"), function)
        outcomes.append(run(chosen.scale) if chosen.scale else run())
        outcomes[-1].print()
    if chosen.name == "all":
        _write_page(outcomes)
    return 0 if all(goal.is_met for outcome in outcomes for goal in outcome.goals) else 1


if __name__ == "__main__":
    sys.exit(main())
