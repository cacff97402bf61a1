"""What standard addresses say of their place, for many at once: parsed parts, and the division of their time and of today."""

from __future__ import annotations

import duckdb
import pyarrow as pa

PARTS = ("province", "prefecture", "county", "township", "village", "grp", "road", "number", "compound", "building",
         "unit", "room")  # fmt: skip

# The steps of address_parts and address_place, each over all rows (a macro of all of them compiles its regular expressions
# anew for every chunk), and what concerns the head alone once for each head and year: heads are few.
_STEPS = """
CREATE OR REPLACE TEMP TABLE head_0 AS SELECT address, year, address_is_plain(address) AS is_plain,
    CASE WHEN is_plain THEN address_step_0(address) END AS step FROM placed;
CREATE OR REPLACE TEMP TABLE head_1 AS SELECT address, year,
    CASE WHEN is_plain THEN address_step_1(step) ELSE address_plain(address) END AS plain FROM head_0;
CREATE OR REPLACE TEMP TABLE head_2 AS SELECT address, year, address_head(plain) AS head, address_tail(plain) AS tail FROM head_1;
CREATE OR REPLACE TEMP TABLE tail_0 AS SELECT address, year, head, tail, address_township(tail) AS township,
    address_village(tail) AS village FROM head_2;
CREATE OR REPLACE TEMP TABLE tail_1 AS SELECT address, year, head, township, village,
    substr(tail, length(township) + length(village) + 1) AS rest FROM tail_0;
CREATE OR REPLACE TEMP TABLE head_place AS
    SELECT head, year, address_levels(head) AS place, address_place(head, year::VARCHAR) AS found
    FROM (SELECT DISTINCT head, year FROM tail_1);
"""
_FOUND = """
SELECT address, year, found.code AS division_code, found.confidence::DOUBLE AS confidence,
    nullif(place.level.province, '') AS province,
    CASE WHEN NOT place.is_county_alone THEN nullif(place.level.prefecture, '') END AS prefecture,
    nullif(CASE WHEN place.is_county_alone THEN place.level.prefecture ELSE place.level.county END, '') AS county,
    nullif(township, '') AS township, nullif(village, '') AS village, address_group(rest) AS grp, address_road(rest) AS road,
    address_number(rest) AS number, address_compound(rest) AS compound, address_building(rest) AS building,
    address_unit(rest) AS unit, address_room(rest) AS room
FROM tail_1 JOIN head_place USING (head, year)
"""

QUERIES = (_STEPS, _FOUND)
"""What `locate` asks: a connection needs the macros that these use."""


def locate(connection: duckdb.DuckDBPyConnection, addresses: pa.Table) -> pa.Table:
    """Place of each standard address by the division table of a year, as `address_place` and `address_parts` say it.

    Parameters
    ----------
    connection
        From `standardise.connect` with keys, with all macros or those that `QUERIES` use.
    addresses
        [address text, year int]: the year of the record the address stands in.

    Returns
    -------
    pa.Table
        [address, year, division_code, confidence, the PARTS], the rows in any order. Code and confidence (1 a county of that
        time, 0.8 one of another time, 0.5 no county named) are null where no division is told.
    """
    connection.register("placed", addresses)
    try:
        connection.execute(_STEPS)
        found: pa.Table = connection.sql(_FOUND).to_arrow_table()
    finally:
        connection.unregister("placed")
    return found
