"""fin_subsidy 惠民惠农补贴: one row a person, project and monthly batch, collected from the townships."""

from __future__ import annotations

import numpy as np

from demo import dates, places
from demo.chance import Bools, Ints
from demo.feeds import Feed, Sent
from demo.feeds.hrss_card import bank_cards
from demo.feeds.hrss_insured import take_month
from demo.feeds.page import open_page
from demo.feeds.spoilt import with_comma
from demo.kinds import BIT
from demo.texts import Column, join, number, take
from demo.world import World
from demo.wrong_ids import RATES as USUAL

RATES = {**USUAL, "id_15": 0.02, "id_relative": 0.007, "id_excel": 0.002, "id_typo": 0.005}
PROJECTS = ("耕地地力保护补贴", "退耕还林补助", "农机购置补贴", "计划生育家庭奖励扶助", "困难残疾人生活补贴")
OFFICES = ("农业农村局", "林业和草原局", "农业农村局", "卫生健康局", "民政局")


def batches(month: Column, kind: Ints) -> Column:
    """Batch numbers of months and projects."""
    return join("FP", month, number(kind + 1, 2))


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Subsidies by row of the dossier; an older row is another amount under the same number."""
    page, table = open_page(world, "fin_subsidy", 44, rows, older)
    chance, person = page.chance, page.subject
    page.flags[world.life.died[person] >= 0] |= BIT["dead_but_active"]
    month, row_no = take_month(dates.of_days(table.since, dates.DIGITS)), number(rows + 1)
    batch = batches(month, table.kind)
    county = take(list(places.counties().names), world.people.county[person])
    dept = join(county, take(list(OFFICES), table.kind))
    serial = np.zeros(len(rows), dtype=np.int64)
    amount = 50 + chance.below("subsidy/amount", person * 8 + table.kind, 900) + 10 * older
    columns = {
        "batch": batch,
        "row_no": row_no,
        "project_code": join("5101", number(table.kind + 1, 4)),
        "project": take(list(PROJECTS), table.kind),
        "area": page.areas(),
        "name": page.names(0.02),
        "id_no": page.ids(RATES, 0.0005),
        "bank_card_no": bank_cards(chance, person, serial, page.keys, page.flags),
        "amount": join(number(amount), ".50"),
        "pay_month": month,
        "dept": with_comma(dept, np.flatnonzero(chance.hit("subsidy/comma", page.keys, 0.0004)), page.flags),
    }
    return page.sent(join(batch, "|", row_no), columns)


FEED = Feed("fin_subsidy", "person", render, table="fin_subsidy")
