"""`delta`: a night of 1 % changes against a rebuild, from extracted records to published masters, at two sizes."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.goal import Goal, Outcome
from benchmarks.watch import watch
from extractors.contract import load_contracts
from extractors.extract import Extracted, extract, read_extracted
from extractors.snapshot import receive
from runtime import postgres
from runtime.settings import ROOT, read_settings
from runtime.steps import closing, feeds, subjects
from runtime.steps.night import Night, feed_folder
from warehouse.migrate import migrate
from warehouse.records import subject_feeds

DEFAULT_RECORDS = 1_000_000
RECORDS_A_PERSON = 5.5
FIRST = dt.date(2026, 11, 1)
SHARES = {"insert": 0.004, "update": 0.004, "delete": 0.002}
"""Of the records of each feed of the smaller base: new ones, corrected ones, ended ones; 1 % together."""
MOST_RATIO = 0.06
MOST_GROWTH = 1.5
STEPS = ("land", "match", "master", "gate", "publish")
Seconds = dict[str, float]


def run(scale: int = DEFAULT_RECORDS) -> Outcome:
    """A base of `scale` records of persons and one four times as large; as many records of each change in a night."""
    measured = {size: _measure(size, scale / size) for size in (scale, 4 * scale)}
    rows: list[tuple[object, ...]] = []
    for size, (records, looked, whole, night) in measured.items():
        for step in STEPS:
            rows.append((f"{records:,}", step, whole[step], night[step], night[step] / whole[step]))
        total = sum(whole.values()), sum(night.values())
        rows.append((f"{records:,}", f"all ({looked:,} records looked at)", *total, total[1] / total[0]))
        del size
    small, large = (measured[size] for size in (scale, 4 * scale))
    return Outcome(
        f"delta: 1 % of {small[0]:,} persons' records change; as many of {large[0]:,}",
        ("records", "step", "rebuild, s", "night, s", "ratio"),
        tuple(rows),
        (
            Goal("delta.ratio", sum(small[3].values()) / sum(small[2].values()), "of a rebuild", MOST_RATIO, at_most=True),
            Goal("delta.growth", sum(large[3].values()) / sum(small[3].values()), "times", MOST_GROWTH, at_most=True),
        ),
        "The functions of the nightly tasks, called one after the other in one process; Airflow and extraction not counted.",
    )  # fmt: skip


def _measure(size: int, part: float) -> tuple[int, int, Seconds, Seconds]:
    """(records, records looked at, seconds of the rebuild, seconds of the night); of `SHARES` this part changes."""
    home = Path(tempfile.mkdtemp(prefix="yidang-delta-"))
    home.chmod(0o755)  # under root the database runs as nobody
    place = postgres.find_place(home)
    try:
        with postgres.serving(place) as server, _environment(home, postgres.ensure_database(place, server, "yidang")):
            url = read_settings().database_url
            assert url is not None
            migrate(url)
            named = subject_feeds("person")
            first, second = (
                Night.named(date=str(day), feeds=named, full_rematch=False, dry_run=False)
                for day in (FIRST, FIRST + dt.timedelta(days=1))
            )
            importlib.import_module("great_expectations")  # else the rebuild alone would load it
            _deliver(home, int(size / RECORDS_A_PERSON))
            batches = {feed: _extract(first, feed) for feed in named}
            deltas = {feed: _split(feed, batch, part) for feed, batch in batches.items() if batch}
            whole = _time(first, {feed: [batch] for feed, batch in batches.items() if batch})
            print(f"{size:,} records, a rebuild: {whole}", file=sys.stderr, flush=True)
            night = _time(second, {feed: [batch] for feed, batch in deltas.items() if batch})
            print(f"{size:,} records, a night: {night}", file=sys.stderr, flush=True)
            records = sum(read_extracted(_folder(feed, batch)).loaded for feed, batch in batches.items() if batch)
            looked = pq.read_metadata(home / "work" / second.run_id / "person" / "records.parquet").num_rows
            return records, looked, whole, night
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _environment(home: Path, url: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ |= {"YIDANG_HOME": str(home), "YIDANG_DATABASE_URL": url}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before


def _deliver(home: Path, persons: int) -> None:
    words = ["demo", "deliver", "--date", str(FIRST), "--first", str(FIRST), "--persons", str(persons)]
    folders = ["--inbox", str(home / "inbox"), "--truth", str(home / "truth")]
    seen = watch([sys.executable, "-m", *words, *folders], folder=ROOT)
    if seen.status:
        raise RuntimeError(f"the province ended with {seen.status}:\n{seen.output[-2000:]}")


def _folder(feed: str, batch_no: str) -> Path:
    return feed_folder(read_settings(), feed, batch_no)


def _extract(night: Night, feed: str) -> str | None:
    """Extract the first delivery of a feed; its batch number, or None if the feed sent nothing."""
    contract = load_contracts()[feed]
    received = receive(contract, night.inbox, read_settings().snapshots, {}, business_date_to=night.date)
    if not received.deliveries:
        return None
    delivery = received.deliveries[0]
    extracted = extract(contract, delivery, _folder(feed, delivery.batch_no), as_of=night.date)
    if extracted.held is not None:
        raise RuntimeError(f"{feed} was held: {extracted.held.message}")
    return delivery.batch_no


def _split(feed: str, batch_no: str, part: float) -> str | None:
    """Keep some records of an extracted delivery back; a second delivery brings them, corrects some, ends some."""
    whole = read_extracted(_folder(feed, batch_no))
    records = pq.read_table(whole.records)
    chance = np.random.default_rng(_seed(feed))
    order = chance.permutation(records.num_rows)
    ends = np.cumsum([int(part * share * records.num_rows) for share in SHARES.values()])
    new, changed, gone = (records.take(pa.array(np.sort(part))) for part in np.split(order[: ends[2]], ends[:2]))
    if not ends[2]:
        return None
    kept = np.sort(order[len(new) :])
    _write(whole, whole.folder, records.take(pa.array(kept)))
    parts = [_with_op(new, "I"), _with_op(_corrected(changed, chance), "U"), _with_op(gone, "D")]
    second = replace(
        whole, batch_no=batch_no[:-3] + "900", mode="delta", file_sm3=whole.file_sm3[::-1], rejected=0, duplicate=0,
        business_date=whole.business_date + dt.timedelta(days=1), folder=_folder(feed, batch_no[:-3] + "900"),
    )  # fmt: skip
    second.folder.mkdir(parents=True)
    for name in ("rejects", "findings"):
        pq.write_table(pq.read_table(getattr(whole, name)).slice(0, 0), getattr(second, name))
    _write(second, second.folder, pa.concat_tables(parts))
    return second.batch_no


def _seed(feed: str) -> int:
    """A seed of its own for every feed, the same in every run."""
    return sum(feed.encode()) + 2611


def _with_op(rows: pa.Table, op: str) -> pa.Table:
    if "op" in rows.column_names:
        rows = rows.drop_columns(["op"])
    return rows.append_column("op", pa.repeat(pa.scalar(op), rows.num_rows))


def _corrected(rows: pa.Table, chance: np.random.Generator) -> pa.Table:
    """The telephones (else the addresses, else nothing but the hash) change hands among the rows."""
    for column in ("phone", "address"):
        if column in rows.column_names:
            other = rows[column].take(pa.array(chance.permutation(rows.num_rows)))
            rows = _with(rows, column, other)
            break
    return _with(rows, "record_hash", pc.utf8_reverse(rows["record_hash"]))


def _with(rows: pa.Table, column: str, values: pa.ChunkedArray) -> pa.Table:
    place = rows.column_names.index(column)
    return rows.set_column(place, rows.schema.field(place), values)


def _write(extracted: Extracted, folder: Path, records: pa.Table) -> None:
    pq.write_table(records, folder / "records.parquet")
    loaded = records.num_rows
    told = json.loads((folder / "extract.json").read_text()) if (folder / "extract.json").exists() else {}
    told |= {
        "feed": extracted.feed, "batch_no": extracted.batch_no, "mode": extracted.mode, "held": None,
        "business_date": str(extracted.business_date), "file_sm3": extracted.file_sm3,
        "schema_version": extracted.schema_version, "read": loaded + extracted.rejected + extracted.duplicate,
        "loaded": loaded, "rejected": extracted.rejected, "duplicate": extracted.duplicate,
    }  # fmt: skip
    (folder / "extract.json").write_text(json.dumps(told))


def _time(night: Night, batches: dict[str, list[str]]) -> Seconds:
    """Seconds of each step of one night over persons."""
    closing.open_run(night)
    seconds = dict.fromkeys(STEPS, 0.0)

    @contextmanager
    def timed(step: str) -> Iterator[None]:
        begin = time.perf_counter()
        yield
        seconds[step] += time.perf_counter() - begin

    with timed("land"):
        for feed, numbers in batches.items():
            feeds.land(night, feed, numbers)
    with timed("match"):
        subjects.match(night, "person")
    with timed("master"):
        subjects.master(night, "person")
    with timed("gate"):
        closing.gate_masters(night)
    with timed("publish"):
        closing.publish(night)
    return seconds
