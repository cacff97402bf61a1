"""How far labelled persons can be matched at all, and which planted conflicts became cases for a steward."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from extractors.standardise import connect

SPOKEN = """
CREATE TEMP TABLE said AS
SELECT record_key, subject_id, cluster_id, groups, defects, id_number, former_id_number,
       list_filter(list_distinct([
           'phone ' || std_phone(phone), 'card ' || upper(std_id(card_number)), 'house ' || upper(std_id(household_no)),
           'address ' || address_key(address), 'born ' || std_date(birth_date)::VARCHAR,
           'born ' || CASE WHEN id_is_valid(std_id(id_number)) THEN id_birth_date(std_id(id_number)) END::VARCHAR,
           CASE WHEN id_is_valid(std_id(id_number)) THEN 'number ' || std_id(id_number) END,
           CASE WHEN id_kind(std_id(id_number)) IN ('masked', 'citizen15') THEN 'part of a number' END
       ]), lambda word: word IS NOT NULL) AS words
FROM read_parquet($records) AS r JOIN read_parquet($truth) AS t USING (record_key) JOIN read_parquet($found) AS f USING (record_key)
"""
MUTE = """
WITH word AS (SELECT subject_id, record_key, unnest(words) AS word FROM said),
     shared AS (SELECT DISTINCT a.record_key FROM word a JOIN word b USING (subject_id, word) WHERE a.record_key <> b.record_key),
     mute AS (SELECT record_key FROM said WHERE list_contains(groups, 'no_id') AND record_key NOT IN (FROM shared)),
     size AS (SELECT subject_id, count(*) AS n, count(*) FILTER (record_key IN (FROM mute)) AS m FROM said GROUP BY ALL),
     lost AS (SELECT sum(n * (n - 1) // 2) AS pairs, sum(m * (n - m) + m * (m - 1) // 2) AS lost FROM size),
     labelled AS (SELECT record_key, subject_id, unnest(groups) AS label FROM said),
     of_group AS (SELECT label, sum(n - 1) AS pairs, sum(CASE WHEN record_key IN (FROM mute) THEN n - 1 ELSE m END) AS lost
                  FROM labelled JOIN size USING (subject_id) GROUP BY label)
SELECT (SELECT count(*) FROM mute), 1 - lost.lost / lost.pairs,
    (SELECT map_from_entries(list((label, 1 - lost / pairs))) FROM of_group WHERE pairs > 0) FROM lost
"""
LAWFUL = """
WITH word AS (SELECT subject_id, record_key, unnest(words) AS word FROM said),
     shared AS (SELECT DISTINCT a.record_key FROM word a JOIN word b USING (subject_id, word) WHERE a.record_key <> b.record_key),
     number AS (SELECT subject_id, record_key, coalesce(id_upgrade(substr(word, 8)), substr(word, 8)) AS number FROM word
                WHERE starts_with(word, 'number ') AND length(word) IN (22, 25)),
     listed AS (SELECT DISTINCT subject_id, former_id_number AS number FROM said WHERE former_id_number IS NOT NULL),
     own AS (SELECT number FROM number GROUP BY number HAVING count(DISTINCT subject_id) = 1),
     side AS (SELECT subject_id, record_key, CASE WHEN list_contains(groups, 'no_id') AND record_key NOT IN (FROM shared) THEN record_key
                WHEN (subject_id, number) NOT IN (FROM listed) AND number IN (FROM own) THEN number END AS side
              FROM said LEFT JOIN number USING (subject_id, record_key)),
     main AS (SELECT subject_id, arg_max(side, n) AS side FROM (SELECT subject_id, side, count(*) AS n FROM side WHERE side IS NOT NULL GROUP BY ALL) GROUP BY ALL),
     part AS (SELECT s.subject_id, coalesce(s.side, m.side, '') AS side, count(*) AS n FROM side s LEFT JOIN main m USING (subject_id) GROUP BY ALL),
     whole AS (SELECT subject_id, sum(n) AS n FROM part GROUP BY ALL)
SELECT (SELECT sum(n * (n - 1) // 2) FROM part) / (SELECT sum(n * (n - 1) // 2) FROM whole)
"""
"""Also apart by law: records of two valid numbers of one person, neither of them anybody else's nor listed as a former one."""
SHOWN = """
CREATE TEMP TABLE shown AS
SELECT a.cluster_id AS one, b.cluster_id AS two FROM read_parquet($reviews) r
JOIN said a ON a.record_key = r.left_key JOIN said b ON b.record_key = r.right_key
"""
CONFLICTS = {
    "one number, two people": """SELECT DISTINCT a.record_key AS planted, a.cluster_id AS one, b.cluster_id AS two FROM said a
        JOIN said b USING (id_number) WHERE list_contains(a.defects, 'id_shared') AND NOT list_contains(a.defects, 'id_relative')
        AND a.subject_id <> b.subject_id AND NOT list_has_any(b.defects, ['id_shared', 'id_relative'])""",
    "one person, two numbers": """SELECT DISTINCT a.subject_id AS planted, a.cluster_id AS one, b.cluster_id AS two FROM said a
        JOIN said b USING (subject_id) WHERE list_contains(a.defects, 'id_second')
        AND list_contains(a.words, 'number ' || std_id(a.id_number)) AND NOT list_has_any(b.defects,
        ['id_second', 'id_shared', 'id_relative', 'id_missing', 'id_placeholder', 'id_masked'])
        AND subject_id NOT IN (SELECT subject_id FROM said WHERE former_id_number IS NOT NULL)""",
}


@dataclass(frozen=True)
class Reach:
    """`mute` records without number share nothing but name, sex, ethnic group and area with any record of their subject.

    `recall`, and `by_group` of each group of the truth: what is left if every other pair is found; `lawful`: and if nobody
    joins two valid numbers of one person without a judgement. `conflicts`: by kind, how many were planted and how many were
    shown to a steward.
    """

    mute: int
    recall: float
    by_group: dict[str, float]
    lawful: float
    conflicts: dict[str, tuple[int, int]]


def measure_reach(folder: Path, as_of: date) -> Reach:
    """Reach of the labelled persons in `folder`: records, truth, found and reviews as Parquet."""
    files = {name: str(folder / f"{name}.parquet") for name in ("records", "truth", "found")}
    with connect(as_of=as_of) as connection:
        connection.execute(SPOKEN, files)
        found = connection.execute(MUTE).fetchone()
        lawful = connection.execute(LAWFUL).fetchone()
        assert found is not None
        assert lawful is not None
        connection.execute(SHOWN, {"reviews": str(folder / "reviews.parquet")})
        conflicts = {}
        for kind, planted in CONFLICTS.items():
            counted = connection.execute(
                f"""SELECT count(DISTINCT planted), count(DISTINCT planted) FILTER (EXISTS (FROM shown s
                    WHERE (s.one = p.one AND s.two = p.two) OR (s.one = p.two AND s.two = p.one))) FROM ({planted}) p"""
            ).fetchone()
            assert counted is not None
            conflicts[kind] = (int(counted[0]), int(counted[1]))
    return Reach(int(found[0]), float(found[1]), dict(found[2] or {}), float(lawful[0]), conflicts)
