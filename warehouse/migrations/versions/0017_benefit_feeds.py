"""Every feed of money that a person receives, not of social assistance alone, asks for two people at a merge."""

from alembic import op

revision = "0017"
down_revision = "0016"

FEEDS = {
    "ca_elder": "Allowance for the old (高龄津贴)",
    "fin_subsidy": "Subsidies paid through the card (惠民惠农补贴)",
    "nhsa_assist": "Medical assistance (医疗救助)",
}


def upgrade() -> None:
    """Add the feeds beside ca_assist."""
    for feed, description in FEEDS.items():
        op.execute(f"insert into ref.benefit_feed values ('{feed}', '{description}') on conflict do nothing")
