"""ps_person 户籍人口: household registration, with cancelled registrations."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from demo import dates, places, vocabulary, wrong_ids
from demo.chance import Bools, Chance, Ints
from demo.feeds import Feed, Sent
from demo.feeds.person_texts import births, ethnic, names, sexes
from demo.feeds.spoilt import mojibake
from demo.feeds.times import updated
from demo.kinds import BIT
from demo.person_facts import HUKOU, dwellings, household_numbers
from demo.population import CHILD, FATHER, HEAD, MOTHER, SPOUSE
from demo.texts import NULL, Column, either, from_codes, from_digits, join, number, plain, put, take
from demo.world import World

CANCELLED = ("", "01", "02", "03")  # as world.DIED, MOVED_OUT, DUPLICATE
CUT = (
    "\U0010ffff"  # stands for the first byte of a character cut at the field's end; the writer turns it into that byte
)


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Registrations by row of world.registrations."""
    chance, people, table = Chance(world.seed), world.people, world.registrations
    person = table.person[rows]
    keys = rows * 8 + 2 + 4 * older.astype(np.int64)
    flags = np.zeros(len(rows), dtype=np.int64)
    second = table.second[rows] == 1
    numbers = np.where(second[:, None], people.second_numbers[person], people.numbers[person])
    wrong = np.flatnonzero(table.wrong[rows] == 1)
    numbers[wrong] = wrong_ids.mistype(chance, person[wrong] * 8 + 2, numbers[wrong])
    flags[wrong] |= BIT["id_typo"]
    id_text = from_digits(numbers)
    household = household_numbers(table.household[rows])
    source_key = join(household, "|", id_text)
    lower = np.flatnonzero((numbers[:, 17] == ord("X")) & chance.hit("ps/lower", keys, 0.02))
    flags[lower] |= BIT["id_form"]
    sent_id = put(id_text, lower, plain(pc.utf8_lower(id_text.take(lower))))
    listed = (people.second_numbers[person, 0] != 0) & chance.hit("former listed", person, 0.6)
    flags[second & ~listed] |= BIT["id_second"]
    flags[second & listed] |= BIT["id_settled"]  # the register itself lists it as former
    listed &= ~second
    former_number = np.where(people.second_numbers[person] == 0, 48, people.second_numbers[person]).astype(np.uint8)
    area = number(places.counties().codes[table.county[rows]])
    born_code = numbers[:, :6]
    columns = {
        "household_no": household,
        "relation": relations(world, chance, person, keys, flags),
        "id_no": sent_id,
        "former_id": either(listed, from_digits(former_number), NULL),
        "name": names(chance, people, person, keys, 0.003, older, flags),
        "former_name": either(people.former_names[person, 0] != 0, from_codes(people.former_names[person]), NULL),
        "sex": sexes(chance, people, person, keys, ("1", "2"), 0.0001, flags),
        "ethnic": ethnic(chance, people, person, keys, flags, codes_only=True),
        "birth_date": births(chance, people, person, keys, dates.DIGITS, 0.0004, 0.0, flags),
        "birthplace": from_digits(born_code),
        "native_place": either(chance.hit("ps/native", person, 0.1), area, from_digits(born_code)),
        "marital": number(world.life.marital[person]),
        "education": educations(world, chance, person),
        "hukou_addr": addresses(world, chance, rows, keys, flags),
        "hukou_area": area,
        "police_station": join(area, number(chance.between("ps/station", people.village[person], 1, 40) * 10000, 6)),
        "move_in": dates.of_days(table.moved_in[rows], dates.DIGITS),
        "cancel_reason": take(list(CANCELLED), table.cancel[rows]),
        "cancel_date": dates.of_days(table.cancelled[rows], dates.DIGITS),
        "updated": updated(chance, world, table.changed[rows], keys, older, table.cancelled[rows], digits=True),
    }
    return Sent(columns, source_key, person, flags, np.full(len(rows), -1, dtype=np.int64))


def relations(world: World, chance: Chance, person: Ints, keys: Ints, flags: Ints) -> Column:
    """Relation to the head of household, GB/T 4761."""
    people = world.people
    male = people.sex[person] == 1
    code = np.full(len(person), 97, dtype=np.int64)
    role = people.role[person]
    code[role == HEAD] = 2
    code[role == SPOUSE] = 10
    code[(role == CHILD) & male] = 20
    code[(role == CHILD) & ~male] = 30
    code[role == FATHER] = 51
    code[role == MOTHER] = 52
    text = number(code, 2)
    odd = np.flatnonzero(chance.hit("relation/odd", keys, 0.002))
    flags[odd] |= BIT["code_unmapped"]
    return put(text, odd, take(["00", "A1", "Z9"], chance.below("relation/odd/which", keys[odd], 3)))


def educations(world: World, chance: Chance, person: Ints) -> Column:
    """Education by age, GB/T 4658."""
    age = (world.first - world.people.birth[person]) / 365.2425
    codes = np.array([90, 80, 70, 60, 40, 30, 20, 10])
    young = chance.weighted("education/young", person, [0.01, 0.03, 0.22, 0.24, 0.1, 0.2, 0.18, 0.02])
    aged = chance.weighted("education/old", person, [0.15, 0.45, 0.27, 0.08, 0.02, 0.02, 0.01, 0.0])
    return number(
        codes[np.where(age < 6, 0, np.where(age < 13, 1, np.where(age < 16, 2, np.where(age > 55, aged, young))))]
    )


def addresses(world: World, chance: Chance, rows: Ints, keys: Ints, flags: Ints) -> Column:
    """Registered addresses; 0.02 % fill the field so that the last character is cut in two, 0.02 % came through a wrong encoding."""
    people, table = world.people, world.registrations
    household, county = table.household[rows] % 300_000_000, table.county[rows]
    kind = np.full(len(rows), HUKOU, dtype=np.int64)
    dwelling, county, urban = dwellings(chance, household, county, people.urban[table.person[rows]], kind)
    form = chance.weighted("address/form", keys, [92, 3, 2, 0, 1, 0, 2])
    text = places.addresses(chance, dwelling, county, urban, form, chance.weighted("address/odd", keys, [80, 15, 5]))
    cut = np.flatnonzero(chance.hit("ps/cut", keys, 0.0002))
    flags[cut] |= BIT["truncated"]
    filler = "".join(vocabulary.roads().words[:30])
    long = plain(pc.utf8_slice_codeunits(join(text.take(cut), filler), 0, 200))
    text = put(text, cut, join(long, CUT))
    lost = np.flatnonzero(chance.hit("ps/mojibake", keys, 0.0002))
    return mojibake(chance, keys, text, np.setdiff1d(lost, cut), flags)


FEED = Feed("ps_person", "person", render, table="registrations")
