"""Migrating twice, side by side, and after a contract grew."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors.contract import FEEDS_FOLDER, load_contracts
from warehouse.database import WarehouseError, connect
from warehouse.dictionary import describe_warehouse, undescribed
from warehouse.migrate import migrate


def shape(url: str) -> list[Any]:
    with connect(url) as conn:
        return conn.execute(
            "select table_schema, table_name, column_name, data_type from information_schema.columns "
            "where table_schema not in ('pg_catalog', 'information_schema') order by 1, 2, ordinal_position"
        ).fetchall()


def test_several_at_once_and_again_give_one_shape(database_url: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(migrate, [database_url] * 3))
    first = shape(database_url)
    migrate(database_url)
    assert shape(database_url) == first
    assert {row[0] for row in first} == {"landing", "stage", "core", "ops", "mart", "ref", "audit"}


def test_everything_is_described(database_url: str) -> None:
    migrate(database_url)
    with connect(database_url) as conn:
        assert undescribed(conn) == []
        text = describe_warehouse(conn)
        assert text == describe_warehouse(conn)
    for name in ("core.person", "landing.hrss_card_history", "mart.person_count", "card.who_holds("):
        assert f"### {name}" in text


def grown(tmp_path: Path, change: dict[str, Any]) -> dict[str, Any]:
    """The contracts with one more feed, an existing one under another name with some parts changed."""
    source = yaml.safe_load((FEEDS_FOLDER / "mr_entity.yml").read_text(encoding="utf-8"))
    (tmp_path / "mr_later.yml").write_text(yaml.safe_dump({**source, "feed": "mr_later", **change}, allow_unicode=True))
    return load_contracts(tmp_path)


def columns_of(url: str, table: str) -> list[str]:
    return [row[2] for row in shape(url) if row[:2] == ("landing", table)]


def test_a_new_feed_gets_its_tables_and_a_new_column_is_added(database_url: str, tmp_path: Path) -> None:
    source = yaml.safe_load((FEEDS_FOLDER / "mr_entity.yml").read_text(encoding="utf-8"))
    fewer = [c for c in source["columns"] if c.get("field") != "phone"]
    used = [e for e in source["expectations"] if e.get("field") != "phone"]
    less = {"columns": fewer, "expectations": used}
    migrate(database_url, grown(tmp_path, less).values())
    before = columns_of(database_url, "mr_later")
    assert "uscc_reasons" in before
    assert "source_key" in columns_of(database_url, "mr_later_history")
    more = [*fewer, {"source": "电话", "english": "phone", "field": "phone"}]
    migrate(database_url, grown(tmp_path, {**less, "columns": more}).values())
    assert set(columns_of(database_url, "mr_later")) - set(before) == {"phone"}
    assert "phone" in columns_of(database_url, "mr_later_history")
    migrate(database_url, grown(tmp_path, less).values())
    with connect(database_url) as conn:
        comment = conn.execute(
            "select col_description('landing.mr_later'::regclass, attnum) from pg_attribute "
            "where attrelid = 'landing.mr_later'::regclass and attname = 'phone'"
        ).fetchone()
    assert comment is not None
    assert comment[0].startswith("No longer in the contract")


def test_a_column_never_changes_its_type_by_itself(database_url: str) -> None:
    migrate(database_url)
    with connect(database_url) as conn:
        conn.execute("alter table landing.mr_entity alter column founded_date type text")
        with pytest.raises(WarehouseError, match=r"landing\.mr_entity\.founded_date is text, the contract says date"):
            migrate(database_url)
        conn.execute("alter table landing.mr_entity alter column founded_date type date using founded_date::date")
    migrate(database_url)


def test_no_server_is_said_without_the_password() -> None:
    with pytest.raises(WarehouseError) as fault:
        migrate("postgresql://someone:secretword@127.0.0.1:1/nowhere")
    assert "secretword" not in str(fault.value)
    assert "127.0.0.1:1/nowhere" in str(fault.value)
