"""`kills`: SIGKILL at each step of match, master, gate and publish and at random moments; the next run must end the same."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from benchmarks.goal import Goal, Outcome
from benchmarks.nights import Province, night_of, open_province, resolve_and_publish, served_hash, take_in
from demo.deliveries import deliver
from runtime import postgres
from runtime.settings import ROOT
from runtime.steps import closing, subjects

FIRST = date(2026, 11, 1)
FEEDS = ("hrss_card", "mr_entity", "ps_person")
PERSONS = 400
MOMENTS = 100
STEPS = ("match person", "match enterprise", "master person", "master enterprise", "gate", "publish", "done")
SEED = 7


def run(scale: int = MOMENTS) -> Outcome:
    """One kill as each step begins, and `scale` kills at random moments of the night; compares what is then served."""
    chance = random.Random(SEED)
    rows: list[tuple[object, ...]] = []
    different = 0
    with open_province(PERSONS) as province:
        inbox = province.home / "inbox"
        for number in range(2):
            one = night_of(FIRST + timedelta(days=number), FEEDS, inbox)
            deliver(
                day=one.date, first=FIRST, persons=PERSONS, seed=SEED, inbox=inbox, truth_folder=province.home / "truth"
            )
            take_in(one)
            if number == 0:
                resolve_and_publish(one)
        expected, whole = _try(province, None, None)
        for step in STEPS[:-1]:
            found, _ = _try(province, step, None)
            different += found != expected
            rows.append((f"as {step} begins", 1, int(found != expected)))
        wrong = 0
        for _ in range(scale):
            found, _ = _try(province, None, chance.uniform(0, whole))
            wrong += found != expected
        different += wrong
        rows.append(("at random moments", scale, wrong))
    return Outcome(
        f"kills: {len(STEPS) - 1 + scale} nights of {PERSONS:,} persons killed; one night whole takes {whole:.1f} s",
        ("killed", "tries", "served otherwise than by a night nobody killed"),
        tuple(rows),
        (Goal("kills.different", different, "nights", 0, at_most=True),),
    )


def _try(province: Province, step: str | None, after: float | None) -> tuple[str, float]:
    """A copy of the province: kill its night, run it again; (hash of what is served then, seconds of the first run)."""
    name = "killed"
    postgres.run_sql(province.place, province.server, f'drop database if exists "{name}" with (force)')
    postgres.run_sql(province.place, province.server, f'create database "{name}" template "yidang"')
    home = province.home / name
    home.mkdir()
    for path in province.home.iterdir():
        if path.is_dir() and path.name in ("state", "states", "match_state", "work"):
            shutil.copytree(path, home / path.name)
    url = postgres.database_url(province.server, name)
    try:
        seconds = _night(url, home, province.home / "inbox", step, after)
        if step is not None or after is not None:
            _night(url, home, province.home / "inbox", None, None)
        return served_hash(url), seconds
    finally:
        shutil.rmtree(home)


def _night(url: str, home: Path, inbox: Path, step: str | None, after: float | None) -> float:
    """Run the night in a process of its own, killed as `step` begins or so many seconds after it is ready."""
    environment = {**os.environ, "YIDANG_HOME": str(home), "YIDANG_DATABASE_URL": url}
    command = [sys.executable, "-m", "benchmarks.kills", str(inbox), *(["gate"] if step == "gate" else [])]
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


def _play(inbox: Path, *, is_judged: bool) -> None:
    """The night in this process; says each step as it begins.

    The gate takes part where it is killed: it serves nothing, and its library would be half of every night.
    """
    one = night_of(FIRST + timedelta(days=1), FEEDS, inbox)
    for step in STEPS:
        if step == "gate" and not is_judged:
            continue
        print(step, flush=True)
        what, _, subject = step.partition(" ")
        if what in ("match", "master"):
            known = next(s for s in subjects.SUBJECTS if s == subject)
            (subjects.match if what == "match" else subjects.master)(one, known)
        elif what == "gate":
            closing.gate_masters(one)
        elif what == "publish":
            closing.publish(one)


if __name__ == "__main__":
    _play(Path(sys.argv[1]), is_judged="gate" in sys.argv[2:])
