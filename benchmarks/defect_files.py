"""Whole deliveries that are wrong: each kind of fault put on a delivery of every feed; is it held or stopped?"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from demo.deliveries import deliver
from extractors.contract import Contract, load_contracts
from extractors.extract import Extracted, extract
from extractors.manifest import sm3_of
from extractors.snapshot import Delivery, receive
from quality.gates import gate_extracted
from quality.history import FeedHistory
from quality.rules.delivery import FEWEST_ROWS

DAY = date(2026, 11, 1)
PERSONS = 2000


@dataclass(frozen=True)
class Sample:
    """A delivery of a feed as it came, and what its gate measured on it."""

    contract: Contract
    folder: Path  # inbox with this delivery alone
    delivery: Delivery
    extracted: Extracted
    history: FeedHistory


def samples(home: Path) -> Iterator[Sample]:
    """One good full delivery of each feed of a small province."""
    inbox = home / "inbox"
    deliver(day=DAY, first=DAY, persons=PERSONS, seed=7, inbox=inbox, truth_folder=home / "truth")
    for feed, contract in load_contracts().items():
        alone = home / "alone" / feed
        alone.mkdir(parents=True)
        for path in inbox.glob(f"{feed}_2*"):
            shutil.move(path, alone / path.name)
        (delivery,) = receive(contract, alone, home / "snapshots", {}).deliveries
        extracted = extract(contract, delivery, home / "extracted" / feed, as_of=DAY)
        verdict = gate_extracted(contract, extracted, (), as_of=DAY)
        if not verdict.may_go_on:
            raise RuntimeError(f"{feed}: the good delivery was stopped: {[r.message for r in verdict.broken]}")
        yield Sample(contract, alone, delivery, extracted, FeedHistory.from_dict(verdict.statistics))


def _is_held(sample: Sample, home: Path, known: dict[str, str] | None = None) -> bool:
    """Whether a delivery lying in the sample's folder is refused as it is received or extracted."""
    received = receive(sample.contract, sample.folder, home / "again", known or {})
    if received.held or not received.deliveries:
        return True
    return extract(sample.contract, received.deliveries[0], home / "tried", as_of=DAY).held is not None


def _cut(sample: Sample, home: Path) -> bool:
    """The file ends in the middle, as it does when the copying was broken off."""
    return _with_file(sample, home, lambda whole: whole[: int(len(whole) * 0.6)], hashed=False)


def _cut_before_hash(sample: Sample, home: Path) -> bool:
    """The file ended in the middle before its hash was counted."""
    return _with_file(sample, home, lambda whole: whole[: int(len(whole) * 0.6)], hashed=True)


def _empty(sample: Sample, home: Path) -> bool:
    """The file has no byte."""
    return _with_file(sample, home, lambda _: b"", hashed=True)


def _miscounted(sample: Sample, home: Path) -> bool:
    """The manifest counts a row more than there is."""
    manifest = next(sample.folder.glob("*.manifest.json"))
    before = manifest.read_text()
    words = json.loads(before)
    manifest.write_text(json.dumps(words | {"row_count": words["row_count"] + 1}))
    held = _is_held(sample, home)
    manifest.write_text(before)
    return held


def _twice(sample: Sample, home: Path) -> bool:
    """The same delivery comes again after it landed."""
    return _is_held(sample, home, {sample.delivery.batch_no: sample.delivery.file_sm3})


def _changed_under_its_number(sample: Sample, home: Path) -> bool:
    """Other content comes under the number of a delivery that landed."""
    return _is_held(sample, home, {sample.delivery.batch_no: "0" * 64})


def _short(sample: Sample, home: Path) -> bool:  # noqa: ARG001 - every fault is asked alike
    """A full file holds a third fewer rows than the one before."""
    before = replace(
        sample.history, batch_no="20261031-001", read=sample.history.read * 3 // 2, records=sample.history.records * 3 // 2
    )  # fmt: skip
    return not gate_extracted(sample.contract, sample.extracted, (before,), as_of=DAY).may_go_on


def _late(sample: Sample, home: Path) -> bool:  # noqa: ARG001
    """The business date lies half a year back."""
    verdict = gate_extracted(sample.contract, sample.extracted, (), as_of=DAY + timedelta(days=180))
    return any(result.rule_id == "arrived_in_time" for result in verdict.broken)


def _full_as_delta(sample: Sample, home: Path) -> bool:
    """A full file, without operations, is announced as a delta."""
    manifest = next(sample.folder.glob("*.manifest.json"))
    before = manifest.read_text()
    manifest.write_text(json.dumps(json.loads(before) | {"mode": "delta"}))
    held = _is_held(sample, home)
    manifest.write_text(before)
    return held


def _repeated_as_delta(sample: Sample, home: Path) -> bool:  # noqa: ARG001
    """A delta has a hundred times the rows of like days: everything was marked as changed."""
    usual = [
        replace(
            sample.history, mode="delta", batch_no=f"202610{day}-001", business_date=f"2026-10-{day}",
            read=max(1, sample.history.read // 100),
        )
        for day in ("01", "02", "30", "31")
    ]  # fmt: skip
    as_delta = replace(sample.extracted, mode="delta")
    verdict = gate_extracted(sample.contract, as_delta, usual, as_of=DAY)
    return any(result.rule_id == "delta_size_against_usual" for result in verdict.broken)


def _with_file(sample: Sample, home: Path, change: Callable[[bytes], bytes], *, hashed: bool) -> bool:
    manifest = next(sample.folder.glob("*.manifest.json"))
    words = manifest.read_text()
    path = sample.folder / json.loads(words)["file_name"]
    whole = path.read_bytes()
    path.write_bytes(change(whole))
    if hashed:
        manifest.write_text(json.dumps(json.loads(words) | {"file_sm3": sm3_of(path)}))
    held = _is_held(sample, home)
    path.write_bytes(whole)
    manifest.write_text(words)
    return held


FAULTS: dict[str, Callable[[Sample, Path], bool]] = {
    "file cut short": _cut,
    "file cut short before it was hashed": _cut_before_hash,
    "file without a byte": _empty,
    "another row count than the manifest's": _miscounted,
    "delivery sent twice": _twice,
    "other content under a used number": _changed_under_its_number,
    "full file a third short": _short,
    "full file sent as delta": _full_as_delta,
    "delta of a hundred times the usual rows": _repeated_as_delta,
    "delivery late": _late,
}


def try_faults(home: Path) -> list[tuple[str, int, int]]:
    """(fault, deliveries it was put on, those that were held, stopped or warned of) in the order of `FAULTS`."""
    tried = dict.fromkeys(FAULTS, 0)
    caught = dict.fromkeys(FAULTS, 0)
    for sample in samples(home):
        for name, fault in FAULTS.items():
            if "delta" in name and "delta" not in sample.contract.modes:
                continue
            if fault is _repeated_as_delta and sample.history.read < 10 * FEWEST_ROWS:
                continue  # of a handful of rows no size is a sign
            tried[name] += 1
            caught[name] += fault(sample, home)
    return [(name, tried[name], caught[name]) for name in FAULTS]
