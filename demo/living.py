"""One day of the province: births, deaths, moves, marriages, cards, insurances, corrections, enterprises.

Rates are chosen so that about one record in a thousand changes a day (domain.md 10: 0.5-1.5 million of 800 million).
"""

from __future__ import annotations

import numpy as np

from demo import business_life, card_life, dossier_life, places
from demo import names as naming
from demo.chance import Chance, Ints
from demo.identifiers import citizen_numbers, years
from demo.population import CHILD, HEAD, SPOUSE, sequences
from demo.tables import extend
from demo.world import (
    CARD_CANCELLED,
    CARD_NORMAL,
    DIED,
    ENDED,
    INSURED,
    MARRIED,
    MOVED_OUT,
    SUSPENDED,
    UNMARRIED,
    WIDOWED,
    World,
    heads_and_spouses,
)  # fmt: skip

BIRTHS, DEATHS, MOVES, WEDDINGS, PHONES, RENAMED = 6e-5, 8e-5, 1.5e-4, 1.5e-4, 6e-4, 1e-5
TOLD_LATE = 0.012
JOBS, CORRECTED = 5e-4, 0.02


def live(world: World) -> None:
    """Let one day pass, in place."""
    world.day += 1
    chance = Chance(world.seed * 100_003 + world.day)
    before = dossier_life.remember(world)
    _die(world, chance)
    _be_born(world, chance)
    _move(world, chance)
    _marry(world, chance)
    _change_facts(world, chance)
    card_life.live(world, chance)
    _change_jobs(world, chance)
    _correct(world, chance)
    business_life.live(world, chance)
    dossier_life.live(world, chance, before)


def _some(world: World, chance: Chance, what: str, rate: float) -> Ints:
    person = np.arange(len(world.people))
    return person[(world.life.died < 0) & chance.hit(what, person, rate)]


def _touch(world: World, person: Ints, cards: bool = True, insurances: bool = True, registrations: bool = True) -> None:
    """Mark the rows that show these persons as changed today."""
    for table, wanted in ((world.registrations, registrations), (world.cards, cards), (world.insurances, insurances)):
        if wanted:
            rows = np.flatnonzero(np.isin(table.person, person))
            if table is world.registrations:
                rows = rows[(world.registrations.removed[rows] < 0) & (world.registrations.cancel[rows] == 0)]
            table.changed[rows] = world.day


def _current(world: World, person: Ints) -> Ints:
    """Rows of the current registrations of persons."""
    table = world.registrations
    return np.flatnonzero(
        np.isin(table.person, person) & (table.removed < 0) & (table.cancel == 0) & (table.second == 0)
    )


def _die(world: World, chance: Chance) -> None:
    age = (world.today - world.people.birth) / 365.2425
    person = np.arange(len(age))
    hit = chance.hit("death", person, DEATHS * np.where(age > 65, 4.5, 0.25))
    dead = person[(world.life.died < 0) & hit]
    world.life.died[dead] = world.today - chance.below("death/lag", dead, 5)
    rows = _current(world, dead)
    table = world.registrations
    table.cancel[rows], table.cancelled[rows], table.changed[rows] = (
        DIED,
        world.life.died[table.person[rows]],
        world.day,
    )
    _tell(world, chance, dead)
    left = world.people.spouse[dead]
    left = left[left >= 0]
    left = left[world.life.died[left] < 0]
    world.life.marital[left] = WIDOWED
    _touch(world, left, cards=False, insurances=False)


def _tell(world: World, chance: Chance, dead: Ints) -> None:
    """Most deaths reach the other departments at once, the rest within one to six months (domain.md 6)."""
    late = np.flatnonzero((world.life.died >= 0) & (world.life.died < world.today - 30))
    late = late[chance.hit("death/told late", late, TOLD_LATE)]
    told = np.concatenate([dead[~chance.hit("death/untold", dead, 0.3)], late])
    cards = np.flatnonzero(np.isin(world.cards.person, told) & (world.cards.status == CARD_NORMAL))
    world.cards.status[cards], world.cards.changed[cards] = CARD_CANCELLED, world.day
    rows = np.flatnonzero(np.isin(world.insurances.person, told) & (world.insurances.state != ENDED))
    world.insurances.state[rows], world.insurances.changed[rows] = ENDED, world.day
    world.insurances.paused[rows] = world.life.died[world.insurances.person[rows]]


