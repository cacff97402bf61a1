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
STANDS, ENDED = 0, 1  # states of entitlements and certificates
PAYING, PAUSED, OVER = range(3)  # states of hrss_insured
EMPLOYED, UNEMPLOYED, FLEXIBLE = range(3)  # states of hrss_employ
WORKERS_KINDS, RESIDENTS_KIND = (110, 210, 410), 170


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
    return _registers(world, chance) | _labour(world, chance) | _aid(world, chance)


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


def month_before(day: int) -> int:
    """First day of the month before that of a day."""
    month = np.datetime64(int(day), "D").astype("datetime64[M]") - 1
    return int(month.astype("datetime64[D]").astype(np.int64))


def contributions(insured: Dossiers, month: int) -> dict[str, Ints]:
    """Rows of hrss_contrib for one month: what is paid for every worker's insurance in force."""
    rows = np.flatnonzero((insured.state == PAYING) & (insured.other >= 0) & (insured.since < month + 28))
    return {
        "subject": insured.subject[rows], "other": insured.other[rows], "kind": insured.kind[rows],
        "since": np.full(len(rows), month),
    }  # fmt: skip


def _labour(world: World, chance: Chance) -> dict[str, Dossiers]:
    people, died, first, table = world.people, world.life.died, world.first, world.insurances
    person = np.arange(len(people))
    age = (first - people.birth) / 365.2425
    active = np.flatnonzero((table.kind == 310) & (table.state == 1))
    worker, employer = table.person[active], table.employer[active]
    is_worker = np.isin(person, worker)
    resident = person[
        (age > 16)
        & (~is_worker | chance.hit("pension/both", person, 0.014))
        & chance.hit("pension/resident", person, 0.6)
    ]
    parts = [
        (w[chance.hit(f"social/{kind}", w, rate)], kind)
        for kind, rate, w in (
            (110, 1.0, worker),
            (210, 0.6, worker),
            (410, 0.7, worker),
            (RESIDENTS_KIND, 1.0, resident),
        )
    ]
    who = np.concatenate([w for w, _ in parts])
    kind = np.concatenate([np.full(len(w), k, dtype=np.int64) for w, k in parts])
    works_at = np.full(len(people), -1, dtype=np.int64)
    works_at[worker] = employer
    key = who * 1000 + kind
    state = np.where(chance.hit("social/paused", key, 0.08), PAUSED, PAYING)
    state = np.where((died[who] >= 0) & ~chance.hit("social/survives", who, 0.2), OVER, state)
    since = np.maximum(people.birth[who] + 16 * 366, first - 300 - chance.below("social/since", key, 5000))
    insured = rows_of(
        who, other=np.where(kind == RESIDENTS_KIND, -1, works_at[who]), kind=kind, state=state, since=since
    )
    held = person[(died < 0) & (age > 16) & (age < 60) & chance.hit("employ/held", person, 0.3)]
    works = chance.weighted("employ/state", held, [0.6, 0.2, 0.2])
    somewhere = chance.below("employ/unit", held, max(len(world.owned), 1))
    unit = np.where(works == EMPLOYED, np.where(works_at[held] >= 0, works_at[held], somewhere), -1)
    return {
        "hrss_insured": insured,
        "hrss_contrib": rows_of(**contributions(insured, month_before(first))),
        "hrss_employ": rows_of(
            held, other=unit, kind=chance.weighted("employ/hard", held, [0.8, 0.1, 0.04, 0.04, 0.02]), state=works,
            since=first - 3 - chance.below("employ/since", held, 2000),
        ),
    }  # fmt: skip


def _aid(world: World, chance: Chance) -> dict[str, Dossiers]:
    people, died, first = world.people, world.life.died, world.first
    person = np.arange(len(people))
    age = (first - people.birth) / 365.2425
    aided = (people.head >= 0) & chance.hit("assist/family", people.head, np.where(people.urban, 0.03, 0.065))
    aided &= np.isin(person, world.insurances.person)
    poor = person[aided & ((died < 0) | chance.hit("nhsa_assist/untold", person, 0.5))]
    disabled = person[
        ((died < 0) | (died > first - 300)) & chance.hit("dpf/held", person, np.where(age > 50, 0.07, 0.02))
    ]
    category = 1 + chance.weighted("dpf/category", disabled, [0.12, 0.1, 0.02, 0.5, 0.1, 0.1, 0.06])
    guarded = ((people.birth[disabled] > first - 18 * 366) | (category >= 5)) & (people.head[disabled] >= 0)
    issued = np.maximum(first - 30 - chance.below("dpf/since", disabled, 3800), people.birth[disabled] + 400)
    issued = np.minimum(issued, first - 10)
    gone = (died[disabled] >= 0) & chance.hit("dpf/told", disabled, 0.7)
    state = np.where(gone, ENDED, chance.weighted("dpf/state", disabled, [0.96, 0.01, 0.0, 0.015, 0.015]))
    return {
        "nhsa_assist": rows_of(
            poor, kind=chance.weighted("nhsa_assist/kind", people.head[poor], [0.12, 0.6, 0.15, 0.08, 0.05]),
            since=first - 20 - chance.below("nhsa_assist/since", people.head[poor], 1500),
        ),
        "dpf_cert": rows_of(
            disabled, other=np.where(guarded, people.head[disabled], -1), kind=category, state=state, since=issued,
            until=issued + 3653,
        ),
    }  # fmt: skip
