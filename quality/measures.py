"""Measure a delivery or a night's masters: the numbers rules compare, and which become the history of the next one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from quality.history import FeedHistory, MasterStats
from quality.rules.rows import validity

# Columns of an extracted file that are not fields of the standard.
TECHNICAL = frozenset({"source_key", "op", "line_no", "updated_at", "received", "record_hash"})


def fields_of(rows: pa.Table) -> list[str]:
    """The fields of the standard among the columns of an extracted file, in their order."""
    return [name for name in rows.column_names if name not in TECHNICAL and not name.endswith("_reasons")]


def without_deletions(rows: pa.Table) -> pa.Table:
    """The rows of an extracted file that stand for records, deletions of a delta left out."""
    if "op" not in rows.column_names:
        return rows
    return rows.filter(pc.fill_null(pc.not_equal(rows.column("op"), "D"), True))


def measure_feed(
    rows: pa.Table,
    *,
    codes: Mapping[str, frozenset[str]],
    feed: str,
    batch_no: str,
    mode: str,
    business_date: str,
    rejected: int,
    duplicate: int,
) -> FeedHistory:
    """The numbers of one extracted delivery.

    `rows` is its records file, or the columns of it that matter (see `quality.gates.read_rows`); `codes` the codes of
    each coded field's table. Read = records and deletions + rejected + duplicate, as the extraction promises.
    """
    kept = without_deletions(rows)
    names = [name for name in fields_of(kept) if len(kept)]
    return FeedHistory(
        feed=feed,
        batch_no=batch_no,
        mode=mode,
        business_date=business_date,
        read=len(rows) + rejected + duplicate,
        records=len(kept),
        deletions=len(rows) - len(kept),
        rejected=rejected,
        duplicate=duplicate,
        fill={name: round(1 - kept.column(name).null_count / len(kept), 6) for name in names},
        valid=_valid_shares(kept, names),
        shares={name: code_shares(kept.column(name), codes[name]) for name in names if name in codes},
    )


def code_shares(values: pa.ChunkedArray, codes: frozenset[str]) -> dict[str, float]:
    """The share of each code among all values, absent ones under `none`, everything else under `other`.

    Only codes of the table are named: a column swapped by mistake must not bring names of persons into the history.
    """
    counted: Counter[str] = Counter()
    for pair in pc.value_counts(values).to_pylist():
        value = pair["values"]
        counted["none" if value is None else value if value in codes else "other"] += pair["counts"]
    rows = max(1, len(values))
    return {code: round(count / rows, 6) for code, count in sorted(counted.items())}


def measure_masters(
    subject: str, masters: pa.Table, crosswalk: pa.Table, *, events: Mapping[str, int], reviews: int
) -> MasterStats:
    """The numbers of one night's masters.

    `masters` has one row a master (`master_id` and its golden fields), `crosswalk` one row a record (`record_key`,
    `master_id`); `events` counts the night's identity events by kind, `reviews` the pairs waiting for a decision.
    """
    sizes = pc.value_counts(crosswalk.column("master_id")).field("counts")
    names = [name for name in masters.column_names if name != "master_id" and len(masters)]
    return MasterStats(
        subject=subject,
        masters=len(masters),
        records=len(crosswalk),
        largest=int(pc.max(sizes).as_py() or 0),
        reviews=reviews,
        events={kind: int(count) for kind, count in sorted(events.items())},
        fill={name: round(1 - masters.column(name).null_count / len(masters), 6) for name in names},
    )


def _valid_shares(rows: pa.Table, names: list[str]) -> dict[str, float]:
    shares = {}
    for name in names:
        if f"{name}_reasons" in rows.column_names:
            mean = pc.mean(validity(rows, name)).as_py()
            if mean is not None:
                shares[name] = round(float(mean), 6)
    return shares
