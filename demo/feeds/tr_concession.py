"""tr_concession 交通优待: who travels at a lower fare with the social security card."""

from __future__ import annotations

from demo import dates, places
from demo.chance import Bools, Ints, scramble
from demo.feeds import Feed, Sent
from demo.feeds.page import open_page
from demo.kinds import BIT
from demo.person_facts import card_texts
from demo.texts import Column, join, number, take
from demo.world import World

RATES = {"id_missing": 0.004, "id_masked": 0.01, "id_typo": 0.002, "id_excel": 0.0}
KINDS, STANDARD = ("1", "2", "3", "4"), ("elderly", "disabled", "veteran", "student")


def card_columns(world: World, card: Ints) -> tuple[Column, Column]:
    """(number, issuing area) of social security cards by row of world.cards."""
    cards = world.cards
    return card_texts(cards.owner[card], cards.serial[card]), number(places.counties().codes[cards.county[card]])


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Concessions by row of the dossier."""
    page, table = open_page(world, "tr_concession", 40, rows, older)
    card_no, area = card_columns(world, table.other)
    page.flags[(world.life.died[page.subject] >= 0) & (table.state == 0)] |= BIT["dead_but_active"]
    city = take(list(places.counties().cities), world.people.county[page.subject])
    columns = {
        "card_no": card_no,
        "issue_area": area,
        "id_no": page.ids(RATES),
        "name": page.names(0.01),
        "kind": take(list(KINDS), table.kind),
        "city": city,
        "from": page.days("concession", table.since - 5 * older, dates.DASHES, 0.01),
        "to": dates.of_days(table.until, dates.DASHES),
        "bus_card_no": join("3104", number(scramble(rows, 10**9), 15)),
    }
    return page.sent(join(area, "|", card_no, "|", take(list(STANDARD), table.kind)), columns)


FEED = Feed("tr_concession", "person", render, table="tr_concession")
