"""A night that looks at what changed leaves the very files that a rebuild would leave (laws 3 and 9), in PostgreSQL."""

from __future__ import annotations

import datetime as dt
import json
import time

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from demo.deliveries import deliver
from extractors.contract import load_contracts
from extractors.extract import extract, read_extracted
from extractors.snapshot import receive
from runtime.settings import read_settings
from runtime.steps import closing, feeds, subjects
from runtime.steps.night import Night, feed_folder
from warehouse.contents import load_facts
from warehouse.database import Connection
from warehouse.judgements import record_judgement, withdraw_judgement
from warehouse.partings import split_file
from warehouse.totals import compare_totals

DAY = dt.date(2026, 11, 1)
FEEDS = ("ps_person", "hrss_card", "ca_assist", "tax_payer")
SERVED = (
    "core.person",
    "core.person_value",
    "core.enterprise",
    "core.crosswalk",
    "core.link",
    "core.card",
    "core.review",
)
LISTS = tuple(fact.table for fact in load_facts())


def night_of(day: dt.date, *, full_rematch: bool = False) -> Night:
    return Night.named(date=str(day), feeds=FEEDS, full_rematch=full_rematch, dry_run=False)


def run(night: Night, batches: dict[str, list[str]]) -> None:
    prepare(night, batches)
    closing.gate_masters(night)
    closing.publish(night)


def prepare(night: Night, batches: dict[str, list[str]]) -> None:
    closing.open_run(night)
    for feed, numbers in batches.items():
        feeds.land(night, feed, numbers)
    for subject in subjects.SUBJECTS:
        subjects.match(night, subject)
        subjects.master(night, subject)


def run_by_index(conn: Connection, night: Night, batches: dict[str, list[str]]) -> None:
    """A night whose gate and publication read no table of records or files whole (law 9), where there is an index to use."""
    prepare(night, batches)
    conn.execute("do $$ begin execute format('alter database %I set enable_seqscan = off', current_database()); end $$")
    before = read_whole(conn)
    closing.gate_masters(night)
    closing.publish(night)
    conn.execute("do $$ begin execute format('alter database %I reset enable_seqscan', current_database()); end $$")
    assert {name for name, (scans, rows) in read_whole(conn).items() if rows > 100 and scans > before[name][0]} == set()
    assert compare_totals(conn) == []


def read_whole(conn: Connection) -> dict[str, tuple[int, int]]:
    """Tables that grow with the province → how often each was read whole so far, and its rows, as the server has counted."""
    others = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    for _ in range(100):  # a connection that was closed is counted when its process has ended
        if conn.execute(others).fetchone() == (0,):
            break
        time.sleep(0.05)
    conn.execute("select pg_stat_force_next_flush()")  # else what this very connection read is counted a second later
    conn.execute("select pg_stat_clear_snapshot()")
    rows = conn.execute(
        "select relname, seq_scan, n_live_tup from pg_stat_user_tables where schemaname = 'landing' "
        "or (schemaname = 'core' and relname not in ('review', 'file_size', 'file_fill'))"
    ).fetchall()
    return {name: (scans, live) for name, scans, live in rows}


def first_batches(night: Night) -> dict[str, list[str]]:
    settings = read_settings()
    deliver(day=DAY, first=DAY, persons=1200, seed=7, inbox=settings.inbox, truth_folder=settings.truth)
    found = {}
    for feed in FEEDS:
        contract = load_contracts()[feed]
        delivery = receive(contract, night.inbox, settings.snapshots, {}, business_date_to=DAY).deliveries[0]
        extracted = extract(contract, delivery, feed_folder(settings, feed, delivery.batch_no), as_of=DAY)
        assert extracted.held is None
        found[feed] = [delivery.batch_no]
    return found


def hold_back(feed: str, batch_no: str, share: float) -> str:
    """Some records come only with a second delivery, which also corrects some and ends some; its number."""
    folder = feed_folder(read_settings(), feed, batch_no)
    whole, records = read_extracted(folder), pq.read_table(folder / "records.parquet")
    order = np.random.default_rng(len(feed)).permutation(records.num_rows)
    size = max(int(share * records.num_rows), 2)
    new, changed, gone = (records.take(pa.array(order[n * size : (n + 1) * size])) for n in range(3))
    names = changed["name"].take(pa.array(np.roll(np.arange(size), 1)))
    for column, values in (("name", names), ("record_hash", pc.utf8_reverse(changed["record_hash"]))):
        place = changed.column_names.index(column)
        changed = changed.set_column(place, changed.schema.field(place), values)
    kept = records.take(pa.array(order[size:]))
    second = folder.with_name(batch_no[:-3] + "900")
    second.mkdir()
    told = json.loads((folder / "extract.json").read_text())
    parts = [part.drop_columns(["op"]) if "op" in part.column_names else part for part in (new, changed, gone)]
    ops = [part.append_column("op", pa.repeat(op, size)) for part, op in zip(parts, "IUD", strict=True)]
    for place, rows, more in (
        (folder, kept, {}),
        (second, pa.concat_tables(ops), {"batch_no": second.name, "mode": "delta", "file_sm3": "0" * 64}),
    ):
        counts = {"loaded": rows.num_rows, "rejected": 0, "duplicate": 0, "read": rows.num_rows}
        pq.write_table(rows, place / "records.parquet")
        for name in ("rejects", "findings"):
            pq.write_table(pq.read_table(getattr(whole, name)).slice(0, 0), place / f"{name}.parquet")
        (place / "extract.json").write_text(json.dumps(told | counts | more))
    return second.name


