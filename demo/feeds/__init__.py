"""One module a feed: its rows on one day as text columns by the contract's english names, as the department sends them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from demo.chance import Bools, Ints
from demo.texts import Column
from demo.world import World


@dataclass(frozen=True)
class Sent:
    """Rendered rows: columns by english name, source keys in standard form, subjects and planted kinds.

    `owners`: the person whose number stands in a row instead of the subject's own, -1 for none.
    """

    columns: dict[str, Column]
    keys: Column
    subjects: Ints
    flags: Ints
    owners: Ints


@dataclass(frozen=True)
class Feed:
    """How to make one feed's rows. `render(world, rows, older)`: `older` rows show facts from before."""

    name: str
    subject: str  # person or enterprise
    render: Callable[[World, Ints, Bools], Sent]
    table: str | None = None  # attribute or dossier of World: rows kept for ever, sent as deltas of what changed
    monthly: Callable[[World], Ints] | None = None  # the rows of the day, of a feed that is sent monthly and full
    weekly: Callable[[World], Ints] | None = None  # the same of a feed that is sent full every Sunday
