"""Values and cards know since when they hold, the delivery that brought them and the rule that chose them."""

from alembic import op

from warehouse.migrations.shape import column, index

revision = "0008"
down_revision = "0007"

RULE = "rule text: Why it is golden, or why it lost to the golden value"
BATCH = "batch_no text: Delivery that brought it first"
VALID = "valid_from date: Since when it is so, as the department says; null if it does not say"


def upgrade() -> None:
    """Add the columns, and indexes for questions about the past."""
    for subject in ("person", "enterprise"):
        op.add_column(f"{subject}_value", column(RULE), schema="stage")
        for suffix in ("", "_history"):
            for line in (RULE, BATCH, VALID):
                op.add_column(f"{subject}_value{suffix}", column(line), schema="core")
    for name in ("card", "card_history"):
        op.add_column(name, column(VALID), schema="core")
    index("core.crosswalk_history", "master_id")
    index("core.redirect_history", "retired_id")
    index("core.card_history", "card_number")
