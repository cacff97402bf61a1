"""Split a file and undo it: judgements on every pair across the cut, withdrawn together."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.database import Connection, WarehouseError, one, transaction
from warehouse.files import digest_records
from warehouse.judgements import record_judgement, withdraw_judgement

MOST_PAIRS = 400


def split_file(
    conn: Connection, master_id: str, parted: Sequence[int], *, judged_by: str, reason: str, seen: str | None = None
) -> int:
    """Judge some records of a file not the same as all its others; the file is split in the next run.

    Parameters
    ----------
    parted
        Numbers of the records to part, as `warehouse.files.read_file` counts them.
    seen
        `digest_records` of the records that were looked at; None: the caller knows that they are these.

    Returns
    -------
    Number of the act, for `undo`.

    Raises
    ------
    WarehouseError
        The file holds other records than were seen, no record or every record is chosen, no reason is given, or the cut has more than 400 pairs.
    """
    if not reason.strip():
        raise WarehouseError("A split needs a reason in words.")
    with transaction(conn, "splitting a file"):
        rows = conn.execute(
            "select record_key, subject from core.crosswalk where master_id = %s "
            "order by split_part(record_key, ':', 1), record_key",
            (master_id,),
        ).fetchall()
        if seen is not None and seen != digest_records([row[0] for row in rows]):
            raise WarehouseError(
                f"File {master_id} holds other records than when it was looked at: a night came in between. Nothing was "
                "judged. Look at it again and choose anew."
            )
        chosen = {rows[n - 1][0] for n in set(parted) if 1 <= n <= len(rows)}
        rest = [r[0] for r in rows if r[0] not in chosen]
        if not chosen or not rest:
            raise WarehouseError("Choose at least one record to part, and leave at least one.")
        if len(chosen) * len(rest) > MOST_PAIRS:
            raise WarehouseError(
                f"The cut has {len(chosen) * len(rest)} pairs, more than {MOST_PAIRS}. Part fewer records."
            )
        act = int(one(conn, "select nextval('core.judgement_act')")[0])
        for left in sorted(chosen):
            for right in rest:
                record_judgement(
                    conn, rows[0][1], left, right, "not_same", judged_by=judged_by, reason=reason, act_id=act
                )
    return act


def undo(conn: Connection, judgement_id: int, *, judged_by: str, reason: str) -> int:
    """Withdraw a judgement, and with it all that was judged by the same act; returns how many lines were withdrawn.

    Raises
    ------
    WarehouseError
        It is not there, was withdrawn before, comes from an authoritative list, or no reason is given.
    """
    if not reason.strip():
        raise WarehouseError("Taking back a judgement needs a reason in words.")
    with transaction(conn, "taking back a judgement"):
        row = conn.execute(
            "select act_id, source from core.judgement where judgement_id = %s for update", (judgement_id,)
        ).fetchone()
        if row is None:
            raise WarehouseError(f"Judgement {judgement_id} is not there.")
        if row[1] != "steward":
            raise WarehouseError("A line of an authoritative list is taken back by its next delivery, not here.")
        numbers = [
            int(r[0])
            for r in conn.execute(
                "select judgement_id from core.judgement j where act_id = %s and not exists "
                "(select from core.judgement w where w.withdraws_id = j.judgement_id) order by 1",
                (row[0],),
            ).fetchall()
        ] or [judgement_id]
        for number in numbers:
            withdraw_judgement(conn, number, judged_by=judged_by, reason=reason)
    return len(numbers)
