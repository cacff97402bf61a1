"""mr_penalty 行政处罚: published penalties, with the name and code as the deciding office typed them."""

from __future__ import annotations

import numpy as np

from demo import dates, places, wrong_businesses
from demo.chance import Bools, Ints, scramble
from demo.feeds import Feed, Sent
from demo.feeds.page import open_page
from demo.feeds.spoilt import with_comma
from demo.identifiers import calendar_numbers
from demo.texts import join, number, take
from demo.world import World

MATTERS = ("未按规定公示年度报告", "虚假宣传", "销售不合格产品", "无照经营", "价格违法")


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Penalties by row of the dossier; an older row is published for a shorter time."""
    page, table = open_page(world, "mr_penalty", 32, rows, older)
    chance, owned = page.chance, world.owned
    none, many = np.zeros(len(rows), dtype=bool), np.full(len(rows), 0.08)
    county = take(list(places.counties().names), owned.county[table.subject])
    document = join(
        "川市监罚",
        number(2000 + calendar_numbers(table.since) // 10000 % 100),
        "-",
        number(scramble(rows, 10**8), 8),
    )
    missing, old = np.full(len(rows), 0.06), np.full(len(rows), 0.02)
    matter = take(list(MATTERS), table.kind)
    columns = {
        "document_no": document,
        "uscc": wrong_businesses.unified_codes(chance, page.keys, owned, table.subject, missing, old, page.flags),
        "name": wrong_businesses.names(chance, page.keys, owned, world.people, table.subject, many, none, page.flags),
        "matter": with_comma(matter, np.flatnonzero(chance.hit("penalty/comma", page.keys, 0.002)), page.flags),
        "decided": page.days("penalty", table.since, dates.DASHES, 0.02),
        "public_until": dates.of_days(table.until - 365 * older, dates.DASHES),
        "organ": join(county, "市场监督管理局"),
    }
    return page.sent(document, columns)


FEED = Feed("mr_penalty", "enterprise", render, table="mr_penalty")
