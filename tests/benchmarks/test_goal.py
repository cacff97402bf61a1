"""What a benchmark prints: one line a goal, in the agreed form, and an exit status that follows it."""

from __future__ import annotations

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks.goal import Goal, Outcome


@pytest.mark.parametrize(
    ("goal", "line"),
    [
        (Goal("night.first", 112.15, "s", 180, at_most=True), "goal night.first 112.15 s target 180 met"),
        (Goal("night.first", 180.5, "s", 180, at_most=True), "goal night.first 180.5 s target 180 missed"),
        (Goal("persons.recall", 0.9961, "share", 0.9965, at_most=False), "goal persons.recall 0.9961 share target 0.9965 missed"),
    ],
)  # fmt: skip
def test_a_goal_is_one_line(goal: Goal, line: str) -> None:
    assert goal.line() == line


@pytest.mark.parametrize(("seconds", "status"), [(1.0, 0), (3.0, 1)])
def test_the_exit_status_says_whether_all_goals_are_met(
    seconds: float, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    goal = Goal("province.seconds", seconds, "s", 2, at_most=True)
    outcome = Outcome("province: 7 persons", ("feed", "rows"), (("hrss_card", 7),), (goal,))
    monkeypatch.setattr("benchmarks.province.run", lambda _scale: outcome)
    monkeypatch.setattr("sys.argv", ["benchmarks", "province", "--scale", "7"])
    assert benchmarks.main() == status
    assert capsys.readouterr().out.splitlines()[-1] == goal.line()
