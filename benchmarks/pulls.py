"""`pulls`: rows a second and peak memory of pulling a department's table from PostgreSQL into the inbox.

Two nights of hrss_insured: everything, then what changed with all keys compared to find what was deleted.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from benchmarks.goal import Goal, Outcome
from benchmarks.watch import watch
from runtime import postgres

ROWS = 1_000_000
FASTEST = 25_000  # rows a second: the 1.5 million changes of a night in a minute
MOST_GROWTH = 1.5
MOST_MEMORY = 1.0
TABLE = """
create table v_hrss_insured as select
    (5100010000000000 + n)::text as "AAC001", '510104198001' || lpad((n % 1000000)::text, 6, '0') as "AAC002",
    '王小明' || n % 1000 as "AAC003", '110' as "AAE140", 'DW' || n % 50000 as "AAB001",
    '成都某某商贸有限公司' || n % 50000 as "AAB004", '92510104MA6X90015E' as "USCC", '1' as "AAC008", '1' as "AAC031",
    '20180129' as "AAC030", '202610' as "ZHJFNY", '0' as "DYZT", '510104' as "CBD",
    timestamp '2026-10-01' + n % 86400 * interval '1 second' as "AAE036"
from generate_series(1, {rows}) n
"""


def run(scale: int = ROWS) -> Outcome:
    """A table of `scale` rows, and one of a tenth of it."""
    rows: list[tuple[object, ...]] = []
    with tempfile.TemporaryDirectory() as made:
        home = Path(made)
        home.chmod(0o755)
        place = postgres.find_place(home)
        with postgres.serving(place) as server:
            for count in (scale // 10, scale):
                rows.append(_pull(place, server, count, home / str(count)))
    (_, _, _, _, small), (_, whole, keys, _, large) = rows
    goals = (
        Goal("pulls.table.rows", float(str(whole)), "rows/s", FASTEST, at_most=False),
        Goal("pulls.keys.rows", float(str(keys)), "rows/s", FASTEST, at_most=False),
        Goal("pulls.growth", float(str(large)) / float(str(small)), "times", MOST_GROWTH, at_most=True),
        Goal("pulls.memory", float(str(large)), "GiB", MOST_MEMORY, at_most=True),
    )
    return Outcome(
        f"pulls: a department's table of {scale:,} rows and 14 columns, PostgreSQL on the same machine",
        ("rows", "whole rows/s", "keys compared rows/s", "rows of the second", "peak GiB"),
        tuple(rows),
        goals,
        "The server works on the same processors; its seconds are among ours.",
    )


def _pull(place: postgres.Place, server: str, count: int, folder: Path) -> tuple[object, ...]:
    url = postgres.ensure_database(place, server, f"department_{count}")
    postgres.run_sql(place, url, TABLE.format(rows=count))
    seen = watch([sys.executable, "-m", "benchmarks.pulls_table", url, str(folder), str(place.bin / "psql")])
    if seen.status:
        raise RuntimeError(f"pulling ended with {seen.status}: {seen.output[-800:]}")
    told = json.loads(seen.output.splitlines()[-1])
    return (
        count,
        count / told["whole_seconds"],
        count / told["keys_seconds"],
        told["keys_rows"],
        seen.peak_bytes / 2**30,
    )
