"""One day's deliveries: each feed's file and manifest into the inbox, the truth of all rows so far apart from them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from demo import forms, living, workbook
from demo.chance import Ints
from demo.feeds import Feed, Sent, ca_assist, hrss_card, mr_entity, nhsa_insured, ps_person, tax_payer
from demo.kinds import KINDS
from demo.texts import Column
from demo.world import World, start
from extractors.contract import Contract, load_contracts
from extractors.forms import XlsxForm
from extractors.manifest import sm3_of

FEEDS: tuple[Feed, ...] = tuple(m.FEED for m in (hrss_card, ps_person, nhsa_insured, ca_assist, mr_entity, tax_payer))
EPOCH = date(1970, 1, 1)
FULL_ONLY = ("ca_assist",)  # a monthly full file: nothing between
EXTENSION = {"csv": "csv", "fixed_width": "txt", "json_lines": "jsonl", "xlsx": "xlsx", "xml": "xml"}


def deliver(*, day: date, first: date, persons: int, seed: int, inbox: Path, truth: Path) -> None:
    """Write the deliveries of `day` and the truth of every row sent up to it.

    The first day is a full file of every feed, each later one a delta of what changed on it. The same arguments give
    the same bytes.

    Raises
    ------
    ValueError
        `day` lies before `first`.
    """
    if day < first:
        raise ValueError(f"--date {day} lies before --first {first}; the province begins on its first day")
    world = start(seed, persons, (first - EPOCH).days)
    for _ in range((day - first).days):
        living.live(world)
    inbox.mkdir(parents=True, exist_ok=True)
    truth.mkdir(parents=True, exist_ok=True)
    contracts = load_contracts()
    told = []
    for feed in FEEDS:
        told.append(_deliver_feed(world, feed, contracts[feed.name], day, inbox))
    _write_truth(world, [t for t in told if t is not None], truth)


def _rows(world: World, feed: Feed) -> tuple[Ints, Column | None]:
    """Rows of the feed's table to send today, and their operations (None: a full file)."""
    table = getattr(world, feed.table)
    everything = np.arange(len(table))
    if world.day == 0:
        return everything, None
    if feed.name in FULL_ONLY:
        return everything[:0], None
    removed = getattr(table, "removed", np.full(len(table), -1))
    gone = (removed == world.day) & (table.created < world.day)
    touched = (table.changed == world.day) & ((removed < 0) | (removed > world.day))
    rows = np.flatnonzero(gone | touched)
    op = np.where(gone[rows], "D", np.where(table.created[rows] == world.day, "I", "U"))
    order = np.lexsort((rows, op != "D"))  # what is taken away goes first: a corrected key may come back
    return rows[order], pa.array(op[order].tolist(), pa.string())


def _deliver_feed(world: World, feed: Feed, contract: Contract, day: date, inbox: Path) -> pa.Table | None:
    rows, op = _rows(world, feed)
    if len(rows) == 0:
        return None
    sent = feed.render(world, rows, np.zeros(len(rows), dtype=bool))
    batch_no = f"{day:%Y%m%d}-001"
    path = inbox / f"{feed.name}_{day:%Y%m%d}_{batch_no}.{EXTENSION[contract.form.kind]}"
    fresh = path.with_suffix(".part")
    _write_file(fresh, contract, sent.columns, op)
    fresh.replace(path)
    manifest = {
        "feed": feed.name, "batch_no": batch_no, "business_date": str(day), "mode": "full" if op is None else "delta",
        "row_count": len(sent.keys), "file_name": path.name, "file_sm3": sm3_of(path), "sender": contract.department,
        "schema_version": "1",
    }  # fmt: skip
    target = inbox / f"{path.stem}.manifest.json"
    half = target.with_suffix(".part")
    half.write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
    half.replace(target)
    return _truth_rows(feed, sent)


def _write_file(path: Path, contract: Contract, columns: Mapping[str, Column], op: Column | None) -> None:
    if isinstance(contract.form, XlsxForm):
        sheet = next(c.english for c in contract.columns if c.source == "@sheet")
        workbook.write(path, contract, columns, columns[sheet])
        return
    with path.open("wb") as file:
        file.write(forms.head(contract, {}, op is not None))
        file.write(forms.rows(contract, columns, op, {}))
        file.write(forms.tail(contract))


def _truth_rows(feed: Feed, sent: Sent) -> pa.Table:
    kinds = [[kind for place, kind in enumerate(KINDS) if flag >> place & 1] for flag in np.unique(sent.flags).tolist()]
    place = np.searchsorted(np.unique(sent.flags), sent.flags)
    count = len(sent.keys)
    return pa.table(
        {
            "feed": pa.array([feed.name] * count, pa.string()),
            "source_key": sent.keys,
            "subject": pa.array([feed.subject] * count, pa.string()),
            "subject_id": pa.array(sent.subjects.astype(np.int64)).cast(pa.string()),
            "defects": pa.array(kinds, pa.list_(pa.string())).take(pa.array(place)),
        }
    )


def _write_truth(world: World, told: list[pa.Table], truth: Path) -> None:
    """record.parquet: one row a source key ever sent; today's rows stand in place of earlier ones."""
    path = truth / "record.parquet"
    now = pa.concat_tables(told)
    if world.day > 0 and path.exists():
        before = pq.read_table(path)
        keys = now.select(["feed", "source_key"]).group_by(["feed", "source_key"]).aggregate([])
        placed = before.drop(["defects"]).append_column("place", pa.array(np.arange(len(before))))
        kept = placed.join(keys, ["feed", "source_key"], join_type="left anti")["place"]
        now = pa.concat_tables([before.take(pa.array(np.sort(kept.to_numpy()))), now])
    fresh = path.with_suffix(".part")
    pq.write_table(now, fresh, compression="zstd")
    fresh.replace(path)
