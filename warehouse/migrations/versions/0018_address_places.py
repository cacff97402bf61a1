"""Where standard addresses lie: parsed parts, and the division they name by the table of the record's year."""

from warehouse.migrations.shape import table

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make the table; landing fills it, and `migrate` fills it anew where the divisions or the parser are others."""
    table(
        "core.address_place",
        "What standard addresses say of their place, read once for each address and year; an address is known by its MD5.",
        """
        address_md5 text!: MD5 of the address in standard form
        year int!: Year of the record, whose table of divisions it was read by
        division_code text: Lowest division it names, by the table of that year (GB/T 2260); null where none is told
        confidence real: 1 a county of that year, 0.8 one of another time, 0.5 no county named
        province text: Province, as written
        prefecture text: Prefecture, as written
        county text: County, as written
        township text: Town, township or street
        village text: Village or community
        grp text: Group of a village
        road text: Road; personal
        number text: House number; personal
        compound text: Compound; personal
        building text: Building; personal
        unit text: Unit; personal
        room text: Room; personal
        """,
        key="address_md5 year",
    )
