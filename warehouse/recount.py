"""Law 1 before anything is published: what the tables hold is counted again and compared with what was decided."""

from __future__ import annotations

from psycopg import sql

from warehouse.database import Connection, CountError, compose, name, one
from warehouse.masters import Subject
from warehouse.records import subject_feeds


def recount_all(conn: Connection, subject: Subject, masters: int, records: int, values: int, links: int) -> None:
    """Law 1: the live tables hold what was decided, no more and no less, and every landed record is in one file."""
    landed = 0
    for feed in subject_feeds(subject):
        landed += int(one(conn, compose("select count(*) from {t}", t=name("landing", feed)))[0])
    checks: dict[str, tuple[str, int]] = {
        f"core.{subject}": ("select count(*) from {core}", masters),
        f"records named by core.{subject}": ("select coalesce(sum(record_count), 0) from {core}", records),
        "core.crosswalk": ("select count(*) from core.crosswalk where subject = {s}", records),
        "core.crosswalk against landed records": ("select count(*) from core.crosswalk where subject = {s}", landed),
        "records without a live file": (
            "select count(*) from core.crosswalk c where c.subject = {s} and not exists "
            "(select from {core} m where m.master_id = c.master_id)",
            0,
        ),
        f"core.{subject}_value": ("select count(*) from {value}", values),
        "core.link": ("select count(*) from core.link where subject = {s}", links),
    }
    _compare(conn, subject, checks)


def recount_scope(conn: Connection, subject: Subject, masters: int, records: int, values: int, links: int) -> None:
    """Law 1 for a delta: the files of the records looked at hold what was decided, and each such record is in one file.

    Needs the temp table ``scope_record``.
    """
    landed = 0
    for feed in subject_feeds(subject):
        count = compose(
            "select count(*) from scope_record s where s.subject = {s} and s.feed = {feed} "
            "and (select true from {t} l where l.source_key = s.source_key)",
            s=sql.Literal(subject), t=name("landing", feed), feed=sql.Literal(feed),
        )  # fmt: skip
        landed += int(one(conn, count)[0])
    conn.execute(
        compose(
            "create temp table scope_file on commit drop as select distinct master_id from scope_record "
            "where subject = {s} and master_id is not null",
            s=sql.Literal(subject),
        )
    )  # fmt: skip
    conn.execute("analyze scope_file")
    of_scope = "join scope_file f on f.master_id = x.master_id"
    checks: dict[str, tuple[str, int]] = {
        f"core.{subject} of the records looked at": (f"select count(*) from {{core}} x {of_scope}", masters),
        f"records named by core.{subject}": (
            f"select coalesce(sum(x.record_count), 0) from {{core}} x {of_scope}",
            records,
        ),
        "core.crosswalk of those files": (f"select count(*) from core.crosswalk x {of_scope}", records),
        "landed records looked at": ("select {landed}", records),
        f"core.{subject}_value of those files": (f"select count(*) from {{value}} x {of_scope}", values),
        "core.link of those files": (f"select count(*) from core.link x {of_scope} where x.subject = {{s}}", links),
    }
    _compare(conn, subject, checks, landed=landed)
    conn.execute("drop table scope_file")


def _compare(conn: Connection, subject: Subject, checks: dict[str, tuple[str, int]], landed: int = 0) -> None:
    for what, (statement, expected) in checks.items():
        query = compose(
            statement, core=name("core", subject), value=name("core", f"{subject}_value"), s=sql.Literal(subject),
            landed=sql.Literal(landed),
        )  # fmt: skip
        require(subject, what, int(one(conn, query)[0]), expected)


def recount_told(conn: Connection, subject: Subject, since: int, changed: int) -> None:
    """Every event, redirect and case that was decided stands in its table, and an event for each changed golden record.

    Events are those with a number above `since`.
    """
    checks = {
        "ops.change_event of this run": (
            "select count(*) from ops.change_event e where e.subject = {s} and e.event_id > {since}",
            "select count(*) + {changed} from {event}",
        ),
        "core.redirect as staged": (
            "select count(*) from {redirect} n join core.redirect r using (retired_id, master_id)",
            "select count(*) from {redirect}",
        ),
        "core.review as staged": (
            "select count(*) from {review} n where exists (select from core.review t where t.subject = {s} "
            "and t.review_kind = n.review_kind and t.left_key = n.left_key and t.right_key = n.right_key and t.state <> 'gone')",
            "select count(*) from {review}",
        ),
    }  # fmt: skip
    parts: dict[str, sql.Composable] = {w: name("stage", f"{subject}_{w}") for w in ("event", "redirect", "review")}
    parts |= {"s": sql.Literal(subject), "since": sql.Literal(since), "changed": sql.Literal(changed)}
    for what, (written, decided) in checks.items():
        found, expected = (int(one(conn, compose(query, **parts))[0]) for query in (written, decided))
        require(subject, what, found, expected)


def require(subject: str, what: str, found: int, expected: int) -> None:
    """Raise `CountError` where a count of the tables is not what was decided."""
    if found != expected:
        raise CountError(
            f"{subject}: {what}: counted {found}, expected {expected}. Nothing was published; what was live stays. "
            "If a delivery landed after matching began, run match and master of this run again."
        )
