"""Nights that cost what changed: which records a run looked at, and what the next delta run begins with."""

from alembic import op

from warehouse.migrations.shape import column, table

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables and columns."""
    for subject in ("person", "enterprise"):
        table(
            f"stage.{subject}_scope",
            "Records whose files the staged run decided anew; empty for a run over all records.",
            "record_key text!: Record, present or gone",
            unlogged=True,
        )
    for line in (
        "is_delta bool: Whether the run looked at stage.<subject>_scope only; totals of values and links are of its files",
        "batches json: [feed, batch_no] of the deliveries the run has taken in; null: all that were recorded before staging",
        "state_name text: What the matcher remembers after this run; null: nothing",
    ):
        op.add_column("staged_run", column(line), schema="stage")
    table(
        "core.match_state",
        "What the matcher remembers of the published records: a folder of the state directory.",
        """
        subject text!: person or enterprise
        state_name text!: Name of the folder
        run_id text!: Run that was published with it
        """,
        key="subject",
    )