def _be_born(world: World, chance: Chance) -> None:
    people = world.people
    age = (world.today - people.birth) / 365.2425
    able = (
        heads_and_spouses(people)
        & (people.sex == 2)
        & (people.spouse >= 0)
        & (age > 20)
        & (age < 42)
        & (world.life.died < 0)
    )
    mothers = np.flatnonzero(able)
    rate = min(1.0, BIRTHS * len(people) / max(len(mothers), 1))
    mothers = mothers[chance.hit("birth", mothers, rate)]
    twice = chance.hit("birth/twins", mothers, 0.02)
    mothers = np.repeat(mothers, 1 + twice)
    twin = np.repeat(twice, 1 + twice)
    if len(mothers) == 0:
        return
    first = len(people)
    keys = first + np.arange(len(mothers))
    born = np.maximum(world.today - chance.below("birth/lag", mothers, 6), world.first + 1)
    sex = np.where(chance.hit("birth/sex", keys, 0.52), 1, 2)
    father = people.spouse[mothers]
    year = years(born)
    codes = places.counties().codes[people.county[mothers]]
    recent = np.flatnonzero(people.birth > world.first)
    known = _code_numbers(world, recent)
    shifted, sequence = sequences(
        Chance(world.seed), np.concatenate([known, codes]), np.concatenate([people.birth[recent], born]),
        np.concatenate([people.sex[recent], sex]), np.concatenate([people.twin[recent], twin]), world.first,
    )  # fmt: skip
    born = shifted[len(recent) :]
    shared = np.where(twin & chance.hit("birth/kin", mothers, 0.6), people.household[mothers], -1)
    names = naming.full_names(
        chance, keys, people.ethnic[father], sex, year, people.surname[father], people.clan[father], shared
    )
    extend(
        people, household=people.household[mothers], role=np.full(len(keys), CHILD), sex=sex, birth=born, ethnic=people.ethnic[father],
        county=people.county[mothers], village=people.village[mothers], urban=people.urban[mothers], surname=people.surname[father],
        clan=people.clan[father], names=names, numbers=citizen_numbers(codes, born, sequence[len(recent) :]), twin=twin, head=people.head[mothers],
    )  # fmt: skip
    extend(world.life, died=np.full(len(keys), -1), marital=np.full(len(keys), UNMARRIED), phone=np.ones(len(keys)))
    day = np.full(len(keys), world.day)
    zero = np.zeros(len(keys))
    extend(
        world.registrations,
        person=keys,
        household=people.household[keys],
        county=people.county[keys],
        second=zero,
        wrong=zero,
        cancel=zero,
        created=day,
        changed=day,
    )
    insured = keys[chance.hit("birth/insured", keys, 0.8)]
    _insure(world, insured, 390, np.full(len(insured), -1))


def _code_numbers(world: World, person: Ints) -> Ints:
    return (world.people.numbers[person, :6].astype(np.int64) - 48) @ 10 ** np.arange(5, -1, -1)


def _insure(world: World, person: Ints, kind: int, employer: Ints) -> None:
    if len(person) == 0:
        return
    day = np.full(len(person), world.day)
    extend(
        world.insurances, person=person, kind=np.full(len(person), kind), county=world.people.county[person],
        state=np.full(len(person), INSURED), since=np.full(len(person), world.today), employer=employer, created=day, changed=day,
    )  # fmt: skip


def _move_households(world: World, chance: Chance, person: Ints, household: Ints, county: Ints) -> None:
    """Register persons in other households: the old registration is cancelled as moved out, a new one begins."""
    people = world.people
    rows = _current(world, person)
    table = world.registrations
    table.cancel[rows], table.cancelled[rows], table.changed[rows] = MOVED_OUT, world.today, world.day
    people.household[person], people.county[person] = household, county
    size = places.counties().village_count[county]
    people.village[person] = county * 1000 + (chance.uniform("move/village", household) ** 1.3 * size).astype(np.int64)
    here = person[np.isin(person, table.person[rows])]
    if len(here):
        day, zero = np.full(len(here), world.day), np.zeros(len(here))
        extend(
            table, person=here, household=people.household[here], county=people.county[here], second=zero, wrong=zero, cancel=zero,
            moved_in=np.full(len(here), world.today), created=day, changed=day,
        )  # fmt: skip
    _touch(world, person, registrations=False, insurances=False)


