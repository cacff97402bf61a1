"""`golden`: what the lists of the files cost in a night of all feeds, and how fast services are answered from them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from unittest import mock

from benchmarks.goal import Goal, Outcome
from benchmarks.nights import night_of, open_province, take_in
from demo.deliveries import deliver
from extractors.contract import load_contracts
from runtime.settings import read_settings
from runtime.steps import closing, subjects
from warehouse import publish as publishing
from warehouse.contents import load_facts
from warehouse.database import Connection, connect, one
from warehouse.publish import publish

FIRST = date(2026, 11, 1)
PERSONS = 3_000
NIGHTS = 3
ASKED, CONNECTIONS = 4_000, 2
QUESTIONS = {
    "categories of a person": ("select * from card.categories_of(%s)", "id_number"),
    "cards of a person": ("select * from card.card_of(%s)", "id_number"),
    "social insurances": ("select insurance_type, payment_state from core.insurance where master_id = %s", "master_id"),
    "addresses, the best first": ("select * from core.person_address where master_id = %s", "master_id"),
    "subsidies with payment": ("select * from core.person_subsidy where master_id = %s", "master_id"),
    "disability on a day, as known": (
        "select * from core.disability_on(%s, date '2026-10-01', date '2026-11-02')",
        "master_id",
    ),
}
"""What is asked, and by which column of core.person."""


def run(scale: int = PERSONS) -> Outcome:
    """Nights of `scale` persons; then the questions, and every list filled anew against what the nights left."""
    rows: list[tuple[object, ...]] = []
    spent: dict[str, float] = {}

    def timed(step: str) -> mock._patch[object]:
        whole = getattr(publishing, step)

        def run_timed(*given: object) -> object:
            begun = time.perf_counter()
            try:
                return whole(*given)
            finally:
                spent[step] = time.perf_counter() - begun

        return mock.patch.object(publishing, step, run_timed)

    with open_province(scale) as province, connect(province.url) as conn:
        for number in range(NIGHTS):
            day = FIRST + timedelta(days=number)
            settings = read_settings()
            deliver(
                day=day, first=FIRST, persons=scale, seed=7, inbox=settings.inbox, truth_folder=settings.home / "apart"
            )
            one_night = night_of(day, sorted(load_contracts()), settings.inbox)
            begun = time.perf_counter()
            take_in(one_night)
            for subject in subjects.SUBJECTS:
                subjects.match(one_night, subject)
                subjects.master(one_night, subject)
            before = time.perf_counter()
            with timed("publish_facts"), timed("publish_conflicts"):
                closing.publish(one_night)
            whole = time.perf_counter()
            counts = one(conn, "select counts from core.publication order by publication_id desc limit 1")[0]
            rows.append(
                (
                    f"night {number + 1}", sum(counts["facts"].values()), whole - begun, whole - before,
                    spent["publish_facts"], spent["publish_conflicts"],
                )
            )  # fmt: skip
        last = rows[-1]
        conn.execute("analyze")
        answered = {what: _ask(province.url, conn, *question) for what, question in QUESTIONS.items()}
        live = sum(int(one(conn, f"select count(*) from core.{fact.name}")[0]) for fact in load_facts())
        unequal = _refill(conn, FIRST + timedelta(days=NIGHTS))
    rows += [
        (f"{what}: {rate:,.0f} a second, 95 of 100 within {p95:.1f} ms", "", "", "", "", "")
        for what, (rate, p95) in answered.items()
    ]
    slowest = min(rate for rate, _ in answered.values())
    return Outcome(
        f"golden: nights of {scale:,} persons, all feeds; {live:,} rows in {len(load_facts())} lists",
        ("what", "rows of lists written", "night, s", "publish, s", "lists, s", "conflicts, s"),
        tuple(rows),
        (
            Goal("golden.unequal", unequal, "rows other than a refill", 0, at_most=True),
            Goal("golden.lists", float(last[4]) / float(last[2]), "of a delta night", 0.06, at_most=True),  # type: ignore[arg-type]
            Goal("golden.answers", slowest, "a second, the slowest question", 1000, at_most=False),
        ),
        f"Questions from {CONNECTIONS} connections on the machine of the server, {ASKED:,} each; gates over deliveries left out.",
    )


def _ask(url: str, conn: Connection, question: str, column: str) -> tuple[float, float]:
    """(answers a second, milliseconds within which 95 of 100 came) of a question about persons chosen evenly."""
    keys = [
        r[0] for r in conn.execute(f"select {column} from core.person where {column} is not null order by master_id")
    ]
    chosen = [keys[(n * 7919) % len(keys)] for n in range(ASKED)]

    def ask(mine: list[str]) -> list[float]:
        took = []
        with connect(url) as own:
            own.prepare_threshold = 2
            for key in mine:
                begun = time.perf_counter()
                own.execute(question.encode(), (key,)).fetchall()
                took.append(time.perf_counter() - begun)
        return took

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        begun = time.perf_counter()
        took = sorted(t for part in pool.map(ask, [chosen[n::CONNECTIONS] for n in range(CONNECTIONS)]) for t in part)
        seconds = time.perf_counter() - begun
    return len(took) / seconds, took[int(0.95 * len(took))] * 1000


def _refill(conn: Connection, day: date) -> int:
    """Rows that change when every list is filled anew from the landed records and the crosswalk."""
    conn.execute("delete from core.fact_state")
    return sum(publish(conn, "refill", day).facts.values())
