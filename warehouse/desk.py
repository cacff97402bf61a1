"""The review desk: stewards take, release, defer and decide cases, several at once, and never the same case twice.

Every act locks the row of its case, and leaves a line in core.review_act.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from warehouse.database import Connection, WarehouseError, one, transaction
from warehouse.judgements import record_judgement
from warehouse.reviews import WAITING

Verdict = Literal["same", "not_same", "unsure"]
_FREE = (
    "(r.state = 'open' or (r.state = 'deferred' and (r.deferred_until is null or r.deferred_until <= core.as_of())) "
    "or (r.state = 'taken' and (r.taken_by = %(who)s or r.taken_at < clock_timestamp() - make_interval(mins => "
    "(select value from ref.review_rule where rule = 'take_minutes')))))"
)
_NOT_MINE = (
    "not exists (select from core.proposal p where p.review_id = r.review_id and p.outcome is null "
    "and p.proposed_by = %(who)s) and not exists (select from core.review_act a where a.review_id = r.review_id "
    "and a.act = 'unsure' and a.acted_by = %(who)s)"
)


class DeskError(WarehouseError):
    """A case cannot be dealt with as asked, mostly because somebody else was faster; the message says what to do."""


@dataclass(frozen=True)
class Outcome:
    """What became of a decision: ``decided``, ``proposed`` (a second person is asked), ``refused`` or ``waiting``."""

    state: Literal["decided", "proposed", "refused", "waiting"]
    judgement_id: int | None = None


def take_next(conn: Connection, steward: str, *, subject: str | None = None, after: int | None = None) -> int | None:
    """Take the case with most at stake that nobody has; None if none waits for this steward.

    A case this steward holds already comes first, unless ``after`` names it. Cases that another session is taking at
    this moment are passed over, so that stewards never wait for each other. A steward does not get a case whose
    proposal is the steward's own, or that the steward was unsure about.
    """
    with transaction(conn, "taking a case"):
        row = conn.execute(
            f"select r.review_id from core.review r where {_FREE} and {_NOT_MINE} "
            "and (%(subject)s::text is null or r.subject = %(subject)s) and r.review_id is distinct from %(after)s "
            "order by (r.taken_by = %(who)s and r.state = 'taken') desc nulls last, r.state = 'deferred', "
            "r.stake desc nulls last, "
            "r.review_id limit 1 for update of r skip locked",
            {"who": steward, "subject": subject, "after": after},
        ).fetchone()
        if row is None:
            return None
        _hold(conn, int(row[0]), steward)
    return int(row[0])


def take(conn: Connection, review_id: int, steward: str) -> None:
    """Take one case by its number.

    Raises
    ------
    DeskError
        There is no such case, it does not wait any more, or somebody else has it.
    """
    with transaction(conn, "taking a case"):
        row = conn.execute(
            f"select r.state in {WAITING}, {_FREE} or r.state = 'deferred', r.taken_by from core.review r "
            "where r.review_id = %(id)s for update",
            {"id": review_id, "who": steward},
        ).fetchone()
        if row is None or not row[0]:
            raise DeskError(f"Case {review_id} does not wait for a decision (any more).")
        if not row[1]:
            raise DeskError(f"Case {review_id} is with {row[2]}.")
        _hold(conn, review_id, steward)


def _hold(conn: Connection, review_id: int, steward: str) -> None:
    held = conn.execute(
        "with was as (select review_id, state, taken_by from core.review where review_id = %(id)s) "
        "update core.review r set state = 'taken', taken_by = %(who)s, taken_at = clock_timestamp(), "
        "deferred_until = null from was where r.review_id = was.review_id "
        "returning was.state = 'taken' and was.taken_by = %(who)s",
        {"id": review_id, "who": steward},
    ).fetchone()
    if held is not None and not held[0]:
        _note(conn, review_id, "taken", steward)


def _note(conn: Connection, review_id: int, act: str, steward: str, note: str | None = None) -> None:
    conn.execute(
        "insert into core.review_act (review_id, act, acted_by, acted_at, note) "
        "values (%s, %s, %s, clock_timestamp(), %s)",
        (review_id, act, steward, note),
    )


def _require_held(conn: Connection, review_id: int, steward: str) -> tuple[Any, ...]:
    """Lock a case this steward has: (subject, left_key, right_key, left_id, right_id)."""
    row = conn.execute(
        "select subject, left_key, right_key, left_id, right_id, state, taken_by from core.review "
        "where review_id = %s for update",
        (review_id,),
    ).fetchone()
    if row is None or row[5] != "taken" or row[6] != steward:
        who = f"is with {row[6]}" if row and row[5] == "taken" else "is not taken by you"
        raise DeskError(f"Case {review_id} {who}. Take it first.")
    return row[:5]


def release(conn: Connection, review_id: int, steward: str) -> None:
    """Give a case back to the queue."""
    with transaction(conn, "releasing a case"):
        _require_held(conn, review_id, steward)
        _wait(conn, review_id, "open")
        _note(conn, review_id, "released", steward)


def defer(conn: Connection, review_id: int, steward: str, *, until: date | None = None) -> None:
    """Put a case aside until a logical date, or to the end of the queue for whoever has time."""
    with transaction(conn, "deferring a case"):
        _require_held(conn, review_id, steward)
        _wait(conn, review_id, "deferred", until)
        _note(conn, review_id, "deferred", steward, until.isoformat() if until else None)


def _wait(conn: Connection, review_id: int, state: str, until: date | None = None) -> None:
    conn.execute(
        "update core.review set state = %s, taken_by = null, taken_at = null, deferred_until = %s where review_id = %s",
        (state, until, review_id),
    )


def decide(
    conn: Connection,
    review_id: int,
    steward: str,
    verdict: Verdict,
    *,
    reason: str,
    evidence: dict[str, Any] | None = None,
) -> Outcome:
    """Decide a case the steward has taken; the judgement counts from the next run on.

    Joining files above a size, or that touch benefits, is proposed first: a second person who decides the same
    confirms it, one who decides otherwise refuses it and the case goes back to the queue. ``unsure`` is written down
    and leaves the case waiting for another steward.

    Raises
    ------
    DeskError
        The steward does not have the case, gives no reason, or would confirm an own proposal.
    """
    if not reason.strip():
        raise DeskError("A decision needs a reason in words.")
    with transaction(conn, "deciding a case"):
        subject, left, right, *masters = _require_held(conn, review_id, steward)
        proposal = conn.execute(
            "select proposal_id, verdict, proposed_by, reason from core.proposal "
            "where review_id = %s and outcome is null for update",
            (review_id,),
        ).fetchone()
        if proposal is not None and proposal[2] == steward:
            raise DeskError(f"Case {review_id} was proposed by you; it needs a second person.")
        second = None
        if verdict == "unsure":
            number = record_judgement(
                conn, subject, left, right, "unsure", judged_by=steward, reason=reason, evidence=evidence
            )
            _wait(conn, review_id, "deferred")
            _note(conn, review_id, "unsure", steward)
            return Outcome("waiting", number)
        if proposal is not None:
            agrees = proposal[1] == verdict
            conn.execute(
                "update core.proposal set outcome = %s, closed_by = %s, closed_at = clock_timestamp() "
                "where proposal_id = %s",
                ("confirmed" if agrees else "refused", steward, proposal[0]),
            )
            _note(conn, review_id, "confirmed" if agrees else "refused", steward)
            if not agrees:
                _wait(conn, review_id, "open")
                return Outcome("refused")
            first, second, reason = str(proposal[2]), steward, f"{proposal[3]}; {reason}"
        else:
            first = steward
            needs = one(conn, "select core.needs_second(%s, %s)", (verdict, [m for m in masters if m]))[0]
            if needs is not None:
                conn.execute(
                    "insert into core.proposal (review_id, verdict, proposed_by, proposed_at, reason, needs) "
                    "values (%s, %s, %s, clock_timestamp(), %s, %s)",
                    (review_id, verdict, steward, reason, needs),
                )
                _wait(conn, review_id, "open")
                _note(conn, review_id, "proposed", steward, needs)
                return Outcome("proposed")
        number = record_judgement(
            conn, subject, left, right, verdict, judged_by=first, second_by=second, reason=reason, evidence=evidence
        )
        _note(conn, review_id, "decided", steward)
    return Outcome("decided", number)
