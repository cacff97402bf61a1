"""The correction file of one department: its own rows under its own column names, what is wrong, what to do, answers.

A workbook with a first sheet that says what it is, and one sheet a feed. Everything is locked but the two answer columns.
It holds personal values of the department's own rows and nothing of any other department.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import xlsxwriter

from extractors.contract import SHEET, Contract
from quality.wording import SEVERITIES, wording

ANSWERS = {"已更正": "corrected", "情况属实无需更正": "accepted", "有异议": "disputed"}
"""What a department may write, and what it means."""
ABOUT = "说明"
NUMBER, ANSWER, NOTE = "问题编号", "答复", "答复说明"
FILE_NO, DEPARTMENT = "文件编号", "部门"
AFTER_KEY = ("列名", "报送内容", "问题", "处理建议", "行号", "涉及行数", "首次发现", "最近批次", "答复期限")
HELP = (
    "请在每一行的“答复”列选择：已更正（已在源系统订正，下一批数据将体现）、情况属实无需更正、有异议；",
    "选择后两项的，请在“答复说明”列写明理由。不要改动其他内容、列名和本页的文件编号，不要增删列。",
    "问题在下一批数据体现更正后自动关闭；有异议的由数据管家复核。请在答复期限（工作日）内交回本文件。",
    "本文件含个人信息，仅限本部门订正数据使用，不得转发、留存。",
)


@dataclass(frozen=True)
class FeedRows:
    """The findings of one feed for its file.

    `rows` has finding_id, code, field, severity, value (as the department sent it, or the standard form), line_no,
    row_count, first_seen, last_batch_no, due_date, and key_0, key_1 ... in the order of the contract's key.
    """

    contract: Contract
    rows: pa.Table


def make_file(
    department: str,
    export_id: int,
    as_of: date,
    feeds: Sequence[FeedRows],
    sentences: Mapping[tuple[str, str, str | None], str] | None = None,
) -> bytes:
    """The workbook as bytes.

    Parameters
    ----------
    sentences
        (feed, rule, field) → what a gate said of a whole delivery, numbers in it, where that is known.
    """
    sink = io.BytesIO()
    book = xlsxwriter.Workbook(sink, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    styles = {
        "head": book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True}),
        "text": book.add_format({"num_format": "@", "valign": "top"}),
        "wrap": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
        "answer": book.add_format({"num_format": "@", "locked": False, "bg_color": "#FFF8DC", "text_wrap": True}),
    }
    about = book.add_worksheet(ABOUT)
    about.set_column(0, 0, 12)
    about.set_column(1, 1, 100)
    owner = feeds[0].contract.owner if feeds else ""
    lines = [
        (FILE_NO, str(export_id)), (DEPARTMENT, department), ("单位", owner), ("生成日期", as_of.isoformat()),
        ("问题数", str(sum(feed.rows.num_rows for feed in feeds))), *((f"说明{n}", text) for n, text in enumerate(HELP, 1)),
    ]  # fmt: skip
    for number, (name, text) in enumerate(lines):
        about.write_string(number, 0, name, styles["head"])
        about.write_string(number, 1, text, styles["wrap"])
    about.protect()
    for feed in feeds:
        _write_sheet(book, feed, styles, sentences or {})
    book.close()
    return sink.getvalue()


def header_of(contract: Contract) -> list[str]:
    """The column names of a feed's sheet, the department's own names of its key among them."""
    return [NUMBER, "级别", *(_own_name(contract, field) for field in contract.key), *AFTER_KEY, ANSWER, NOTE]


def _own_name(contract: Contract, field: str | None) -> str:
    names = {column.field: column.source for column in contract.columns if column.field}
    name = names.get(field, field) if field else ""
    return "工作表" if name == SHEET else name


def _write_sheet(
    book: Any, feed: FeedRows, styles: Mapping[str, Any], sentences: Mapping[tuple[str, str, str | None], str]
) -> None:
    contract, head = feed.contract, header_of(feed.contract)
    sheet = book.add_worksheet(contract.title[:31])
    sheet.freeze_panes(1, 2)
    sheet.set_column(0, 1, 9)
    sheet.set_column(2, len(head) - 1, 16)
    at = head.index("问题")
    sheet.set_column(at, at + 1, 42)
    sheet.set_column(len(head) - 2, len(head) - 1, 24)
    for place, name in enumerate(head):
        sheet.write_string(0, place, name, styles["head"])
    as_sent = {column.field: column for column in contract.columns if column.field}
    for number, row in enumerate(feed.rows.to_pylist(), 1):
        wrong, advice = wording(row["code"])
        wrong = sentences.get((contract.feed, row["code"], row["field"]), wrong)
        column = as_sent.get(row["field"])
        value = row["value"]
        if column is not None and value in column.codes:
            value = column.codes[value][0]
        told = [
            str(row["finding_id"]), SEVERITIES[row["severity"]], *(row[f"key_{n}"] for n in range(len(contract.key))),
            _own_name(contract, row["field"]), value, wrong, advice, row["line_no"], row["row_count"], row["first_seen"],
            row["last_batch_no"], row["due_date"] or "（节假日安排未公布）",
        ]  # fmt: skip
        for place, text in enumerate(told):
            style = styles["wrap"] if place in (at, at + 1) else styles["text"]
            sheet.write_string(number, place, "" if text is None else str(text), style)
        sheet.write_blank(number, len(told), None, styles["answer"])
        sheet.write_blank(number, len(told) + 1, None, styles["answer"])
    last = feed.rows.num_rows
    sheet.data_validation(1, len(head) - 2, last, len(head) - 2, {"validate": "list", "source": list(ANSWERS)})
    sheet.autofilter(0, 0, last, len(head) - 1)
    sheet.protect(options={"autofilter": True, "sort": True, "format_columns": True})
