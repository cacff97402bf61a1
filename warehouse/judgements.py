"""Judgements of people and authoritative lists: append-only, they outlive every run and beat every score."""

from __future__ import annotations

import json
from typing import Any, Literal

import pyarrow as pa
from psycopg import sql

from warehouse.copy import copy_out
from warehouse.database import Connection, WarehouseError, compose, one, transaction
from warehouse.reviews import WAITING

UNPUBLISHED = (
    "select left_key, right_key from core.judgement where subject = %s and judgement_id > "
    "coalesce((select judgement_id from core.judgement_effect where subject = %s), 0)"
)
"""SQL: pairs judged, or whose judgement was withdrawn, that no published run knew; takes the subject twice."""


def record_judgement(
    conn: Connection,
    subject: str,
    left_key: str,
    right_key: str,
    verdict: Literal["same", "not_same", "unsure"],
    *,
    judged_by: str,
    reason: str,
    source: str = "steward",
    second_by: str | None = None,
    evidence: dict[str, Any] | None = None,
    act_id: int | None = None,
) -> int:
    """Append a judgement on two records and close the cases it decides; takes effect in the next run.

    ``unsure`` closes nothing: the doubt stands, and so does what it holds back.

    Returns
    -------
    Number of the judgement.
    """
    low, high = sorted((left_key, right_key))
    if low == high:
        raise WarehouseError("A judgement needs two different records.")
    with transaction(conn, "recording a judgement"):
        number = one(
            conn,
            "insert into core.judgement (subject, left_key, right_key, verdict, source, judged_by, second_by, reason, "
            "evidence, act_id, judged_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp()) "
            "returning judgement_id",
            (
                subject, low, high, verdict, source, judged_by, second_by, reason,
                json.dumps(evidence, ensure_ascii=False) if evidence else None, act_id,
            ),
        )[0]  # fmt: skip
        conn.execute(
            f"update core.review set state = 'decided' where subject = %s and state in {WAITING} "
            "and least(left_key, right_key) = %s and greatest(left_key, right_key) = %s and %s <> 'unsure'",
            (subject, low, high, verdict),
        )
    return int(number)


def withdraw_judgement(conn: Connection, judgement_id: int, *, judged_by: str, reason: str) -> int:
    """Take a judgement back by a further line; the case may be asked again. Returns the number of the new line.

    Raises
    ------
    WarehouseError
        There is no such judgement, or it was withdrawn before.
    """
    with transaction(conn, "withdrawing a judgement"):
        row = conn.execute(
            "select subject, left_key, right_key, source from core.judgement j where judgement_id = %s and verdict <> "
            "'withdrawn' and not exists (select from core.judgement w where w.withdraws_id = j.judgement_id)",
            (judgement_id,),
        ).fetchone()
        if row is None:
            raise WarehouseError(f"Judgement {judgement_id} is not there, or was withdrawn before.")
        number = one(
            conn,
            "insert into core.judgement (subject, left_key, right_key, verdict, withdraws_id, source, judged_by, "
            "reason, judged_at) values (%s, %s, %s, 'withdrawn', %s, %s, %s, %s, clock_timestamp()) "
            "returning judgement_id",
            (row[0], row[1], row[2], judgement_id, row[3], judged_by, reason),
        )[0]
        conn.execute(
            "update core.review set state = 'gone' where subject = %s and state = 'decided' "
            "and least(left_key, right_key) = %s and greatest(left_key, right_key) = %s",
            (row[0], row[1], row[2]),
        )
    return int(number)


def count_waiting(conn: Connection) -> int:
    """Pairs whose judgement no published run knew, or did not know to be withdrawn: not in effect yet."""
    return sum(
        int(
            one(conn, f"select count(*) from (select distinct left_key, right_key from ({UNPUBLISHED}) q) p", (s, s))[0]
        )
        for s in ("person", "enterprise")
    )


def read_for_run(conn: Connection, subject: str) -> tuple[pa.Table, int]:
    """Judgements in force, and the number of the last one there is: what comes later is for the next run.

    It waits for judgements that are being written, so that none with a lower number appears afterwards.
    """
    with transaction(conn, "reading judgements"):
        conn.execute("lock table core.judgement in share mode")
        last = one(conn, "select coalesce(max(judgement_id), 0) from core.judgement where subject = %s", (subject,))[0]
        return read_judgements(conn, subject), int(last)


def read_judgements(conn: Connection, subject: str) -> pa.Table:
    """Judgements in force: [left_key, right_key, verdict, source]; the latest one on a pair counts."""
    return copy_out(
        conn,
        compose(
            "select left_key, right_key, verdict, source from (select distinct on (left_key, right_key) * "
            "from core.judgement j where subject = {s} and verdict <> 'withdrawn' and not exists "
            "(select from core.judgement w where w.withdraws_id = j.judgement_id) "
            "order by left_key, right_key, judgement_id desc) q order by left_key, right_key",
            s=sql.Literal(subject),
        ),
    )
