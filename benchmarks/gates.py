"""`gates`: every gate of a night of a million rows, 15 rules a feed, on two processors: seconds and memory."""

from __future__ import annotations

import json
import shutil
import sys
import time
from datetime import date
from pathlib import Path

from benchmarks.gate_night import RULES
from benchmarks.goal import Goal, Outcome
from benchmarks.nights import Province, night_of, open_province
from benchmarks.watch import watch
from demo.deliveries import FEEDS, deliver
from quality.findings import query_of_all
from runtime.settings import ROOT, read_settings
from runtime.steps import closing, feeds, subjects
from runtime.steps.night import feed_folder
from warehouse.database import connect, transaction
from warehouse.finding_looks import joining_much

DAY = date(2026, 11, 1)
PERSONS = 127_500  # a first night of these sends a million rows over all feeds
SECONDS, MEMORY = 25, 1.0


def run(scale: int = PERSONS) -> Outcome:
    """A first night of `scale` persons; its gates are timed once all they judge is there."""
    with open_province(scale) as province:
        extracted, masters = _prepare(province, scale)
        seen = watch([sys.executable, "-m", "benchmarks.gate_night", str(extracted), str(masters)], folder=ROOT)
        if seen.status:
            raise RuntimeError(f"the gates ended with {seen.status}: {seen.output[-1500:]}")
        across, found = _ask_across(province)
    told = json.loads(seen.output.splitlines()[-1])
    parts = told["parts"]
    rows = sum(n for name, n, _, _ in parts if name in FEEDS)
    table = [(name, n, rules, seconds) for name, n, rules, seconds in sorted(parts, key=lambda part: -part[3])]
    table += [
        ("all feeds, two at a time", rows, "", told["feeds"]),
        ("both subjects, one after the other", "", "", told["masters"]),
        ("rules over landed records, in PostgreSQL", found, "", across),
        ("reading the libraries, once a scheduler", "", "", told["imported"]),
    ]
    whole = told["whole"] + across
    return Outcome(
        f"gates: a night of {rows:,} rows over {len(FEEDS)} feeds, at least {RULES} rules a feed",
        ("gate", "rows (findings)", "rules", "seconds"),
        tuple(table),
        (
            Goal("gates.seconds", whole, "s", SECONDS, at_most=True),
            Goal("gates.memory", seen.peak_bytes / 2**30, "GiB", MEMORY, at_most=True),
        ),
        "Seconds are those of the feeds, the masters and the rules over landed records together. The database server's memory "
        "is not counted: it is bounded by its settings.",
    )


def _prepare(province: Province, persons: int) -> tuple[Path, Path]:
    """Everything the gates of the night judge: (extracted deliveries by feed, tables of the masters' gate by subject)."""
    inbox = province.home / "inbox"
    deliver(day=DAY, first=DAY, persons=persons, seed=7, inbox=inbox, truth_folder=province.home / "truth")
    one = night_of(DAY, sorted(FEEDS), inbox)
    closing.open_run(one)
    settings = read_settings()
    extracted = province.home / "extracted"
    extracted.mkdir()
    for feed in one.feeds:
        batches = feeds.extract(one, feed, feeds.receive(one, feed))
        for batch_no in batches:
            source = feed_folder(settings, feed, batch_no)
            shutil.copytree(source, extracted / feed, copy_function=shutil.copyfile)
        feeds.land(one, feed, batches)
    for subject in subjects.SUBJECTS:
        subjects.match(one, subject)
        subjects.master(one, subject)
    masters = province.home / "gated"
    shutil.copytree(settings.home / "work" / one.run_id, masters)
    closing.publish(one)
    return extracted, masters


def _ask_across(province: Province) -> tuple[float, int]:
    """(seconds, findings) of all rules over landed records."""
    query = query_of_all(sorted(FEEDS))
    with connect(province.url) as conn:
        conn.execute("analyze")
        with transaction(conn, "asking the rules over departments"), joining_much(conn):
            begun = time.perf_counter()
            row = conn.execute(f"select count(*) from ({query}) as found").fetchone()
            return time.perf_counter() - begun, int(row[0]) if row else 0
