"""Describe the staged masters for their gate: golden fields, size, numbers held, and what is wrong with the number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from extractors import standardise
from extractors.fields import Subject
from quality.history import MasterStats
from quality.measures import measure_masters

_NUMBER = {"person": "id_number", "enterprise": "uscc"}
_REASONS = {
    "person": "id_reasons(masters.id_number, try_cast(masters.birth_date AS DATE), masters.sex)",
    "enterprise": "uscc_reasons(masters.uscc)",
}
# A number of 15 places and its 18 are one; a number that Public Security lists as former is no second one (domain 1.1, 7.1).
_OWN = {"person": "coalesce(id_upgrade(records.id_number), records.id_number)", "enterprise": "records.uscc"}
# How many different values of a fact the records of one master tell; of a branch, whether it names its parent.
_FACTS = {
    "person": "greatest(count(DISTINCT records.birth_date), count(DISTINCT records.sex) FILTER (records.sex IN ('1', '2')))",
    "enterprise": "count(DISTINCT records.status)",
}
_TOLD = {"person": ("birth_date", "sex"), "enterprise": ("status",)}
_BESIDE = {
    "person": "",
    "enterprise": ", CASE WHEN masters.enterprise_type LIKE '2%' THEN (masters.parent_uscc IS NOT NULL)::DOUBLE END "
    "AS names_parent",
}
_IS_VALID = {"person": "id_is_valid(number)", "enterprise": "len(uscc_reasons(number)) = 0"}


@dataclass(frozen=True, slots=True)
class Described:
    """The masters as `quality.gates.gate_masters` wants them.

    `masters` has the golden columns, `record_count`, `valid_id_count`, `fact_count` (most different values the records
    tell of one fact), the reasons against the golden number, and for enterprises `names_parent` (1, 0; null for those that
    are no branch).
    """

    masters: pa.Table
    stats: MasterStats
    records_without_master: int
    masters_without_record: int


def read_staged(folder: Path, subject: Subject) -> dict[str, pa.Table]:
    """The tables `masters`, `crosswalk` and `records` of a folder as `describe_masters` wants them.

    Of the records only the columns that are looked at are read: they are many, and their texts long.
    """
    wanted = {"record_key", _NUMBER[subject], "former_id_number", *_TOLD[subject]}
    path = folder / "records.parquet"
    return {
        "masters": pq.read_table(folder / "masters.parquet"),
        "crosswalk": pq.read_table(folder / "crosswalk.parquet", columns=["record_key", "master_id"]),
        "records": pq.read_table(path, columns=[name for name in pq.read_schema(path).names if name in wanted]),
    }


def describe_masters(
    subject: Subject,
    masters: pa.Table,
    crosswalk: pa.Table,
    records: pa.Table,
    *,
    events: Mapping[str, int],
    reviews: int,
    as_of: date,
) -> Described:
    """Join the facts a gate needs to the staged masters of `person` or `enterprise`.

    `masters` has `master_id` and the golden columns in standard form, `crosswalk` `record_key` and `master_id`,
    `records` the canonical columns; `events` counts the night's identity events by kind, `reviews` the open pairs.
    A number counts as held by the master with most of its records: a relative's number in one row of another person
    is that row's mistake and no sign of two persons in one file. Raises `duckdb.Error` if a column is missing.
    """
    number = _NUMBER[subject]
    connection = standardise.connect(as_of=as_of, keys=False)
    try:
        golden = masters.drop_columns(["record_count"]) if "record_count" in masters.column_names else masters
        for name, table in (("masters", golden), ("crosswalk", crosswalk), ("records", records)):
            connection.register(name, table)
        connection.execute(f"""
            CREATE TEMP TABLE numbered AS
            SELECT crosswalk.master_id, {_OWN[subject]} AS number, count(*) AS record_count
            FROM crosswalk LEFT JOIN records USING (record_key) GROUP BY ALL
        """)
        if "former_id_number" in records.column_names:
            connection.execute("""
                DELETE FROM numbered USING (
                    SELECT DISTINCT crosswalk.master_id, former_id_number
                    FROM crosswalk JOIN records USING (record_key) WHERE former_id_number IS NOT NULL) AS former
                WHERE numbered.master_id = former.master_id AND number = former_id_number
            """)
        connection.execute(f"""
            CREATE TEMP TABLE owned AS
            SELECT number, arg_max(master_id, (record_count, master_id)) AS master_id
            FROM numbered WHERE number IN (
                SELECT number FROM (SELECT DISTINCT number FROM numbered WHERE number IS NOT NULL)
                WHERE {_IS_VALID[subject]})
            GROUP BY number
        """)
        described = connection.sql(f"""
            WITH size AS (
                SELECT master_id, count(*) AS record_count, {_FACTS[subject]} AS fact_count
                FROM crosswalk LEFT JOIN records USING (record_key) GROUP BY master_id
            ), held AS (SELECT master_id, count(*) AS valid_id_count FROM owned GROUP BY master_id)
            SELECT masters.*, coalesce(size.record_count, 0) AS record_count,
                coalesce(held.valid_id_count, 0) AS valid_id_count, coalesce(size.fact_count, 0) AS fact_count,
                {_REASONS[subject]} AS {number}_reasons{_BESIDE[subject]}
            FROM masters LEFT JOIN size USING (master_id) LEFT JOIN held USING (master_id) ORDER BY master_id
        """).to_arrow_table()
        without_master = connection.execute(
            "SELECT count(*) FROM records ANTI JOIN crosswalk USING (record_key)"
        ).fetchone()
        without_record = connection.execute(
            "SELECT count(*) FROM masters ANTI JOIN crosswalk USING (master_id)"
        ).fetchone()
    finally:
        connection.close()
    return Described(
        masters=described,
        stats=measure_masters(subject, masters, crosswalk, events=events, reviews=reviews),
        records_without_master=int(without_master[0]) if without_master else 0,
        masters_without_record=int(without_record[0]) if without_record else 0,
    )
