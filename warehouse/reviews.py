"""The review queue: cases open when the matcher asks, and are gone when the records no longer raise the doubt."""

from __future__ import annotations

from psycopg import sql

from warehouse.database import Connection, compose, name, one
from warehouse.versions import Version

WAITING = "('open', 'taken', 'deferred')"
"""SQL: the states of a case that nobody has decided yet."""


def publish_reviews(conn: Connection, subject: str, version: Version, *, is_delta: bool) -> tuple[int, int, int]:
    """(opened, gone, open now). A decided case is not asked again; withdrawing its judgement makes it gone.

    A delta looks at the cases of the records in the temp table scope_record; those of others stay as they are.
    """
    parts = {
        "stage": name("stage", f"{subject}_review"), "s": sql.Literal(subject),
        "run": sql.Literal(version.run_id), "day": sql.Literal(version.as_of),
    }  # fmt: skip
    same = "t.subject = {s} and t.review_kind = n.review_kind and t.left_key = n.left_key and t.right_key = n.right_key"
    waiting = f"t.state in {WAITING}"
    in_scope = " and t.left_key in (select record_key from scope_record)" if is_delta else ""
    homes = "scope_record" if is_delta else "core.crosswalk"
    gone = conn.execute(
        compose(
            "update core.review t set state = 'gone', closed_run_id = {run} where t.subject = {s} and " + waiting +
            " and not exists (select from {stage} n where " + same + ")" + in_scope,
            **parts,
        )
    ).rowcount  # fmt: skip
    conn.execute(
        compose(
            "update core.review t set score = n.score, reason = n.reason from {stage} n where " + same
            + " and " + waiting
            + " and (t.score, t.reason) is distinct from (n.score, n.reason)",
            **parts,
        )
    )  # fmt: skip
    opened = conn.execute(
        compose(
            "insert into core.review (subject, review_kind, left_key, right_key, score, reason, state, opened_run_id, "
            "opened_date) select {s}, n.review_kind, n.left_key, n.right_key, n.score, n.reason, 'open', {run}, {day} "
            "from {stage} n where not exists (select from core.review t where " + same + " and t.state <> 'gone') "
            "order by n.review_kind, n.left_key, n.right_key",
            **parts,
        )
    ).rowcount
    for side in ("left", "right"):
        conn.execute(
            compose(
                f"update core.review t set {side}_id = c.master_id from {{homes}} c where t.subject = {{s}} and "
                + waiting + f" and c.record_key = t.{side}_key and c.master_id is not null "
                f"and t.{side}_id is distinct from c.master_id",
                homes=homes, **parts,
            )
        )  # fmt: skip
    if not is_delta:
        # Filled in this very transaction: without fresh statistics every case would read the whole crosswalk.
        conn.execute("analyze core.crosswalk")
    conn.execute(
        compose(
            "update core.review t set stake = n.stake from (select review_id, core.review_stake(review_kind, left_id, "
            "right_id) as stake from core.review t where t.subject = {s} and " + waiting + in_scope + ") n "
            "where n.review_id = t.review_id and n.stake is distinct from t.stake",
            **parts,
        )
    )
    waits = compose("select count(*) from core.review t where t.subject = {s} and " + waiting, **parts)
    return opened, gone, int(one(conn, waits)[0])
