"""ps_death 死亡注销: registrations cancelled because their holder died."""

from __future__ import annotations

import numpy as np

from demo import dates
from demo.chance import Bools, Ints
from demo.feeds import Feed, Sent
from demo.feeds.page import open_page
from demo.person_facts import household_numbers
from demo.texts import from_digits, join, take
from demo.world import World

BASES = ("01", "02", "03", "04")  # medical certificate, police, court, village committee


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Cancellations by row of the dossier; numbers and households are the register's own."""
    page, table = open_page(world, "ps_death", 10, rows, older)
    household = household_numbers(world.people.household[page.subject])
    number = from_digits(world.people.numbers[page.subject])
    told = np.minimum(table.since + 1 + page.chance.below("ps_death/told", rows, 4), world.first + table.created)
    columns = {
        "household_no": household,
        "id_no": number,
        "name": page.names(0.003),
        "sex": page.sexes(),
        "birth_date": page.births(),
        "hukou_area": page.areas(),
        "death_date": page.days("ps_death", table.since - 2 * older, dates.DIGITS, 0.01),
        "basis": page.codes("ps_death", take(list(BASES), table.kind), ("09", "X1")),
        "cancel_date": dates.of_days(told, dates.DIGITS),
    }
    return page.sent(join(household, "|", number), columns)


FEED = Feed("ps_death", "person", render, table="ps_death")
