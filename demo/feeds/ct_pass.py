"""ct_pass 景区年卡: holders of annual passes for scenic spots; a full file every week."""

from __future__ import annotations

import numpy as np

from demo import dates
from demo.chance import Bools, Ints, scramble
from demo.feeds import Feed, Sent
from demo.feeds.page import open_page
from demo.texts import join, number, take
from demo.world import World
from demo.wrong_ids import RATES as USUAL

RATES = {**USUAL, "id_missing": 0.01, "id_masked": 0.01, "id_typo": 0.005}
KINDS = ("单景区年卡", "联票年卡", "优惠年卡", "1", "2", "3")
SPOTS = ("九寨沟", "峨眉山", "青城山", "都江堰", "黄龙", "稻城亚丁", "蜀南竹海", "剑门关")


def passes(world: World) -> Ints:
    """All passes."""
    return np.arange(len(world.dossiers["ct_pass"]))


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Passes by row of the dossier; an older row is the year before."""
    page, table = open_page(world, "ct_pass", 43, rows, older)
    pass_no = join("JQ", number(scramble(rows, 10**9), 10))
    coded = page.chance.hit("pass/coded", page.keys, 0.2)
    columns = {
        "pass_no": pass_no,
        "id_no": page.ids(RATES),
        "name": page.names(0.02),
        "kind": page.codes("pass", take(list(KINDS), table.kind + 3 * coded), ("年卡", "9")),
        "spot": take(list(SPOTS), page.chance.below("pass/spot", rows, len(SPOTS))),
        "valid_to": page.days("pass", table.until - 365 * older, dates.DASHES, 0.02),
    }
    return page.sent(pass_no, columns)


FEED = Feed("ct_pass", "person", render, weekly=passes)
