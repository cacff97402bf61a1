"""Migrating twice, side by side, and after a contract grew."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
import yaml
from alembic import command
from alembic.config import Config

from extractors.contract import FEEDS_FOLDER, load_contracts
from warehouse.database import WarehouseError, connect
from warehouse.dictionary import describe_warehouse, undescribed
from warehouse.migrate import PACKAGE, migrate


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


def test_a_filled_database_of_an_earlier_version_is_brought_up(database_url: str) -> None:
    """Views and functions of the earlier version read columns that a later migration drops."""
    migrate(database_url)
    newest = shape(database_url)
    with connect(database_url) as conn:
        for schema in ("ops", "core", "stage", "audit", "ref", "mart", "card", "landing"):
            conn.execute(f"drop schema {schema} cascade".encode())
    upgrade_to(database_url, "0008")
    with connect(database_url) as conn:
        conn.execute("create view mart.finding_count as select feed from ops.finding where closed_batch_no is null")
        conn.execute("create view core.open_findings as select * from mart.finding_count")
        conn.execute(
            "insert into ops.finding (feed, batch_no, code, severity, run_id) values ('ps_person', '1', 'CHECK', 'warn', 'n')"
        )
    migrate(database_url)
    assert shape(database_url) == newest
    with connect(database_url) as conn:
        assert conn.execute("select feed, code, state from ops.finding").fetchall() == [("ps_person", "CHECK", "open")]


def upgrade_to(url: str, revision: str) -> None:
    """The schemas and Alembic's tables as they were at a revision."""
    with connect(url) as conn:
        for schema in ("ops", "core", "stage", "audit", "ref", "mart", "card", "landing"):
            conn.execute(f"create schema {schema}".encode())
    config = Config()
    config.set_main_option("script_location", str(PACKAGE / "migrations"))
    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()
    engine.dispose()


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
