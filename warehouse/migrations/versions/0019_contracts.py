"""The contract each feed's records landed under last, so that an incompatible one is refused before anything is read by it."""

from warehouse.migrations.shape import table

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Make the table; the next landing of each feed fills it."""
    table(
        "ops.contract",
        "Contract in force: what a feed's last delivery landed under.",
        """
        feed text!: Feed
        content json!: Contract as it was
        content_md5 text!: MD5 of it
        run_id text: Run that landed the first delivery under it; null where a person put it in force
        put_by text: Who put it in force against the rules
        put_why text: Why
        put_at moment=now: When
        """,
        key="feed",
    )
