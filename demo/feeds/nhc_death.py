"""nhc_death 死亡医学证明: deaths that a doctor certified. The cause of death is not sent."""

from __future__ import annotations

from demo import dates
from demo.chance import Bools, Ints, scramble
from demo.feeds import Feed, Sent
from demo.feeds.page import open_page
from demo.texts import join, number, take
from demo.world import World

RATES = {"id_missing": 0.02, "id_typo": 0.004, "id_relative": 0.004}
PLACES = ("1", "2", "3", "9")  # hospital, home, on the way, elsewhere


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Certificates by row of the dossier."""
    page, table = open_page(world, "nhc_death", 13, rows, older)
    certificate = join("D51", number(scramble(rows, 10**9), 12))
    second = page.chance.below("nhc_death/second", rows, 86400)
    columns = {
        "cert_no": certificate,
        "id_no": page.ids(RATES),
        "name": page.names(0.012),
        "sex": page.sexes(("M", "F")),
        "birth_date": page.births(dates.DASHES),
        "death_time": dates.stamps(table.since * 86400 + second - 7200 * older),
        "place": page.codes("nhc_death", take(list(PLACES), table.kind), ("7", "院内")),
    }
    return page.sent(certificate, columns)


FEED = Feed("nhc_death", "person", render, table="nhc_death")
