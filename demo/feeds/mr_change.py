"""mr_change 变更登记: what an enterprise changed in the register, before and after."""

from __future__ import annotations

import numpy as np

from demo import businesses as biz
from demo import dates
from demo.business_dossiers import CONVERSION, NAME
from demo.chance import Bools, Ints, scramble
from demo.feeds import Feed, Sent
from demo.feeds.mr_entity import entity_numbers
from demo.feeds.page import open_page
from demo.texts import either, from_codes, from_digits, join, number, take
from demo.world import World

MATTERS = (
    "名称变更",
    "法定代表人变更",
    "个转企",
    "名称变更（字号名称、集团名称等）",
    "负责人变更（法定代表人、负责人、经营者等）",
    "个体工商户转型为企业",
)


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Changes by row of the dossier; an older row is dated earlier."""
    page, table = open_page(world, "mr_change", 31, rows, older)
    business, owned, people = table.subject, world.owned, world.people
    change_no = join("BG51", number(scramble(rows, 10**9), 12))
    of_name, converted = table.kind == NAME, table.kind == CONVERSION
    shop = np.maximum(owned.successor_of[business], 0)
    reps = people.names[np.maximum(owned.former_legal_rep[business], 0)], people.names[owned.legal_rep[business]]
    wordy = page.chance.hit("change/word", page.keys, 0.2)
    columns = {
        "change_no": change_no,
        "entity_no": entity_numbers(business),
        "uscc": from_digits(owned.uscc[business]),
        "matter": page.codes("change", take(list(MATTERS), table.kind + 3 * wordy), ("其他事项", "0")),
        "before": either(
            converted,
            from_digits(owned.uscc[shop]),
            either(of_name, biz.former_names(owned, people, business), from_codes(reps[0])),
        ),
        "after": either(
            converted,
            from_digits(owned.uscc[business]),
            either(of_name, biz.registered_names(owned, people, business), from_codes(reps[1])),
        ),
        "changed": page.days("change", table.since - 2 * older, dates.DASHES, 0.01),
    }
    return page.sent(change_no, columns)


FEED = Feed("mr_change", "enterprise", render, table="mr_change")
