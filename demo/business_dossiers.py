"""Files on enterprises beside the two registers: their officers, what was changed, penalties, contributions they pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from demo import businesses as biz
from demo.chance import Chance, Ints
from demo.dossiers import PAYING, Dossiers, rows_of
from demo.tables import extend

if TYPE_CHECKING:
    from demo.world import World

LEGAL_REP, SHAREHOLDER, DIRECTOR, SUPERVISOR, OPERATOR = range(5)  # kinds of mr_person
NAME, REPRESENTATIVE, CONVERSION = range(3)  # kinds of mr_change
WORKERS_KINDS = (110, 210, 410)
FINED, KEPT = 3e-5, 3 * 365  # penalties a business and day; days that one is published


def begin(world: World, chance: Chance) -> dict[str, Dossiers]:
    """All files on the first day, by feed."""
    owned, first = world.owned, world.first
    every = np.arange(len(owned))
    changed = [(np.flatnonzero(before >= 0), kind) for before, kind in _changes(world)]
    subject = np.concatenate([rows for rows, _ in changed])
    fined = every[chance.hit("penalty/first", every, 0.03)]
    since = np.maximum(owned.founded[fined] + 1, first - 5 - chance.below("penalty/since", fined, 900))
    age = np.maximum(first - 3 - owned.founded[subject], 1)
    return {
        "mr_person": rows_of(**_officers(world, chance, world.entities.business)),
        "mr_change": rows_of(
            subject, kind=np.concatenate([np.full(len(rows), kind) for rows, kind in changed]),
            since=owned.founded[subject] + (chance.uniform("change/since", subject) * age).astype(np.int64),
        ),
        "mr_penalty": rows_of(fined, kind=chance.below("penalty/kind", fined, 5), since=since, until=since + KEPT),
    }  # fmt: skip


def live(world: World, chance: Chance) -> None:
    """Let one day pass, in place; enterprises themselves have had theirs."""
    officers, changes = world.dossiers["mr_person"], world.dossiers["mr_change"]
    for before, kind in _changes(world):
        new = np.setdiff1d(np.flatnonzero(before >= 0), changes.subject[changes.kind == kind])
        _add(world, "mr_change", subject=new, kind=np.full(len(new), kind), since=np.full(len(new), world.today))
        if kind == REPRESENTATIVE:
            led = np.isin(officers.subject, new) & np.isin(officers.kind, (LEGAL_REP, OPERATOR))
            officers.changed[led] = world.day
    _add(world, "mr_person", **_officers(world, chance, world.entities.business[world.entities.created == world.day]))
    every = np.arange(len(world.owned))
    fined = every[(world.owned.status == biz.OPEN) & chance.hit("penalty", every, FINED)]
    day = np.full(len(fined), world.today)
    _add(world, "mr_penalty", subject=fined, kind=chance.below("penalty/kind", fined, 5), since=day, until=day + KEPT)


def payers(world: World) -> Ints:
    """Businesses and insurances they pay for this month: business * 8 + place of the insurance in WORKERS_KINDS."""
    table = world.dossiers["hrss_insured"]
    paid = (table.state == PAYING) & (table.other >= 0) & np.isin(table.kind, WORKERS_KINDS)
    return np.unique(table.other[paid] * 8 + np.searchsorted(WORKERS_KINDS, table.kind[paid]))


def _changes(world: World) -> list[tuple[Ints, int]]:
    """(what was before, -1 for none; kind of change) of the changes a business can show."""
    owned = world.owned
    return [(owned.former_trade_name, NAME), (owned.former_legal_rep, REPRESENTATIVE), (owned.successor_of, CONVERSION)]


def _officers(world: World, chance: Chance, business: Ints) -> dict[str, Ints]:
    """Rows of mr_person; a representative is whoever the register names today, so `other` is -1."""
    owned, draws = world.owned, Chance(chance.seed)
    formed = owned.kind[business] == biz.COMPANY
    parts: list[tuple[Ints, Ints, Ints]] = [
        (business, np.where(owned.kind[business] == biz.INDIVIDUAL, OPERATOR, LEGAL_REP), np.full(len(business), -1))
    ]
    for kind, share in ((SHAREHOLDER, 0.9), (DIRECTOR, 0.4), (SUPERVISOR, 0.4)):
        some = business[formed & draws.hit(f"officer/{kind}", business, share)]
        who = biz.owners(draws, world.people, some + 50_000_000 * (kind + 1), owned.county[some], world.first)
        parts.append((some, np.full(len(some), kind), who))
    subject, role, person = (np.concatenate([part[i] for part in parts]).astype(np.int64) for i in range(3))
    return {"subject": subject, "kind": role, "other": person, "since": owned.founded[subject]}


def _add(world: World, feed: str, **columns: Ints) -> None:
    count = len(columns["subject"])
    if count:
        day = np.full(count, world.day)
        extend(world.dossiers[feed], **({"state": np.zeros(count)} | columns), created=day, changed=day)
