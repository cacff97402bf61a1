"""Files that say one thing of a person or business: a death, a wedding, a permit, a certificate, an insurance.

A dossier's row keeps its index for ever. `kind` and `state` mean what the feed of that name says; days count from
1970-01-01; `other` is a second person, card or business of the row, -1 for none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from demo.chance import Chance, Ints
from demo.population import CHILD

if TYPE_CHECKING:
    from demo.world import World

BIRTHS_KEPT = 6 * 365  # days back that birth certificates are in the file
WED, DIVORCED, REISSUED = range(3)  # kinds of ca_marriage
STANDS, ENDED = 0, 1  # states of permits and certificates


@dataclass
class Dossiers:
    """Rows of one file; arrays are equally long."""

    subject: Ints
    other: Ints
    kind: Ints
    state: Ints
    since: Ints
    until: Ints
    created: Ints
    changed: Ints

    def __len__(self) -> int:
        return len(self.subject)


def rows_of(subject: Ints, **columns: Ints) -> Dossiers:
    """Rows of the first day; what is not given is 0, `other` and `until` -1."""
    count = len(subject)
    usual = {name: np.full(count, -1 if name in ("other", "until") else 0, dtype=np.int64) for name in _NAMES}
    return Dossiers(
        **(usual | {"subject": subject.astype(np.int64)} | {k: v.astype(np.int64) for k, v in columns.items()})
    )


_NAMES = ("subject", "other", "kind", "state", "since", "until", "created", "changed")


def begin(world: World, chance: Chance) -> dict[str, Dossiers]:
    """All files on the first day, by feed."""
    return _registers(world, chance)


def mothers(world: World, child: Ints) -> Ints:
    """Each child's mother: the woman of the couple at the head of the household, -1 for none."""
    people = world.people
    head = people.head[child]
    spouse = np.where(head >= 0, people.spouse[head], -1)
    found = np.where((head >= 0) & (people.sex[head] == 2), head, spouse)
    return np.where((found >= 0) & (people.sex[found] == 2), found, -1)


def _registers(world: World, chance: Chance) -> dict[str, Dossiers]:
    people, died, first = world.people, world.life.died, world.first
    person = np.arange(len(people))
    age = (first - people.birth) / 365.2425
    dead = person[died >= 0]
    late = dead[chance.hit("death/certified", dead, 0.9)]
    burnt = dead[chance.hit("death/cremated", dead, 0.55)]
    children = person[(people.role == CHILD) & (people.birth > first - BIRTHS_KEPT)]
    born = children[chance.hit("birth/certified", children, 0.95)]
    wife = person[(people.sex == 2) & (people.spouse >= 0) & (world.life.marital == 20)]
    wife = wife[chance.hit("wedding/filed", wife, 0.5)]
    wed = np.maximum(people.birth[wife], people.birth[people.spouse[wife]]) + 22 * 366
    wed = np.minimum(wed + chance.below("wedding/day", wife, 2500), first - 2)
    online = person[(died < 0) & chance.hit("ehealth/held", person, np.where(age < 14, 0.5, 0.3))]
    away = person[(died < 0) & (age > 16) & chance.hit("residence/held", person, 0.1)]
    since = first - 5 - chance.below("residence/since", away, 350)
    return {
        "ps_death": rows_of(dead, kind=chance.weighted("death/basis", dead, [0.9, 0.06, 0.03, 0.01]), since=died[dead]),
        "ps_residence": rows_of(away, since=since, until=since + 365),
        "nhc_death": rows_of(late, kind=chance.weighted("death/place", late, [0.3, 0.6, 0.06, 0.04]), since=died[late]),
        "nhc_birth": rows_of(born, other=mothers(world, born), since=people.birth[born]),
        "nhc_ehealth": rows_of(online, since=first - 1 - chance.below("ehealth/since", online, 1200)),
        "ca_marriage": rows_of(wife, other=people.spouse[wife], kind=np.full(len(wife), WED), since=wed),
        "ca_funeral": rows_of(burnt, since=died[burnt]),
    }  # fmt: skip
