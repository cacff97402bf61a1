"""nhsa_insured 医保参保: one row a person and kind of medical insurance."""

from __future__ import annotations

import numpy as np

from demo import businesses as biz
from demo import dates, places
from demo.chance import Bools, Chance, Ints, scramble
from demo.feeds import Feed, Sent
from demo.feeds.person_texts import births, ethnic, ids, names, sexes
from demo.feeds.times import updated
from demo.kinds import BIT
from demo.texts import NULL, Column, either, join, number, put, take
from demo.world import INSURED, World

RATES = {
    "id_15": 0.002,
    "id_typo": 0.002,
    "id_excel": 0.0,
    "id_relative": 0.001,
    "id_missing": 0.004,
    "id_placeholder": 0.0005,
    "id_form": 0.004,
}


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Insurances by row of world.insurances."""
    chance, people, table = Chance(world.seed), world.people, world.insurances
    person, kind = table.person[rows], table.kind[rows]
    keys = (person * 1000 + kind) * 8 + 3 + 4 * older.astype(np.int64)
    same = (
        person * 8 + 3 + 4 * older.astype(np.int64)
    )  # what the bureau knows of a person is the same in all of the person's rows
    flags = np.zeros(len(rows), dtype=np.int64)
    area = number(places.counties().codes[table.county[rows]])
    psn_no = join(area, number(10**10 + scramble(person, 10**10), 20))
    state = table.state[rows]
    flags[(world.life.died[person] >= 0) & (state == INSURED)] |= BIT["dead_but_active"]
    flags[excluded(world)[rows]] |= BIT["two_insurances"]
    worker = kind != 390
    age = (world.first - people.birth[person]) / 365.2425
    cadre = chance.hit("insured/veteran", person, 0.002)
    psn_type = np.where(worker, np.where(age > 60, np.where(cadre, 2, 1), 0), np.where((age > 3) & (age < 19), 4, 3))
    type_text = take(["11", "12", "13", "14", "15"], psn_type)
    odd = np.flatnonzero(chance.hit("insured/odd", keys, 0.002))
    flags[odd] |= BIT["code_unmapped"]
    type_text = put(type_text, odd, take(["99", "1101", "居民2"], chance.below("insured/odd/which", keys[odd], 3)))
    employer = table.employer[rows]
    named = worker & (employer >= 0)
    owners = np.full(len(rows), -1, dtype=np.int64)
    id_text = ids(chance, people, person, same, RATES, older, 0.0004, flags, owners)
    name = names(chance, people, person, same, 0.01, older, flags)
    swap = np.flatnonzero(chance.hit("columns swapped", keys, 0.0002))
    kept = name.take(swap)
    name, id_text = put(name, swap, id_text.take(swap)), put(id_text, swap, kept)
    flags[swap] |= BIT["id_name_swapped"]
    told = chance.hit("insured/naty", same, 0.85)
    ethnic_flags = flags.copy()
    ethnic_text = ethnic(chance, people, person, same, ethnic_flags, codes_only=True)
    flags[told] = ethnic_flags[told]
    columns = {
        "psn_no": psn_no,
        "psn_cert_type": take(
            ["01", "居民身份证(户口簿)", "居民身份证"], chance.weighted("cert/type", same, [0.99, 0.006, 0.004])
        ),
        "certno": id_text,
        "psn_name": name,
        "gend": sexes(chance, people, person, same, ("1", "2"), 0.0008, flags),
        "naty": either(told, ethnic_text, NULL),
        "brdy": births(chance, people, person, same, dates.DASHES, 0.003, 0.01, flags),
        "insutype": number(kind),
        "psn_type": type_text,
        "psn_insu_stas": number(state),
        "insu_optins": area,
        "crt_insu_date": dates.of_days(table.since[rows], dates.DASHES),
        "paus_insu_date": dates.of_days(table.paused[rows], dates.DASHES),
        "emp_no": either(named, join("U", number(scramble(np.maximum(employer, 0), 10**10), 12)), NULL),
        "emp_name": employers(world, employer, named),
        "updt_time": updated(chance, world, table.changed[rows], keys, older, table.since[rows]),
    }
    return Sent(columns, join(psn_no, "|", number(kind)), person, flags, owners)


def employers(world: World, employer: Ints, named: Bools) -> Column:
    """Registered names of employers, null where there is none."""
    distinct, which = np.unique(np.where(named, employer, 0), return_inverse=True)
    words = biz.registered_names(world.owned, world.people, distinct)
    return either(named, take(words, which), NULL)


def excluded(world: World) -> Bools:
    """Rows of persons whose residents' and employees' insurance are both in force."""
    table = world.insurances
    count = np.zeros((2, len(world.people)), dtype=np.int64)
    on = table.state == INSURED
    np.add.at(count[0], table.person[on & (table.kind == 390)], 1)
    np.add.at(count[1], table.person[on & (table.kind == 310)], 1)
    both = (count[0] > 0) & (count[1] > 0)
    return both[table.person] & on & np.isin(table.kind, (310, 390))


FEED = Feed("nhsa_insured", "person", render, table="insurances")
