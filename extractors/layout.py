"""The layout document of a feed, made from its contract for the department: Markdown and workbook, Chinese and English."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from extractors.contract import ABSENT, SHEET, Column, Contract
from extractors.fields import Field
from extractors.layout_checks import CHECKS_HEADER, check_rows
from extractors.layout_words import (
    EXAMPLES,
    EXAMPLES_OF,
    KINDS,
    SHEET_NOTE,
    form_words,
    frequency_words,
    length_words,
    source_words,
)
from extractors.manifest import SUFFIX
from extractors.reference import path_of

DAY = dt.datetime(2026, 11, 5, 8, 30, tzinfo=dt.UTC)
BIRTH = dt.datetime(1985, 1, 2, tzinfo=dt.UTC)  # that of the made-up citizen number
TYPES = {"text": "文本 text", "date": "日期 date", "timestamp": "时间 timestamp", "decimal": "数值 number, 2 decimals"}
A4 = 9  # as workbooks number paper
MODES = {"full": "全量 full", "delta": "增量 delta"}
SHARING = {
    "unconditional": "无条件共享 unconditional",
    "conditional": "有条件共享 conditional",
    "not_shared": "不予共享 not shared",
}
DATE_WORDS = {"%Y": "YYYY", "%m": "MM", "%d": "DD", "%H": "hh", "%M": "mm", "%S": "ss"}
HEADER = ("序号 No.", "列名 column", "英文名 English", "类型 type", "长度 length", "必填 required", "代码 codes", "示例 example",
          "说明 note")  # fmt: skip


GLYPHS_HEADER = ("自造字码位 code point sent", "标准字 character")


@dataclass(frozen=True)
class CodeTable:
    """One list of codes: its name, what it is (with its standard, if any), and (text to send, meaning)."""

    name: str
    title: str
    codes: tuple[tuple[str, str], ...]


def write_layout(contract: Contract, folder: Path) -> list[Path]:
    """Write <feed>.layout.md and <feed>.layout.xlsx into a folder, which is made; returns their paths. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    page, book = folder / f"{contract.feed}.layout.md", folder / f"{contract.feed}.layout.xlsx"
    page.write_text(layout_page(contract), encoding="utf-8")
    _write_book(contract, book)
    return [page, book]


def layout_page(contract: Contract) -> str:
    """The document as Markdown."""
    lines = [f"# {contract.title} {contract.title_english} (`{contract.feed}`)", ""]
    lines += [f"- {what}: {said}" for what, said in agreement_rows(contract)]
    lines += ["", "## 列 Columns", "", *_table(HEADER, column_rows(contract))]
    for layout in contract.earlier:
        earlier = contract.layout_of(layout.version)
        lines += ["", f"## 旧版 Earlier layout {layout.version}, 截止 taken until {layout.valid_until}", ""]
        lines += [form_words(earlier), ""]
        lines += _table(HEADER, column_rows(earlier))
    for table in code_tables_of(contract):
        lines += [
            "",
            f"## 代码表 Codes: {table.name} ({table.title})",
            "",
            *_table(("代码 code", "含义 meaning"), table.codes),
        ]
    if contract.glyphs:
        lines += ["", "## 自造字 Characters of your own", "", *_table(GLYPHS_HEADER, glyph_rows(contract))]
    lines += ["", "## 质量要求 Checks", "", *_table(CHECKS_HEADER, check_rows(contract))]
    lines += ["", "## 清单文件 Manifest", "", "每个文件旁须有同名清单，缺少或不符则暂不入库。", ""]
    lines += ["Beside each file lies its manifest; without it, or where it disagrees, the file is held.", ""]
    lines += [f"`{file_name(contract).split('.')[0]}{SUFFIX}`", "", "```json", manifest_example(contract), "```", ""]
    lines += _table(("键 key", "说明 meaning"), MANIFEST_KEYS)
    return "\n".join(lines) + "\n"


