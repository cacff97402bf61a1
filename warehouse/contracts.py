"""Contracts in force: what a feed's records landed under, against which a changed contract is held before it is used."""

from __future__ import annotations

import hashlib
from datetime import date

from pydantic import ValidationError

from extractors.compatibility import compare
from extractors.contract import Contract
from warehouse.database import Connection


def refused_changes(conn: Connection, contract: Contract, *, as_of: date) -> list[str]:
    """What forbids to use a contract for a feed whose records landed under another one, each change with its field.

    Empty where nothing landed yet, or where the contract in force is of a form that this version no longer reads.
    """
    row = conn.execute("select content::text from ops.contract where feed = %s", (contract.feed,)).fetchone()
    if row is None:
        return []
    try:
        in_force = Contract.model_validate_json(row[0])
    except ValidationError:
        return []
    return [str(change) for change in compare(in_force, contract, as_of=as_of) if change.breaks]


def put_in_force(
    conn: Connection, contract: Contract, *, run_id: str | None = None, by: str | None = None, why: str | None = None
) -> bool:
    """Remember the contract a feed's records land under from now on; whether it is another one than before."""
    content = contract.model_dump_json()
    digest = hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()
    return bool(
        conn.execute(
            "insert into ops.contract as c (feed, content, content_md5, run_id, put_by, put_why) "
            "values (%s, %s, %s, %s, %s, %s) on conflict (feed) do update set "
            "(content, content_md5, run_id, put_by, put_why, put_at) = "
            "row (excluded.content, excluded.content_md5, excluded.run_id, excluded.put_by, excluded.put_why, now()) "
            "where c.content_md5 <> excluded.content_md5",
            (contract.feed, content, digest, run_id, by, why),
        ).rowcount
    )
