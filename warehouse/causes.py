"""What caused the events of a run: a judgement, a delivery, evidence of other files, or that all was matched anew."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from warehouse.database import Connection, compose, name, one
from warehouse.records import parted, subject_feeds
from warehouse.versions import Version

FIRST_RUN = "first run"
NEARBY, REMATCH = "nearby", "rematch"


def gather_causes(
    conn: Connection,
    subject: str,
    version: Version,
    *,
    batches: Sequence[Sequence[str]] | None,
    judged_until: int | None,
    is_delta: bool,
) -> None:
    """Temp table event_cause [event_kind, master_id, other_id, cause] for the staged events and changed_file of a subject.

    Of several causes a judgement is told before a delivery. Needs the crosswalk as this run has written it.

    Parameters
    ----------
    batches
        (feed, batch_no) of the deliveries the run has taken in; None: every delivery may be the cause.
    judged_until
        The last judgement the run knew.
    """
    stage = name("stage", f"{subject}_event")
    conn.execute(
        compose(
            "create temp table event_cause on commit drop as select distinct event_kind, master_id, other_id, "
            "null::text as cause from {stage} union all select 'changed', master_id, null, null from changed_file",
            stage=stage,
        )
    )
    earlier = one(
        conn, "select exists (select from core.publication p where p.counts::jsonb -> 'subjects' ? %s)", (subject,)
    )
    if not earlier[0]:
        conn.execute("update event_cause set cause = %s", (FIRST_RUN,))
        return
    _gather_records(conn, subject, version)
    _gather_deliveries(conn, subject, batches)
    conn.execute(
        "create temp table file_cause on commit drop as select distinct on (master_id) master_id, cause from ("
        "select r.master_id, 1 as place, j.judgement_id as number, 'judgement ' || j.judgement_id as cause "
        "from core.judgement j join event_record r on r.record_key in (j.left_key, j.right_key) "
        "where j.subject = %(s)s and j.judgement_id <= %(until)s and j.judgement_id > "
        "coalesce((select judgement_id from core.judgement_effect where subject = %(s)s), 0) "
        "union all select r.master_id, 2, 0, 'delivery ' || b.feed || ' ' || b.batch_no from event_record r "
        "join brought b on b.record_key = r.record_key) c order by master_id, place, number desc, cause",
        {"s": subject, "until": judged_until or 0},
    )
    conn.execute("create index on file_cause (master_id)")
    conn.execute("analyze file_cause")
    conn.execute(
        "update event_cause e set cause = coalesce((select f.cause from file_cause f where f.master_id in "
        "(e.master_id, e.other_id) order by f.cause like 'delivery%%', f.master_id = e.master_id desc limit 1), %s)",
        (NEARBY if is_delta else REMATCH,),
    )
    conn.execute("drop table event_record, brought, file_cause")


def _gather_records(conn: Connection, subject: str, version: Version) -> None:
    """Temp table event_record [master_id, record_key, feed, source_key]: what the files of the events hold or held until this run."""
    conn.execute(
        f"create temp table event_record on commit drop as select r.*, {parted('r.record_key')} from (with f as materialized ("
        "select master_id from event_cause union select other_id from event_cause where other_id is not null) "
        "select c.master_id, c.record_key from f join core.crosswalk c on c.master_id = f.master_id and c.subject = %(s)s "
        "union select h.master_id, h.record_key from f join core.crosswalk_history h on h.master_id = f.master_id "
        "and h.subject = %(s)s and h.until_run_id = %(run)s) r",
        {"s": subject, "run": version.run_id},
    )
    conn.execute("create index on event_record (record_key)")
    conn.execute("create index on event_record (feed, source_key)")
    conn.execute("analyze event_record")


def _gather_deliveries(conn: Connection, subject: str, batches: Sequence[Sequence[str]] | None) -> None:
    """Temp table brought [record_key, feed, batch_no]: records of the events that a delivery of this run brought, changed, ended."""
    conn.execute("create temp table brought (record_key text, feed text, batch_no text) on commit drop")
    for feed in subject_feeds(subject):
        numbers = None if batches is None else [batch for of, batch in batches if of == feed]
        if numbers == []:
            continue
        parts: dict[str, sql.Composable | str] = {
            "feed": sql.Literal(feed), "t": name("landing", feed), "h": name("landing", f"{feed}_history"),
            "n": sql.Literal(numbers),
        }  # fmt: skip
        # What the deliveries of a delta brought is less than what the files hold: it comes first, by its index.
        for table, number in (("t", "batch_no"), ("h", "until_batch_no")):
            chosen = "true" if numbers is None else f"l.{number} = any({{n}})"
            conn.execute(
                compose(
                    f"insert into brought with l as materialized (select l.source_key, l.{number} as batch_no "
                    f"from {{{table}}} l where {chosen}) select r.record_key, {{feed}}, l.batch_no "
                    "from l join event_record r on r.feed = {feed} and r.source_key = l.source_key",
                    **parts,
                )
            )
    conn.execute("analyze brought")
