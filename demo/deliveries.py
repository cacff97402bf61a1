"""One day's deliveries: each feed's file and manifest into the inbox, the truth of all rows so far apart from them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo import forms, living, plan, truth, workbook
from demo.chance import Chance, Ints
from demo.feeds import (
    Feed,
    Sent,
    ca_assist,
    ca_elder,
    ca_funeral,
    ca_marriage,
    ct_pass,
    ct_reader,
    dpf_cert,
    fin_pay_result,
    fin_subsidy,
    hrss_card,
    hrss_contrib,
    hrss_employ,
    hrss_insured,
    mr_change,
    mr_entity,
    mr_penalty,
    mr_person,
    nhc_birth,
    nhc_death,
    nhc_ehealth,
    nhsa_assist,
    nhsa_insured,
    ps_death,
    ps_person,
    ps_residence,
    tax_contrib,
    tax_payer,
    tr_card,
    tr_concession,
)
from demo.kinds import BIT
from demo.repeats import Sending, with_repeats
from demo.texts import Column
from demo.world import World, start
from extractors.contract import Contract, load_contracts
from extractors.forms import FixedWidthForm, XlsxForm
from extractors.manifest import sm3_of

FEEDS: dict[str, Feed] = {
    m.FEED.name: m.FEED
    for m in (
        hrss_card, ps_person, nhsa_insured, ca_assist, mr_entity, tax_payer, ps_death, ps_residence, nhc_birth,
        nhc_death, nhc_ehealth, ca_marriage, ca_funeral, ca_elder, hrss_insured, hrss_contrib, hrss_employ,
        nhsa_assist, dpf_cert, mr_person, mr_change, mr_penalty, tax_contrib,
        fin_subsidy, fin_pay_result, tr_concession, tr_card, ct_reader, ct_pass,
    )
}  # fmt: skip
EPOCH = date(1970, 1, 1)
EXTENSION = {"csv": "csv", "fixed_width": "txt", "json_lines": "jsonl", "xlsx": "xlsx", "xml": "xml"}
PIECE_ROWS = 150_000  # rows held as text at once
CUT = 0.6  # share of the bytes that arrive of a file cut short
SUNDAY = 6
OTHER_HEADER = "名字"  # what a department may call its column of names some day


def deliver(*, day: date, first: date, persons: int, seed: int, inbox: Path, truth_folder: Path) -> None:
    """Write the deliveries that come on `day`, and the truth of every row sent up to it.

    The first day is a full file of every feed, each later one a delta of what changed on it; monthly feeds come full
    on the first of a month. Late and broken deliveries: see demo.plan. The same arguments give the same bytes.

    Raises
    ------
    ValueError
        `day` lies before `first`.
    """
    if day < first:
        raise ValueError(f"--date {day} lies before --first {first}; the province begins on its first day")
    inbox.mkdir(parents=True, exist_ok=True)
    contracts = load_contracts()
    world = start(seed, persons, (first - EPOCH).days)
    told = []
    for arrival in plan.arrivals(seed, (day - first).days, tuple(FEEDS)):
        while world.day < arrival.day:
            living.live(world)
        told += _deliver_feed(world, FEEDS[arrival.feed], contracts[arrival.feed], inbox, arrival.fault)
    truth.write(told, truth_folder, begins=day == first)


def sending_of(world: World, feed: Feed) -> Sending:
    """The rows that the feed sends of the world's day; none where nothing changed."""
    day = EPOCH + timedelta(days=world.today)
    chance = Chance(world.seed)
    whole = feed.monthly or feed.weekly
    if whole is not None:
        comes = day.day == 1 if feed.monthly else day.weekday() == SUNDAY
        rows = whole(world) if world.day == 0 or comes else np.zeros(0, dtype=np.int64)
        return with_repeats(chance, world.day, rows, None)
    name = str(feed.table)
    table: Any = world.dossiers[name] if name in world.dossiers else getattr(world, name)
    if world.day == 0:
        return with_repeats(chance, 0, np.arange(len(table)), None)
    removed: Ints = getattr(table, "removed", np.full(len(table), -1))
    gone = (removed == world.day) & (table.created < world.day)
    touched = (table.changed == world.day) & (removed < 0)
    rows = np.flatnonzero(gone | touched)
    ops = np.where(gone[rows], "D", np.where(table.created[rows] == world.day, "I", "U"))
    order = np.lexsort((rows, ops != "D"))  # what is taken away goes first: a corrected key may come back
    return with_repeats(chance, world.day, rows[order], ops[order])


def _deliver_feed(
    world: World, feed: Feed, contract: Contract, inbox: Path, fault: plan.Fault | None
) -> list[pa.Table]:
    """Write one feed's file of the world's day and its manifest; returns the truth of its rows."""
    sending = sending_of(world, feed)
    if len(sending) == 0:
        return []
    day = EPOCH + timedelta(days=world.today)
    batch_no = f"{day:%Y%m%d}-001"
    path = inbox / f"{feed.name}_{day:%Y%m%d}_{batch_no}.{EXTENSION[contract.form.kind]}"
    fresh = path.with_suffix(".part")
    renamed = {c.source: OTHER_HEADER for c in contract.columns if fault == "renamed" and c.english == "name"}
    told = _write_file(fresh, world, feed, contract, sending, renamed)
    manifest = {
        "feed": feed.name, "batch_no": batch_no, "business_date": str(day),
        "mode": "full" if sending.ops is None else "delta", "row_count": len(sending) + (fault == "miscounted"), "file_name": path.name,
        "file_sm3": sm3_of(fresh), "sender": contract.department, "schema_version": "1",
    }  # fmt: skip
    if fault == "cut":
        with fresh.open("r+b") as file:
            file.truncate(int(fresh.stat().st_size * CUT))
    fresh.replace(path)
    target = inbox / f"{path.stem}.manifest.json"
    half = target.with_suffix(".part")
    half.write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
    half.replace(target)
    return told


def _write_file(
    path: Path, world: World, feed: Feed, contract: Contract, sending: Sending, renamed: Mapping[str, str]
) -> list[pa.Table]:
    if isinstance(contract.form, XlsxForm):
        sent = feed.render(world, sending.rows, sending.older)
        sheet = next(c.english for c in contract.columns if c.source == "@sheet")
        ops: Column | None = None if sending.ops is None else pa.array(sending.ops.tolist(), pa.string())
        workbook.write(path, contract, sent.columns, sent.columns[sheet], ops)
        return [truth.of_rows(feed, sent, sending.first, sending.flags)]
    told = []
    with path.open("wb") as file:
        file.write(forms.head(contract, renamed, sending.ops is not None))
        for piece in sending.pieces(PIECE_ROWS):
            sent = feed.render(world, piece.rows, piece.older)
            op: Column | None = None if piece.ops is None else pa.array(piece.ops.tolist(), pa.string())
            if isinstance(contract.form, FixedWidthForm):
                _forget_padding(sent)
            file.write(forms.rows(contract, sent.columns, op))
            told.append(truth.of_rows(feed, sent, piece.first, piece.flags))
        file.write(forms.tail(contract))
    return told


def _forget_padding(sent: Sent) -> None:
    """In fields of fixed width a blank at the end is padding like any other: nobody can see that it was typed."""
    name = sent.columns.get("name")
    if name is not None:
        ends = np.asarray(pc.fill_null(pc.ends_with(name, " "), False).to_numpy(zero_copy_only=False), dtype=bool)
        sent.flags[ends] &= ~BIT["name_form"]
