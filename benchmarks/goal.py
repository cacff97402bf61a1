"""What a benchmark promises and what was measured: one printed line a goal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """One measured number against its target.

    `at_most` True: the value must not be above the target; False: not below it.
    """

    name: str
    value: float
    unit: str
    target: float
    at_most: bool

    @property
    def is_met(self) -> bool:
        """Whether the measured number keeps the promise."""
        return self.value <= self.target if self.at_most else self.value >= self.target

    def line(self) -> str:
        """``goal NAME.WHAT value unit target T met|missed``."""
        verdict = "met" if self.is_met else "missed"
        return f"goal {self.name} {self.value:.6g} {self.unit} target {self.target:.6g} {verdict}"


@dataclass(frozen=True)
class Outcome:
    """What one benchmark did: a table of what was measured, and its goals."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    goals: tuple[Goal, ...]
    remarks: str = ""

    def print(self) -> None:
        """For a person at a terminal; the goal lines last."""
        print(f"\n{self.title}")
        print(as_markdown(self.columns, self.rows))
        if self.remarks:
            print(self.remarks)
        for goal in self.goals:
            print(goal.line())


def as_text(value: object) -> str:
    """A cell: thousands separated, four significant digits."""
    if isinstance(value, float):
        return f"{value:,.4f}" if abs(value) < 1.5 else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def as_markdown(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table that can be read as plain text too."""
    head = list(columns)
    body = [[as_text(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]

    def draw(cells: list[str]) -> str:
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"

    return "\n".join([draw(head), "|" + "|".join("-" * (w + 2) for w in widths) + "|", *map(draw, body)])
