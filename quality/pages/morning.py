"""The morning report, to be read on a phone: how the night went, what is late, what failed, what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape
from typing import Any

from extractors.contract import Contract
from quality.arrivals import late_feeds
from quality.pages.frame import chip, page, section, table
from quality.wording import DEPARTMENTS, SUBJECTS

Row = Mapping[str, Any]
STATES = {
    "success": ("pass", "完成"),
    "incomplete": ("warn", "已发布，有缺"),
    "failed": ("stop", "未发布"),
    "running": ("warn", "进行中"),
}
MODES = {"full": "全量", "delta": "增量"}
STEPS = {"held": "搁置", "stopped": "拦截", "failed": "失败", "warn": "预警", "running": "未结束"}
WHAT = {
    "new": "新建", "changed": "变更", "merged": "合并", "split": "拆分", "retired": "退役", "records_moved": "记录移动",
    "review_opened": "新增待复核",
}  # fmt: skip


@dataclass(frozen=True)
class Morning:
    """What the report tells; every row without a personal value.

    `last_seen` is the business date of each feed's last landed delivery; `troubles` steps with step, feed, state, note;
    `deliveries` feed, mode, read, rejected, before (rows read the time before in this mode); `changes` subject, what,
    number; `findings` department, found, corrected, returned, expired, due_soon.
    """

    night: date
    run_id: str
    state: str
    seconds: float | None
    last_seen: Mapping[str, date]
    troubles: Sequence[Row]
    deliveries: Sequence[Row]
    changes: Sequence[Row]
    findings: Sequence[Row]
    waiting: Mapping[str, int] = field(default_factory=dict)
    notes: Sequence[str] = ()


def render_morning(told: Morning, contracts: Mapping[str, Contract]) -> str:
    """The page."""
    state, words = STATES.get(told.state, ("none", told.state))
    late = late_feeds(contracts, told.last_seen, told.night)
    grave = [row for row in told.troubles if row["state"] != "warn"]
    minutes = f" · 用时 {told.seconds / 60:.1f} 分钟" if told.seconds else ""
    found = sum(int(row["found"]) for row in told.findings)
    corrected = sum(int(row["corrected"]) for row in told.findings)
    expired = sum(int(row["expired"]) for row in told.findings)
    tiles = [
        (len([pair for pair in late if pair[1] >= 0]), "个数据源晚到", "warn" if late else ""),
        (len(grave), "处失败或拦截", "stop" if grave else ""),
        (sum(told.waiting.values()), "件待人工复核", ""),
        (found, "个新问题", ""), (corrected, "个已更正", ""), (expired, "个逾期未答", "warn" if expired else ""),
    ]  # fmt: skip
    shown = "".join(f'<div class="tile {kind}"><b>{number:,}</b>{label}</div>' for number, label, kind in tiles)
    body = [
        f"<h1>晨报 {told.night} {chip(state, words)}</h1>",
        f'<p class="soft">{escape(told.run_id)}{minutes}</p>',
        *(f'<p class="soft">{escape(note)}</p>' for note in told.notes),
        f'<div class="tiles">{shown}</div>',
        section("晚到", _late(late, contracts, told.last_seen)),
        section("失败与预警", _troubles(told.troubles, contracts)),
        section("变化", _changes(told, contracts)),
        section("各部门的问题", _findings(told.findings)),
    ]
    return page("morning", f"晨报 {told.night}", "".join(body))


def _name(feed: str, contracts: Mapping[str, Contract]) -> str:
    return contracts[feed].title if feed in contracts else SUBJECTS.get(feed, feed)


def _lines(lines: Sequence[str], empty: str) -> str:
    if not lines:
        return f'<p class="soft">{empty}</p>'
    return f'<ul class="lines">{"".join(f"<li>{line}</li>" for line in lines)}</ul>'


def _late(late: Sequence[tuple[str, int]], contracts: Mapping[str, Contract], last_seen: Mapping[str, date]) -> str:
    lines = []
    for feed, days in late:
        contract = contracts[feed]
        chipped = chip("none", "从未收到") if days < 0 else chip("warn", f"晚 {days} 天" if days else "今日应到")
        since = f"上次 {last_seen[feed]:%m-%d}" if feed in last_seen else ""
        owner = DEPARTMENTS.get(contract.department, contract.department)
        told = f'{escape(owner)} · {escape(contract.title)} <span class="soft">{since}</span>'
        lines.append(f"{chipped} {told}")
    return _lines(lines, "全部按时到达。")


def _troubles(rows: Sequence[Row], contracts: Mapping[str, Contract]) -> str:
    lines = []
    for row in sorted(rows, key=lambda r: (r["state"] == "warn", r["feed"], r["step"])):
        state = "warn" if row["state"] in ("warn", "running") else "stop"
        where = f"{_name(row['feed'], contracts)} {row['step']}".strip()
        note = f'<br><span class="soft">{escape(row["note"])}</span>' if row["note"] else ""
        lines.append(f"{chip(state, STEPS[row['state']])} {escape(where)}{note}")
    return _lines(lines, "没有失败，也没有预警。")


def _changes(told: Morning, contracts: Mapping[str, Contract]) -> str:
    by_subject: dict[str, list[str]] = {}
    for row in told.changes:
        if row["what"] in WHAT and int(row["number"]):
            by_subject.setdefault(row["subject"], []).append(f"{WHAT[row['what']]} {int(row['number']):,}")
    lines = [f"{escape(SUBJECTS.get(s, s))}：{'、'.join(parts)}" for s, parts in sorted(by_subject.items())]
    rows = [
        [
            _name(row["feed"], contracts),
            MODES.get(row["mode"], row["mode"]),
            row["read"],
            None if row["before"] is None else row["read"] - row["before"],
            row["rejected"],
        ]
        for row in told.deliveries
    ]
    return _lines(lines, "主档没有变化。") + table(
        ["数据源", "", "读取行", "较上次", "退回行"], rows, empty="没有新数据。"
    )


def _findings(rows: Sequence[Row]) -> str:
    return table(
        ["部门", "新", "更正", "重现", "逾期", "三日内到期"],
        [
            [DEPARTMENTS.get(r["department"], r["department"]),
             *(int(r[key]) for key in ("found", "corrected", "returned", "expired", "due_soon"))]
            for r in rows
        ],
        empty="没有新的问题。",
    )  # fmt: skip
