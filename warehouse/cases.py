"""Cases of the review queue as a steward sees them: side by side, with reasons and what a decision will change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from warehouse.database import Connection, WarehouseError, one
from warehouse.effects import Effect, Side, effects_of
from warehouse.files import MASK, Value, read_values, rows
from warehouse.reasons import why_two_apart
from warehouse.reviews import WAITING

MOST_SIDES = 4


@dataclass(frozen=True)
class Line:
    """One field across the sides. `state`: equal, differs, one_sided (some sides say nothing)."""

    field: str
    state: str
    cells: list[list[Value]]


@dataclass(frozen=True)
class CaseView:
    """A case in full; values are masked for who may not see them, the marks of differences are not."""

    review_id: int
    subject: str
    kind: str
    description: str
    state: str
    taken_by: str | None
    score: float | None
    stake: int | None
    opened: str
    reasons: list[str]
    sides: list[Side]
    lines: list[Line]
    proposal: dict[str, Any] | None
    acts: list[dict[str, Any]]
    effects: dict[str, list[Effect]]
    apart: list[dict[str, Any]]


def read_queue(conn: Connection, *, limit: int = 100) -> list[dict[str, Any]]:
    """Waiting cases, most at stake first."""
    return rows(
        conn,
        "select r.review_id, r.subject, r.review_kind, coalesce(k.description, r.review_kind) as description, r.stake, "
        "r.state, r.taken_by, r.opened_date, r.deferred_until, p.proposed_by, p.verdict as proposed "
        "from core.review r left join ref.review_kind k using (review_kind) "
        "left join core.proposal p on p.review_id = r.review_id and p.outcome is null "
        f"where r.state in {WAITING} order by r.state = 'deferred', r.stake desc nulls last, r.review_id limit %s",
        (limit,),
    )


def count_queue(conn: Connection) -> dict[str, int]:
    """Cases by state, and proposals that wait for a second person."""
    counted: dict[str, int] = dict(
        conn.execute(f"select state, count(*) from core.review where state in {WAITING} group by 1").fetchall()
    )
    second = one(
        conn,
        "select count(*) from core.proposal p join core.review r using (review_id) "
        f"where p.outcome is null and r.state in {WAITING}",
    )[0]
    return {**dict.fromkeys(("open", "taken", "deferred"), 0), **counted, "second": int(second)}


def read_case(conn: Connection, review_id: int, *, may_see: bool) -> CaseView:
    """A case with all files that stand in it, or in a waiting case with one of them, at most four.

    Raises
    ------
    WarehouseError
        There is no such case.
    """
    found = rows(
        conn,
        "select r.*, coalesce(k.description, r.review_kind) as description, coalesce(k.holds_answers, true) as holds "
        "from core.review r left join ref.review_kind k using (review_kind) where review_id = %s",
        (review_id,),
    )
    if not found:
        raise WarehouseError(f"There is no case {review_id}.")
    case = found[0]
    masters = list(dict.fromkeys(m for m in (case["left_id"], case["right_id"]) if m))
    for row in conn.execute(
        f"select left_id, right_id from core.review where state in {WAITING} and subject = %s "
        "and (left_id = any(%s) or right_id = any(%s)) order by review_id",
        (case["subject"], masters, masters),
    ).fetchall():
        masters += [m for m in row if m and m not in masters]
    sides = [_side(conn, case["subject"], m) for m in masters[:MOST_SIDES]]
    proposal = rows(
        conn,
        "select verdict, proposed_by, proposed_at, reason, needs from core.proposal "
        "where review_id = %s and outcome is null",
        (review_id,),
    )
    if proposal and not may_see:
        proposal[0]["reason"] = MASK
    return CaseView(
        review_id=review_id,
        subject=case["subject"],
        kind=case["review_kind"],
        description=case["description"],
        state=case["state"],
        taken_by=case["taken_by"],
        score=case["score"],
        stake=case["stake"],
        opened=case["opened_date"],
        reasons=[r.strip() for r in (case["reason"] or "").split(";") if r.strip()],
        sides=sides,
        lines=_lines(conn, case["subject"], sides, may_see=may_see),
        proposal=proposal[0] if proposal else None,
        acts=rows(
            conn,
            "select act, acted_by, acted_at, note from core.review_act where review_id = %s order by act_id",
            (review_id,),
        ),
        effects=effects_of(conn, case, sides[:2]),
        apart=why_two_apart(conn, case["left_key"], case["right_key"], may_see=may_see) if len(masters) > 1 else [],
    )


def _side(conn: Connection, subject: str, master_id: str) -> Side:
    row = one(
        conn,
        "select count(*), coalesce(array_agg(distinct split_part(record_key, ':', 1)), '{}') from core.crosswalk "
        "where master_id = %s",
        (master_id,),
    )
    created = conn.execute(
        f"select created_date::text from core.{'person' if subject == 'person' else 'enterprise'} where master_id = %s",
        (master_id,),
    ).fetchone()
    return Side(master_id, int(row[0]), sorted(row[1]), str(created[0]) if created else "")


def _lines(conn: Connection, subject: str, sides: list[Side], *, may_see: bool) -> list[Line]:
    values = [read_values(conn, subject, s.master_id, may_see=True) for s in sides]
    lines = []
    for field in dict.fromkeys(v.field for side in values for v in side):
        cells = [[v for v in side if v.field == field] for side in values]
        golden = [next((v.value for v in cell if v.is_winner), None) for cell in cells]
        said = {g for g in golden if g is not None}
        state = "differs" if len(said) > 1 else "equal" if None not in golden and said else "one_sided"
        if not may_see:
            cells = [[replace(v, value=MASK) for v in cell] for cell in cells]
        lines.append(Line(field, state, cells))
    return lines
