"""docs/benchmarks.md, rendered from the outcomes kept in benchmarks/results/."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmarks.goal import as_markdown
from benchmarks.kept import FOLDER, Kept, read_kept
from runtime.settings import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Rendered from `benchmarks/results/` by `make docs`; do not edit. A section is made anew by

```
python -m benchmarks NAME --keep
```

(`.venv/bin/python` after `make install`), all of them by `make bench`, which takes hours. Each section says when, where and
at which commit it was measured (a `+`: with changes not yet committed). Machines are shared and noisy; speed beside a
peer is a ratio within one run. Peers are measured once `make peers` has set up an environment for them; nothing of theirs
is needed to run the project.
"""


def render(names: Iterable[str], folder: Path = FOLDER) -> str:
    """The page: how many goals are met, then a section for each kept outcome, in the order of `names`."""
    found = {name: read_kept(name, folder) for name in names}
    kept = [one for one in found.values() if one is not None]
    missing = [name for name, one in found.items() if one is None]
    parts = [HEAD, _goals(kept)]
    if missing:
        parts.append(f"Not measured yet: {', '.join(f'`{name}`' for name in missing)}.\n")
    parts += [_section(one) for one in kept]
    return "\n".join(parts)


def write_page(names: Iterable[str]) -> None:
    """Render the page into docs/."""
    PAGE.write_text(render(names), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


def _goals(kept: list[Kept]) -> str:
    goals = [goal for one in kept for goal in one.outcome.goals]
    missed = [goal for goal in goals if not goal.is_met]
    told = f"{len(goals) - len(missed)} of {len(goals)} goals are met."
    if not missed:
        return told + "\n"
    rows = [
        (goal.name, f"{goal.value:.6g}", f"{'at most' if goal.at_most else 'at least'} {goal.target:.6g}", goal.unit)
        for goal in missed
    ]
    return f"{told} Missed:\n\n{as_markdown(('goal', 'measured', 'wanted', 'unit'), rows)}\n"


def _section(one: Kept) -> str:
    outcome = one.outcome
    measured = f"Measured {one.measured_date} at {one.commit} on {one.machine}; {one.versions}."
    parts = [f"## {outcome.title}", measured, as_markdown(outcome.columns, outcome.rows)]
    parts += [outcome.remarks] if outcome.remarks else []
    parts.append("\n".join(["```", *(goal.line() for goal in outcome.goals), "```"]))
    return "\n\n".join(parts) + "\n"
