"""hrss_card 持卡库: every card a person was ever given, with holder, bank side and contact."""

from __future__ import annotations

import numpy as np

from demo import dates, places
from demo.chance import Bools, Chance, Ints, scramble
from demo.feeds import Feed, Sent
from demo.feeds.person_texts import births, ethnic, ids, names, sexes
from demo.feeds.spoilt import with_comma
from demo.feeds.times import updated
from demo.identifiers import with_luhn_check
from demo.kinds import BIT
from demo.person_facts import FORMER, LIVING, cadre_phones, card_texts, dwellings, phone_numbers
from demo.texts import Column, Digits, digits, fill, from_digits, join, number, put, take
from demo.world import CARD_CANCELLED, CARD_NORMAL, World

STATUS = ("0", "1", "2", "4", "5")  # made, normal, lost, cancelled, replaced: as world.CARD_*
STATUS_WORDS = ("已制未领", "正常", "挂失", "注销", "已补换")
BANKS = ("102", "103", "104", "105", "402", "403")
_HEX = np.frombuffer(b"0123456789ABCDEF", dtype=np.uint8)
RATES = {
    "id_15": 0.003,
    "id_typo": 0.003,
    "id_excel": 0.001,
    "id_relative": 0.0015,
    "id_missing": 0.004,
    "id_placeholder": 0.0004,
}


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Cards by row of world.cards."""
    chance, people, cards = Chance(world.seed), world.people, world.cards
    person, serial = cards.person[rows], cards.serial[rows]
    keys = (person * 16 + serial) * 8 + 1 + 4 * older.astype(np.int64)
    flags = np.zeros(len(rows), dtype=np.int64)
    owners = np.full(len(rows), -1, dtype=np.int64)
    number_text = ids(chance, people, person, keys, RATES, older, 0.0005, flags, owners)
    area = number(places.counties().codes[cards.county[rows]])
    status = cards.status[rows]
    in_force = np.bincount(cards.person[cards.status == CARD_NORMAL], minlength=len(people))
    flags[(cards.extra[rows] == 1) & (status == CARD_NORMAL) & (in_force[person] > 1)] |= BIT["two_cards"]
    dead = world.life.died[person] >= 0
    flags[dead & (status == CARD_NORMAL)] |= BIT["dead_but_active"]
    state = take([*STATUS, *STATUS_WORDS], status + 5 * chance.hit("card/word", keys, 0.02))
    odd = np.flatnonzero(chance.hit("card/odd", keys, 0.002))
    flags[odd] |= BIT["code_unmapped"]
    state = put(state, odd, take(["9", "A", "正式"], chance.below("card/odd/which", keys[odd], 3)))
    issued = cards.issued[rows]
    generation = np.where(issued < 15300, 1, np.where(issued < 17800, 2, 3))
    account = np.where(status == CARD_CANCELLED, 4, np.where(chance.hit("account/inactive", keys, 0.04), 0, 1))
    flags[(account == 0) & (status == CARD_NORMAL)] |= BIT["account_inactive"]  # of a card in force only is it a defect
    expiry = dates.of_days(issued + 3653, dates.DIGITS)
    endless = np.flatnonzero(chance.hit("card/endless", keys, 0.002))
    flags[endless] |= BIT["date_form"]
    expiry = put(expiry, endless, take(["99991231", "长期", "00000000"], chance.below("card/expiry", keys[endless], 3)))
    address = addresses(world, chance, person, keys, older, flags)
    comma = np.flatnonzero(chance.hit("card/comma", keys, 0.0002))
    address = with_comma(address, comma, flags)
    card_no = card_texts(cards.owner[rows], serial)
    columns = {
        "ssn": number_text,
        "name": names(chance, people, person, keys, 0.012, older, flags),
        "sex": sexes(chance, people, person, keys, ("1", "2"), 0.0008, flags),
        "ethnic": ethnic(chance, people, person, keys, flags),
        "birth_date": births(chance, people, person, keys, dates.DIGITS, 0.003, 0.01, flags),
        "cert_type": take(["01", "居民身份证", "身份证"], chance.weighted("cert/type", keys, [0.985, 0.01, 0.005])),
        "cert_no": number_text,
        "card_no": card_no,
        "card_code": card_codes(chance, area, keys),
        "issue_area": area,
        "generation": number(generation),
        "issue_date": dates.of_days(issued, dates.DIGITS),
        "valid_to": expiry,
        "card_status": state,
        "bank": take(list(BANKS), bank(chance, person, serial)),
        "bank_card_no": bank_cards(chance, person, serial, keys, flags),
        "acct_status": number(account),
        "mobile": mobiles(world, chance, person, keys, older, flags),
        "address": address,
        "ecard": number(chance.hit("ecard", person, 0.6).astype(np.int64) * (status == CARD_NORMAL)),
        "updated": updated(chance, world, cards.changed[rows], keys, older, issued),
    }
    return Sent(columns, join(area, "|", card_no), person, flags, owners)


def bank(chance: Chance, person: Ints, serial: Ints) -> Ints:
    """Index into BANKS."""
    return chance.weighted("bank", person * 16 + serial, [0.25, 0.2, 0.15, 0.2, 0.15, 0.05])


def bank_numbers(person: Ints, serial: Ints, bank_index: Ints) -> Digits:
    """Valid bank card numbers (19 digits, Luhn), unique a card."""
    prefixes = np.array([621558, 622848, 621661, 621081, 622443, 621799], dtype=np.int64)
    body = np.hstack([digits(prefixes[bank_index], 6), digits(scramble(person * 16 + serial, 10**10), 12)])
    return with_luhn_check(body.astype(np.uint8))


def bank_cards(chance: Chance, person: Ints, serial: Ints, keys: Ints, flags: Ints) -> Column:
    """Bank card numbers, 0.2 % with a wrong digit."""
    matrix = bank_numbers(person, serial, bank(chance, person, serial))
    wrong = np.flatnonzero(chance.hit("bank/wrong", keys, 0.002))
    place = chance.between("bank/place", keys[wrong], 6, 17)
    matrix[wrong, place] = (matrix[wrong, place] - 48 + chance.between("bank/by", keys[wrong], 1, 9)) % 10 + 48
    flags[wrong] |= BIT["bank_card_wrong"]
    return from_digits(matrix)


def card_codes(chance: Chance, area: Column, keys: Ints) -> Column:
    """Card identification codes: division code and 26 hexadecimal characters."""
    left, right = chance.bits("card code/1", keys), chance.bits("card code/2", keys)
    shifts = np.arange(0, 52, 4, dtype=np.uint64)
    nibbles = np.hstack([(bits[:, None] >> shifts) & np.uint64(15) for bits in (left, right)])
    return join(area, from_digits(_HEX[nibbles.astype(np.int64)]))


def mobiles(world: World, chance: Chance, person: Ints, keys: Ints, older: Bools, flags: Ints) -> Column:
    """Phones: some the village cadre's, some from before, 8 % missing."""
    people, version = world.people, world.life.phone
    back = older | chance.hit("phone/stale", keys, 0.05)
    value = phone_numbers(chance, people, person, world.first, version)
    rows = np.flatnonzero(back)
    value[rows] = phone_numbers(chance, people, person[rows], world.first, version - 1)
    flags[rows] |= BIT["phone_old"]
    cadre = chance.hit("phone/cadre", person, np.where(people.urban[person], 0.005, 0.055))
    flags[cadre] |= BIT["phone_shared"]
    value[cadre] = cadre_phones(people, person[cadre])
    text = number(value)
    none = np.flatnonzero(chance.hit("phone/none", person, 0.08))
    flags[none] &= ~(BIT["phone_old"] | BIT["phone_shared"])
    return fill(text, none, None)


def addresses(world: World, chance: Chance, person: Ints, keys: Ints, older: Bools, flags: Ints) -> Column:
    """Where people live, some from before, written in many ways."""
    people = world.people
    moved = older | chance.hit("address/stale", keys, 0.05)
    flags[moved] |= BIT["address_moved"]
    dwelling, county, urban = dwellings(
        chance, people.household[person], people.county[person], people.urban[person], np.where(moved, FORMER, LIVING)
    )
    form = chance.weighted("address/form", keys, [50, 14, 12, 6, 8, 4, 3])
    text = places.addresses(
        chance, dwelling, county, urban, form, chance.weighted("address/odd", keys, [70, 10, 12, 8])
    )
    empty = np.flatnonzero(chance.hit("address/empty", keys, 0.006))
    return put(text, empty, take(["无", "同上", "集体户", "不详"], chance.below("address/empty/which", keys[empty], 4)))


FEED = Feed("hrss_card", "person", render, table="cards")
