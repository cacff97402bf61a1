"""Sound rows for any contract, and a way to put a delivery with its manifest into an inbox."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes

from extractors.contract import SHEET, Column, Contract, Mode
from tests.extractors.deliveries import Row, render

DAY = dt.date(2026, 11, 1)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈", "子轩雨涵志强丽静浩然"
BY_KIND = {
    "sex": "{sex}", "ethnicity": "01", "phone": "138{n:08}", "area": "510104", "address": "四川省成都市锦江区春熙路{n}号",
    "bank_card": "6222021234567890128", "amount": "{n}.50", "month": "202611", "uscc": "92510104MA6X90015E", "organisation_code": "71526726X",
    "registration_no": "440301103097413", "company_name": "成都天乐{n}号商贸有限公司", "text": "某处", "number_text": "{n:08}",
}  # fmt: skip
# Of numbers with a form of their own.
BY_FIELD = {
    "card_number": "A{n:08}", "card_code": "{n:032X}", "police_station_code": "510104{n:06}", "entity_no": "{n:016}",
    "taxpayer_serial": "{n:020}", "tax_office_code": "{n:011}", "birth_certificate_no": "P{n:09}", "ehealth_id": "{n:032x}",
    "employment_cert_no": "{n:016}", "disability_cert_no": "{id}42", "transit_card_no": "{n:019}", "industry_code": "5211",
}  # fmt: skip
CODES = {
    "disability_category": "4",
    "disability_grade": "2",
    "relation": "01",
    "marital": "10",
    "education": "20",
    "enterprise_type": "1100",
}


def id_number(n: int) -> str:
    """A sound made-up number: birth dates from 1980 on, sequence 900-995, which counties do not reach."""
    body = f"510104{birth(n):%Y%m%d}{900 + n % 96:03}"
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def birth(n: int) -> dt.date:
    """The birth date inside id_number(n)."""
    return dt.date(1980, 1, 1) + dt.timedelta(days=n % 9000)


def name(n: int) -> str:
    """A made-up name of three characters."""
    return SURNAMES[n % 10] + GIVEN[n // 10 % 10] + GIVEN[n // 100 % 10]


def sample_row(contract: Contract, n: int) -> dict[str, Any]:
    """The n-th sound row by source column, as the department usually sends it; ignored columns are empty."""
    return {column.source: _value(contract, column, n) for column in contract.columns if column.field}


def sample_rows(contract: Contract, count: int, start: int = 1) -> list[dict[str, Any]]:
    """`count` sound rows with different keys."""
    return [sample_row(contract, n) for n in range(start, start + count)]


def source_of(contract: Contract, field: str) -> str:
    """The source column of a standard field."""
    return next(column.source for column in contract.columns if column.field == field)


def _value(contract: Contract, column: Column, n: int) -> str | None:
    field = contract.field_of(column)
    if column.source == SHEET:
        return "成都市"
    if column.codes:
        return next(iter(column.codes.values()))[0]
    if field.kind == "code":
        return CODES[str(column.code_table)]
    if field.kind == "id":
        return None if field.name == "former_id_number" else id_number(n)
    if field.kind == "person_name":
        return None if field.name == "former_name" else name(n)
    if field.kind in ("date", "timestamp"):
        day = birth(n) if field.name == "birth_date" else dt.date(2020, 1, 1)
        return dt.datetime.combine(day, dt.time(8, 30)).strftime(column.format or "%Y%m%d")
    sex = "1" if int(id_number(n)[16]) % 2 else "2"
    text = BY_FIELD.get(field.name, BY_KIND.get(field.kind, "")).format(n=n, sex=sex, id=id_number(n))
    return text[-(column.width or column.length or 300) :]


def sm3(content: bytes) -> str:
    """SM3 as 64 hexadecimal digits."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize().hex()


def send(
    contract: Contract,
    inbox: Path,
    rows: Sequence[Row],
    *,
    mode: Mode = "full",
    day: dt.date = DAY,
    number: int = 1,
    content: bytes | None = None,
    **manifest: Any,
) -> Path:
    """Put a delivery into the inbox and give its file back; `content` and manifest keys replace what would be right."""
    inbox.mkdir(exist_ok=True)
    content = render(contract, rows, mode=mode) if content is None else content
    batch_no = f"{day:%Y%m%d}-{number:03}"
    file = inbox / f"{contract.feed}_{day:%Y%m%d}_{batch_no}.{contract.form.extension}"
    file.write_bytes(content)
    announced = {
        "feed": contract.feed,
        "batch_no": batch_no,
        "business_date": day.isoformat(),
        "mode": mode,
        "row_count": len(rows),
        "file_name": file.name,
        "file_sm3": sm3(content),
        "sender": "某厅信息中心",
        "schema_version": "1",
    }
    manifest_of(file).write_text(json.dumps(announced | manifest, ensure_ascii=False, default=str), encoding="utf-8")
    return file


def manifest_of(file: Path) -> Path:
    """The manifest beside a delivered file."""
    return file.with_name(file.name.split(".")[0] + ".manifest.json")
