"""Rows that take the short way get the record that the long way would have given them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extractors import plain, rows_ahead, staging
from extractors.extract import RESULTS, Extracted
from tests.extractors.conftest import CONTRACTS, Desk, mode_of
from tests.extractors.samples import sample_rows

FEEDS = ("ca_assist", "hrss_card", "mr_entity", "nhsa_insured", "ps_person", "tax_payer")
ODD = (
    "", " ", "无", "0", "张 三", "扎西·多吉", "某某", "王已故", "\ue863", "５１０", "汉族", "男", "2024-1-31", "20240230", "99991231", "长期", "1.5",
    "-0.10", "2020-01-01 08:30:00", "20200101083000", "1", "3", "19", "510104", "成都市锦江区", "028-12345678", "13900000000", "a|b", "同上",
    "锟斤拷", "6222021234567890129", "11010519491231002X", "510104198501029000", "91440300715267260G", "某公司（注销）", "天乐（成都）有限公司",
)  # fmt: skip
ROWS = 120


def _mixed(feed: str) -> list[dict[str, Any]]:
    """Sound rows, and in every third one to three texts that are odd, or another row's."""
    contract, chance = CONTRACTS[feed], random.Random(feed)
    rows = sample_rows(contract, ROWS)
    for row in rows[::3]:
        for source in chance.sample(
            sorted(source for source in row if not source.startswith("@")), chance.choice((1, 1, 3))
        ):
            row[source] = chance.choice((*ODD, rows[chance.randrange(ROWS)][source]))
    if mode_of(contract) == "delta":
        rows = [row | {"op": chance.choice("IUD")} for row in rows]
    return rows


def _written(extracted: Extracted) -> list[pa.Table]:
    assert extracted.held is None, extracted.held
    tables = [pq.read_table(extracted.folder / name) for name in RESULTS]
    return [table.cast(pa.schema([pa.field(field.name, field.type) for field in table.schema])) for table in tables]


@pytest.mark.parametrize("feed", FEEDS)
def test_the_short_way_gives_what_the_long_way_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, feed: str
) -> None:
    contract, rows = CONTRACTS[feed], _mixed(feed)
    monkeypatch.setattr(rows_ahead, "FIRST_CHUNK", 30)
    monkeypatch.setattr(rows_ahead, "CHUNK_ROWS", 50)
    monkeypatch.setattr(staging, "ODD_ROWS", 20)
    told = []
    tell = plain.PlainRows.tell

    def watched(*given: Any) -> Any:
        told.append(tell(*given)[0].sum())
        return tell(*given)

    monkeypatch.setattr(plain.PlainRows, "tell", watched)
    found = []
    for way, fewest in (("long", ROWS + 1), ("short", 1)):
        monkeypatch.setattr(plain, "FEWEST", fewest)
        (tmp_path / way).mkdir()
        found.append(_written(Desk(tmp_path / way).extract(contract, rows, mode=mode_of(contract))))
        assert (sum(told) > ROWS / 2) == (way == "short")
    for name, long, short in zip(RESULTS, *found, strict=True):
        assert short.equals(long), name
    lines = found[1][0]["line_no"].to_pylist()
    assert lines == sorted(lines)  # plain and odd rows, of chunks taken by several workers
