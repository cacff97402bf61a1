"""A pretend province of 20,000 persons, delivered once for all tests of this room, and what its files hold."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from lxml import etree
from python_calamine import CalamineWorkbook

from demo.deliveries import deliver
from extractors.contract import load_contracts

FIRST = date(2026, 11, 1)
PERSONS = 20_000
Row = dict[str, str]


@dataclass(frozen=True)
class Province:
    """Where a first day lies and what its files hold: rows by the contracts' english names, as they were sent."""

    inbox: Path
    truth: Path
    files: dict[str, list[Row]]
    record: dict[tuple[str, str], Row]  # (feed, source key) -> subject_id, number_of
    defects: dict[tuple[str, str], list[str]]
    conflict: list[Row]

    def keys_with(self, feed: str, *kinds: str) -> set[str]:
        """Source keys of a feed whose rows have one of the planted kinds."""
        return {key for (name, key), found in self.defects.items() if name == feed and not set(kinds).isdisjoint(found)}

    def share(self, feed: str, kind: str) -> float:
        """Share of a feed's rows with a planted kind, in per cent."""
        rows = [found for (name, _), found in self.defects.items() if name == feed]
        return 100 * sum(kind in found for found in rows) / len(rows)


def read_truth(folder: Path) -> tuple[dict[tuple[str, str], Row], dict[tuple[str, str], list[str]], list[Row]]:
    """(record by key, defects by key, conflicts)."""
    rows = pq.read_table(folder / "record.parquet").to_pylist()
    keyed = {(row["feed"], row["source_key"]): row for row in rows}
    assert len(keyed) == len(rows), "a source key is told of twice"
    return (
        keyed,
        {key: row["defects"] for key, row in keyed.items()},
        pq.read_table(folder / "conflict.parquet").to_pylist(),
    )


def read_csv(path: Path, feed: str) -> list[Row]:
    """Rows of a CSV delivery; of rows with a column too many the first columns are right."""
    contract = load_contracts()[feed]
    text = path.read_bytes().decode(contract.form.encoding).removeprefix("\ufeff")
    lines = list(csv.reader(text.splitlines()))
    names = {c.source: c.english for c in contract.columns}
    return [dict(zip([names.get(n, n) for n in lines[0]], line, strict=False)) for line in lines[1:]]


def read_fixed_width(path: Path, feed: str) -> list[Row]:
    """Rows of a fixed-width delivery, cut on bytes; `op` is what stands behind the last column."""
    columns = load_contracts()[feed].columns
    rows = []
    for line in path.read_bytes().split(b"\r\n")[:-1]:
        row, at = {}, 0
        for column in columns:
            row[column.english] = line[at : at + int(column.width or 0)].decode("gb18030", "replace").rstrip(" ")
            at += int(column.width or 0)
        rows.append(row | {"op": line[at:].decode()})
    return rows


def read_json_lines(path: Path, feed: str) -> list[Row]:
    """Rows of a JSON lines delivery; null is the empty text."""
    names = {c.source: c.english for c in load_contracts()[feed].columns}
    lines = path.read_text(encoding="utf-8").splitlines()
    return [{names.get(k, k): v or "" for k, v in json.loads(line).items()} for line in lines]


def read_xlsx(path: Path, feed: str) -> list[Row]:
    """Rows of all sheets of a workbook; its sheet is a column too."""
    columns = load_contracts()[feed].columns
    names = [c.english for c in columns if c.source != "@sheet"]
    sheet_column = next(c.english for c in columns if c.source == "@sheet")
    book, rows = CalamineWorkbook.from_path(path), []
    for name in book.sheet_names:
        for cells in book.get_sheet_by_name(name).to_python(skip_empty_area=False)[3:]:
            texts = [format(Decimal(f"{c:.15g}"), "f") if isinstance(c, float) else str(c) for c in cells]
            rows.append(dict(zip(names, texts, strict=False)) | {sheet_column: name})
    return rows


def read_xml(path: Path, feed: str) -> list[Row]:
    """Rows of a nested XML delivery, decoded before the parser sees the declaration."""
    contract = load_contracts()[feed]
    text = path.read_bytes().decode(contract.form.encoding)
    root = etree.fromstring(text[text.index("?>") + 2 :].strip())
    return [
        {c.english: row.findtext(c.source) or "" for c in contract.columns} | {"op": row.findtext(contract.op) or ""}
        for row in root.iter(contract.form.row.split("/")[-1])
    ]


READERS: dict[str, Callable[[Path, str], list[Row]]] = {
    "csv": read_csv, "txt": read_fixed_width, "jsonl": read_json_lines, "xlsx": read_xlsx, "xml": read_xml,
}  # fmt: skip


def read_rows(path: Path, feed: str) -> list[Row]:
    """The rows of a delivered file, by a reader of the tests' own."""
    return READERS[path.suffix[1:]](path, feed)


def key_of(feed: str, row: Row) -> str:
    """The source key of a row as truth names it: codes in standard form."""
    return "|".join(codes.get(row[part], row[part].upper()) for part, codes in _key_columns(feed))


@cache
def _key_columns(feed: str) -> list[tuple[str, dict[str, str]]]:
    contract = load_contracts()[feed]
    columns = {c.field: c for c in contract.columns}
    return [
        (columns[field].english, {text: value for value, texts in columns[field].codes.items() for text in texts})
        for field in contract.key
    ]


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Province:
    """The first day of 20,000 persons, seed 7."""
    folder = tmp_path_factory.mktemp("province")
    inbox, truth = folder / "inbox", folder / "truth"
    deliver(day=FIRST, first=FIRST, persons=PERSONS, seed=7, inbox=inbox, truth_folder=truth)
    files = {}
    for manifest in sorted(inbox.glob("*.manifest.json")):
        words = json.loads(manifest.read_text())
        files[words["feed"]] = read_rows(inbox / words["file_name"], words["feed"])
    record, defects, conflict = read_truth(truth)
    return Province(inbox, truth, files, record, defects, conflict)
