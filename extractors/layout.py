"""The layout document of a feed, made from its contract for the department: Markdown and workbook, Chinese and English."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from extractors.contract import SHEET, Column, Contract
from extractors.fields import Field
from extractors.manifest import SUFFIX
from extractors.reference import path_of

DAY = dt.datetime(2026, 11, 5, 8, 30, tzinfo=dt.UTC)
BIRTH = dt.datetime(1985, 1, 2, tzinfo=dt.UTC)  # that of the made-up citizen number
# Made-up values; the citizen number has a sequence no county reaches (domain.md 11).
EXAMPLES = {
    "id": "510104198501029010", "uscc": "92510104MA6X90015E", "organisation_code": "71526726X", "registration_no": "440301103097413",
    "person_name": "张三", "company_name": "成都某某商贸有限公司", "month": "202611", "phone": "13800000000", "sex": "1", "ethnicity": "01",
    "area": "510104", "address": "四川省成都市锦江区某某路1号", "bank_card": "6222021234567890128", "amount": "1234.50",
    "number_text": "00012345", "text": "文字",
}  # fmt: skip
TYPES = {"text": "文本 text", "date": "日期 date", "timestamp": "时间 timestamp", "decimal": "数值 number, 2 decimals"}
MODES = {"full": "全量 full", "delta": "增量 delta"}
SHARING = {
    "unconditional": "无条件共享 unconditional",
    "conditional": "有条件共享 conditional",
    "not_shared": "不予共享 not shared",
}
DATE_WORDS = {"%Y": "YYYY", "%m": "MM", "%d": "DD", "%H": "hh", "%M": "mm", "%S": "ss"}
HEADER = ("序号 No.", "列名 column", "英文名 English", "类型 type", "长度 length", "必填 required", "代码 codes", "示例 example",
          "说明 note")  # fmt: skip


@dataclass(frozen=True)
class CodeTable:
    """One list of codes: its name, and (text to send, meaning)."""

    name: str
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
        lines += _table(HEADER, column_rows(earlier))
    for table in code_tables_of(contract):
        lines += ["", f"## 代码表 Codes: {table.name}", "", *_table(("代码 code", "含义 meaning"), table.codes)]
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
        ("频率 frequency", contract.frequency),
        ("最迟到达 deadline", f"{contract.deadline} (北京时间 UTC+8)"),
        ("方式 mode", ", ".join(MODES[mode] for mode in contract.modes)),
        ("文件名 file name", file_name(contract)),
        ("格式 form", _form_words(contract)),
        ("主键 key", ", ".join(column.source for column in contract.columns if column.field in contract.key)),
    ]


def file_name(contract: Contract) -> str:
    """A made-up file name as the feed's deliveries have it."""
    return f"{contract.feed}_{DAY:%Y%m%d}_{DAY:%Y%m%d}-001.{contract.form.extension}"


def column_rows(contract: Contract) -> list[tuple[str, ...]]:
    """One row a column in file order, the operation column last where deltas are sent."""
    rows = []
    for number, column in enumerate((c for c in contract.columns if not c.source.startswith("@absent")), 1):
        rows.append(_column_row(contract, column, number))
    if "delta" in contract.modes:
        note = "I 新增 insert, U 修改 update, D 删除 delete; 仅增量文件 in delta files only"
        rows.append((str(len(rows) + 1), contract.op, "operation", TYPES["text"], "1", "是 yes", "I U D", "U", note))
    return rows


def _column_row(contract: Contract, column: Column, number: int) -> tuple[str, ...]:
    source = "工作表名 sheet name" if column.source == SHEET else column.source
    if column.field is None:
        note = f"不采集 not taken: {column.ignored}"
        return (
            str(number),
            source,
            column.english,
            TYPES["text"],
            _length(column),
            _required(contract, column),
            "",
            "",
            note,
        )
    field = contract.field_of(column)
    national = field.kind if field.kind in ("sex", "ethnicity") else ""
    codes = column.code_table or (column.source if column.codes else national)
    notes = [f"{field.chinese}: {field.description}"]
    if column.format:
        notes.append(_format_words(column.format))
    return (
        str(number), source, column.english, TYPES[field.type], _length(column), _required(contract, column), codes,
        example(column, field), "; ".join(notes),
    )  # fmt: skip


def _length(column: Column) -> str:
    if column.width is not None:
        return f"{column.width} 字节 bytes"
    return "" if column.length is None else f"≤ {column.length}"


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
    return EXAMPLES[field.kind][-(column.length or column.width or 300) :]


def code_tables_of(contract: Contract) -> list[CodeTable]:
    """Every list of codes the columns name, each once."""
    tables: dict[str, CodeTable] = {}
    for column in contract.columns:
        if column.code_table:
            tables.setdefault(column.code_table, CodeTable(column.code_table, tuple(_national(column.code_table))))
        if column.codes and column.field:
            names = contract.field_of(column).values
            codes = tuple((texts[0], _meaning(value, names, texts)) for value, texts in column.codes.items())
            tables.setdefault(column.source, CodeTable(column.source, codes))
        if column.field and contract.field_of(column).kind in ("sex", "ethnicity"):
            kind = contract.field_of(column).kind
            tables.setdefault(kind, CodeTable(kind, tuple(_national(kind))))
    return list(tables.values())


def _meaning(value: str, names: dict[str, str], texts: tuple[str, ...]) -> str:
    also = f" (也可 or {', '.join(texts[1:])})" if len(texts) > 1 else ""
    return f"{names.get(value, value)} {value}{also}"


def _national(table: str) -> list[tuple[str, str]]:
    with path_of("code.csv").open(encoding="utf-8", newline="") as file:
        return [(row["code"], row["name"]) for row in csv.DictReader(file) if row["code_table"] == table]


def _form_words(contract: Contract) -> str:
    form = contract.form
    parts: list[str] = [form.kind, form.encoding]
    if form.kind == "csv":
        parts += [
            "BOM" if form.bom else "无 no BOM",
            f"分隔符 delimiter {form.delimiter!r}",
            "第一行为列名 header line",
        ]
    if form.kind in ("xlsx", "xls"):
        parts = [
            form.kind,
            f"{form.title_rows} 行标题 title rows",
            f"{form.header_rows} 行表头 header rows",
            "证件号码列须为文本 ids as text",
        ]
    if form.kind == "xml":
        parts += [f"声明 declared {form.declared}", f"行 row {form.row}"]
    if form.kind in ("csv", "fixed_width"):
        parts.append(f"换行 line end {getattr(form, 'line_end', '').upper()}")
    return ", ".join(parts)


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
        page.write_row(0, 0, header, bold)
        for place, row in enumerate(rows, 1):
            for column, text in enumerate(row):
                page.write_string(place, column, text, plain)
        for column, word in enumerate(header):
            page.set_column(column, column, min(max([len(word), *(len(row[column]) for row in rows)]) + 4, 50))

    sheet(
        "约定 agreement",
        ("", f"{contract.title} {contract.title_english}"),
        [tuple(row) for row in agreement_rows(contract)],
    )
    sheet("列 columns", HEADER, column_rows(contract))
    for layout in contract.earlier:
        sheet(f"旧版 {layout.version}"[:31], HEADER, column_rows(contract.layout_of(layout.version)))
    codes = [(table.name, *row) for table in code_tables_of(contract) for row in table.codes]
    sheet("代码 codes", ("代码表 table", "代码 code", "含义 meaning"), codes)
    sheet("清单 manifest", ("键 key", "说明 meaning"), list(MANIFEST_KEYS))
    book.close()
