"""All current records of one subject in the canonical columns of the matcher, from the landing tables of its feeds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pyarrow as pa
from psycopg import sql

from extractors.contract import Contract, load_contracts
from warehouse.copy import copy_out
from warehouse.database import Connection, compose, name
from warehouse.judgements import read_judgements
from warehouse.landing_tables import landing_columns

__all__ = ["CANONICAL", "read_judgements", "read_records", "subject_feeds"]
_BOTH = ("phone", "address", "area_code")
CANONICAL: dict[str, tuple[str, ...]] = {
    "person": (
        "name", "former_name", "sex", "ethnicity", "birth_date", "id_number", "former_id_number", *_BOTH,
        "household_no", "card_number", "updated_at",
    ),
    "enterprise": (
        "name", "former_name", "uscc", "registration_no", "organisation_code", "legal_rep_name", "legal_rep_id", *_BOTH,
        "enterprise_type", "status", "parent_uscc", "updated_at",
    ),
}  # fmt: skip
NUMBERS: dict[str, tuple[str, ...]] = {
    "person": ("id_number",),
    "enterprise": ("uscc", "registration_no", "organisation_code", "legal_rep_id"),
}


@cache
def _contracts() -> Mapping[str, Contract]:
    return load_contracts()


def subject_feeds(subject: str) -> list[str]:
    """Feeds whose records identify this subject, sorted; those with details of another feed's subjects are not matched."""
    return sorted(f for f, contract in _contracts().items() if contract.subject == subject and not contract.details_of)


def _select(contract: Contract, subject: str) -> sql.Composed:
    present = landing_columns(contract)
    columns: list[sql.Composable] = []
    for canonical in CANONICAL[subject]:
        source = contract.canonical.get(canonical, canonical)
        if source not in present:
            columns.append(compose("null::text as {c}", c=name(canonical)))
        elif present[source][0].startswith("text"):
            columns.append(compose("{s} as {c}", s=name(source), c=name(canonical)))
        else:
            columns.append(compose("{s}::text as {c}", s=name(source), c=name(canonical)))
    for number in NUMBERS[subject]:
        reasons = f"{contract.canonical.get(number, number)}_reasons"
        given: sql.Composable = name(reasons) if reasons in present else sql.SQL("null::text[]")
        columns.append(compose("{s} as {c}", s=given, c=name(f"{number}_reasons")))
    return compose(
        "select {key} || source_key as record_key, {feed} as feed, {department} as department, {columns} from {table}",
        key=sql.Literal(f"{contract.feed}:"),
        feed=sql.Literal(contract.feed),
        department=sql.Literal(contract.department),
        columns=sql.SQL(", ").join(columns),
        table=name("landing", contract.feed),
    )


def read_records(conn: Connection, subject: str) -> pa.Table:
    """Current records of a subject, one row each, in order of record_key within a feed.

    Returns
    -------
    Text columns record_key (``<feed>:<source key>``), feed, department and the canonical columns of the subject in
    standard form, null where a feed does not carry them; dates as YYYY-MM-DD, updated_at as YYYY-MM-DD HH:MM:SS;
    then for each number ``<number>_reasons``, a list of everything that is wrong with it.
    """
    parts = [
        copy_out(conn, compose("{select} order by source_key", select=_select(_contracts()[feed], subject)))
        for feed in subject_feeds(subject)
    ]
    return pa.concat_tables(parts).combine_chunks()
