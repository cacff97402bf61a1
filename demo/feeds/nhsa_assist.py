"""nhsa_assist 医疗救助对象: persons whose medical costs are borne in part, by category."""

from __future__ import annotations

from demo import dates, places
from demo.chance import Bools, Ints, scramble
from demo.feeds import Feed, Sent
from demo.feeds.page import open_page
from demo.kinds import BIT
from demo.texts import Column, join, number, take
from demo.world import World

RATES = {"id_missing": 0.004, "id_typo": 0.003, "id_excel": 0.0, "id_relative": 0.003}
CATEGORIES = ("01", "02", "03", "04", "05")
STANDARD = ("destitute", "minimum_allowance", "marginal", "returning_poor", "other")


def medical_numbers(world: World, person: Ints) -> Column:
    """psn_no of insured persons, as their first insurance shows it."""
    table, county = world.insurances, world.people.county.copy()
    county[table.person[::-1]] = table.county[::-1]
    area = number(places.counties().codes[county[person]])
    return join(area, number(10**10 + scramble(person, 10**10), 20))


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Entitlements by row of the dossier."""
    page, table = open_page(world, "nhsa_assist", 21, rows, older)
    psn_no = medical_numbers(world, page.subject)
    page.flags[(world.life.died[page.subject] >= 0) & (table.state == 0)] |= BIT["dead_but_active"]
    columns = {
        "psn_no": psn_no,
        "certno": page.ids(RATES),
        "psn_name": page.names(0.015),
        "category": take(list(CATEGORIES), table.kind),
        "begndate": dates.of_days(table.since - 31 * older, dates.DASHES),
        "enddate": dates.of_days(table.until, dates.DASHES),
        "decided_by": join(take(list(places.counties().names), world.people.county[page.subject]), "医疗保障局"),
    }
    return page.sent(join(psn_no, "|", take(list(STANDARD), table.kind)), columns)


FEED = Feed("nhsa_assist", "person", render, table="nhsa_assist")
