"""Files on what people are entitled to, visit and are paid: transport, libraries, scenic spots, subsidies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from demo.chance import Chance, Ints
from demo.dossiers import ENDED, STANDS, Dossiers, month_before, rows_of
from demo.tables import extend

if TYPE_CHECKING:
    from demo.world import World

ELDERLY, DISABLED, VETERAN, STUDENT = range(4)  # kinds of tr_concession
FARMING, FOREST, MACHINES, FAMILY, HARDSHIP = range(5)  # kinds of fin_subsidy
PAID_ON, TOLD_ON = 1, 4  # days of the month that subsidies are sent to the banks, and banks tell what became of them
CARDS, RIDES, READERS, PASSES, LEFT = 2e-4, 3e-4, 1e-4, 1e-4, 2e-4  # a person or row and day
NORMAL = 1  # world.CARD_NORMAL


def begin(world: World, chance: Chance) -> dict[str, Dossiers]:
    """All files on the first day, by feed."""
    died, first = world.life.died, world.first
    person = np.arange(len(world.people))
    age = (first - world.people.birth) / 365.2425
    card, kind = cards_in_use(world), concession_kinds(world, chance, person)
    free = person[(kind >= 0) & (card >= 0) & chance.hit("concession/held", person, 0.45)]
    rides = person[(card >= 0) & (age > 10) & chance.hit("ride/held", person, 0.25)]
    reads = person[(died < 0) & chance.hit("reader/held", person, np.where((age > 6) & (age < 60), 0.2, 0.03))]
    visits = person[(died < 0) & (age > 12) & chance.hit("pass/held", person, 0.04)]
    since = {name: first - 3 - chance.below(f"{name}/since", who, 900)
             for name, who in (("concession", free), ("ride", rides), ("reader", reads), ("pass", visits))}  # fmt: skip
    subsidies = rows_of(**subsidised(world, chance, month_before(first)))
    return {
        "tr_concession": rows_of(free, other=card[free], kind=kind[free], since=since["concession"]),
        "tr_card": rows_of(rides, other=card[rides], kind=chance.weighted("ride/kind", rides, [0.7, 0.2, 0.1]), since=since["ride"]),
        "ct_reader": rows_of(
            reads, state=chance.weighted("reader/state", reads, [0.92, 0.05, 0.03]), since=since["reader"]
        ),
        "ct_pass": rows_of(
            visits, kind=chance.weighted("pass/kind", visits, [0.6, 0.25, 0.15]), since=since["pass"], until=since["pass"] + 365
        ),
        "fin_subsidy": subsidies,
        "fin_pay_result": rows_of(**results(chance, subsidies, np.arange(len(subsidies)), month_before(first) + 24)),
    }  # fmt: skip


def live(world: World, chance: Chance, day_of_month: int) -> None:
    """Let one day pass, in place."""
    died, files = world.life.died, world.dossiers
    person, card = np.flatnonzero(died < 0), cards_in_use(world)
    kind = concession_kinds(world, Chance(world.seed), np.arange(len(died)))
    held = person[(card[person] >= 0) & (world.people.birth[person] < world.today - 10 * 366)]
    free = np.setdiff1d(
        held[(kind[held] >= 0) & chance.hit("concession/new", held, CARDS)], files["tr_concession"].subject
    )
    _add(world, "tr_concession", free, other=card[free], kind=kind[free])
    rides = np.setdiff1d(held[chance.hit("ride/new", held, RIDES / 3)], files["tr_card"].subject)
    _add(world, "tr_card", rides, other=card[rides], kind=np.zeros(len(rides), dtype=np.int64))
    reads = np.setdiff1d(held[chance.hit("reader/new", held, READERS)], files["ct_reader"].subject)
    _add(world, "ct_reader", reads)
    visits = np.setdiff1d(held[chance.hit("pass/new", held, PASSES)], files["ct_pass"].subject)
    _add(
        world,
        "ct_pass",
        visits,
        kind=np.zeros(len(visits), dtype=np.int64),
        until=np.full(len(visits), world.today + 365),
    )
    for feed in ("tr_concession", "ct_reader"):
        table = files[feed]
        gone = chance.hit(f"{feed}/left", np.arange(len(table)), LEFT) | (died[table.subject] > world.today - 2)
        gone &= table.state == STANDS
        table.state[gone], table.until[gone], table.changed[gone] = ENDED, world.today, world.day
    if day_of_month == PAID_ON:
        rows = subsidised(world, Chance(world.seed), month_before(world.today))
        _add(world, "fin_subsidy", **rows)
    if day_of_month == TOLD_ON:
        table = files["fin_subsidy"]
        waiting = np.setdiff1d(np.arange(len(table)), files["fin_pay_result"].other)
        _add(world, "fin_pay_result", **results(Chance(world.seed), table, waiting, world.today - 1))


def cards_in_use(world: World) -> Ints:
    """Row of each person's newest card in force, -1 for none."""
    rows = np.flatnonzero(world.cards.status == NORMAL)
    found = np.full(len(world.people), -1, dtype=np.int64)
    found[world.cards.person[rows]] = rows
    return found


