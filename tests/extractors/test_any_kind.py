"""A contract that a newcomer writes, with a field of any kind and no format: no text a department sends stops it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml

from extractors.contract import Contract, load_contract
from extractors.fields import Subject, load_fields
from tests.extractors.conftest import Desk, findings, records
from tests.extractors.samples import sample_rows

ODD = [
    "", "2002年2月2日", "2002-02-02", "2002-02-02 10:20:30", "20020202", "2002/2/2 9:05", "31-JAN-24", "45322", "长期", "不详", "00000000",
    "2,300.00", "1e5", "NaN", "inf", "-", "男", "1-男", "510104198501029010", "９１", "张\u3000三", "张*", "\ue863", "a\tb", "x" * 400,
]  # fmt: skip


def every_kind(folder: Path, subject: Subject) -> Contract:
    """One column of each kind of field; of a code table or list only what must be said."""
    columns = [{"source": "key", "english": "key", "field": "certificate_no", "required": True}]
    fields = load_fields(subject)
    kinds = {(field.kind, field.ahead): name for name, field in reversed(fields.items())}  # the first of each
    for name in sorted({*kinds.values(), "updated_at", "death_time"}):
        field = fields[name]
        column: dict[str, object] = {"source": name, "english": name, "field": name}
        if field.kind == "code":
            column["code_table"] = "marital"
        if field.kind == "choice":
            column["codes"] = {code: [chinese] for code, chinese in field.values.items()}
        if name != "certificate_no":
            columns.append(column)
    content = {
        "feed": "xx_any", "title": "某", "title_english": "Any", "owner": "某厅", "department": "xx", "subject": subject, "purpose": "某",
        "sharing": "conditional", "approval_no": "1", "authority": [], "frequency": "daily full", "deadline": "22:00", "modes": ["full"],
        "form": {"kind": "csv", "encoding": "utf-8", "line_end": "lf"}, "key": ["certificate_no"], "updated_column": "updated_at", "columns": columns,
        "expectations": [{"rule": "unique_key", "limit": 1, "severity": "stop", "set_by": "a key names one row"}],
    }  # fmt: skip
    path = folder / "xx_any.yml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return load_contract(path)


@pytest.mark.parametrize("subject", ["person", "enterprise"])
def test_any_kind_of_field_reads_any_text(desk: Desk, subject: Subject) -> None:
    contract = every_kind(desk.folder, subject)
    names = [column.source for column in contract.columns]
    rows = sample_rows(contract, 100)
    rows += [dict.fromkeys(names, text) | {"key": f"K{n}"} for n, text in enumerate(ODD)]
    extracted = desk.extract(contract, rows)
    assert (extracted.loaded, extracted.rejected) == (len(rows), 0)
    found = {row["certificate_no"]: row for row in records(extracted)}
    assert [found[f"K{n}"]["birth_date"] for n in (1, 2, 4)] == [dt.date(2002, 2, 2)] * 3
    assert found["K1"]["received"]["birth_date"] == "2002年2月2日"
    assert "birth_date" not in found["K2"]["received"]
    assert found["K3"]["updated_at"] == dt.datetime.fromisoformat("2002-02-02T10:20:30")
    assert "updated_at" not in found["K3"]["received"]
    assert found["K5"]["received"]["death_time"] == "2002/2/2 9:05"
    assert {(field, code) for _, field, code in findings(extracted)} >= {
        ("monthly_amount", "NOT_A_NUMBER"),
        ("birth_date", "DATE_UNREADABLE"),
        ("death_time", "TIMESTAMP_UNREADABLE"),
    }
