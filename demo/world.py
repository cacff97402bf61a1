"""The province on one day: its people and businesses, and the files that departments keep on them.

A row of a file keeps its index for ever. `created` and `changed` are day numbers, 0 for the first day; a delta of day n
is the rows changed on day n. `removed` rows were taken out that day (op D).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from demo import business_dossiers, dossiers, entitlements, vocabulary
from demo import businesses as biz
from demo import population as pop
from demo.chance import Bools, Chance, Ints
from demo.dossiers import Dossiers
from demo.population import HEAD, SPOUSE, People

DIED, MOVED_OUT, DUPLICATE = 1, 2, 3
CARD_MADE, CARD_NORMAL, CARD_LOST, CARD_CANCELLED, CARD_REPLACED = range(5)
INSURED, SUSPENDED, ENDED = 1, 2, 4
UNMARRIED, MARRIED, WIDOWED, DIVORCED = 10, 20, 30, 40


@dataclass
class Registrations:
    """Rows of ps_person."""

    person: Ints
    household: Ints
    county: Ints
    second: Ints  # 1 where this is the person's cancelled second registration
    wrong: Ints  # 1 while the number is mistyped
    moved_in: Ints
    cancel: Ints  # DIED, MOVED_OUT, DUPLICATE or 0
    cancelled: Ints  # day or -1
    created: Ints
    changed: Ints
    removed: Ints

    def __len__(self) -> int:
        return len(self.person)


@dataclass
class Cards:
    """Rows of hrss_card."""

    person: Ints
    serial: Ints
    owner: Ints  # whose series the number is from: 2 % bear the number of a stranger's card of another issuing area
    county: Ints  # issuing area
    issued: Ints
    status: Ints
    extra: Ints  # 1 for a second active card that should have been cancelled
    created: Ints
    changed: Ints

    def __len__(self) -> int:
        return len(self.person)


@dataclass
class Insurances:
    """Rows of nhsa_insured."""

    person: Ints
    kind: Ints  # 310, 330, 390
    county: Ints
    state: Ints
    since: Ints
    paused: Ints  # day or -1
    employer: Ints  # business or -1
    created: Ints
    changed: Ints

    def __len__(self) -> int:
        return len(self.person)


@dataclass
class Registered:
    """Rows of mr_entity or tax_payer."""

    business: Ints
    created: Ints
    changed: Ints

    def __len__(self) -> int:
        return len(self.business)


@dataclass
class Life:
    """What happened to people besides the files; arrays over persons."""

    died: Ints  # day or -1
    marital: Ints
    phone: Ints  # version of the phone number

    def __len__(self) -> int:
        return len(self.died)


@dataclass
class World:
    """Everything on day `day` (0 = first)."""

    seed: int
    first: int  # first day, since 1970-01-01
    day: int
    households: int
    people: People
    life: Life
    registrations: Registrations
    cards: Cards
    insurances: Insurances
    owned: biz.Businesses
    entities: Registered
    taxpayers: Registered
    dossiers: dict[str, Dossiers] = field(default_factory=dict)  # by feed: files that say one thing of a subject

    @property
    def today(self) -> int:
        """The day since 1970-01-01."""
        return self.first + self.day


def start(seed: int, persons: int, first: int) -> World:
    """The province on the first day."""
    chance = Chance(seed)
    people = pop.make(chance, persons, first, "province")
    owned = biz.make(chance, people, max(persons // 9, 40), first)
    biz.make_unique(owned, people, len(vocabulary.trade_names()))
    life = _lives(chance, people, first)
    world = World(
        seed, first, 0, int(people.household.max()) + 1, people, life, _registrations(chance, people, life, first),
        _cards(chance, people, life, first), _insurances(chance, people, life, owned, first), owned,
        _registered(chance, owned, "mr", 0.985), _registered(chance, owned, "tax", 0.86),
    )  # fmt: skip
    world.dossiers = dossiers.begin(world, chance) | business_dossiers.begin(world, chance)
    world.dossiers |= entitlements.begin(world, chance)
    return world


def _lives(chance: Chance, people: People, first: int) -> Life:
    person = np.arange(len(people))
    age = (first - people.birth) / 365.2425
    dead = chance.hit("dead", person, np.where(age > 60, 0.035, 0.0015))
    died = np.where(dead, first - 5 - chance.below("dead/days", person, 700), -1)
    alone = np.where(
        age < 24,
        UNMARRIED,
        np.where(age > 66, WIDOWED, np.where(chance.hit("divorced", person, 0.25), DIVORCED, UNMARRIED)),
    )
    widowed = (people.spouse >= 0) & (died[people.spouse] >= 0)
    marital = np.where(people.spouse >= 0, np.where(widowed, WIDOWED, MARRIED), alone)
    return Life(died.astype(np.int64), marital.astype(np.int64), np.ones(len(people), dtype=np.int64))


def _registrations(chance: Chance, people: People, life: Life, first: int) -> Registrations:
    person = np.arange(len(people))
    held = person[chance.hit("ps/held", person, 0.975)]
    doubled = person[(people.second_numbers[:, 0] != 0) & chance.hit("ps/double", person, 0.5)]
    who = np.concatenate([held, doubled])
    second = np.concatenate([np.zeros(len(held), dtype=np.int64), np.ones(len(doubled), dtype=np.int64)])
    key = who * 2 + second
    dead = (life.died[who] >= 0) & (second == 0)
    cancel = np.where(second == 1, DUPLICATE, np.where(dead, DIED, 0))
    cancelled = np.where(
        second == 1, 17000 + chance.below("ps/cancelled", key, 900), np.where(dead, life.died[who], -1)
    )
    wrong = (second == 0) & (cancel == 0) & chance.hit("ps/wrong", key, 0.002)
    arrived = np.where(chance.hit("ps/arrived", key, 0.25), first - 200 - chance.below("ps/arrival", key, 9000), -1)
    arrived = np.where(arrived < people.birth[who], -1, arrived)
    zero = np.zeros(len(who), dtype=np.int64)
    return Registrations(
        who, np.where(second == 1, people.household[who] + 300_000_000, people.household[who]), people.county[who], second, wrong.astype(np.int64), arrived,
        cancel, cancelled, zero, zero.copy(), zero - 1,
    )  # fmt: skip


def _cards(chance: Chance, people: People, life: Life, first: int) -> Cards:
    person = np.arange(len(people))
    age = (first - people.birth) / 365.2425
    count = 1 + chance.hit("card/2", person, np.where(age > 12, 0.55, 0.05)).astype(np.int64)
    count += (count == 2) & chance.hit("card/3", person, 0.22)
    count[~chance.hit("card/held", person, np.where(age < 1, 0.5, 0.975))] = 0
    who = np.repeat(person, count)
    serial = np.arange(len(who)) - np.repeat(np.cumsum(count) - count, count)
    last = serial == count[who] - 1
    key = who * 16 + serial
    newest = first - 30 - chance.below("card/newest", who, 2400)
    issued = np.maximum(
        newest - (count[who] - 1 - serial) * (1300 + chance.below("card/gap", who, 900)), people.birth[who] + 20
    )
    draw = chance.uniform("card/status", key)
    status = np.where(
        draw < 0.004, CARD_MADE, np.where(draw < 0.97, CARD_NORMAL, np.where(draw < 0.98, CARD_LOST, CARD_NORMAL))
    )
    dead = (life.died[who] >= 0) & ~chance.hit("card/survives", who, 0.4)
    status = np.where(last & dead & (status == CARD_NORMAL), CARD_CANCELLED, status)
    extra = ~last & (serial == count[who] - 2) & chance.hit("card/extra", who, 0.005) & (life.died[who] < 0)
    earlier = np.where(chance.hit("card/lost", key, 0.2), CARD_CANCELLED, CARD_REPLACED)
    status = np.where(last, status, np.where(extra, CARD_NORMAL, earlier)).astype(np.int64)
    county = np.where(
        chance.hit("card/elsewhere", who, 0.04),
        people.county[people.head[who] - people.head[who] % 7],
        people.county[who],
    )
    zero = np.zeros(len(who), dtype=np.int64)
    owner = _number_owners(chance, who, serial, county, count)
    return Cards(who, serial, owner, county, issued, status, extra.astype(np.int64), zero, zero.copy())


def _number_owners(chance: Chance, who: Ints, serial: Ints, county: Ints, count: Ints) -> Ints:
    """Issuing areas give numbers without asking each other: odd persons may bear the even neighbour's number elsewhere."""
    other = np.where(who % 2 == 1, who - 1, who)
    row = (np.cumsum(count) - count)[other] + serial
    there = (other != who) & (count[other] > serial) & chance.hit("card/also", who // 2, 0.02)
    row = np.where(there, row, 0)
    return np.where(there & (county[row] != county), other, who)


def _insurances(chance: Chance, people: People, life: Life, owned: biz.Businesses, first: int) -> Insurances:
    person = np.arange(len(people))
    age = (first - people.birth) / 365.2425
    worker = chance.hit(
        "insured/worker",
        person,
        np.where((age > 20) & (people.urban | (age < 45)), 0.45, np.where(age > 20, 0.12, 0.0)),
    )
    held = chance.hit("insured/held", person, np.where(age < 1, 0.7, 0.98))
    both = worker & chance.hit("insured/both", person, 0.014)
    former = worker & ~both & chance.hit("insured/former", person, 0.35)
    parts = [
        (person[held & ~worker], 390, INSURED), (person[held & worker], 310, INSURED), (person[held & worker & chance.hit("insured/large", person, 0.55)], 330, INSURED),
        (person[held & both], 390, INSURED), (person[held & former], 390, ENDED),
        (person[held & ~worker & (age > 24) & chance.hit("insured/once", person, 0.16)], 310, SUSPENDED),
    ]  # fmt: skip
    who = np.concatenate([p for p, _, _ in parts])
    kind = np.concatenate([np.full(len(p), k, dtype=np.int64) for p, k, _ in parts])
    state = np.concatenate([np.full(len(p), s, dtype=np.int64) for p, _, s in parts])
    order = np.lexsort((kind, who))
    who, kind, state = who[order], kind[order], state[order]
    dead = (life.died[who] >= 0) & ~chance.hit("insured/survives", who, 0.25)
    state = np.where(dead, ENDED, state)
    key = who * 1000 + kind
    since = np.maximum(people.birth[who] + 10, first - 300 - chance.below("insured/since", key, 5000))
    paused = np.where(
        state == INSURED, -1, np.where(life.died[who] >= 0, life.died[who], np.minimum(since + 200, first - 20))
    )
    employer = np.where(kind == 390, -1, chance.below("insured/employer", who, max(len(owned), 1)))
    zero = np.zeros(len(who), dtype=np.int64)
    return Insurances(who, kind, people.county[who], state, since, paused, employer, zero, zero.copy())


def _registered(chance: Chance, owned: biz.Businesses, feed: str, share: float) -> Registered:
    every = np.arange(len(owned))
    held = every[chance.hit(f"{feed}/held", every, share)]
    zero = np.zeros(len(held), dtype=np.int64)
    return Registered(held, zero, zero.copy())


def is_alive(world: World) -> Bools:
    """Persons alive."""
    return world.life.died < 0


def heads_and_spouses(people: People) -> Bools:
    """Adults who can marry or have children in their household."""
    return (people.role == HEAD) | (people.role == SPOUSE)
