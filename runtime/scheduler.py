"""Airflow's scheduler, with what the steps of a night need already read: every task is forked from it.

A task that imports Great Expectations, pandas and DuckDB for itself spends seconds before its work begins, some hundred
times a night. Only modules are read here: no connection, no thread of ours is begun before the fork.
"""

from __future__ import annotations

import importlib
import runpy
import sys

NEEDED = (
    "great_expectations",
    "quality.suites",
    "runtime.steps.closing",
    "runtime.steps.feeds",
    "runtime.steps.released",
    "runtime.steps.subjects",
)


def read_modules() -> None:
    """Read what the steps of a night import."""
    for name in NEEDED:
        importlib.import_module(name)


def main() -> None:
    """Read the modules, then be ``airflow`` with the arguments given."""
    read_modules()
    sys.argv = ["airflow", *sys.argv[1:]]
    runpy.run_module("airflow", run_name="__main__")


if __name__ == "__main__":
    main()
