"""`kills`: SIGKILL at each step from landing to publish and at random moments; the next run must end the same."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

from benchmarks.goal import Goal, Outcome
from benchmarks.nights import Province, night_of, open_province, resolve_and_publish, served_hash, take_in
from demo.deliveries import deliver
from runtime import postgres
from runtime.settings import ROOT, read_settings
from runtime.steps import closing, feeds, subjects

FIRST = date(2026, 11, 1)
FEEDS = ("hrss_card", "mr_entity", "ps_person")
PERSONS = 400
DAYS = 7
MOMENTS = 100
STEPS = (
    *(f"land {feed}" for feed in FEEDS),
    "match person", "match enterprise", "master person", "master enterprise", "gate", "publish", "done",
)  # fmt: skip
KEPT = ("state", "work", "snapshots")
"""Folders of the state that a night works on; each try has a copy of its own."""
SIDE_BY_SIDE = 2
"""Tries at a time: nothing here is a matter of seconds."""
SEED = 7


def run(scale: int = MOMENTS) -> Outcome:
    """One kill as each step begins, and `scale` kills at random moments of the night; compares what is then served."""
    chance = random.Random(SEED)
    rows: list[tuple[object, ...]] = []
    with open_province(PERSONS) as province:
        inbox = province.home / "inbox"
        for number in range(DAYS + 1):
            one = night_of(FIRST + timedelta(days=number), FEEDS, inbox)
            deliver(
                day=one.date, first=FIRST, persons=PERSONS, seed=SEED, inbox=inbox, truth_folder=province.home / "truth"
            )
            if number == 0:
                take_in(one)
                resolve_and_publish(one)
        closing.open_run(one)  # of the last day: a week's deliveries, so that every feed brings some
        batches = {feed: feeds.extract(one, feed, feeds.receive(one, feed)) for feed in FEEDS}
        silent = [feed for feed in FEEDS if not batches[feed]]
        if silent:
            raise RuntimeError(f"{silent} deliver nothing in {DAYS} days; expected a night that changes both subjects")
        expected, whole = _try(province, "killed", batches, None, None)
        tries: list[tuple[str | None, float | None]] = [(step, None) for step in STEPS[:-1]]
        tries += [(None, chance.uniform(0, whole)) for _ in range(scale)]
        names = [f"killed_{number}" for number in range(SIDE_BY_SIDE)]
        found: dict[int, str] = {}

        def work(name: str) -> None:
            while remaining:
                number = remaining.pop()
                found[number], _ = _try(province, name, batches, *tries[number])

        remaining = list(range(len(tries)))
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            list(pool.map(work, names))
        wrong = [found[number] != expected for number in range(len(tries))]
        rows += [(f"as {step} begins", 1, int(wrong[number])) for number, step in enumerate(STEPS[:-1])]
        rows.append(("at random moments", scale, sum(wrong[len(STEPS) - 1 :])))
        different = sum(wrong)
    return Outcome(
        f"kills: {len(STEPS) - 1 + scale} nights of {PERSONS:,} persons killed; one night whole takes {whole:.1f} s",
        ("killed", "tries", "served otherwise than by a night nobody killed"),
        tuple(rows),
        (Goal("kills.different", different, "nights", 0, at_most=True),),
    )


Batches = dict[str, list[str]]


def _try(province: Province, name: str, batches: Batches, step: str | None, after: float | None) -> tuple[str, float]:
    """A copy of the province: kill its night, run it again; (hash of what is served then, seconds of the first run)."""
    postgres.run_sql(province.place, province.server, f'drop database if exists "{name}" with (force)')
    postgres.run_sql(province.place, province.server, f'create database "{name}" template "yidang"')
    home = province.home / name
    home.mkdir()
    for kept in KEPT:
        if (province.home / kept).exists():
            shutil.copytree(province.home / kept, home / kept)
    url = postgres.database_url(province.server, name)
    try:
        seconds = _night(url, home, batches, step, after)
        if step is not None or after is not None:
            _night(url, home, batches, None, None)
        return served_hash(url), seconds
    finally:
        shutil.rmtree(home)


def _night(url: str, home: Path, batches: Batches, step: str | None, after: float | None) -> float:
    """Run the night in a process of its own, killed as `step` begins or so many seconds after it is ready."""
    environment = {**os.environ, "YIDANG_HOME": str(home), "YIDANG_DATABASE_URL": url}
    told = json.dumps(batches)
    command = [sys.executable, "-m", "benchmarks.kills", told, *(["gate"] if step == "gate" else [])]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        begun = 0.0
        for line in child.stdout:
            told = line.strip()
            begun = begun or time.monotonic()
            if after is not None:
                time.sleep(after)
                child.kill()
                break
            if told == step:
                child.kill()
                break
        child.wait()
        if step is None and after is None and child.returncode != 0:
            raise RuntimeError(f"the night ended with {child.returncode}; expected 0")
        return time.monotonic() - begun


def _play(batches: Batches, *, is_judged: bool) -> None:
    """The night in this process; says each step as it begins.

    The gate takes part where it is killed: it serves nothing, and its library would be half of every night.
    """
    settings = read_settings()
    one = night_of(FIRST + timedelta(days=DAYS), FEEDS, settings.inbox)
    for step in STEPS:
        if step == "gate" and not is_judged:
            continue
        print(step, flush=True)
        what, _, which = step.partition(" ")
        if what == "land":
            feeds.land(one, which, batches[which])
        elif what in ("match", "master"):
            known = next(s for s in subjects.SUBJECTS if s == which)
            (subjects.match if what == "match" else subjects.master)(one, known)
        elif what == "gate":
            closing.gate_masters(one)
        elif what == "publish":
            closing.publish(one)


if __name__ == "__main__":
    _play(json.loads(sys.argv[1]), is_judged="gate" in sys.argv[2:])