def concession_kinds(world: World, chance: Chance, person: Ints) -> Ints:
    """What people may travel at a lower fare for, -1 for nothing."""
    people = world.people
    age = (world.today - people.birth[person]) / 365.2425
    disabled = np.isin(person, world.dossiers["dpf_cert"].subject)
    served = (people.sex[person] == 1) & (age > 22) & chance.hit("veteran", person, 0.03)
    student = (age > 6) & (age < 23) & chance.hit("student", person, 0.3)
    kind = np.select([age >= 65, disabled, served, student], [ELDERLY, DISABLED, VETERAN, STUDENT], -1)
    return np.where(world.life.died[person] < 0, kind, -1)


def subsidised(world: World, chance: Chance, month: int) -> dict[str, Ints]:
    """Rows of fin_subsidy for one month: heads of rural households, the old and the disabled."""
    people, died = world.people, world.life.died
    person = np.arange(len(people))
    age = (month - people.birth) / 365.2425
    unknown = (died > month - 150) & chance.hit("subsidy/untold", person, 0.5)
    alive = ((died < 0) | unknown) & (people.birth < month)
    head = alive & ~people.urban & (people.head == person)
    disabled = np.isin(person, world.dossiers["dpf_cert"].subject)
    masks = (
        head & chance.hit("subsidy/farming", person, 0.6), head & chance.hit("subsidy/forest", person, 0.12),
        head & chance.hit("subsidy/machines", person, 0.02), alive & ~people.urban & (age >= 60) & chance.hit("subsidy/family", person, 0.15),
        alive & disabled & chance.hit("subsidy/hardship", person, 0.5),
    )  # fmt: skip
    who = [np.flatnonzero(mask) for mask in masks]
    kind = np.concatenate([np.full(len(rows), k, dtype=np.int64) for k, rows in enumerate(who)])
    return {"subject": np.concatenate(who), "kind": kind, "since": np.full(len(kind), month)}


def results(chance: Chance, subsidies: Dossiers, rows: Ints, day: int) -> dict[str, Ints]:
    """Rows of fin_pay_result: paid (kind 0), or why not: not activated, another name, closed, frozen, wrong number."""
    kind = chance.weighted("result/kind", rows, [0.94, 0.035, 0.008, 0.006, 0.004, 0.007])
    return {"subject": subsidies.subject[rows], "other": rows, "kind": kind, "since": np.full(len(rows), day)}


def _add(world: World, feed: str, subject: Ints, **columns: Ints) -> None:
    count = len(subject)
    if count:
        day, zero = np.full(count, world.day), np.zeros(count)
        usual = {"kind": zero, "state": zero, "since": np.full(count, world.today)}
        extend(world.dossiers[feed], **(usual | columns), subject=subject, created=day, changed=day)