def served(conn: Connection) -> dict[str, str]:
    """A hash of the rows of each served table, whatever their order, without the runs that wrote them."""
    found = {}
    for table in (*SERVED, *LISTS):
        schema, name = table.split(".")
        rows = conn.execute(
            "select column_name from information_schema.columns where table_schema = %s and table_name = %s "
            "and column_name !~ '_run_id$|_date$|^review_id$|_at$' order by 1",
            (schema, name),
        ).fetchall()
        columns = ", ".join(f'"{row[0]}"' for row in rows)
        state = " where state <> 'gone'" if name == "review" else ""
        query = (
            f"select md5(string_agg(r, '' order by r)) from (select row({columns})::text as r from {table}{state}) q"
        )
        found[table] = str(conn.execute(query.encode()).fetchone())
    return found


def steps_of(conn: Connection, night: Night) -> dict[tuple[str, str], tuple[str, str | None]]:
    rows = conn.execute("select step, feed, state, note from ops.step where run_id = %s", (night.run_id,)).fetchall()
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def judge(conn: Connection) -> int:
    """Two files are judged one, another is split; the number of the first judgement."""
    single = conn.execute(
        "select min(record_key) from core.crosswalk where subject = 'person' group by master_id having count(*) = 1 "
        "order by master_id limit 2"
    ).fetchall()
    number = record_judgement(conn, "person", single[0][0], single[1][0], "same", judged_by="ann", reason="one photo")
    large = conn.execute(
        "select master_id from core.crosswalk where subject = 'person' group by 1 having count(*) between 3 and 5 "
        "order by count(*) desc, 1 limit 1"
    ).fetchone()
    assert large is not None
    split_file(conn, large[0], [1], judged_by="ann", reason="another person")
    return number


def test_nights_of_changes_and_judgements_leave_what_a_rebuild_leaves(conn: Connection) -> None:
    """Corrections and deletions of some feeds, of the others, judgements in between, one withdrawn; then a rebuild."""
    nights = [night_of(DAY + dt.timedelta(days=n), full_rematch=n == 4) for n in range(5)]
    batches = first_batches(nights[0])
    deltas = {feed: [hold_back(feed, numbers[0], 0.02)] for feed, numbers in batches.items()}
    run(nights[0], batches)
    before = served(conn)
    run_by_index(conn, nights[1], {feed: deltas[feed] for feed in FEEDS[:2]})
    number = judge(conn)
    run_by_index(conn, nights[2], {feed: deltas[feed] for feed in FEEDS[2:]})
    after = served(conn)
    assert all(before[table] != after[table] for table in SERVED if table != "core.review")
    withdraw_judgement(conn, number, judged_by="ann", reason="it was another photo")
    run_by_index(conn, nights[3], {})
    last = served(conn)
    assert last["core.crosswalk"] != after["core.crosswalk"]
    for night in nights[1:4]:
        looked = steps_of(conn, night)[("match", "person")]
        assert looked[0] == "success"
        assert "records looked at" in str(looked[1])
    causes = conn.execute(
        "select run_id, event_kind, cause from ops.change_event where event_kind <> 'changed'"
    ).fetchall()
    told = {(run_id, kind, cause.split()[0]) for run_id, kind, cause in causes}
    assert {cause for run_id, _, cause in told if run_id == nights[0].run_id} == {"first"}
    assert (nights[1].run_id, "created", "delivery") in told
    assert (nights[2].run_id, "merged", "judgement") in told
    assert {cause for run_id, _, cause in told if run_id == nights[3].run_id} == {"judgement"}
    assert conn.execute("select count(*) from ops.delivery where published_run_id is null").fetchone() == (0,)
    run(nights[4], {})
    assert "records looked at" not in str(steps_of(conn, nights[4])[("match", "person")][1])
    assert served(conn) == last
