"""Rejected rows: read in full by who says why, corrected by hand, taken up by a replay, and traced to where they went.

Nothing here decides what a row means: a replay is a delivery like any other, extracted and landed by the same code.
Functions take a connection; who may read ``ops.reject`` is a matter of grants, and PUBLIC has none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from psycopg import sql

from warehouse.copy import copy_in, copy_out
from warehouse.database import Connection, WarehouseError, compose, name, one, transaction

OPEN = "r.replay_batch_no is null"
# The last correction of each reject, over what was received.
_LATEST = (
    "left join lateral (select k.received, k.correction_id from ops.reject_correction k where k.reject_id = r.reject_id "
    "order by k.correction_id desc limit 1) c on true"
)


@dataclass(frozen=True)
class Choice:
    """Which rejects: of a feed, and where given of one delivery, one reason, these numbers."""

    feed: str
    batch_no: str | None = None
    reason: str | None = None
    reject_ids: tuple[int, ...] | None = None

    @property
    def where(self) -> sql.Composed:
        """The condition over ops.reject, alias r."""
        parts = [compose("r.feed = {v}", v=sql.Literal(self.feed))]
        if self.batch_no is not None:
            parts.append(compose("r.batch_no = {v}", v=sql.Literal(self.batch_no)))
        if self.reason is not None:
            parts.append(compose("r.reason = {v}", v=sql.Literal(self.reason)))
        if self.reject_ids is not None:
            parts.append(compose("r.reject_id = any({v})", v=sql.Literal(list(self.reject_ids))))
        return sql.SQL(" and ").join(parts)


@dataclass(frozen=True)
class RejectCount:
    """Rejects of one delivery with one reason: how many in all, still open, of these corrected and waiting."""

    feed: str
    batch_no: str
    reason: str
    field: str
    number: int
    open: int
    corrected: int


def count_rejects(conn: Connection, feed: str | None = None) -> list[RejectCount]:
    """Rejects by feed, delivery and reason, newest delivery first; no value of a row is among them."""
    where = compose("where r.feed = {f}", f=sql.Literal(feed)) if feed else sql.SQL("")
    query = (
        "select r.feed, r.batch_no, r.reason, coalesce(r.field, ''), count(*), count(*) filter (where " + OPEN + "), "
        "count(*) filter (where "
        + OPEN
        + " and c.correction_id is not null) from ops.reject r "
        + _LATEST
        + " {where} "
        "group by 1, 2, 3, 4 order by 1, 2 desc, 5 desc, 3"
    )
    return [RejectCount(*row) for row in conn.execute(compose(query, where=where)).fetchall()]


def read_rejects(conn: Connection, choice: Choice, sources: Sequence[str], *, viewed_by: str, reason: str) -> pa.Table:
    """Open rejects in full, as last corrected; the look is written down first.

    Returns
    -------
    Text columns reject_id, batch_no, line_no, reason, field, row (the whole line where it could not be split), then one
    for each name in `sources`.

    Raises
    ------
    WarehouseError
        Nobody, or no reason, is named.
    """
    _named(viewed_by, reason)
    with transaction(conn, "reading rejects"):
        conn.execute(
            compose(
                "insert into audit.reject_view (viewed_by, feed, batch_no, reject_count, reason) "
                "select {by}, {feed}, {batch}, count(*), {why} from ops.reject r where {where} and " + OPEN,
                by=sql.Literal(viewed_by), feed=sql.Literal(choice.feed), batch=sql.Literal(choice.batch_no),
                why=sql.Literal(reason), where=choice.where,
            )
        )  # fmt: skip
        cells = [compose("t.row ->> {s} as {n}", s=sql.Literal(source), n=name(source)) for source in sources]
        query = (
            "select t.reject_id::text as reject_id, t.batch_no, t.line_no::text as line_no, t.reason, t.field, "
            "t.row ->> 'row' as row, {cells} from (select r.*, coalesce(c.received, r.received)::json as row "
            "from ops.reject r " + _LATEST + " where {where} and " + OPEN + ") t order by t.reject_id"
        )
        return copy_out(conn, compose(query, cells=sql.SQL(", ").join(cells), where=choice.where))


def correct_rejects(
    conn: Connection,
    feed: str,
    rows: Mapping[int, Mapping[str, str]],
    *,
    corrected_by: str,
    reason: str,
) -> int:
    """Keep corrected rows (reject_id -> source column -> text, empty texts left out); returns those that changed.

    A row that is as it was is not kept. One transaction.

    Raises
    ------
    WarehouseError
        A number is of no reject of the feed, or of one that was replayed already; nothing is kept.
    """
    _named(corrected_by, reason)
    with transaction(conn, "correcting rejects"):
        conn.execute("create temp table corrected (reject_id bigint, received text) on commit drop")
        texts = [json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows.values()]
        copy_in(conn, "corrected", pa.table({"reject_id": pa.array(list(rows), pa.int64()), "received": texts}))
        lost = conn.execute(
            "select n.reject_id from corrected n left join ops.reject r on r.reject_id = n.reject_id and r.feed = %s "
            "and r.replay_batch_no is null where r.reject_id is null order by 1 limit 5",
            (feed,),
        ).fetchall()
        if lost:
            raise WarehouseError(
                f"Rejects {', '.join(str(r[0]) for r in lost)} are no open rejects of {feed}: unknown, or replayed "
                "before. Export the open ones again; nothing was kept."
            )
        return conn.execute(
            "insert into ops.reject_correction (reject_id, received, changed_columns, corrected_by, reason) "
            "select t.reject_id, t.received, t.changed, %s, %s from (select n.reject_id, n.received, "
            "array(select coalesce(a.key, b.key) from jsonb_each_text(n.received::jsonb) a full join "
            "jsonb_each_text(coalesce(c.received, r.received)::jsonb) b using (key) "
            "where a.value is distinct from b.value order by 1) as changed "
            "from corrected n join ops.reject r using (reject_id) " + _LATEST + ") t where cardinality(t.changed) > 0",
            (corrected_by, reason),
        ).rowcount


def _named(who: str, why: str) -> None:
    if not who.strip() or not why.strip():
        raise WarehouseError("Rejected rows hold personal data: say who reads or corrects them, and why.")


def waiting_rows(conn: Connection, choice: Choice, sources: Sequence[str], op: str, *, as_they_are: bool) -> pa.Table:
    """Rows of one delivery that a replay would bring, in the order of their numbers.

    Parameters
    ----------
    op
        Name of the operation column.
    as_they_are
        Also rows that nobody corrected, as after a change of the contract; else only corrected ones. A line that could
        not be split is never among them uncorrected.

    Returns
    -------
    reject_id (int64), the operation column (a row of a full delivery is inserted, or updated where its key stands),
    and one text column for each name in `sources`.
    """
    cells = [compose("t.row ->> {s} as {n}", s=sql.Literal(source), n=name(source)) for source in sources]
    corrected = sql.SQL("t.row ->> 'row' is null" if as_they_are else "t.correction_id is not null")
    query = (
        "select t.reject_id, coalesce(t.row ->> {op}, case when t.reason = 'KEY_CONFLICT' then 'U' else 'I' end) as {n}, "
        "{cells} from (select r.*, c.correction_id, coalesce(c.received, r.received)::json as row from ops.reject r "
        + _LATEST
        + " where {where} and "
        + OPEN
        + ") t where {corrected} order by t.reject_id"
    )
    return copy_out(
        conn,
        compose(
            query, op=sql.Literal(op), n=name(op), cells=sql.SQL(", ").join(cells), where=choice.where,
            corrected=corrected,
        ),
    )  # fmt: skip


def open_batches(conn: Connection, choice: Choice) -> list[str]:
    """Deliveries that have open rejects of the choice, oldest first."""
    query = compose("select distinct r.batch_no from ops.reject r where {w} and " + OPEN, w=choice.where)
    return sorted(str(row[0]) for row in conn.execute(query).fetchall())


def next_replay_no(conn: Connection, feed: str, batch_no: str) -> str:
    """The number of the next replay of a delivery: ``<batch_no>.r1``, ``.r2`` ...; it stands right behind it."""
    origin = batch_no.split(".")[0]
    query = (
        "select count(*) from ops.delivery where feed = %s and state = 'landed' and starts_with(batch_no, %s || '.r')"
    )
    return f"{origin}.r{int(one(conn, query, (feed, origin))[0]) + 1:03}"


def take_up(conn: Connection, feed: str, replay_batch_no: str, reject_ids: pa.Array, origin: str) -> None:
    """Write down that these rejects came again as the rows of a replay, in this order, and what was rejected anew.

    Call it in the transaction that lands the replay. Raises WarehouseError if one of them was taken up meanwhile.
    """
    conn.execute("create temp table taken (reject_id bigint, line_no bigint) on commit drop")
    lines = pa.array(range(1, len(reject_ids) + 1), pa.int64())
    copy_in(conn, "taken", pa.table({"reject_id": reject_ids, "line_no": lines}))
    found = conn.execute(
        "update ops.reject r set replay_batch_no = %s, replay_line_no = t.line_no from taken t "
        "where t.reject_id = r.reject_id and r.feed = %s and r.replay_batch_no is null",
        (replay_batch_no, feed),
    ).rowcount
    if found != len(reject_ids):
        raise WarehouseError(
            f"{feed} {replay_batch_no}: {len(reject_ids)} rejects were to be replayed, {found} are still open. "
            "Another replay took them up; nothing of this one was kept."
        )
    conn.execute(
        "update ops.reject n set origin_reject_id = o.reject_id from ops.reject o where n.feed = %s "
        "and n.batch_no = %s and o.feed = n.feed and o.replay_batch_no = n.batch_no and o.replay_line_no = n.line_no",
        (feed, replay_batch_no),
    )
    conn.execute(
        "update ops.delivery set replays_batch_no = %s where feed = %s and batch_no = %s",
        (origin, feed, replay_batch_no),
    )
    conn.execute("drop table taken")


def trace_reject(conn: Connection, reject_id: int) -> list[dict[str, Any]]:
    """The way of one reject in steps, oldest first: rejected, corrected, replayed, and what became of it; no values.

    Each step has ``what``, ``when`` and ``detail``. Raises WarehouseError for an unknown number.
    """
    first = conn.execute(
        "select r.feed, r.batch_no, r.line_no, r.reason, r.field, r.value_class, r.replay_batch_no, r.replay_line_no, "
        "r.origin_reject_id, d.recorded_at from ops.reject r left join ops.delivery d using (feed, batch_no) "
        "where r.reject_id = %s",
        (reject_id,),
    ).fetchone()
    if first is None:
        raise WarehouseError(f"There is no reject {reject_id}. `rejects list` shows the deliveries that have some.")
    feed, batch_no, line_no, reason, field, shape, replay, replay_line, origin, at = first
    steps = [
        {"what": "rejected", "when": at, "detail": f"{feed} {batch_no} line {line_no}: {reason} {field or ''} {shape or ''}"}
    ]  # fmt: skip
    if origin is not None:
        steps = [*trace_reject(conn, origin)[:-1], *steps]
    for who, when, changed, why in conn.execute(
        "select corrected_by, corrected_at, changed_columns, reason from ops.reject_correction where reject_id = %s "
        "order by correction_id",
        (reject_id,),
    ).fetchall():
        steps.append({"what": "corrected", "when": when, "detail": f"by {who}: {', '.join(changed)} ({why})"})
    if replay is None:
        return [*steps, {"what": "open", "when": None, "detail": "not replayed"}]
    landed = one(conn, "select recorded_at from ops.delivery where feed = %s and batch_no = %s", (feed, replay))[0]
    steps.append({"what": "replayed", "when": landed, "detail": f"as {replay} line {replay_line}"})
    return [*steps, {"what": "outcome", "when": None, "detail": _outcome(conn, feed, replay, replay_line)}]


def _outcome(conn: Connection, feed: str, batch_no: str, line_no: int) -> str:
    again = conn.execute(
        "select reject_id, reason from ops.reject where feed = %s and batch_no = %s and line_no = %s",
        (feed, batch_no, line_no),
    ).fetchone()
    if again is not None:
        return f"rejected again as {again[0]}: {again[1]}"
    where = sql.SQL("batch_no = {} and line_no = {}").format(sql.Literal(batch_no), sql.Literal(line_no))
    for table, word in ((feed, "landed, is current"), (f"{feed}_history", "landed, ended since")):
        query = compose("select exists (select from {t} where {w})", t=name("landing", table), w=where)
        if one(conn, query)[0]:
            return word
    counts = one(
        conn,
        "select superseded_count, unchanged_count + duplicate_count from ops.delivery where feed = %s and batch_no = %s",
        (feed, batch_no),
    )
    told = [f"{n} rows of that replay {word}" for n, word in zip(counts, ("overtaken by later deliveries", "known as they were"), strict=True) if n]  # fmt: skip
    return f"changed nothing: {'; '.join(told)}"
