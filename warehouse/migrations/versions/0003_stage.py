"""Stage: the masters of a run that differ from what is live; unlogged, so cheap, and empty after a crash."""

from warehouse.migrations import master_columns as m
from warehouse.migrations.shape import table

revision = "0003"
down_revision = "0002"

FINGERPRINT = "fingerprint uuid!: MD5 over all that is held about this file"


def upgrade() -> None:
    for subject, columns in (("person", m.PERSON), ("enterprise", m.ENTERPRISE)):
        table(
            f"stage.{subject}", f"Staged files of core.{subject} that differ from it.", columns + FINGERPRINT, unlogged=True
        )
        table(f"stage.{subject}_value", "Staged values of those files.", m.VALUE, unlogged=True)
    table("stage.crosswalk", "Staged records of those files.", m.CROSSWALK, unlogged=True)
    table("stage.link", "Staged links of those files.", m.LINK, unlogged=True)
    table("stage.review", "All that the matcher would not decide in the staged run.", m.REVIEW, unlogged=True)
    table("stage.redirect", "Staged redirects.", m.REDIRECT, unlogged=True)
    table(
        "stage.change_event",
        "Staged events of identity.",
        """
        subject text!: person or enterprise
        event_kind text!: created, joined, merged, split, redirected or retired
        master_id text!: File it happened to
        other_id text: The other file
        record_count bigint: Records concerned
        """,
        unlogged=True,
    )
    table(
        "stage.gone",
        "Live files the staged run no longer has.",
        """
        subject text!: person or enterprise
        master_id text!: File
        """,
        unlogged=True,
    )
    table(
        "stage.staged_run",
        "What is staged, with the totals the live tables must have after publishing.",
        """
        subject text!: person or enterprise
        run_id text!: Run
        master_count bigint!: Files
        record_count bigint!: Records in the crosswalk
        value_count bigint!: Values
        link_count bigint!: Links
        review_count bigint!: Cases for review
        next_number bigint!: Next number for a new file
        """,
        key="subject",
        unlogged=True,
    )
