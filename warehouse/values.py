"""Values behind the golden records: each with its record, feed, delivery, rule, and since when it holds."""

from __future__ import annotations

from psycopg import sql

from warehouse.database import Connection, compose, name
from warehouse.records import subject_feeds
from warehouse.versions import Version, end_and_add

KEY = ("master_id", "field", "value", "record_key")
COMPARED = ("feed", "is_winner")


def publish_values(conn: Connection, subject: str, version: Version) -> tuple[int, int]:
    """Bring core.<subject>_value to what is staged for the touched masters; (rows ended, rows added).

    A value that stays keeps its row, with the delivery and the day that brought it first. The rule that chose it is
    brought up to date in place: why a value won may change while the value does not.
    """
    live, staged = f"core.{subject}_value", f"stage.{subject}_value"
    conn.execute("create temp table said (record_key text, batch_no text, valid_from date) on commit drop")
    valid_from, joined = "r.valid_from", "left join said r on r.record_key = s.record_key"
    if subject == "person":  # a person is dead from the day of death on, whenever a department wrote it down
        valid_from = "case when s.field in ('life_state', 'death_date') then coalesce(g.death_date, r.valid_from) else r.valid_from end"
        joined += " left join stage.person g on g.master_id = s.master_id"
    kept = {"rule": sql.SQL("s.rule"), "batch_no": sql.SQL("r.batch_no"), "valid_from": sql.SQL(valid_from)}
    done = end_and_add(
        conn, live, staged, KEY, COMPARED, version, kept=kept, joined=joined, renewed="rule",
        gather=lambda fresh: _gather_said(conn, subject, None if fresh == staged else fresh),
    )  # fmt: skip
    conn.execute("drop table said")
    return done


def _gather_said(conn: Connection, subject: str, spoken: str | None) -> None:
    """Fill the temp table said: delivery and day of change of every record named in a table (None: of all staged)."""
    speaker = f"stage.{subject}_crosswalk"
    if spoken is not None:
        speaker = "speaker"
        conn.execute(
            compose("create temp table speaker on commit drop as select distinct record_key from {t}", t=spoken)
        )
        conn.execute("analyze speaker")
    for feed in subject_feeds(subject):
        conn.execute(
            compose(
                "insert into said select c.record_key, l.batch_no, l.updated_at::date from {speaker} c "
                "join {landing} l on l.source_key = substr(c.record_key, {start}) where c.record_key like {like}",
                speaker=speaker, landing=name("landing", feed), start=sql.Literal(len(feed) + 2),
                like=sql.Literal(feed.replace("_", r"\_") + ":%"),
            )
        )  # fmt: skip
    conn.execute("analyze said")
    conn.execute("drop table if exists speaker")
