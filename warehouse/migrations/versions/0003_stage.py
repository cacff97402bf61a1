"""Stage: the masters of a run that differ from what is live; unlogged, so cheap, and empty after a crash."""

from warehouse.migrations import master_columns as m
from warehouse.migrations.shape import table

revision = "0003"
down_revision = "0002"

FINGERPRINT = "fingerprint uuid!: MD5 over all that is held about this file"
EVENT = """
event_kind text!: created, joined, merged, split, redirected or retired
master_id text!: File it happened to
other_id text: The other file
record_count bigint: Records concerned
"""


def upgrade() -> None:
    """Make the tables."""
    for subject, columns in (("person", m.PERSON), ("enterprise", m.ENTERPRISE)):
        for suffix, comment, lines in (
            ("", f"Staged files of core.{subject} that differ from it.", columns + FINGERPRINT),
            ("_value", "Staged values of those files.", m.VALUE),
            ("_crosswalk", "Staged records of those files.", m.CROSSWALK),
            ("_link", "Staged links of those files.", m.LINK),
            ("_review", "All that the matcher would not decide in the staged run.", m.REVIEW),
            ("_redirect", "Staged redirects.", m.REDIRECT),
            ("_event", "Staged events of identity.", EVENT),
            ("_gone", "Live files the staged run no longer has.", "master_id text!: File"),
        ):
            table(f"stage.{subject}{suffix}", comment, lines, unlogged=True)
    table(
        "stage.staged_run",
        "What is staged, and the totals the live tables must have after publishing it.",
        """
        subject text!: person or enterprise
        run_id text!: Run
        master_count bigint!: Files there are
        record_count bigint!: Records in the crosswalk
        value_count bigint!: Values
        link_count bigint!: Links
        review_count bigint!: Cases for review
        staged_counts json!: Rows in each stage table; publishing refuses where they are fewer, as after a crash
        next_number bigint!: Next number for a new file
        staged_at moment=now: When, by the clock of the server
        """,
        key="subject",
    )
