"""Every place a night leaves something in, but for those that hold personal values by design; and the values themselves."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.leak_scan import VALUES, lines_of
from extractors.contract import load_contracts
from runtime.settings import ROOT
from warehouse.database import Connection, columns, compose, connect, name

# Folders of the state that are the data itself, or go to one department: protected, not published.
BY_DESIGN = {
    "inbox": "deliveries as they came",
    "snapshots": "deliveries kept, and what was extracted from them",
    "truth": "truth of the pretend province",
    "corrections": "correction files, readable for their owner alone (0600)",
    "state": "what the matcher remembers",
    "match_state": "what the matcher remembers",
    "work": "tables steps leave for each other, removed when the night ends",
    "postgres": "the database; its log is scanned",
}
KINDS = {
    "id": "id", "phone": "phone", "bank_card": "bank card", "person_name": "name", "registration_no": "number",
}  # fmt: skip
MORE = ("card_number", "cert_number", "household_no")


def read_values(conn: Connection) -> pa.Table:
    """Every id, phone, name, bank and social card number of all landed feeds, in standard form and as received."""
    found: set[tuple[str, str]] = set()
    for contract in load_contracts().values():
        sources = {column.field: column.source for column in contract.columns if column.field}
        for field in contract.fields:
            kind = KINDS.get(field.kind) or ("number" if field.name in MORE else None)
            if kind is None or field.protection == "open":
                continue
            for table in (contract.feed, f"{contract.feed}_history"):
                both = compose(
                    "select distinct v from {t}, unnest(array[{c}::text, received ->> %s]) v where v is not null",
                    t=name("landing", table), c=name(field.name),
                )  # fmt: skip
                found |= {(kind, value) for (value,) in conn.execute(both, (field.name,)).fetchall()}
            rejected = conn.execute(
                "select distinct received::json ->> %(s)s from ops.reject where feed = %(f)s "
                "and received::json ->> %(s)s is not null",
                {"s": sources[field.name], "f": contract.feed},
            )
            found |= {(kind, value) for (value,) in rejected.fetchall()}
    return pa.Table.from_pylist([{"kind": kind, "value": value} for kind, value in sorted(found)], VALUES)


def files(home: Path) -> Iterator[dict[str, str]]:
    """Every file of the state folder but those of `BY_DESIGN`, and the names of all of them."""
    for path in sorted(home.rglob("*")):
        shown = str(path.relative_to(home))
        top = path.relative_to(home).parts[0]
        yield from lines_of("names of files", "", shown)
        if not path.is_file() or (top in BY_DESIGN and path.suffix != ".log"):
            continue
        place = f"files in {top}/" if path.relative_to(home).parent != Path() else "files in the state folder"
        yield from lines_of(place, shown, path.read_bytes().decode("utf-8", "replace"))


def airflow_tables(url: str) -> Iterator[dict[str, str]]:
    """Every column of every table of Airflow's metadata: XComs, rendered fields, audit log, task and run names."""
    with connect(url) as conn:
        tables = [
            str(t) for (t,) in conn.execute("select tablename from pg_tables where schemaname = 'public' order by 1")
        ]
        for table in tables:
            for (row,) in conn.execute(compose("select t::text from {t} t", t=name("public", table))).fetchall():
                yield from lines_of(f"Airflow: {table}", table, row)


def warehouse_tables(conn: Connection) -> Iterator[dict[str, str]]:
    """Runs, steps, verdicts, findings, audit and mart: every column whose description does not end in 'personal'."""
    described = conn.execute(
        "select n.nspname, c.relname, array_agg(a.attname::text order by a.attnum) from pg_class c "
        "join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid "
        "where n.nspname in ('ops', 'mart', 'audit', 'ref') and c.relkind in ('r', 'v') and a.attnum > 0 "
        "and not a.attisdropped and coalesce(col_description(c.oid, a.attnum), '') !~ '; (may be )?personal$' "
        "group by 1, 2 order by 1, 2"
    ).fetchall()
    for schema, table, names in described:
        query = compose("select (row({c}))::text from {t}", c=columns(names), t=name(schema, table))
        for (row,) in conn.execute(query).fetchall():
            yield from lines_of(f"warehouse: {schema}", f"{schema}.{table}", row)


def own_words() -> list[str]:
    """Texts the project itself is made of: pages, rules, contracts, code tables and names of places; no names of persons."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    texts = (".py", ".yml", ".html", ".sql", ".css", ".md")
    chosen = [n for n in listed if n.endswith(texts) and not n.startswith(("demo/", "tests/", "benchmarks/"))]
    chosen.append("extractors/reference/code.csv")
    words = [(ROOT / n).read_text(encoding="utf-8") for n in chosen]
    divisions: list[str] = pq.read_table(ROOT / "extractors/reference/division.parquet", columns=["name"])[
        "name"
    ].to_pylist()
    return words + divisions
