"""Which delta spoke last of a record without changing it, so that a late one does not overwrite what it said."""

from warehouse.migrations.shape import table

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the table."""
    table(
        "ops.confirmed_key",
        "Records that a delta sent as they were, or ended though they were not there; emptied by the next full delivery.",
        """
        feed text!: Feed
        source_key text!: Key of the record; personal
        batch_no text!: The latest delta that spoke of it without changing anything
        """,
        key="feed source_key",
    )
