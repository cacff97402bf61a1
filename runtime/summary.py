"""What a person sees at the end of a night: counts by feed, master files, verdicts, match quality, seconds by step."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from warehouse import masters, runs
from warehouse.database import Connection

# Goals of the pretend province (domain.md section 10): a night below them is not a good night.
LOWEST_PRECISION = 0.999
LOWEST_RECALL = 0.97
SUBJECTS: tuple[Literal["person", "enterprise"], ...] = ("person", "enterprise")


@dataclass(frozen=True)
class Quality:
    """Pairwise match quality of one subject against the truth."""

    subject: str
    records: int
    precision: float
    recall: float

    @property
    def is_good(self) -> bool:
        """Whether both goals of the pretend province are met."""
        return self.precision >= LOWEST_PRECISION and self.recall >= LOWEST_RECALL


def judge_quality(conn: Connection, truth: Path) -> list[Quality]:
    """Compare the live crosswalk with the truth of the pretend province.

    Every pair of records in one master file counts once: right if the truth says one subject, a false merge if not;
    every pair of the truth that is not in one file is a miss.
    """
    found = []
    for subject in SUBJECTS:
        with duckdb.connect() as engine:
            engine.register("crosswalk", masters.read_crosswalk(conn, subject))
            row = engine.execute(
                """
                with known as (
                    select c.master_id, t.subject_id
                    from crosswalk c
                    join (select feed || ':' || source_key as record_key, subject_id from read_parquet(?)
                          where subject = ?) t using (record_key)
                ), pairs as (
                    select
                        (select sum(n * (n - 1) / 2)
                         from (select count(*) n from known group by master_id)) as together,
                        (select sum(n * (n - 1) / 2)
                         from (select count(*) n from known group by subject_id)) as wanted,
                        (select sum(n * (n - 1) / 2)
                         from (select count(*) n from known group by master_id, subject_id)) as correct,
                        (select count(*) from known) as records
                )
                select records, correct / nullif(together, 0), correct / nullif(wanted, 0) from pairs
                """,
                [str(truth / "record.parquet"), subject],
            ).fetchone()
        if row is not None:
            found.append(Quality(subject, int(row[0]), float(row[1] or 0), float(row[2] or 0)))
    return found


def print_summary(conn: Connection, run_id: str, quality: list[Quality] | None) -> bool:
    """Print the summary of a run; True if every count, verdict and goal in it holds."""
    run = runs.read_run(conn, run_id)
    print(f"\nSummary of {run_id}: {run.state}")
    print(f"  {'feed':<14}{'read':>11}{'loaded':>11}{'rejected':>11}{'duplicate':>11}")
    holds = run.state == "success"
    for feed, counts in run.feeds.items():
        adds_up = counts.read == counts.loaded + counts.rejected + counts.duplicate
        holds &= adds_up
        print(
            f"  {feed:<14}{counts.read:>11,}{counts.loaded:>11,}{counts.rejected:>11,}{counts.duplicate:>11,}"
            + ("" if adds_up else "  DOES NOT ADD UP")
        )
    print(f"  {'files':<14}{'live':>11}{'new':>11}{'changed':>11}{'merged':>11}{'in review':>11}")
    live = {"person": run.persons, "enterprise": run.enterprises}
    for subject in SUBJECTS:
        of = run.subjects.get(subject, {})
        numbers = (
            live[subject], *(of.get(what, 0) for what in ("new", "changed", "merged")), run.review_open[subject]
        )  # fmt: skip
        print(f"  {subject:<14}" + "".join(f"{n:>11,}" for n in numbers))
    verdicts = Counter(str(verdict["state"]) for verdict in run.verdicts)
    print("  verdicts      " + (", ".join(f"{n} {state}" for state, n in sorted(verdicts.items())) or "none"))
    for one in quality or []:
        holds &= one.is_good
        print(
            f"  match quality {one.subject}: precision {one.precision:.5f}, recall {one.recall:.5f} over "
            f"{one.records:,} records" + ("" if one.is_good else f"  BELOW {LOWEST_PRECISION}/{LOWEST_RECALL}")
        )
    by_step: dict[str, float] = {}
    for step in runs.read_steps(conn, run_id):
        by_step[step.step] = by_step.get(step.step, 0.0) + (step.seconds or 0.0)
        if step.note and step.state in ("held", "stopped", "warn", "failed"):
            print(f"  {step.state}: {step.feed} {step.step}: {step.note[:300]}")
    print("  seconds by step (summed over feeds): " + ", ".join(f"{name} {s:.1f}" for name, s in by_step.items()))
    return holds
