"""One day of the further files: what happened to people is filed, permits end, people ask for something new."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo import business_dossiers, entitlements
from demo.chance import Chance, Ints
from demo.dossiers import (
    DIVORCED,
    EMPLOYED,
    ENDED,
    FLEXIBLE,
    OVER,
    PAUSED,
    PAYING,
    REISSUED,
    RESIDENTS_KIND,
    STANDS,
    WED,
    contributions,
    month_before,
    mothers,
)  # fmt: skip
from demo.tables import extend
from demo.world import MARRIED, World

RENEWED, NEW_PERMITS, ONLINE, PARTED, AGAIN = 3e-4, 4e-5, 2e-4, 3e-5, 3e-5
PAUSES, SEEKING, JOINING, AIDED, DISABLED = 3e-4, 5e-4, 4e-5, 2e-5, 1e-5


@dataclass(frozen=True)
class Before:
    """The people before the day began."""

    count: int
    died: Ints
    marital: Ints
    phone: Ints


def remember(world: World) -> Before:
    """What to compare the end of the day with."""
    life = world.life
    return Before(len(world.people), life.died.copy(), life.marital.copy(), life.phone.copy())


def live(world: World, chance: Chance, before: Before) -> None:
    """Let one day pass in all dossiers, in place."""
    _file_deaths(world, chance, before)
    _file_births(world, chance, before)
    _file_weddings(world, chance, before)
    _renew(world, chance, before)
    _work(world, chance)
    _aid(world, chance, before)
    business_dossiers.live(world, chance)
    entitlements.live(world, chance, _day_of_month(world))


def add(world: World, feed: str, subject: Ints, **columns: Ints) -> None:
    """File new rows today."""
    if len(subject) == 0:
        return
    day, zero = np.full(len(subject), world.day), np.zeros(len(subject))
    extend(world.dossiers[feed], **({"kind": zero, "state": zero} | columns), subject=subject, created=day, changed=day)


def _file_deaths(world: World, chance: Chance, before: Before) -> None:
    died = world.life.died
    dead = np.flatnonzero((died[: before.count] >= 0) & (before.died < 0))
    late = dead[chance.hit("death/certified", dead, 0.9)]
    burnt = dead[chance.hit("death/cremated", dead, 0.55)]
    add(world, "ps_death", dead, kind=chance.weighted("death/basis", dead, [0.9, 0.06, 0.03, 0.01]), since=died[dead])
    add(world, "nhc_death", late, kind=chance.weighted("death/place", late, [0.3, 0.6, 0.06, 0.04]), since=died[late])
    add(world, "ca_funeral", burnt, since=died[burnt])


def _file_births(world: World, chance: Chance, before: Before) -> None:
    born = np.arange(before.count, len(world.people))
    born = born[chance.hit("birth/certified", born, 0.95)]
    add(world, "nhc_birth", born, other=mothers(world, born), since=world.people.birth[born])


def _file_weddings(world: World, chance: Chance, before: Before) -> None:
    people, marital = world.people, world.life.marital[: before.count]
    wives = np.flatnonzero((marital == MARRIED) & (before.marital != MARRIED) & (people.sex[: before.count] == 2))
    add(world, "ca_marriage", wives, other=people.spouse[wives], since=np.full(len(wives), world.today))
    table = world.dossiers["ca_marriage"]
    couples = np.flatnonzero((table.kind == WED) & (table.created < world.day))
    for kind, purpose, rate in ((DIVORCED, "divorce", PARTED), (REISSUED, "reissue", AGAIN)):
        rows = couples[chance.hit(purpose, couples, rate * len(people) / max(len(couples), 1))]
        rows = rows[(world.life.died[table.subject[rows]] < 0) & (world.life.died[table.other[rows]] < 0)]
        add(
            world, "ca_marriage", table.subject[rows], other=table.other[rows], kind=np.full(len(rows), kind),
            since=np.full(len(rows), world.today),
        )  # fmt: skip


def _renew(world: World, chance: Chance, before: Before) -> None:
    """Permits are renewed and asked for; people register for the electronic health card, and change its phone."""
    permits, cards = world.dossiers["ps_residence"], world.dossiers["nhc_ehealth"]
    rows = np.flatnonzero(
        (world.life.died[permits.subject] < 0) & chance.hit("residence/renew", np.arange(len(permits)), RENEWED)
    )
    permits.until[rows], permits.changed[rows] = world.today + 365, world.day
    person = np.flatnonzero(world.life.died[: before.count] < 0)
    grown = person[world.people.birth[person] < world.today - 17 * 366]
    new = np.setdiff1d(grown[chance.hit("residence/new", grown, NEW_PERMITS)], permits.subject)
    add(world, "ps_residence", new, since=np.full(len(new), world.today), until=np.full(len(new), world.today + 365))
    phoned = np.flatnonzero(world.life.phone[: before.count] != before.phone)
    cards.changed[np.isin(cards.subject, phoned)] = world.day
    new = np.setdiff1d(person[chance.hit("ehealth/new", person, ONLINE)], cards.subject)
    add(world, "nhc_ehealth", new, since=np.full(len(new), world.today))


def _work(world: World, chance: Chance) -> None:
    """Contributions pause and go on, the dead's insurances end, people find and lose work; a month's payments are filed."""
    died, table, jobs = world.life.died, world.dossiers["hrss_insured"], world.dossiers["hrss_employ"]
    rows = np.arange(len(table))
    turned = (died[table.subject] < 0) & (table.state != OVER) & chance.hit("social/pause", rows, PAUSES)
    table.state[turned] = np.where(table.state[turned] == PAYING, PAUSED, PAYING)
    known = (died[table.subject] >= 0) & (table.state != OVER)
    told = known & chance.hit("social/told", rows, np.where(died[table.subject] > world.today - 6, 0.6, 0.012))
    table.state[told] = OVER
    table.changed[turned | told] = world.day
    person = np.flatnonzero((died < 0) & (world.people.birth < world.today - 17 * 366))
    new = np.setdiff1d(person[chance.hit("social/join", person, JOINING)], table.subject)
    add(world, "hrss_insured", new, kind=np.full(len(new), RESIDENTS_KIND), since=np.full(len(new), world.today))
    moved = np.flatnonzero((died[jobs.subject] < 0) & chance.hit("employ/turn", np.arange(len(jobs)), SEEKING))
    jobs.state[moved] = (jobs.state[moved] + 1) % (FLEXIBLE + 1)
    jobs.since[moved], jobs.changed[moved] = world.today, world.day
    at = chance.below("employ/found", moved, max(len(world.owned), 1))
    jobs.other[moved] = np.where(jobs.state[moved] == EMPLOYED, at, -1)
    if _day_of_month(world) == 1:
        add(world, "hrss_contrib", **contributions(world.dossiers["hrss_insured"], month_before(world.today)))


def _day_of_month(world: World) -> int:
    day = np.datetime64(world.today, "D")
    return int((day - day.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)) + 1


def _aid(world: World, chance: Chance, before: Before) -> None:
    """Medical aid begins and ends, disabilities are certified, certificates of the dead are cancelled."""
    died, aid, cards = world.life.died, world.dossiers["nhsa_assist"], world.dossiers["dpf_cert"]
    rows = np.arange(len(aid))
    over = (aid.state == STANDS) & (chance.hit("nhsa_assist/over", rows, 4e-4) | (died[aid.subject] > world.today - 3))
    aid.state[over], aid.until[over], aid.changed[over] = ENDED, world.today, world.day
    person = np.flatnonzero(died[: before.count] < 0)
    insured = person[np.isin(person, world.insurances.person)]
    new = np.setdiff1d(insured[chance.hit("nhsa_assist/new", insured, AIDED)], aid.subject)
    kind = chance.weighted("nhsa_assist/kind", new, [0.12, 0.6, 0.15, 0.08, 0.05])
    add(world, "nhsa_assist", new, kind=kind, since=np.full(len(new), world.today))
    gone = np.flatnonzero(
        (died[cards.subject] >= 0) & (cards.state != ENDED) & chance.hit("dpf/told", np.arange(len(cards)), 0.03)
    )
    cards.state[gone], cards.changed[gone] = ENDED, world.day
    new = np.setdiff1d(person[chance.hit("dpf/new", person, DISABLED)], cards.subject)
    day = np.full(len(new), world.today)
    add(world, "dpf_cert", new, kind=1 + chance.below("dpf/which", new, 7), since=day, until=day + 3653)
