"""hrss_employ 就业失业登记: who works and who seeks work, hand-typed workbooks with one sheet a prefecture."""

from __future__ import annotations

from demo import dates, places
from demo.chance import Bools, Ints, scramble
from demo.feeds import Feed, Sent
from demo.feeds.nhsa_insured import employers
from demo.feeds.page import open_page
from demo.texts import join, number, take
from demo.world import World
from demo.wrong_ids import RATES as USUAL

RATES = {**USUAL, "id_typo": 0.005, "id_excel": 0.002, "id_15": 0.004}
STATES = ("就业", "失业", "灵活就业", "已就业", "登记失业", "灵活")
HARDSHIPS = ("", "大龄失业", "残疾人", "低保家庭", "零就业家庭")
SKILLS = ("", "初级工", "中级工", "高级工", "技师", "高级技师")
WISHES = ("", "制造业普工", "家政服务", "餐饮服务", "物流配送", "公益性岗位")


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Registrations by row of the dossier; an older row stands under another state."""
    page, table = open_page(world, "hrss_employ", 20, rows, older)
    chance = page.chance
    cert = join("51", number(scramble(rows, 10**10), 14))
    state = (table.state + older) % 3
    columns = {
        "prefecture": take(list(places.counties().cities), world.people.county[page.subject]),
        "cert_no": cert,
        "name": page.names(0.02),
        "id_no": page.ids(RATES),
        "state": page.codes(
            "employ", take(list(STATES), state + 3 * chance.hit("employ/word", page.keys, 0.1)), ("在岗", "待业")
        ),
        "register_date": page.days("employ", table.since, dates.DASHES, 0.03),
        "unit_name": employers(world, table.other, (table.other >= 0) & (state == 0)),
        "hardship": take(list(HARDSHIPS), table.kind),
        "skill": take(list(SKILLS), chance.weighted("employ/skill", page.subject, [60, 15, 12, 8, 3, 2])),
        "wish": take(list(WISHES), chance.weighted("employ/wish", page.subject, [50, 14, 12, 12, 8, 4])),
        "phone": page.phones("hrss_employ", 0.08),
    }
    return page.sent(cert, columns)


FEED = Feed("hrss_employ", "person", render, table="hrss_employ")