def _move(world: World, chance: Chance) -> None:
    """Whole households move together."""
    people = world.people
    heads = _some(world, chance, "move", MOVES)
    heads = heads[people.role[heads] == HEAD]
    moving = np.flatnonzero(np.isin(people.household, people.household[heads]) & (world.life.died < 0))
    if len(moving) == 0:
        return
    homes, which = np.unique(people.household[moving], return_inverse=True)
    fresh = world.households + np.arange(len(homes))
    world.households += len(homes)
    near = chance.hit("move/near", homes, 0.5)
    far = chance.weighted("move/county", homes, places.counties().weights)
    first = np.zeros(len(homes), dtype=np.int64)
    first[which[::-1]] = people.county[moving[::-1]]
    _move_households(world, chance, moving, fresh[which], np.where(near, first, far)[which])


def _marry(world: World, chance: Chance) -> None:
    """Unmarried grown people of one county pair up; one moves to the other's household."""
    people = world.people
    age = (world.today - people.birth) / 365.2425
    free = (world.life.marital == UNMARRIED) & (age > 21) & (age < 45) & (world.life.died < 0)
    person = np.flatnonzero(free)
    person = person[chance.hit("wedding", person, min(1.0, WEDDINGS * len(people) / max(len(person), 1)))]
    men, women = person[people.sex[person] == 1], person[people.sex[person] == 2]
    pairs = min(len(men), len(women))
    men, women = men[:pairs], women[:pairs]
    if pairs == 0:
        return
    people.spouse[men], people.spouse[women] = women, men
    world.life.marital[np.concatenate([men, women])] = MARRIED
    together = chance.hit("wedding/together", women, 0.6)
    _touch(world, np.concatenate([men, women]), cards=False, insurances=False)
    _move_households(world, chance, women[together], people.household[men[together]], people.county[men[together]])
    people.role[women[together]] = SPOUSE  # the head of the first family stays: phones and aid follow that family


def _change_facts(world: World, chance: Chance) -> None:
    """New phone numbers; changed names."""
    phoned = _some(world, chance, "phone", PHONES)
    world.life.phone[phoned] += 1
    family = np.flatnonzero(np.isin(world.people.head, phoned))  # children show the head's number
    _touch(world, np.union1d(phoned, family), registrations=False, insurances=False)
    people = world.people
    named = _some(world, chance, "renamed", RENAMED)
    named = named[people.former_names[named, 0] == 0]
    people.former_names[named] = people.names[named]
    people.names[named] = naming.full_names(
        chance, named, people.ethnic[named], people.sex[named], years(people.birth[named]), people.surname[named], people.clan[named],
        np.full(len(named), -1),
    )  # fmt: skip
    _touch(world, named)


def _change_jobs(world: World, chance: Chance) -> None:
    """Residents take a job (390 pauses, 310 begins), workers lose theirs (310 pauses)."""
    table = world.insurances
    age = (world.today - world.people.birth[table.person]) / 365.2425
    able = (world.life.died[table.person] < 0) & (table.state == INSURED) & (age > 20) & (age < 58)
    hit = able & chance.hit("job", table.person * 1000 + table.kind, JOBS)
    rows = np.flatnonzero(hit & (table.kind != 330))
    table.state[rows], table.paused[rows], table.changed[rows] = SUSPENDED, world.today, world.day
    starting = np.unique(table.person[rows[table.kind[rows] == 390]])
    known = np.unique(table.person[table.kind == 310])
    again = np.flatnonzero(np.isin(table.person, starting) & (table.kind == 310))
    table.state[again], table.paused[again], table.changed[again] = INSURED, -1, world.day
    starting = np.setdiff1d(starting, known)
    _insure(world, starting, 310, chance.below("job/employer", starting, len(world.owned)))


def _correct(world: World, chance: Chance) -> None:
    """Public Security corrects a mistyped number: the row under the wrong key goes, one under the right key comes."""
    table = world.registrations
    wrong = np.flatnonzero((table.wrong == 1) & (table.removed < 0) & (table.cancel == 0))
    wrong = wrong[chance.hit("correction", wrong, CORRECTED)]
    if len(wrong) == 0:
        return
    table.removed[wrong], table.changed[wrong] = world.day, world.day
    day, zero = np.full(len(wrong), world.day), np.zeros(len(wrong))
    extend(
        table, person=table.person[wrong], household=table.household[wrong], county=table.county[wrong], second=zero, wrong=zero, moved_in=table.moved_in[wrong],
        cancel=zero, created=day, changed=day,
    )  # fmt: skip
