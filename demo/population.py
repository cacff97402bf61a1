"""The people on the first day: households with couples, children, twins and old parents, in real places.

Every attribute is an array over persons; a person's index is the person's number for ever.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo import names as naming
from demo import places
from demo.chance import Bools, Chance, Ints
from demo.identifiers import citizen_numbers, years
from demo.texts import Codes, Digits

HEAD, SPOUSE, CHILD, FATHER, MOTHER = 0, 1, 2, 3, 4
SEQUENCE_FIRST, SEQUENCE_PLACES = 900, 48  # 900-995: 48 numbers a sex, code and birth date

# (weight, roles); a household's members keep this order
TEMPLATES: tuple[tuple[float, tuple[int, ...]], ...] = (
    (0.17, (HEAD,)),
    (0.21, (HEAD, SPOUSE)),
    (0.06, (HEAD, CHILD)),
    (0.20, (HEAD, SPOUSE, CHILD)),
    (0.03, (HEAD, SPOUSE, MOTHER)),
    (0.13, (HEAD, SPOUSE, CHILD, CHILD)),
    (0.05, (HEAD, SPOUSE, CHILD, MOTHER)),
    (0.07, (HEAD, SPOUSE, CHILD, CHILD, MOTHER)),
    (0.05, (HEAD, SPOUSE, CHILD, CHILD, FATHER, MOTHER)),
    (0.03, (HEAD, SPOUSE, CHILD, CHILD, CHILD)),
)

# Counties filled to their true number of people, small first; the sizes are round figures of the 2020 census.
WHOLE_COUNTIES: tuple[tuple[int, int], ...] = (
    (511827, 48_000),
    (513228, 42_000),
    (511826, 99_000),
    (513429, 185_000),
    (511825, 130_000),
    (513223, 95_000),
)
DENSE_COUNTY = 511824  # every person lives here in the `dense` layout


@dataclass
class People:
    """Arrays over persons; `birth` and other days count from 1970-01-01."""

    household: Ints
    role: Ints
    sex: Ints
    birth: Ints
    ethnic: Ints
    county: Ints  # index into places.counties()
    village: Ints  # key of the neighbourhood
    urban: Bools
    surname: Ints
    clan: Ints
    names: Codes
    former_names: Codes  # zeros where none
    numbers: Digits  # (n, 18)
    second_numbers: Digits  # zeros where none: a second, valid registration of the same person
    twin: Bools
    spouse: Ints  # index or -1
    head: Ints  # index of the head of household
    first_child: Ints  # index or -1

    def __len__(self) -> int:
        return len(self.sex)


def _households(chance: Chance, persons: int) -> tuple[Ints, Ints, Ints]:
    """(household, role, slot) of each person, exactly `persons` long."""
    mean = sum(w * len(r) for w, r in TEMPLATES) / sum(w for w, _ in TEMPLATES)
    count = int(persons / mean * 1.05) + 20
    chosen = chance.weighted("household/template", np.arange(count), [w for w, _ in TEMPLATES])
    sizes = np.array([len(r) for _, r in TEMPLATES], dtype=np.int64)[chosen]
    widest = max(len(r) for _, r in TEMPLATES)
    table = np.array([list(r) + [-1] * (widest - len(r)) for _, r in TEMPLATES], dtype=np.int64)
    household = np.repeat(np.arange(count), sizes)
    slot = np.arange(len(household)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return household[:persons], table[chosen[household], slot][:persons], slot[:persons]


def _home_counties(chance: Chance, households: int, layout: str, persons: int) -> Ints:
    """A county index for each household: whole counties at true density first, then the thin spread."""
    table = places.counties()
    index = {int(code): i for i, code in enumerate(table.codes)}
    keys = np.arange(households)
    if layout == "dense":
        return np.full(households, index[DENSE_COUNTY], dtype=np.int64)
    spread = chance.weighted("county", keys, table.weights)
    if layout == "spread":
        return spread
    shares: list[tuple[int, float]] = []
    for code, size in WHOLE_COUNTIES:
        if sum(s for _, s in shares) + size / persons <= 0.55:
            shares.append((index[code], size / persons))
    shares = shares or [(index[WHOLE_COUNTIES[0][0]], 0.45)]
    edges = np.cumsum([s for _, s in shares])
    where = np.searchsorted(edges, chance.uniform("county/whole", keys), side="right")
    whole = np.array([i for i, _ in shares] + [0], dtype=np.int64)
    return np.where(where < len(shares), whole[where], spread)


def _ethnic_groups(chance: Chance, keys: Ints, county: Ints) -> Ints:
    """Ethnic group codes of households by prefecture (5132 Aba, 5133 Ganzi, 5134 Liangshan) and county."""
    codes = places.counties().codes[county]
    draw = chance.uniform("ethnic", keys)
    mixes: dict[int, tuple[tuple[float, int], ...]] = {
        5134: ((0.54, 7), (0.55, 4), (0.56, 3), (0.57, 6)),
        5133: ((0.82, 4), (0.85, 7)),
        5132: ((0.57, 4), (0.75, 33), (0.78, 3)),
    }
    counties: dict[int, tuple[tuple[float, int], ...]] = {
        513401: ((0.22, 7), (0.24, 3)),
        513429: ((0.96, 7),),
        513223: ((0.88, 33), (0.93, 4)),
        510726: ((0.35, 33),),
        511133: ((0.5, 7),),
        511132: ((0.35, 7),),
        513228: ((0.9, 4), (0.93, 33)),
        511827: ((0.1, 4), (0.11, 7)),
        511824: ((0.12, 7), (0.125, 4)),
        513421: ((0.15, 7),),
        510525: ((0.08, 6),),
    }
    found = np.full(len(keys), 1, dtype=np.int64)
    rest = ((0.004, 7), (0.007, 4), (0.010, 3), (0.013, 6), (0.015, 15), (0.016, 11), (0.0165, 8))
    groups = [(np.flatnonzero(codes // 100 == p), mix) for p, mix in mixes.items()]
    groups.append((np.flatnonzero(~np.isin(codes // 100, list(mixes))), rest))
    groups += [(np.flatnonzero(codes == c), mix) for c, mix in counties.items()]
    for rows, mix in groups:
        edges = np.array([e for e, _ in mix])
        values = np.array([g for _, g in mix] + [1], dtype=np.int64)
        found[rows] = values[np.searchsorted(edges, draw[rows], side="right")]
    return found


def _births(chance: Chance, household: Ints, role: Ints, slot: Ints, today: int) -> tuple[Ints, Bools]:
    """(birth day, is twin) by role: spouses near each other, children after their mother, parents before the head."""
    count = int(household.max()) + 1
    keys = np.arange(count)
    has_child = np.zeros(count, dtype=bool)
    has_child[household[role == CHILD]] = True
    alone = np.bincount(household, minlength=count) == 1
    age = np.clip(44 + 12 * chance.normal("age/parent", keys), 21, 72)
    age = np.where(has_child, age, 25 + 62 * chance.uniform("age/pair", keys) ** 0.8)
    age = np.where(alone, 18 + 76 * chance.uniform("age/alone", keys), age)
    has_parent = np.zeros(count, dtype=bool)
    has_parent[household[role >= FATHER]] = True
    age = np.where(has_parent, np.minimum(age, 70), age)
    head_birth = (today - age * 365.2425).astype(np.int64)
    spouse_birth = head_birth + (700 + 1100 * chance.normal("age/gap", keys)).astype(np.int64)
    spouse_birth = np.minimum(spouse_birth, today - 20 * 366 - chance.below("age/grown", keys, 300))
    mother = np.maximum(head_birth, spouse_birth)
    person = np.arange(len(household))
    birth = head_birth[household]
    birth = np.where(role == SPOUSE, spouse_birth[household], birth)
    first = mother + (365 * (20 + 12 * chance.uniform("age/first", keys) ** 1.2)).astype(np.int64)
    first = np.minimum(first, today - 1 - chance.below("age/baby", keys, 900))
    gap = (320 + 2200 * chance.uniform("age/next", person)).astype(np.int64)
    order = np.where(role == CHILD, slot - np.where(slot > 0, 1, 0), 0)
    later = first[household] + gap * np.maximum(order, 0)
    earliest = mother[household] + 17 * 366 + 310 * (3 - order)  # three children at most, none of a child
    earlier = np.maximum(first[household] - gap * np.maximum(order, 0), earliest)
    child = np.where(later < today, later, earlier)
    birth = np.where(role == CHILD, child, birth)
    older = head_birth[household] - (365 * (21 + 13 * chance.uniform("age/elder", person))).astype(np.int64)
    oldest = today - 104 * 365 + chance.below("age/oldest", person, 5000)
    birth = np.where((role == FATHER) | (role == MOTHER), np.maximum(older, oldest), birth)
    follows = np.zeros(len(household), dtype=bool)
    follows[1:] = (household[1:] == household[:-1]) & (role[1:] == CHILD) & (role[:-1] == CHILD)
    twin = follows & chance.hit("twin", person, 0.045)
    twin[1:] &= ~twin[:-1]
    rows = np.flatnonzero(twin)
    birth[rows] = birth[rows - 1]
    heaped = np.flatnonzero((years(birth) < 1965) & ~twin & chance.hit("birth/heap", person, 0.004))
    birth[heaped] = (
        (birth[heaped].astype("datetime64[D]").astype("datetime64[Y]")).astype("datetime64[D]").astype(np.int64)
    )
    twin[rows - 1] = True
    return birth, twin


def _links(household: Ints, role: Ints) -> tuple[Ints, Ints, Ints]:
    """(head, spouse, first child) of each person as indices, -1 for none."""
    count = int(household.max()) + 1
    person = np.arange(len(household))
    head = np.full(count, -1, dtype=np.int64)
    partner = np.full(count, -1, dtype=np.int64)
    child = np.full(count, -1, dtype=np.int64)
    head[household[role == HEAD]] = person[role == HEAD]
    partner[household[role == SPOUSE]] = person[role == SPOUSE]
    children = np.flatnonzero(role == CHILD)[::-1]
    child[household[children]] = children
    spouse = np.where(role == HEAD, partner[household], np.where(role == SPOUSE, head[household], -1))
    return head[household], spouse, np.where(role <= SPOUSE, child[household], -1)


def sequences(chance: Chance, codes: Ints, births: Ints, sexes: Ints, twin: Bools, today: int) -> tuple[Ints, Ints]:
    """(birth days, sequence numbers): unique in code and birth date, 900-995, odd for men.

    A full place shifts the birth by a day. Numbers go by index order, so later persons never change earlier ones;
    twins and those born after `today` get neighbouring numbers.
    """
    births = births.copy()
    for _ in range(60):
        group = (codes * 200_000 + births + 80_000) * 2 + sexes % 2
        order = np.argsort(group, kind="stable")
        ordered = group[order]
        starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        rank = np.empty(len(group), dtype=np.int64)
        rank[order] = np.arange(len(group)) - np.repeat(starts, np.diff(np.append(starts, len(group))))
        full = rank >= SEQUENCE_PLACES
        if not full.any():
            break
        births[full] += 1
    else:
        raise RuntimeError("sequences: no free synthetic number within 60 days; found too many births in one county")
    place = group // 2
    twins = np.isin(place, np.unique(place[twin])) | (births > today)
    strides = np.array([5, 7, 11, 13, 17, 19, 23], dtype=np.int64)
    stride = np.where(twins, 1, strides[chance.below("sequence/stride", group, len(strides))])
    start = chance.below("sequence/start", np.where(twins, place, group), SEQUENCE_PLACES)
    slot = (start + rank * stride) % SEQUENCE_PLACES
    return births, SEQUENCE_FIRST + 2 * slot + sexes % 2


def make(chance: Chance, persons: int, today: int, layout: str = "province") -> People:
    """The first day's people. `layout`: province (whole counties and a thin spread), spread, or dense (one county)."""
    household, role, slot = _households(chance, persons)
    count = int(household.max()) + 1
    keys, person = np.arange(count), np.arange(persons)
    county = _home_counties(chance, count, layout, persons)
    birth, twin = _births(chance, household, role, slot, today)
    head, spouse, first_child = _links(household, role)
    village = county * 1000 + (chance.uniform("village", keys) ** 1.3 * places.counties().village_count[county]).astype(
        np.int64
    )
    ethnic = np.where(
        chance.hit("ethnic/other", person, 0.02),
        _ethnic_groups(chance, person + 5, county[household]),
        _ethnic_groups(chance, keys, county)[household],
    )
    couple = np.bincount(household[role == SPOUSE], minlength=count) > 0
    head_sex = np.where(chance.hit("sex/head", keys, np.where(couple, 0.82, 0.55)), 1, 2)
    sex = np.where(role == HEAD, head_sex[household], np.where(role == SPOUSE, 3 - head_sex[household], 0))
    sex = np.where(role == CHILD, np.where(chance.hit("sex/child", person, 0.52), 1, 2), sex)
    second = np.flatnonzero(twin & np.concatenate([[False], twin[:-1] & (birth[1:] == birth[:-1])]))
    alike = second[chance.hit("sex/twin", second, 0.5)]
    sex[alike] = sex[alike - 1]
    sex = np.where(role == FATHER, 1, np.where(role == MOTHER, 2, sex)).astype(np.int64)
    family = naming.surname_of(chance, keys, village, county)
    married_in = naming.surname_of(chance, person + 10_000_000, village[household], county[household])
    father_is_head = np.where(couple, head_sex == 1, True)
    spouse_name = np.zeros(count, dtype=np.int64)
    spouse_name[household[role == SPOUSE]] = married_in[role == SPOUSE]
    child_name = np.where(father_is_head, family, spouse_name)
    surname = np.where(
        (role == HEAD) | (role == FATHER), family[household], np.where(role == CHILD, child_name[household], married_in)
    )
    clans = naming.clan_of(chance, keys)
    clan = np.where((role == SPOUSE) | (role == MOTHER), naming.clan_of(chance, person + 10_000_000), clans[household])
    shared = np.where((role == CHILD) & chance.hit("given/kin", household, 0.3), household, -1)
    shared = np.where(twin & chance.hit("given/kin/twin", household, 0.6), household, shared)
    names = naming.full_names(chance, person, ethnic, sex, years(birth), surname, clan, shared)
    codes = places.number_codes(chance, person, county[household], years(birth))
    doubled = np.flatnonzero(chance.hit("second number", person, 0.002) & (birth < today - 20 * 365))
    births, numbers, second_numbers = _numbers(chance, codes, birth, sex, twin, doubled, county[household], today)
    former = naming.full_names(
        chance, person + 20_000_000, ethnic, sex, years(birth), surname, clan, np.full(persons, -1)
    )
    former[~chance.hit("former name", person, np.where(sex == 2, 0.012, 0.008)) | (birth > today - 8 * 365)] = 0
    return People(
        household,
        role,
        sex,
        births,
        ethnic,
        county[household],
        village[household],
        chance.hit("urban", household, 0.45),
        surname,
        clan,
        names,
        former,
        numbers,
        second_numbers,
        twin,
        spouse,
        head,
        first_child,
    )


def _numbers(
    chance: Chance, codes: Ints, birth: Ints, sex: Ints, twin: Bools, doubled: Ints, county: Ints, today: int
) -> tuple[Ints, Digits, Digits]:
    """(birth days, numbers, second numbers); second registrations take places of their own, half with another birth date."""
    moved = np.where(chance.hit("second/birth", doubled, 0.5), chance.between("second/days", doubled, -400, 60), 0)
    other_county = chance.weighted("second/county", doubled, places.counties().weights)
    home = np.where(chance.hit("second/home", doubled, 0.6), county[doubled], other_county)
    second_birth = birth[doubled] + moved
    second_code = places.number_codes(chance, doubled + 30_000_000, home, years(second_birth))
    births, sequence = sequences(
        chance,
        np.concatenate([codes, second_code]),
        np.concatenate([birth, second_birth]),
        np.concatenate([sex, sex[doubled]]),
        np.concatenate([twin, np.zeros(len(doubled), dtype=bool)]),
        today,
    )
    every = citizen_numbers(np.concatenate([codes, second_code]), births, sequence)
    second = np.zeros((len(birth), 18), dtype=np.uint8)
    second[doubled] = every[len(birth) :]
    return births[: len(birth)], every[: len(birth)], second
