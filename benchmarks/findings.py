"""`findings`: a night of 1.5 million changes meets a million findings; a correction file out and its answers back in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.goal import Goal, Outcome
from benchmarks.nights import open_province
from extractors.contract import load_contracts
from warehouse import finding_work
from warehouse.database import Connection, connect, transaction
from warehouse.findings import land_findings

CHANGES = 1_500_000
KNOWN = 1_000_000
SHARE = 0.03  # of the changed records with a finding
FILE = 100_000
FEED = "hrss_card"
DAY = date(2026, 11, 2)


@dataclass(frozen=True)
class _Extracted:
    """What land_findings reads of a delivery."""

    feed: str
    batch_no: str
    mode: str
    business_date: date
    findings: Path
    rejects: Path
    records: Path = Path()
    read: int = 0
    loaded: int = 0
    rejected: int = 0
    duplicate: int = 0


def run(scale: int = CHANGES) -> Outcome:
    """`scale` changed records in one delta; a third of what was known about them is corrected, the rest comes again."""
    rows: list[tuple[object, ...]] = []
    with open_province(0) as province, connect(province.url) as conn:
        conn.execute(
            "insert into ops.finding (feed, department, origin, code, field, source_key, value_class, severity, line_no, "
            "batch_no, last_batch_no, run_id, last_run_id, first_seen, last_seen, state_since, state_by) "
            "select %s, 'hrss', 'delivery', 'ID_CHECK', 'id_number', '510100|A' || n, 'D18', 'warn', n, '20261101-001', "
            "'20261101-001', 'night-1', 'night-1', %s, %s, %s, 'night-1' from generate_series(1, %s) n",
            (FEED, DAY - timedelta(1), DAY - timedelta(1), DAY - timedelta(1), KNOWN),
        )
        conn.execute("analyze ops.finding")
        found = int(scale * SHARE)
        with _timed(rows, "findings of the delta meet those known", scale):
            _land(conn, province.home, scale, found)
        counted = conn.execute("select state, count(*) from ops.finding group by 1").fetchall()
        states = {str(state): int(number) for state, number in counted}
        third = found // 3
        expected = {"open": KNOWN + third - (found - third), "corrected": found - third}
        with _timed(rows, "a correction file: chosen, sent, in the audit", FILE), transaction(conn, "sending"):
            sent = finding_work.send(conn, "hrss", made_by="bench", reason="bench", as_of=DAY, most=FILE)
        assert sent is not None
        numbers = conn.execute("select finding_id from audit.correction_line where export_id = %s", (sent.export_id,))
        chosen = pa.array([n for (n,) in numbers.fetchall()], pa.int64())
        answers = pa.table(
            {
                "finding_id": chosen, "answer": pa.repeat("corrected", len(chosen)),
                "note": pa.nulls(len(chosen), pa.string()), "place": pa.repeat("row", len(chosen)),
            }
        )  # fmt: skip
        with _timed(rows, "its answers: checked, taken, in the history", FILE):
            finding_work.take_answers(conn, "hrss", sent.export_id, answers, taken_by="bench", as_of=DAY, file_sm3="0")
        with _timed(rows, "a day passes: all of them expire", FILE):
            expired = finding_work.pass_time(conn, as_of=DAY + timedelta(30), run_id="night-2")
    wrong = int(states != expected) + int(expired != FILE)
    seconds = [float(str(row[2])) for row in rows]
    return Outcome(
        f"findings: {scale:,} changes against {KNOWN:,} known findings, {found:,} of them found again or new",
        ("what", "rows", "seconds"),
        tuple(rows),
        (
            Goal("findings.night", seconds[0], "s", 20, at_most=True),
            Goal("findings.file", sum(seconds[1:3]), "s", 20, at_most=True),
            Goal("findings.wrong", wrong, "counts", 0, at_most=True),
        ),
    )


@contextmanager
def _timed(rows: list[tuple[object, ...]], what: str, number: int) -> Iterator[None]:
    begun = time.monotonic()
    yield
    rows.append((what, number, round(time.monotonic() - begun, 2)))


def _land(conn: Connection, home: Path, scale: int, found: int) -> None:
    """A delta over the first `scale` keys: of every three findings one is new, one still there, one no more."""
    third = found // 3
    known = pa.array([f"510100|A{n}" for n in range(1, third + 1)])
    new = pa.array([f"510100|B{n}" for n in range(third)])
    keys = pa.concat_arrays([known, new])
    count = len(keys)
    table = pa.table(
        {
            "line_no": pa.array(range(count), pa.int64()), "source_key": keys,
            "field": pa.repeat("id_number", count), "code": pa.repeat("ID_CHECK", count),
            "value_class": pa.repeat("D18", count), "severity": pa.repeat("warn", count),
        }
    )  # fmt: skip
    pq.write_table(table, home / "findings.parquet")
    pq.write_table(pa.table({"line_no": pa.array([], pa.int64())}), home / "rejects.parquet")
    made = _Extracted(FEED, "20261102-001", "delta", DAY, home / "findings.parquet", home / "rejects.parquet")
    with transaction(conn, "landing"):
        conn.execute(
            "create temp table decision on commit drop as select '510100|A' || n as source_key, 'U' as op, true as is_known, "
            "'update' as action from generate_series(1, %s) n union all select '510100|C' || n, 'U', true, 'update' "
            "from generate_series(1, %s) n",
            (found, scale - found),
        )
        conn.execute("analyze decision")
        land_findings(conn, load_contracts()[FEED], made, "night-2")