def agreement_rows(contract: Contract) -> list[tuple[str, str]]:
    """What was agreed about the feed as a whole, as (Chinese and English word, text)."""
    return [
        ("提供部门 owner", contract.owner),
        ("版本 layout version", contract.version),
        ("用途 purpose", contract.purpose),
        ("共享属性 sharing attribute", SHARING[contract.sharing]),
        ("批准文号 approval number", contract.approval_no),
        ("频率 frequency", frequency_words(contract.frequency)),
        ("取数 source", source_words(contract)),
        ("最迟到达 deadline", f"{contract.deadline} (北京时间 UTC+8)"),
        ("方式 mode", ", ".join(MODES[mode] for mode in contract.modes)),
        ("文件名 file name", file_name(contract)),
        ("格式 form", form_words(contract)),
        (
            "权威来源 lawful source of",
            ", ".join(column.source for column in contract.columns if column.field in contract.authority) or "无 none",
        ),
        ("主键 key", ", ".join(column.source for column in contract.columns if column.field in contract.key)),
    ]


def file_name(contract: Contract) -> str:
    """A made-up file name as the feed's deliveries have it."""
    return f"{contract.feed}_{DAY:%Y%m%d}_{DAY:%Y%m%d}-001.{contract.form.extension}"


def column_rows(contract: Contract) -> list[tuple[str, ...]]:
    """One row a column in file order, the operation column last where deltas are sent."""
    rows = []
    end = 0
    for number, column in enumerate((c for c in contract.columns if not c.source.startswith(ABSENT)), 1):
        end += column.width or 0
        rows.append(_column_row(contract, column, number, end))
    if "delta" in contract.modes:
        note = "I 新增 insert, U 修改 update, D 删除 delete; 仅增量文件 in delta files only"
        length = f"1 字节 bytes ({end + 1}-{end + 1})" if contract.form.kind == "fixed_width" else "1 字 characters"
        rows.append((str(len(rows) + 1), contract.op, "operation", TYPES["text"], length, "是 yes", "I U D", "U", note))
    return rows


def _column_row(contract: Contract, column: Column, number: int, end: int) -> tuple[str, ...]:
    source = "工作表名 sheet name" if column.source == SHEET else column.source
    length, required = length_words(column, end), _required(contract, column)
    if column.field is None:
        note = f"不采集 not taken: {column.ignored}"
        return (str(number), source, column.english, TYPES["text"], length, required, "", "", note)
    field = contract.field_of(column)
    national = field.kind if field.kind in ("sex", "ethnicity") else ""
    codes = column.code_table or (column.source if column.codes else national)
    told = f"{field.description_chinese or field.chinese}；{KINDS[field.kind]}"
    notes = [told if column.source != SHEET else SHEET_NOTE, field.description]
    if column.format:
        notes.append(_format_words(column.format))
    return (
        str(number), source, column.english, TYPES[field.type], length, required, codes,
        example(column, field), "; ".join(notes),
    )  # fmt: skip


def glyph_rows(contract: Contract) -> list[tuple[str, ...]]:
    """The private-use code points that were agreed, and the characters they stand for."""
    return [(f"U+{code}", real) for code, real in contract.glyphs.items()]


def _required(contract: Contract, column: Column) -> str:
    if column.required or column.field in contract.key:
        return "是 yes"
    return "列可缺 column may be absent" if column.optional else "可空 may be empty"


def _format_words(form: str) -> str:
    for mark, word in DATE_WORDS.items():
        form = form.replace(mark, word)
    return form


def example(column: Column, field: Field) -> str:
    """A made-up value as the department would send it, within the column's length."""
    if column.codes:
        return next(iter(column.codes.values()))[0]
    if column.code_table:
        return _national(column.code_table)[0][0]
    if field.type in ("date", "timestamp"):
        usual = "%Y-%m-%d" if field.type == "date" else "%Y-%m-%d %H:%M:%S"
        day = BIRTH if field.name == "birth_date" else DAY
        return day.strftime(column.format or usual)
    if column.source == SHEET:
        return "成都市"
    return EXAMPLES_OF.get(field.name, EXAMPLES[field.kind])[-(column.length or column.width or 300) :]


def code_tables_of(contract: Contract) -> list[CodeTable]:
    """Every list of codes the columns name, each once."""
    tables: dict[str, CodeTable] = {}
    for column in contract.columns:
        if column.code_table:
            tables.setdefault(column.code_table, _national_table(column.code_table))
        if column.codes and column.field:
            names = contract.field_of(column).values
            codes = tuple((texts[0], _meaning(value, names, texts)) for value, texts in column.codes.items())
            tables.setdefault(column.source, CodeTable(column.source, contract.field_of(column).chinese, codes))
        if column.field and contract.field_of(column).kind in ("sex", "ethnicity"):
            kind = contract.field_of(column).kind
            tables.setdefault(kind, _national_table(kind))
    return list(tables.values())


