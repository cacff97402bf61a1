"""Small deliveries as extract leaves them, and small staged masters, made by hand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from extractors.contract import load_contracts
from warehouse.landing_tables import landing_columns

CONTRACTS = load_contracts()
ADDED = ("batch_no", "since_run_id", "since_date")
ARROW = {"text": pa.string(), "text[]": pa.list_(pa.string()), "date": pa.date32(), "timestamp": pa.timestamp("us")}
FINDINGS = pa.schema(
    [("line_no", pa.int64())] + [(n, pa.string()) for n in ("source_key", "field", "code", "value_class", "severity")]
)
REJECTS = pa.schema(
    [("line_no", pa.int64())] + [(n, pa.string()) for n in ("source_key", "reason", "field", "value_class", "received")]
)


@dataclass(frozen=True)
class Made:
    """What land() reads of a delivery."""

    feed: str
    batch_no: str
    mode: str
    business_date: date
    read: int
    loaded: int
    rejected: int
    duplicate: int
    records: Path
    rejects: Path
    findings: Path
    file_sm3: str = "0" * 64
    schema_version: str = "1"


def arrow_type(kind: str) -> pa.DataType:
    """Arrow type of a column of a landing table."""
    base = kind.removesuffix(" not null")
    return {"bigint": pa.int64(), "json": pa.string(), "numeric(18,2)": pa.decimal128(18, 2), **ARROW}[base]


def make_delivery(
    folder: Path,
    feed: str,
    batch_no: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    mode: str = "full",
    findings: Sequence[Mapping[str, Any]] = (),
    rejects: int = 0,
    duplicate: int = 0,
    business_date: date | None = None,
) -> Made:
    """A delivery of the given rows; each names source_key, op in deltas, and the fields that are not null."""
    place = folder / f"{feed}-{batch_no}"
    place.mkdir(parents=True, exist_ok=True)
    columns = {n: arrow_type(k) for n, (k, _) in landing_columns(CONTRACTS[feed]).items() if n not in ADDED}
    lines = []
    for number, row in enumerate(rows, 1):
        unknown = set(row) - set(columns) - {"op"}
        assert not unknown, unknown
        content = json.dumps({k: v for k, v in row.items() if k != "op"}, sort_keys=True, default=str)
        digest = hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()
        lines.append({"record_hash": digest, "line_no": number, **row})
    schema = pa.schema([*columns.items(), ("op", pa.string())])
    pq.write_table(pa.Table.from_pylist(lines, schema), place / "records.parquet")
    pq.write_table(pa.Table.from_pylist([dict(f) for f in findings], FINDINGS), place / "findings.parquet")
    refused = [
        {"line_no": 1000 + n, "reason": "LINE_BROKEN", "value_class": "D3", "received": "{}"} for n in range(rejects)
    ]
    pq.write_table(pa.Table.from_pylist(refused, REJECTS), place / "rejects.parquet")
    day = business_date or date.fromisoformat(f"{batch_no[:4]}-{batch_no[4:6]}-{batch_no[6:8]}")
    return Made(
        feed, batch_no, mode, day, len(rows) + rejects + duplicate, len(rows), rejects, duplicate,
        place / "records.parquet", place / "rejects.parquet", place / "findings.parquet",
    )  # fmt: skip


@dataclass
class Assigned:
    """What matching.identity gives."""

    crosswalk: pa.Table
    events: pa.Table
    redirects: pa.Table
    next_number: int = 0


@dataclass
class Chosen:
    """What matching.survivorship gives."""

    masters: pa.Table
    field_values: pa.Table


@dataclass
class Matched:
    """What matching.resolve gives, as far as it is kept."""

    links: pa.Table
    reviews: pa.Table


@dataclass
class Files:
    """Masters of a night in plain words: file → records, file → golden values."""

    records: dict[str, list[str]]
    golden: dict[str, dict[str, Any]] = field(default_factory=dict)
    losing: list[tuple[str, str, str, str]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    reviews: list[tuple[str, str, str]] = field(default_factory=list)
    redirects: dict[str, str] = field(default_factory=dict)
    events: list[tuple[str, str, str | None]] = field(default_factory=list)
    next_number: int = 0

    def staged(self) -> dict[str, Any]:
        """The arguments of masters.stage."""
        crosswalk = [{"record_key": k, "master_id": m} for m, keys in self.records.items() for k in keys]
        winners = [
            {"master_id": m, "field": f, "value": str(v), "record_key": self.records[m][0], "is_winner": True}
            for m, values in self.golden.items()
            if self.records[m]
            for f, v in values.items()
        ]
        losers = [
            {"master_id": m, "field": f, "value": v, "record_key": k, "is_winner": False} for m, f, v, k in self.losing
        ]
        names = sorted({f for values in self.golden.values() for f in values})
        masters = pa.table(
            {
                "master_id": pa.array(list(self.records), pa.string()),
                **{n: pa.array([self.golden.get(m, {}).get(n) for m in self.records], pa.string()) for n in names},
            }
        )
        text = pa.string()
        return {
            "assignment": Assigned(
                pa.Table.from_pylist(crosswalk, pa.schema([("record_key", text), ("master_id", text)])),
                pa.table(
                    {
                        "event_kind": pa.array([e[0] for e in self.events], text),
                        "master_id": pa.array([e[1] for e in self.events], text),
                        "other_id": pa.array([e[2] for e in self.events], text),
                        "record_count": pa.array([1] * len(self.events), pa.int64()),
                    }
                ),
                pa.table(
                    {
                        "retired_id": pa.array(list(self.redirects), text),
                        "master_id": pa.array(list(self.redirects.values()), text),
                    }
                ),
                self.next_number,
            ),
            "golden": Chosen(
                masters,
                pa.Table.from_pylist(
                    winners + losers,
                    pa.schema(
                        [(n, text) for n in ("master_id", "field", "value", "record_key")] + [("is_winner", pa.bool_())]
                    ),
                ),
            ),
            "resolution": Matched(
                pa.table(
                    {
                        "left_key": pa.array([a for a, _ in self.links], text),
                        "right_key": pa.array([b for _, b in self.links], text),
                        "rule": pa.array(["same_id"] * len(self.links), text),
                        "score": pa.array([30.5] * len(self.links), pa.float64()),
                        "reasons": pa.array(["number: same"] * len(self.links), text),
                    }
                ),
                pa.table(
                    {
                        "review_kind": pa.array([r[0] for r in self.reviews], text),
                        "left_key": pa.array([r[1] for r in self.reviews], text),
                        "right_key": pa.array([r[2] for r in self.reviews], text),
                        "score": pa.array([3.0] * len(self.reviews), pa.float64()),
                        "reason": pa.array(["in doubt"] * len(self.reviews), text),
                    }
                ),
            ),
        }
