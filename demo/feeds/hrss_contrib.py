"""hrss_contrib 个人缴费明细: what was paid for each insured person and month; every month adds its rows."""

from __future__ import annotations

from demo import dates
from demo.chance import Bools, Ints
from demo.feeds import Feed, Sent
from demo.feeds.hrss_insured import person_numbers, take_month, unit_numbers
from demo.feeds.page import open_page
from demo.texts import join, number, take
from demo.world import World

SHARES = {110: (80, 160), 210: (5, 6), 410: (0, 4)}  # per mille of the base: person, unit


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Payments by row of the dossier; an older row is the payment before it was corrected."""
    page, table = open_page(world, "hrss_contrib", 19, rows, older)
    base = 4000 + page.chance.below("contrib/base", page.subject, 160) * 100 + 300 * older
    personal = base * sum((table.kind == kind) * share for kind, (share, _) in SHARES.items()) // 10
    unit = base * sum((table.kind == kind) * share for kind, (_, share) in SHARES.items()) // 10
    month = take_month(dates.of_days(table.since, dates.DIGITS))
    no, unit_no = person_numbers(page.subject), unit_numbers(table.other)
    paid = page.chance.hit("contrib/paid", rows, 0.97).astype(int)
    columns = {
        "person_no": no,
        "insurance": number(table.kind),
        "month": month,
        "unit_no": unit_no,
        "base": join(number(base), ".00"),
        "personal": join(number(personal // 100), ".", number(personal % 100, 2)),
        "unit": join(number(unit // 100), ".", number(unit % 100, 2)),
        "paid": page.codes("contrib/paid", take(["0", "1"], paid), ("2", "到账")),
    }
    return page.sent(join(no, "|", number(table.kind), "|", month, "|", unit_no), columns)


FEED = Feed("hrss_contrib", "person", render, table="hrss_contrib")
