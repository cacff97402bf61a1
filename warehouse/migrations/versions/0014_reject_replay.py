"""Rejected rows can be corrected, replayed and traced; who read them is written down."""

from alembic import op

from warehouse.migrations.shape import column, index, table

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Give each reject a number and the way it went, and make the tables of corrections and of readers."""
    for line in (
        "reject_id serial: Number of the reject",
        "origin_reject_id bigint: The reject that was replayed and rejected again as this one",
        "replay_batch_no text: Delivery that brought the row again, corrected or as it was",
        "replay_line_no bigint: Row of that delivery",
    ):
        op.add_column("reject", column(line), schema="ops")
    op.create_primary_key("reject_pkey", "reject", ["reject_id"], schema="ops")
    op.add_column(
        "delivery", column("replays_batch_no text: Delivery whose rejected rows this one brings again"), schema="ops"
    )
    table(
        "ops.reject_correction",
        "A rejected row as a person corrected it; the last one counts. Protected: holds received values.",
        """
        correction_id serial: Number of the correction
        reject_id bigint!: Reject it corrects
        received text!: The whole row as it should have been received, JSON of source column to text; personal
        changed_columns texts!: Source columns whose text differs from what was received
        corrected_by text!: Who
        corrected_at moment=now: When, by the clock of the server
        reason text!: Why, in the words of who did it
        """,
        key="correction_id",
    )
    index("ops.reject_correction", "reject_id")
    table(
        "audit.reject_view",
        "Every time rejected rows were read in full: who, when, which, why.",
        """
        view_id serial: Number of the look
        viewed_by text!: Who
        viewed_at moment=now: When, by the clock of the server
        feed text!: Feed
        batch_no text: Delivery, if only one was read
        reject_count bigint!: Rows read
        reason text!: Why, in the words of who looked
        """,
        key="view_id",
    )
