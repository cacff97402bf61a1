"""Cards: whose card is it, in which state; follows the records of hrss_card and the crosswalk."""

from __future__ import annotations

from psycopg import sql

from warehouse.database import Connection, columns, compose, one
from warehouse.versions import Version

CARD_FEED = "hrss_card"
FIELDS = [
    "card_number",
    "issue_area_code",
    "card_status",
    "card_generation",
    "card_issue_date",
    "card_valid_to",
]


def publish_cards(conn: Connection, version: Version, *, scope: str | None = None) -> int:
    """Bring core.card to the landed cards and their files; returns how many are new, other than before, or gone.

    Part of the publishing transaction. Rows that are equal are not written, and
    keep the day since when the department first said so. `scope`: the table of the records the run looked at; other
    cards stay as they are.
    """
    if one(conn, "select to_regclass(%s)", (f"landing.{CARD_FEED}",))[0] is None:
        return 0
    own = ["record_key", "master_id", *FIELDS]
    parts: dict[str, sql.Composable | str] = {
        "own": columns(own),
        "own_n": columns(own, "n"),
        "kept": columns([*own, "valid_from"]),
        "new": columns([*own, "valid_from"], "n"),
        "feed": sql.Identifier("landing", CARD_FEED),
        "key": sql.Literal(f"{CARD_FEED}:"),
        "fields": columns(FIELDS, "l"),
        "run": sql.Literal(version.run_id),
        "day": sql.Literal(version.as_of),
        "scope": scope or "",
        "after": sql.Literal(len(CARD_FEED) + 2),
        "of_feed": sql.Literal(CARD_FEED.replace("_", r"\_") + ":%"),
    }
    landed = "{feed} l"
    in_scope = "true"
    if scope is not None:
        # The keys first, then their cards by index: a night pays for what it looked at.
        landed = (
            "(select f.* from {scope} s join {feed} f on f.source_key = substr(s.record_key, {after}) "
            "where s.record_key like {of_feed}) l"
        )
        in_scope = "t.record_key in (select record_key from {scope})"
    conn.execute(
        compose(
            "create temp table card_now on commit drop as select c.record_key, c.master_id, {fields}, "
            "l.updated_at::date as valid_from from " + landed + " "
            "join core.crosswalk c on c.record_key = {key} || l.source_key",
            **parts,
        )
    )
    conn.execute("analyze card_now")
    gone = compose(
        "select count(*) from core.card t where " + in_scope + " and not exists (select from card_now n "
        "where n.record_key = t.record_key)",
        **parts,
    )
    removed = int(one(conn, gone)[0])
    same = "n.record_key = t.record_key and row ({own_n}) is not distinct from row ({own_t})"
    parts["own_t"] = columns(own, "t")
    conn.execute(
        compose(
            "with ended as (delete from core.card t where "
            + in_scope
            + " and not exists (select from card_now n where "
            + same
            + ") "
            "returning t.*) insert into core.card_history ({kept}, since_run_id, since_date, until_run_id, until_date) "
            "select {kept}, since_run_id, since_date, {run}, {day} from ended",
            **parts,
        )
    )
    added = conn.execute(
        compose(
            "insert into core.card ({kept}, since_run_id, since_date) select {new}, {run}, {day} from card_now n "
            "where not exists (select from core.card t where t.record_key = n.record_key)",
            **parts,
        )
    ).rowcount
    conn.execute("drop table card_now")
    return removed + added
