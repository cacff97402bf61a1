"""tr_card 交通功能: transport functions loaded onto social security cards; of the holder it says nothing."""

from __future__ import annotations

from demo import dates, places
from demo.chance import Bools, Ints
from demo.feeds import Feed, Sent
from demo.feeds.page import open_page
from demo.feeds.tr_concession import card_columns
from demo.texts import join, take
from demo.world import World

FUNCTIONS, STANDARD = ("01", "02", "03"), ("bus", "metro", "bicycle")


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Functions by row of the dossier."""
    page, table = open_page(world, "tr_card", 41, rows, older)
    card_no, area = card_columns(world, table.other)
    columns = {
        "card_no": card_no,
        "issue_area": area,
        "function": take(list(FUNCTIONS), table.kind),
        "city": take(list(places.counties().cities), world.people.county[page.subject]),
        "loaded_on": page.days("tr_card", table.since - 7 * older, dates.DASHES, 0.01),
    }
    return page.sent(join(area, "|", card_no, "|", take(list(STANDARD), table.kind)), columns)


FEED = Feed("tr_card", "person", render, table="tr_card")
