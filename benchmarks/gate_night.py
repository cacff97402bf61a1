"""All gates of a night, for a benchmark that watches this process: prints what each took as JSON.

python -m benchmarks.gate_night EXTRACTED MASTERS: a folder of extracted deliveries (<feed>/) and one of what the masters'
gate reads (<subject>/). The libraries are read first; then every feed's gate is forked from here, two at a time, and after
them one process judges both subjects, as the scheduler forks the tasks of a night. Churn is counted in the database of
YIDANG_DATABASE_URL, where the same deliveries have landed: the most there is to compare.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from extractors.contract import FEEDS_FOLDER, Contract, Expectation, load_contract
from runtime.scheduler import read_modules

AS_OF = date(2026, 11, 1)
if TYPE_CHECKING:
    from quality.history import FeedHistory

RULES = 15
PROCESSES = 2
USUAL_CHURN = 0.01


def with_rules(contract: Contract, count: int = RULES) -> Contract:
    """The contract with at least `count` expectations: further fields are asked to be filled."""
    asked = {(one.rule, one.field) for one in contract.expectations}
    fields = [name for name in (f.name for f in contract.fields) if ("filled", name) not in asked]
    rules = ("filled", "fill_against_last", "unique")
    more = [Expectation(rule=rule, field=name, limit=0.0, severity="inform", set_by="measuring the gate")
            for rule in rules for name in fields if name != "updated_at"]  # fmt: skip
    wanted = max(0, count - len(contract.expectations))
    return contract.model_copy(update={"expectations": (*contract.expectations, *more[:wanted])})


def measure_past(folder: str) -> tuple[str, list[FeedHistory]]:
    """The delivery and three as good ones before it on like days, so that the rules over time have what to compare with."""
    from extractors.extract import read_extracted
    from quality.codes import named_codes
    from quality.gates import read_rows
    from quality.history import kind_of_day
    from quality.measures import measure_feed

    contract = load_contract(FEEDS_FOLDER / f"{Path(folder).name}.yml")
    told = read_extracted(Path(folder))
    measured = measure_feed(
        read_rows(told.records), codes=named_codes(contract), feed=contract.feed, batch_no="", mode=told.mode,
        business_date=told.business_date.isoformat(), rejected=told.rejected, duplicate=told.duplicate,
    )  # fmt: skip
    before = [told.business_date - timedelta(days=days) for days in range(1, 100)]
    like = [day for day in before if kind_of_day(day) == kind_of_day(told.business_date)][:3]
    return folder, [
        replace(measured, batch_no=f"{day:%Y%m%d}-001", business_date=day.isoformat(), churn=USUAL_CHURN)
        for day in like
    ]


def gate_one(asked: tuple[str, list[FeedHistory]]) -> tuple[str, int, int, float]:
    """(feed, rows, rules, seconds) of the gate on one extracted delivery."""
    from extractors.extract import read_extracted
    from quality.gates import gate_extracted
    from warehouse.database import connect
    from warehouse.landing import count_churn

    folder, past = asked
    feed = Path(folder).name
    contract = with_rules(load_contract(FEEDS_FOLDER / f"{feed}.yml"))
    begun = time.perf_counter()
    extracted = read_extracted(Path(folder))
    with connect(os.environ["YIDANG_DATABASE_URL"]) as conn:
        churn = count_churn(conn, extracted)
    verdict = gate_extracted(contract, extracted, past, as_of=AS_OF, churn=churn)
    judged = sum(result.judged for result in verdict.results)
    if judged < len(verdict.results) // 2:
        raise RuntimeError(f"{feed}: only {judged} of {len(verdict.results)} rules were judged")
    return feed, extracted.read, len(verdict.results), time.perf_counter() - begun


def gate_subjects(folders: list[str]) -> list[tuple[str, int, int, float]]:
    """(subject, masters, rules, seconds) of the gate on staged masters, one subject after the other."""
    return [_gate_subject(folder) for folder in folders]


def _gate_subject(folder: str) -> tuple[str, int, int, float]:
    from quality.gates import gate_masters
    from quality.masters import describe_masters, read_staged

    path, subject = Path(folder), Path(folder).name
    begun = time.perf_counter()
    tables = read_staged(path, subject)  # type: ignore[arg-type]
    described = describe_masters(subject, **tables, events={}, reviews=0, as_of=AS_OF)  # type: ignore[arg-type]
    verdict = gate_masters(
        subject, described.masters, now=described.stats, last=None, as_of=AS_OF,  # type: ignore[arg-type]
        records_without_master=described.records_without_master,
        masters_without_record=described.masters_without_record,
    )  # fmt: skip
    return subject, tables["masters"].num_rows, len(verdict.results), time.perf_counter() - begun


def main(extracted: str, masters: str) -> None:
    """Judge every delivery, then the masters; print seconds by part, and of the whole after the libraries were read."""
    begun = time.perf_counter()
    read_modules()
    imported = time.perf_counter() - begun
    deliveries = sorted((str(p.parent) for p in Path(extracted).glob("*/extract.json")), key=_size, reverse=True)
    subjects = sorted(str(p.parent) for p in Path(masters).glob("*/masters.parquet"))
    context = multiprocessing.get_context("fork")
    with context.Pool(PROCESSES, maxtasksperchild=1) as pool:
        past = pool.map(measure_past, deliveries, chunksize=1)
        begun = time.perf_counter()
        told = pool.map(gate_one, past, chunksize=1)
        feeds = time.perf_counter() - begun
        told += pool.apply(gate_subjects, (subjects,))
    whole = time.perf_counter() - begun
    print(json.dumps({"imported": imported, "feeds": feeds, "masters": whole - feeds, "whole": whole, "parts": told}))


def _size(folder: str) -> int:
    return (Path(folder) / "records.parquet").stat().st_size


if __name__ == "__main__":
    main(*sys.argv[1:])
