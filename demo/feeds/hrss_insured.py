"""hrss_insured 社保参保: pension, unemployment and work injury insurance, one row a person and kind of insurance."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from demo import dates, wrong_businesses
from demo.chance import Bools, Ints, scramble
from demo.feeds import Feed, Sent
from demo.feeds.nhsa_insured import employers
from demo.feeds.page import Page, open_page
from demo.feeds.times import updated
from demo.kinds import BIT
from demo.texts import NULL, Column, either, join, nulls, number, put, take
from demo.world import World

RATES = {"id_15": 0.02, "id_missing": 0.004, "id_typo": 0.003, "id_excel": 0.0, "id_relative": 0.001}
PAYING = ("1", "2", "3", "参保缴费", "暂停缴费", "终止缴费")  # as the states of the dossier
RESIDENT = 170


def person_numbers(person: Ints) -> Column:
    """AAC001 of persons."""
    return join("51", number(scramble(person, 10**10) + 10**10, 14))


def unit_numbers(business: Ints) -> Column:
    """AAB001 of businesses."""
    return join("DW", number(scramble(np.maximum(business, 0), 10**10), 12))


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Insurances by row of the dossier."""
    page, table = open_page(world, "hrss_insured", 18, rows, older, by_person=True)
    chance, age = page.chance, (world.first - world.people.birth[page.subject]) / 365.2425
    named = table.other >= 0
    page.flags[(world.life.died[page.subject] >= 0) & (table.state < 2)] |= BIT["dead_but_active"]
    page.flags[_excluded(world)[rows]] |= BIT["two_insurances"]
    worker = table.kind != RESIDENT
    months = dates.of_days(world.first + table.changed - 20, dates.DIGITS)
    paid = either(table.state == 0, months, dates.of_days(table.since + 400, dates.DIGITS))
    state = page.codes(
        "AAC031", take(list(PAYING), table.state + 3 * chance.hit("AAC031/word", page.keys, 0.05)), ("9", "正常")
    )
    benefit = np.where(age >= 60, np.where(table.state == 2, 2, 1), 0)
    no = person_numbers(page.subject)
    columns = {
        "person_no": no,
        "ssn": page.ids(RATES, 0.0005),
        "name": page.names(0.015),
        "insurance": number(table.kind),
        "unit_no": either(named, unit_numbers(table.other), NULL),
        "unit_name": employers(world, table.other, named),
        "uscc": _codes(world, page, table.other),
        "person_state": page.codes(
            "AAC008", take(["1", "2", "4"], np.where(worker, np.where(age >= 60, 1, 0), 2)), ("0", "21")
        ),
        "payment_state": state,
        "since": dates.of_days(table.since, dates.DIGITS),
        "last_paid": take_month(paid),
        "benefit_state": number(benefit),
        "insured_area": page.areas(),
        "updated": updated(chance, world, table.changed, rows * 8 + 18 + 4 * older, older, table.since),
    }
    return page.sent(join(no, "|", number(table.kind)), columns)


def take_month(days: Column) -> Column:
    """YYYYMM of YYYYMMDD."""
    return pc.utf8_slice_codeunits(days, 0, 6)


def _codes(world: World, page: Page, business: Ints) -> Column:
    """Unified codes of employers: 5 % missing, 2 % an old number, some branches under their parent's."""
    rows = np.flatnonzero(business >= 0)
    flags = np.zeros(len(rows), dtype=np.int64)
    missing, old = np.full(len(rows), 0.05), np.full(len(rows), 0.02)
    text = wrong_businesses.unified_codes(
        page.chance, page.keys[rows], world.owned, business[rows], missing, old, flags
    )
    page.flags[rows] |= flags
    return put(nulls(len(business)), rows, text)


def _excluded(world: World) -> Bools:
    """Rows of persons whose pension for employees and for residents are both paid into."""
    table = world.dossiers["hrss_insured"]
    on = table.state == 0
    count = np.zeros((2, len(world.people)), dtype=np.int64)
    np.add.at(count[0], table.subject[on & (table.kind == 110)], 1)
    np.add.at(count[1], table.subject[on & (table.kind == RESIDENT)], 1)
    both = (count[0] > 0) & (count[1] > 0)
    return both[table.subject] & on & np.isin(table.kind, (110, RESIDENT))


FEED = Feed("hrss_insured", "person", render, table="hrss_insured")
