"""A place to send deliveries to, receive and extract them, and look at everything that was written."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from extractors.contract import Contract, Mode, load_contracts
from extractors.extract import Extracted, extract
from extractors.held import Held
from extractors.snapshot import Received, receive
from tests.extractors.deliveries import Row
from tests.extractors.samples import DAY, send

CONTRACTS = load_contracts()


@dataclass
class Desk:
    """One inbox and its snapshots."""

    folder: Path
    messages: list[str] = field(default_factory=list)

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def snapshots(self) -> Path:
        return self.folder / "snapshots"

    def receive(
        self, contract: Contract, known: Mapping[str, str] | None = None, to: dt.date | None = None
    ) -> Received:
        self.inbox.mkdir(exist_ok=True)
        received = receive(contract, self.inbox, self.snapshots, known or {}, business_date_to=to)
        self.messages += [held.message for held in received.held]
        return received

    def extract(self, contract: Contract, rows: Sequence[Row], **more: Any) -> Extracted:
        """Send one delivery, receive and extract it; it must not be held by receive()."""
        send(contract, self.inbox, rows, **more)
        received = self.receive(contract)
        assert received.held == []
        delivery = received.deliveries[-1]
        extracted = extract(contract, delivery, delivery.folder, as_of=DAY, threads=1)
        if extracted.held is not None:
            self.messages.append(extracted.held.message)
        else:
            assert_accounted(extracted, more.get("row_count", len(rows)))
        return extracted

    def hold(self, contract: Contract, rows: Sequence[Row], **more: Any) -> Held:
        """The same for a delivery that is refused as a whole by extract()."""
        extracted = self.extract(contract, rows, **more)
        assert extracted.held is not None
        assert (extracted.read, extracted.loaded, extracted.rejected, extracted.duplicate) == (0, 0, 0, 0)
        assert not extracted.records.exists()
        return extracted.held


def assert_accounted(extracted: Extracted, sent: int) -> None:
    """Every row sent is a record, a reject or a duplicate, counted again from the files."""
    loaded, rejected = pq.read_table(extracted.records).num_rows, pq.read_table(extracted.rejects).num_rows
    duplicate = sum(code == "DUPLICATE_ROW" for code in pq.read_table(extracted.findings)["code"].to_pylist())
    assert (extracted.loaded, extracted.rejected, extracted.duplicate) == (loaded, rejected, duplicate)
    assert extracted.read == sent == loaded + rejected + duplicate


def records(extracted: Extracted) -> list[dict[str, Any]]:
    """The records with the received texts read, in the order of their lines."""
    rows = pq.read_table(extracted.records).to_pylist()
    return [row | {"received": json.loads(row["received"] or "{}")} for row in rows]


def rejects(extracted: Extracted) -> list[dict[str, Any]]:
    """The rejects with the received row read."""
    return [row | {"received": json.loads(row["received"])} for row in pq.read_table(extracted.rejects).to_pylist()]


def findings(extracted: Extracted) -> list[tuple[int | None, str | None, str]]:
    """(line, field, code) of every finding, in order."""
    rows = pq.read_table(extracted.findings).to_pylist()
    return [(row["line_no"], row["field"], row["code"]) for row in rows]


@pytest.fixture
def desk(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Desk]:
    """A fresh inbox; at the end nothing that was said or named may hold a personal value."""
    caplog.set_level(logging.DEBUG)
    desk = Desk(tmp_path)
    yield desk
    said = "\n".join([*desk.messages, caplog.text, *(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))])
    for secret in ("5101041980", "138000000", "春熙路", *PEOPLE):
        assert secret not in said
    for path in tmp_path.rglob("findings.parquet"):
        shown = json.dumps(pq.read_table(path).drop_columns(["source_key"]).to_pylist(), ensure_ascii=False)
        assert not any(secret in shown for secret in ("5101041980", "138000000", "春熙路", *PEOPLE))


PEOPLE = ("钱子子", "孙子子", "李子子", "周子子", "吴子子")  # the names of the first sample rows


def mode_of(contract: Contract) -> Mode:
    """The mode a delivery of this feed may always have."""
    return "full" if "full" in contract.modes else "delta"
