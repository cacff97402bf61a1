"""Made-up persons and enterprises for the matcher's tests, and the matcher itself on one shared connection."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from itertools import product
from typing import Any

import pyarrow as pa

from extractors.standardise import connect
from matching.characters import Characters, load
from matching.model import Model
from matching.resolve import Resolution, load_model, resolve

AS_OF = date(2026, 11, 1)
PERSON = (
    "department", "name", "former_name", "sex", "ethnicity", "birth_date", "id_number", "phone", "address", "area_code",
    "household_no", "card_number", "updated_at", "former_id_number",
)  # fmt: skip
ENTERPRISE = (
    "department", "name", "former_name", "uscc", "registration_no", "organisation_code", "legal_rep_name",
    "legal_rep_id", "phone", "address", "area_code", "enterprise_type", "status", "parent_uscc", "updated_at",
)  # fmt: skip
Row = dict[str, str | None]


class Shared:
    """A connection that stays open when the matcher closes it."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def close(self) -> None:
        """Nothing: the next test uses it too."""


@cache
def shared() -> Shared:
    """One connection with the standard form for all tests."""
    return Shared(connect(as_of=AS_OF))


@cache
def characters() -> Characters:
    """What is known of single characters."""
    return load(shared())


@cache
def model(subject: str) -> Model:
    """The declared model on the shared connection."""
    return replace(load_model(subject), connect=lambda **_: shared())


def table(rows: list[Row], columns: tuple[str, ...]) -> pa.Table:
    """Rows as canonical columns, all text; rows without record_key get one."""
    made = [{"record_key": f"row:{n:05}", **row} for n, row in enumerate(rows)]
    return pa.table({name: pa.array([row.get(name) for row in made], pa.string()) for name in ("record_key", *columns)})


def persons(rows: list[Row]) -> pa.Table:
    """Records of persons."""
    return table(rows, PERSON)


def enterprises(rows: list[Row]) -> pa.Table:
    """Records of enterprises."""
    return table(rows, ENTERPRISE)


def match(records: pa.Table, subject: str = "person", judgements: pa.Table | None = None) -> Resolution:
    """The resolver with the stored weights."""
    return resolve(records, model(subject), as_of=AS_OF, judgements=judgements)


def clusters_of(resolution: Resolution) -> dict[str, str]:
    """record_key -> cluster_id."""
    found = resolution.clusters.to_pydict()
    return dict(zip(found["record_key"], found["cluster_id"], strict=True))


def citizen(area: str, born: str, sequence: int) -> str:
    """A valid citizen number; sequences from 900 to 995 are no living person's."""
    front = f"{area}{born}{sequence:03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return front + "10X98765432"[sum(int(c) * w for c, w in zip(front, weights, strict=True)) % 11]


def organisation_code(front: str) -> str:
    """8 characters with their check character."""
    values = [int(c, 36) for c in front]
    rest = 11 - sum(v * w for v, w in zip(values, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    return front + {10: "X", 11: "0"}.get(rest, str(rest))


def credit_code(kind: str, area: str, organisation: str) -> str:
    """A valid unified social credit code of 8 characters of an organisation code, such as MA6X9000."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    front = kind + area + organisation_code(organisation)
    total = sum(alphabet.index(c) * pow(3, n, 31) for n, c in enumerate(front))
    return front + alphabet[(31 - total % 31) % 31]


def registration_number(front: str) -> str:
    """14 digits with their check digit (MOD 11,10)."""
    rest = 10
    for digit in front:
        rest = ((rest + int(digit)) % 10 or 10) * 2 % 11
    return front + str((11 - rest) % 10)


@cache
def _crowd() -> tuple[Row, ...]:
    surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
    given = (
        "建国",
        "秀英",
        "伟",
        "芳",
        "子轩",
        "雨涵",
        "志强",
        "丽娟",
        "军",
        "敏",
        "静怡",
        "浩然",
        "桂兰",
        "勇",
        "春梅",
    )
    rows: list[Row] = []
    for n, (surname, rest) in enumerate(product(surnames, given)):
        born = f"{1940 + n % 70}{1 + n % 12:02}{1 + n % 28:02}"
        number = citizen("510107", born, 900 + n % 96)
        seen: Row = {"name": surname + rest, "id_number": number, "area_code": "510107"}
        more = {"birth_date": born, "sex": "1" if int(number[16]) % 2 else "2"}
        rows.append(
            {"record_key": f"crowd:{n:04}a", "department": "ps", **seen, **more, "household_no": f"8{n // 3:08}"}
        )
        rows.append({"record_key": f"crowd:{n:04}b", "department": "nhsa", **seen, **more, "phone": f"138{n:08}"})
    return tuple(rows)


def crowd() -> list[Row]:
    """600 ordinary records of 300 other persons, so that a value's frequency means something."""
    return list(_crowd())