def _national_table(name: str) -> CodeTable:
    with path_of("code_table.csv").open(encoding="utf-8", newline="") as file:
        told = next(row for row in csv.DictReader(file) if row["code_table"] == name)
    return CodeTable(name, f"{told['title']} {told['standard']}".strip(), tuple(_national(name)))


def _meaning(value: str, names: dict[str, str], texts: tuple[str, ...]) -> str:
    also = f" (也可 or {', '.join(texts[1:])})" if len(texts) > 1 else ""
    return f"{names.get(value, value)} {value}{also}"


def _national(table: str) -> list[tuple[str, str]]:
    with path_of("code.csv").open(encoding="utf-8", newline="") as file:
        return [(row["code"], row["name"]) for row in csv.DictReader(file) if row["code_table"] == table]


MANIFEST_KEYS = (
    ("feed", "数据名 the feed's code"),
    ("batch_no", "批次号 YYYYMMDD-NNN, 不重复 never used twice"),
    ("business_date", "业务日期 YYYY-MM-DD"),
    ("mode", "full 全量, delta 增量"),
    ("row_count", "行数，不含表头 rows without the header"),
    ("file_name", "文件名 name of the file"),
    ("file_sm3", "整个文件的 SM3 (GB/T 32905-2016) of the whole file, 64 hexadecimal digits"),
    ("sender", "发送单位 who sends it"),
    ("schema_version", "版本 layout version"),
    (
        "previous_batch_no",
        "上一批次号，可不填；填写则可发现漏批 the batch sent before, may be left out; tells a lost one",
    ),
)


def manifest_example(contract: Contract) -> str:
    """A manifest of the made-up file."""
    said = {
        "feed": contract.feed, "batch_no": f"{DAY:%Y%m%d}-001", "business_date": f"{DAY:%Y-%m-%d}", "mode": contract.modes[0],
        "row_count": 1234, "file_name": file_name(contract),
        "file_sm3": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0", "sender": contract.owner,
        "schema_version": contract.version,
    }  # fmt: skip
    return json.dumps(said, ensure_ascii=False, indent=1)


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    lines = [header, tuple("---" for _ in header), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines]


def _cells_wide(text: str) -> int:
    """The width of a text in characters of a terminal or a spreadsheet: Han characters take two."""
    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)


def _write_book(contract: Contract, path: Path) -> None:
    book = xlsxwriter.Workbook(path)
    book.set_properties({"created": DAY})  # the same contract gives the same bytes
    bold, plain = (
        book.add_format({"bold": True, "bg_color": "#DDE6F0"}),
        book.add_format({"text_wrap": True, "valign": "top"}),
    )

    def sheet(name: str, header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
        page = book.add_worksheet(name)
        page.freeze_panes(1, 0)
        page.repeat_rows(0)
        page.set_landscape()
        page.set_paper(A4)
        page.fit_to_pages(1, 0)
        page.write_row(0, 0, header, bold)
        for place, row in enumerate(rows, 1):
            for column, text in enumerate(row):
                page.write_string(place, column, text, plain)
        for column, word in enumerate(header):
            page.set_column(column, column, min(max(map(_cells_wide, (word, *(row[column] for row in rows)))) + 2, 60))

    sheet(
        "约定 agreement",
        ("", f"{contract.title} {contract.title_english}"),
        [tuple(row) for row in agreement_rows(contract)],
    )
    sheet("列 columns", HEADER, column_rows(contract))
    for layout in contract.earlier:
        sheet(
            re.sub(r"[\[\]:*?/\\]", "-", f"旧版 {layout.version}")[:31],
            HEADER,
            column_rows(contract.layout_of(layout.version)),
        )
    codes = [(table.name, *row, table.title) for table in code_tables_of(contract) for row in table.codes]
    sheet("代码 codes", ("代码表 table", "代码 code", "含义 meaning", "依据 standard"), codes)
    if contract.glyphs:
        sheet("自造字 characters", GLYPHS_HEADER, glyph_rows(contract))
    sheet("质量要求 checks", CHECKS_HEADER, check_rows(contract))
    sheet("清单 manifest", ("键 key", "说明 meaning"), list(MANIFEST_KEYS))
    book.close()
