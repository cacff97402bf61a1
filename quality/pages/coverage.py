"""Coverage of the master files: which facts how many files have, and how old they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from extractors.fields import Subject, load_fields
from quality.pages.charts import ages
from quality.pages.frame import Html, bar, page, percent, section, table
from quality.wording import SUBJECTS

Row = Mapping[str, Any]
GOLDEN = {"life_state": "生存状态"}  # golden fields that no feed sends as such
AGES = (
    ("within_year", "一年内"), ("within_three_years", "一至三年"), ("older", "三年以上"), ("undated", "无日期"),
)  # fmt: skip


def render_coverage(*, night: date, rows: Sequence[Row], lists: Mapping[str, str]) -> str:
    """The page.

    Parameters
    ----------
    rows
        Lines of mart.file_coverage.
    lists
        What each list is called in Chinese, as far as it is named.
    """
    body = [f'<h1>主档覆盖</h1><p class="soft">业务日期 {night} · 每项信息有多少主档具备，截至今日已有多久</p>']
    for subject, title in SUBJECTS.items():
        own = [row for row in rows if row["subject"] == subject]
        if not own:
            continue
        named = [
            (row, _name(row, lists)) for row in sorted(own, key=lambda r: (r["kind"], -r["files_with"], r["fact"]))
        ]
        lines = [
            [name, row["files_with"], percent(_share(row)), Html(bar(_share(row))), *(row[key] for key, _ in AGES),
             row["newest_date"]]
            for row, name in named
        ]  # fmt: skip
        head = ["信息项", "具备", "占比", "", *(label for _, label in AGES), "最新"]
        total = own[0]["files_total"]
        body.append(section(f"{title}（{total:,}）", ages(_bars(named)), table(head, lines)))
    return page("coverage", f"主档覆盖 {night}", "".join(body))


def _share(row: Row) -> float | None:
    return row["files_with"] / row["files_total"] if row["files_total"] else None


def _name(row: Row, lists: Mapping[str, str]) -> str:
    subject: Subject = "person" if row["subject"] == "person" else "enterprise"
    field = load_fields(subject).get(row["fact"])
    if row["kind"] == "golden":
        return field.chinese if field else GOLDEN.get(row["fact"], str(row["fact"]))
    return f"{lists.get(row['fact'], row['fact'])}（清单）"


def _bars(named: Sequence[tuple[Row, str]]) -> list[dict[str, Any]]:
    found = []
    for row, name in named:
        total = row["files_total"] or 1
        parts = [(label, row[key] / total) for key, label in AGES] + [("缺失", 1 - row["files_with"] / total)]
        found += [
            {"fact": name[:24], "age": label, "share": round(share, 5), "place": place}
            for place, (label, share) in enumerate(parts)
        ]
    return found
