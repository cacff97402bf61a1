"""The two gates of a night: before a delivery is landed, and before the staged masters are published.

A gate reads, judges and answers; it changes nothing. After a stop the caller lands or publishes nothing, so that
yesterday's state stays live, and the numbers in the verdict say `accepted: false`, so that the next delivery is
compared with the last good one and not with the bad one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from extractors.contract import Contract
from extractors.extract import Extracted
from extractors.fields import Subject
from quality.codes import coded_fields, labels_of, named_codes
from quality.history import FeedHistory, MasterStats, last_accepted, usual_churn, usual_size
from quality.judge import judge
from quality.measures import fields_of, measure_feed, without_deletions
from quality.rules.rule import FeedFacts, MasterFacts
from quality.thresholds import limits_of, limits_of_masters
from quality.verdict import State, Verdict, decide


def gate_extracted(
    contract: Contract,
    extracted: Extracted,
    history: Iterable[FeedHistory],
    *,
    as_of: date,
    churn: float | None = None,
) -> Verdict:
    """Judge a delivery from the files the extraction wrote; see `gate_feed`. Reads only the columns it needs."""
    return gate_feed(
        contract,
        read_rows(extracted.records),
        batch_no=extracted.batch_no,
        mode=extracted.mode,
        business_date=extracted.business_date,
        rejected=extracted.rejected,
        duplicate=extracted.duplicate,
        findings=count_findings(extracted.findings),
        history=history,
        as_of=as_of,
        churn=churn,
    )


def gate_feed(
    contract: Contract,
    records: pa.Table | pd.DataFrame,
    *,
    batch_no: str,
    mode: str,
    business_date: date,
    rejected: int,
    as_of: date,
    duplicate: int = 0,
    findings: Mapping[tuple[str, str], int] | None = None,
    history: Iterable[FeedHistory] = (),
    churn: float | None = None,
) -> Verdict:
    """Judge one delivery of a feed by its contract's expectations and by the feed's own history.

    `records` holds the columns of the extraction's records file (source_key, op, fields in standard form, for id
    fields `<field>_reasons`); a frame should be backed by Arrow. `findings` counts the extraction's findings by
    (field, code). `history` are the numbers of earlier deliveries in any order, read back from the `statistics` of
    their verdicts, `churn` is as in there. A deletion of a delta is counted, and not judged as a row.

    Raises `KeyError` for an unknown rule or a missing column, `ValueError` for an incomplete expectation and
    `quality.suites.SuiteError` for one that cannot be computed: a gate that cannot judge does not pass.
    """
    rows = records if isinstance(records, pa.Table) else pa.Table.from_pandas(records, preserve_index=False)
    known = tuple(history)
    measured = measure_feed(
        rows,
        codes=named_codes(contract),
        feed=contract.feed,
        batch_no=batch_no,
        mode=mode,
        business_date=business_date.isoformat(),
        rejected=rejected,
        duplicate=duplicate,
    )
    now = replace(measured, churn=churn)
    facts = FeedFacts(
        now=now,
        last=last_accepted(known, mode=mode, before=batch_no, business_date=business_date),
        usual=usual_size(known, before=batch_no, business_date=business_date),
        as_of=as_of,
        labels=labels_of(contract.subject),
        coded=coded_fields(contract),
        findings=findings or {},
        usual_churn=usual_churn(known, mode=mode, before=batch_no, business_date=business_date),
    )
    results = judge(limits_of(contract.expectations), without_deletions(rows), facts)
    state = decide(results)
    statistics = replace(now, accepted=state is not State.STOP).as_dict()
    return Verdict("feed", contract.feed, batch_no, state, results, statistics)


def gate_masters(
    subject: Subject,
    masters: pa.Table | pd.DataFrame,
    *,
    now: MasterStats,
    last: MasterStats | None,
    as_of: date,
    records_without_master: int = 0,
    masters_without_record: int = 0,
) -> Verdict:
    """Judge the staged masters of `person` or `enterprise` by the limits of `quality/limits/<subject>.yml`.

    `masters` is what `quality.masters.describe_masters` makes: one row a master with its golden fields, `record_count`,
    `valid_id_count` and `<id field>_reasons`. `now` are tonight's numbers, `last` those of the last published night
    (None on the first). Raises as `gate_feed` does.
    """
    rows = masters if isinstance(masters, pa.Table) else pa.Table.from_pandas(masters, preserve_index=False)
    facts = MasterFacts(
        now=now,
        last=last,
        as_of=as_of,
        labels={**labels_of(subject), "master_id": "主档编号"},
        records_without_master=records_without_master,
        masters_without_record=masters_without_record,
    )
    results = judge(limits_of_masters(subject), rows, facts)
    return Verdict("masters", subject, "", decide(results), results, now.as_dict())


def read_rows(path: Path) -> pa.Table:
    """The columns of a records file that a gate looks at: keys, operation, fields and the reasons against ids."""
    names = pq.read_schema(path).names
    fields = fields_of(pq.read_schema(path).empty_table())
    wanted = [name for name in names if name in {"source_key", "op", *fields} or name.endswith("_reasons")]
    return pq.read_table(path, columns=wanted)


def count_findings(path: Path) -> dict[tuple[str, str], int]:
    """The number of findings by (field, code) in a findings file; findings about whole rows have the field `-`."""
    table = pq.read_table(path, columns=["field", "code"])
    grouped = table.group_by(["field", "code"]).aggregate([([], "count_all")]).to_pylist()
    counted: Counter[tuple[str, str]] = Counter()
    for group in grouped:
        counted[(group["field"] or "-", group["code"])] += group["count_all"]
    return dict(counted)
