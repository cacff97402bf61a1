"""`orders`: ten nights in ten orders, with corrections, deletions and judgements, against one rebuild of the final set."""

from __future__ import annotations

import tempfile
import time
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.goal import Goal, Outcome
from demo import labelled_persons
from demo.chance import Chance
from matching.delta import Matched, match_all, rematch
from matching.model import Setting
from matching.resolve import load_model
from matching.state import Signature
from matching.survivorship import choose, read_authority

DEFAULT_RECORDS = 5_000
ONCE = 100_000
ORDERS = 10
NIGHTS = 10
AS_OF = date(2026, 11, 1)
SEED = 31
WRONG, PASSING, JUDGED = 0.03, 0.03, 0.001
"""Shares of records that first come wrong and are corrected later, that come and go, and that are judged in pairs."""


def run(scale: int = DEFAULT_RECORDS) -> Outcome:
    """`scale` persons' records in ten orders, and twenty times as many in one."""
    rows: list[tuple[object, ...]] = []
    unequal = 0
    for size, orders in ((scale, ORDERS), (scale * ONCE // DEFAULT_RECORDS, 1)):
        history = _History(size)
        begin = time.perf_counter()
        expected = _rebuilt(history)
        rows.append((f"{size:,}", "rebuild", time.perf_counter() - begin, 0, expected[:12]))
        for order in range(orders):
            begin = time.perf_counter()
            found, looked = history.play(order)
            rows.append((f"{size:,}", f"order {order + 1}", time.perf_counter() - begin, looked, found[:12]))
            unequal += found != expected
    return Outcome(
        f"orders: {NIGHTS} nights in {ORDERS} orders end where a rebuild ends",
        ("records", "history", "seconds", "records looked at", "hash of clusters, golden values, cases"),
        tuple(rows),
        (Goal("orders.unequal", unequal, "histories", 0, at_most=True),),
    )


MODEL = load_model("person")
SETTING = Setting(AS_OF)
AUTHORITY = read_authority("person")


class _History:
    """A final set of records and judgements, and nights that lead to it."""

    def __init__(self, size: int) -> None:
        day = (AS_OF - date(1970, 1, 1)).days
        made = labelled_persons.make(Chance(SEED), size, day, "spread")[0]
        chance = np.random.default_rng(SEED)
        passing = int(PASSING * made.num_rows)
        self.final = made.slice(passing)
        self.passing = made.slice(0, passing)
        self.wrong = self.final.take(pa.array(chance.choice(self.final.num_rows, int(WRONG * size), replace=False)))
        for column in ("phone", "name"):
            place = self.wrong.column_names.index(column)
            mixed = self.wrong[column].take(pa.array(np.roll(np.arange(self.wrong.num_rows), 1)))
            self.wrong = self.wrong.set_column(place, column, mixed)
        keys = self.final["record_key"].take(pa.array(chance.integers(0, self.final.num_rows, 2 * int(JUDGED * size))))
        half = len(keys) // 2
        verdicts = np.where(np.arange(half) % 2 == 0, "same", "not_same")
        self.judgements = pa.table(
            {
                "left_key": keys[:half],
                "right_key": keys[half:],
                "verdict": pa.array(verdicts.tolist(), pa.string()),
                "source": pa.repeat(pa.scalar("steward"), half),
            }
        )

    def play(self, order: int) -> tuple[str, int]:
        """(hash of what is served after the last night, records looked at over all nights)."""
        chance = np.random.default_rng(1000 + order)
        night_of = chance.integers(0, NIGHTS, self.final.num_rows)
        wrong = pc.is_in(self.final["record_key"], value_set=self.wrong["record_key"].combine_chunks()).to_numpy()
        night_of[wrong] = chance.integers(1, NIGHTS, int(wrong.sum()))
        came, went = np.sort(np.stack([chance.integers(0, NIGHTS, self.passing.num_rows) for _ in range(2)]), axis=0)
        went = np.minimum(went + 1, NIGHTS - 1)
        judged_from = int(chance.integers(1, NIGHTS))
        present, served, looked = self.final.slice(0, 0), _Served(), 0
        with tempfile.TemporaryDirectory() as made:
            folder, state = Path(made), None
            for night in range(NIGHTS):
                fresh = [self.final.filter(pa.array(night_of == night))]
                if night == 0:
                    fresh.append(self.wrong)
                fresh.append(self.passing.filter(pa.array((came == night) & (came < went))))
                gone = self.passing["record_key"].filter(pa.array((went == night) & (came < went)))
                rows = pa.concat_tables(fresh)
                changed = pa.concat_arrays([rows["record_key"].combine_chunks(), gone.combine_chunks()])
                present = pa.concat_tables([_without(present, changed), rows]).combine_chunks()
                judgements = self.judgements if night >= judged_from else None
                if night == judged_from:
                    both = [self.judgements[side].combine_chunks() for side in ("left_key", "right_key")]
                    changed = pa.concat_arrays([changed, *both])
                matched = None
                if state is not None:
                    matched = rematch(
                        state, changed, partial(_of, present), MODEL, SETTING,
                        judgements=judgements, most=2.0,
                    )  # fmt: skip
                matched = matched or match_all(present, MODEL, SETTING, judgements=judgements)
                looked += matched.records.num_rows
                served.take_in(matched)
                state = matched.keep(folder / f"night-{night}", Signature.of(MODEL, AS_OF))
            return served.hashed(self.final), looked


def _rebuilt(history: _History) -> str:
    served = _Served()
    served.take_in(match_all(history.final, MODEL, SETTING, judgements=history.judgements))
    return served.hashed(history.final)


class _Served:
    """What is served: the clusters of all records, and the cases for stewards."""

    def __init__(self) -> None:
        self.clusters: pa.Table | None = None
        self.reviews: pa.Table | None = None

    def take_in(self, matched: Matched) -> None:
        clusters, reviews = matched.outcome.clusters, matched.outcome.reviews()
        if matched.scope is not None and self.clusters is not None and self.reviews is not None:
            clusters = pa.concat_tables([_without(self.clusters, matched.scope), clusters])
            reviews = pa.concat_tables([_without(self.reviews, matched.scope, "left_key"), reviews])
        self.clusters, self.reviews = clusters, reviews

    def hashed(self, records: pa.Table) -> str:
        assert self.clusters is not None
        assert self.reviews is not None
        return _hash(records, self.clusters, self.reviews)


def _hash(records: pa.Table, clusters: pa.Table, reviews: pa.Table) -> str:
    """Over clusters, golden values and cases, whatever the order of rows; a cluster's name stands for its file's id."""
    known = records.column_names
    table = records
    for name in ("department", "updated_at", "feed"):
        if name not in known:
            table = table.append_column(name, pa.nulls(table.num_rows, pa.string()))
    crosswalk = clusters.rename_columns(["record_key", "master_id"])
    golden = choose(table, crosswalk, AUTHORITY)
    digest = sha256()
    for part in (
        clusters,
        golden.masters,
        golden.field_values,
        reviews.select(["review_kind", "left_key", "right_key"]),
    ):
        rows = sorted(str(row) for row in part.to_pylist())
        digest.update("\n".join(rows).encode())
    return digest.hexdigest()


def _without(table: pa.Table, keys: pa.Array, column: str = "record_key") -> pa.Table:
    return table.filter(pc.invert(pc.is_in(table[column], value_set=keys)))


def _of(table: pa.Table, keys: pa.Array) -> pa.Table:
    return table.filter(pc.is_in(table["record_key"], value_set=keys))
