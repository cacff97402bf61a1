"""Clean deliveries and masters for tests: every rule is silent on them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from extractors.contract import Contract, Expectation, load_contracts

ROWS = 2000
NIGHT = date(2026, 11, 1)
BATCH = "20261101-001"


def contract_with(*expectations: dict[str, Any]) -> Contract:
    """The contract of hrss_card with these expectations only."""
    given = tuple(
        Expectation.model_validate({"severity": "stop", "set_by": "a test", **expected}) for expected in expectations
    )
    return load_contracts()["hrss_card"].model_copy(update={"expectations": given})


def clean_cards(rows: int = ROWS) -> dict[str, list[Any]]:
    """Columns of a records file of hrss_card without any defect."""
    return {
        "source_key": [f"510104|A{n:08d}" for n in range(rows)],
        "op": ["I"] * rows,
        "line_no": list(range(1, rows + 1)),
        "name": [f"王{'明红刚芳'[n % 4]}{'一二三四五'[n % 5]}" for n in range(rows)],
        "sex": ["1" if n % 2 else "2" for n in range(rows)],
        "ethnicity": ["01" if n % 10 else "07" for n in range(rows)],
        "birth_date": [date(1960, 1, 1) + timedelta(days=n * 7) for n in range(rows)],
        "id_number": [f"51010419600101{n:04d}" for n in range(rows)],
        "id_number_reasons": [[] for _ in range(rows)],
        "card_status": ["normal" if n % 20 else "cancelled" for n in range(rows)],
        "phone": [f"138{n:08d}" for n in range(rows)],
    }


def table_of(columns: dict[str, list[Any]]) -> pa.Table:
    """The columns as a table of the types the extraction writes."""
    types = {
        "birth_date": pa.date32(),
        "line_no": pa.int64(),
        "record_count": pa.int64(),
        "valid_id_count": pa.int64(),
        "fact_count": pa.int64(),
    }
    return pa.table(
        {
            name: pa.array(values, types.get(name, pa.list_(pa.string()) if name.endswith("_reasons") else pa.string()))
            for name, values in columns.items()
        }
    )


def clean_persons(rows: int = ROWS) -> dict[str, list[Any]]:
    """Columns of described masters of persons without any defect."""
    cards = clean_cards(rows)
    kept = ("name", "sex", "birth_date", "id_number", "id_number_reasons")
    return {
        "master_id": [f"P{n:06d}" for n in range(rows)],
        "record_count": [4] * rows,
        "valid_id_count": [1] * rows,
        "fact_count": [1] * rows,
        **{name: cards[name] for name in kept},
    }
