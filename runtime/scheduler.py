"""Airflow's scheduler, with what the steps of a night need already read: every task is forked from it.

A task that imports Great Expectations, pandas, DuckDB and Airflow's console for itself spends seconds before its work
begins, some hundred times a night. Only modules are read here: no connection, no thread pool is begun before the fork.
"""

from __future__ import annotations

import importlib
import sys

NEEDED = (
    "great_expectations",
    "quality.suites",
    "runtime.steps.closing",
    "runtime.steps.feeds",
    "runtime.steps.subjects",
)


def main() -> int:
    """Read the modules, then be ``airflow scheduler`` with the arguments given."""
    for name in NEEDED:
        importlib.import_module(name)
    from airflow.__main__ import main as airflow

    sys.argv = ["airflow", *sys.argv[1:]]
    airflow()
    return 0


if __name__ == "__main__":
    sys.exit(main())
