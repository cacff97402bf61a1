"""What each verdict on a case will change, told before it is given: in English and Chinese, without any value of a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from matching.master_ids import decode
from warehouse.database import Connection, one
from warehouse.reviews import WAITING


@dataclass(frozen=True)
class Side:
    """One of the files that stand side by side."""

    master_id: str
    record_count: int
    feeds: list[str]
    created: str


class Effect(NamedTuple):
    """One thing a verdict will change, in both languages of the console."""

    words: str
    chinese: str


STAYS = Effect("The two records stay in one file.", "两条记录仍归同一档。")
SPLIT = Effect("The file is split between the two records in the next run.", "下次运行时按这两条记录将该档拆分为两档。")
APART = Effect(
    "The two records stay in different files, in every later run and under every later model.",
    "两条记录今后始终分属两档，不因再次运行或更换模型而改变。",
)
NOTHING = Effect(
    "Nothing is joined or parted. The case waits for another steward.", "不合并也不拆分，此案留待其他经办人判定。"
)
HELD = Effect("Card services keep answering 'under review'.", "卡服务继续答复“核查中”。")
SECOND = {
    "benefits": Effect(
        "A second person must confirm it, because money is paid on them.", "涉及待遇发放，须由第二人确认。"
    ),
    "size": Effect(
        "A second person must confirm it, because the file becomes large.", "合并后档案过大，须由第二人确认。"
    ),
}


def effects_of(conn: Connection, case: dict[str, Any], sides: list[Side]) -> dict[str, list[Effect]]:
    """Verdict → what it will change.

    `case` is a row of core.review with `holds`, whether its kind holds back answers; `sides` are its files, one or two.
    """
    masters = [side.master_id for side in sides]
    others = one(
        conn,
        f"select count(*) from core.review where state in {WAITING} and review_id <> %s "
        "and (left_id = any(%s) or right_id = any(%s))",
        (case["review_id"], masters, masters),
    )[0]
    again = _answers_again(int(others), holds=case["holds"])
    unsure = [NOTHING, HELD] if case["holds"] else [NOTHING]
    if len(sides) < 2:
        return {"same": [STAYS], "not_same": [SPLIT, again], "unsure": unsure}
    age = dict(zip(masters, decode(np.array(masters)).tolist(), strict=True))
    keeps, goes = sorted(sides, key=lambda s: (-s.record_count, age[s.master_id]))  # as `matching.identity` gives ids
    total = keeps.record_count + goes.record_count
    same = [
        Effect(
            f"From the next run on {keeps.master_id} ({keeps.record_count} records) and {goes.master_id} "
            f"({goes.record_count} records) are one file of {total} records.",
            f"下次运行起，{keeps.master_id}（{keeps.record_count} 条记录）与 {goes.master_id}"
            f"（{goes.record_count} 条记录）合为一档，共 {total} 条记录。",
        ),
        Effect(
            f"{keeps.master_id} lives on; {goes.master_id} is retired and answers with it for ever.",
            f"{keeps.master_id} 沿用；{goes.master_id} 停用，今后一律指向前者。",
        ),
    ]
    cards = one(
        conn, "select count(*) from core.card where card_status = 'normal' and master_id = any(%s)", (masters,)
    )[0]
    ambiguous = Effect(
        f"The file will have {cards} normal cards: card services will answer 'ambiguous' until one ends.",
        f"该档将有 {cards} 张正常状态的卡，在其中一张停用之前卡服务答复“不唯一”。",
    )
    same.append(ambiguous if cards > 1 else again)
    needs = one(conn, "select core.needs_second('same', %s)", (masters,))[0]
    if needs:
        same.append(SECOND[needs])
    return {"same": same, "not_same": [APART, again], "unsure": unsure}


def _answers_again(others: int, *, holds: bool) -> Effect:
    words = "Card services answer for these files again" if holds else "Card services are not concerned"
    chinese = "卡服务恢复对相关档案的答复" if holds else "不影响卡服务"
    if others:
        words += f", once {others} more waiting case(s) about them are decided"
        chinese += f"，但须待另外 {others} 件相关案件判定之后"
    return Effect(f"{words}.", f"{chinese}。")
