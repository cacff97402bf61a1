"""One module a feed: its rows on one day as text columns by the contract's english names, as the department sends them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from demo.chance import Bools, Ints
from demo.texts import Column
from demo.world import World


@dataclass(frozen=True)
class Sent:
    """Rendered rows: columns by english name, source keys in standard form, subjects and planted kinds."""

    columns: dict[str, Column]
    keys: Column
    subjects: Ints
    flags: Ints


@dataclass(frozen=True)
class Feed:
    """How to make one feed's rows. `render(world, rows, older)`: `older` rows show facts from before."""

    name: str
    subject: str  # person or enterprise
    table: str  # attribute of World with `created` and `changed`
    render: Callable[[World, Ints, Bools], Sent]
