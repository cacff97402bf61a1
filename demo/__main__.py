"""`python -m demo labelled {persons|enterprises}` and `python -m demo deliver`: see --help."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from demo import deliveries, labelled_enterprises, labelled_persons
from demo.chance import Chance


def main() -> None:
    """Run one command; raises on bad arguments."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    labelled = commands.add_parser(
        "labelled", help="labelled records in the canonical columns, as departments send them"
    )
    labelled.add_argument("subject", choices=["persons", "enterprises"])
    labelled.add_argument("--records", type=int, default=100_000)
    labelled.add_argument("--dense", action="store_true", help="persons of one county at true density")
    labelled.add_argument(
        "--parts", type=int, default=0, help="persons in so many files, the first n of them a smaller set"
    )
    labelled.add_argument("--seed", type=int, default=7)
    labelled.add_argument("--as-of", type=date.fromisoformat, default=date(2026, 11, 1))
    labelled.add_argument("--out", type=Path, required=True)
    delivered = commands.add_parser("deliver", help="one day's deliveries with their manifests, the truth apart")
    delivered.add_argument("--date", type=date.fromisoformat, required=True)
    delivered.add_argument("--first", type=date.fromisoformat, default=date(2026, 11, 1))
    delivered.add_argument("--persons", type=int, default=90_000)
    delivered.add_argument("--seed", type=int, default=7)
    delivered.add_argument("--inbox", type=Path, required=True)
    delivered.add_argument("--truth", type=Path, required=True)
    chosen = parser.parse_args()
    if chosen.command == "deliver":
        deliveries.deliver(
            day=chosen.date, first=chosen.first, persons=chosen.persons, seed=chosen.seed, inbox=chosen.inbox,
            truth_folder=chosen.truth,
        )  # fmt: skip
        return
    today = (chosen.as_of - date(1970, 1, 1)).days
    chosen.out.mkdir(parents=True, exist_ok=True)
    chance = Chance(chosen.seed)
    layout = "dense" if chosen.dense else "spread"
    if chosen.parts and chosen.subject == "persons":
        made = labelled_persons.make_parts(chance, chosen.records, today, layout, chosen.parts)
        for part, (records, truth) in enumerate(made):
            _write(chosen.out, records, truth, f"-{part}")
    elif chosen.subject == "persons":
        _write(chosen.out, *labelled_persons.make(chance, chosen.records, today, layout))
    else:
        _write(chosen.out, *labelled_enterprises.make(chance, chosen.records, today))


def _write(folder: Path, records: pa.Table, truth: pa.Table, part: str = "") -> None:
    pq.write_table(records, folder / f"records{part}.parquet", compression="zstd")
    pq.write_table(truth, folder / f"truth{part}.parquet", compression="zstd")


if __name__ == "__main__":
    main()
