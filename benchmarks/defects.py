"""`defects`: one night of the pretend province with all its rules; what of the planted defects was found, what was not.

The truth lies apart from the deliveries and is read here alone. A row is found if a finding, a reject or an open review
that names its kind of defect is about it, or names it as the other side. A false alarm is a finding on a row without any
defect whose other side, if there is one, has none that the finding could be about. A review is no finding: it asks a
steward whether two records are of one person, which is a fair question about two clean ones. That somebody stands in no
register is true of whoever the truth knows in none, be it the subject or somebody named beside it.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.defect_answers import ANSWERS, OUT_OF_DATE, patterns
from benchmarks.defect_files import try_faults
from benchmarks.goal import Goal, Outcome
from benchmarks.nights import Province, night_of, open_province, resolve_and_publish
from demo.deliveries import FEEDS, deliver
from quality.findings import query_of_all
from quality.rules.mentions import other_mentions, own_mentions
from runtime.steps import closing, feeds
from runtime.steps.night import Night
from warehouse.database import connect, transaction
from warehouse.finding_looks import joining_much

DAY = date(2026, 11, 1)
PERSONS = 45_000
RECALL, FALSE_ALARMS = 0.98, 0.001
NO_DEFECT = {"twin", "converted", "id_settled"}  # told by the truth for the matcher's sake
FEWEST = 20  # planted rows below which a share of a kind says nothing
_FOUND = """
    SELECT feed, source_key, code, NULL AS other_key, NULL AS received FROM ops.finding WHERE source_key IS NOT NULL
    UNION ALL
    SELECT feed, source_key, 'reject:' || reason, NULL, CASE WHEN source_key IS NULL THEN received END FROM ops.reject
    UNION ALL
    SELECT split_part(one_key, ':', 1), substr(one_key, strpos(one_key, ':') + 1), 'review:' || review_kind, other_key, NULL
    FROM (SELECT review_kind, left_key AS one_key, right_key AS other_key FROM core.review
          UNION ALL SELECT review_kind, right_key, left_key FROM core.review) AS review
"""


def run(scale: int = PERSONS) -> Outcome:
    """A first night of `scale` persons and all feeds, and every fault of whole files on each feed."""
    with open_province(scale) as province:
        _take_night(province, scale)
        found = _findings(province)
        rows, goals = _judge(
            found, province.home / "truth" / "record.parquet", _shared_phones(province), _named_beside(province)
        )
        files = try_faults(province.home / "files")
    tried, caught = sum(n for _, n, _ in files), sum(n for _, _, n in files)
    rows += [(f"file: {name}", n, held, held / n, "held, stopped or warned of") for name, n, held in files]
    goals.append(Goal("defects.files", caught / tried, "share of wrong files caught", RECALL, at_most=False))
    return Outcome(
        f"defects: a first night of {scale:,} persons, {len(FEEDS)} feeds, all rules",
        ("kind", "planted", "found", "recall", "found by most"),
        tuple(rows),
        tuple(goals),
        "Not counted: " + "; ".join(f"`{kind}` ({why})" for kind, why in OUT_OF_DATE.items()) + ".",
    )


def _take_night(province: Province, persons: int) -> None:
    inbox = province.home / "inbox"
    deliver(day=DAY, first=DAY, persons=persons, seed=7, inbox=inbox, truth_folder=province.home / "truth")
    one: Night = night_of(DAY, sorted(FEEDS), inbox)
    closing.open_run(one)
    for feed in one.feeds:
        feeds.land(one, feed, feeds.gate(one, feed, feeds.extract(one, feed, feeds.receive(one, feed))))
    resolve_and_publish(one)


def _findings(province: Province) -> pa.Table:
    """feed, source_key, code, other_key of everything found; `received` of rejects whose key could not be read."""
    across = query_of_all(sorted(FEEDS))
    with connect(province.url) as conn:
        told = conn.execute(_FOUND).fetchall()
        conn.execute("analyze")
        with transaction(conn, "asking the rules over departments"), joining_much(conn):
            asked = conn.execute(f"SELECT feed, source_key, code, other_key, NULL FROM ({across}) AS found").fetchall()
    names = ("feed", "source_key", "code", "other_key", "received")
    texts = [pa.array(list(values), pa.string()) for values in zip(*told, *asked, strict=True)]
    return pa.table(dict(zip(names, texts, strict=True)))


def _shared_phones(province: Province) -> pa.Table:
    """feed, source_key, phone of landed records with a phone: only with the truth's subjects it shows how shared one is."""
    parts = [f"SELECT '{feed}', source_key, phone FROM landing.{feed} WHERE phone IS NOT NULL"
             for feed in ("hrss_card", "mr_entity", "tax_payer")]  # fmt: skip
    with connect(province.url) as conn:
        rows = conn.execute(" UNION ALL ".join(parts)).fetchall()
    texts = [pa.array(list(values), pa.string()) for values in zip(*rows, strict=True)]
    return pa.table(dict(zip(("feed", "source_key", "phone"), texts, strict=True)))


def _named_beside(province: Province) -> pa.Table:
    """feed, source_key of rows with somebody named beside their subject, and by whose number (own_feed, own_key)."""
    own, beside = (
        " UNION ALL ".join(
            f"SELECT '{one.feed}' AS feed, source_key, {one.number} AS number FROM landing.{one.feed}"
            for one in mentions
        )
        for mentions in (own_mentions(), other_mentions())
    )
    with connect(province.url) as conn:
        rows = conn.execute(
            f"SELECT beside.feed, beside.source_key, own.feed, own.source_key FROM ({beside}) AS beside "
            f"JOIN ({own}) AS own ON own.number = beside.number LEFT JOIN landing.ps_person AS registered "
            "ON registered.id_number = beside.number WHERE registered.id_number IS NULL"
        ).fetchall()
    texts = [pa.array(list(values), pa.string()) for values in zip(*rows, strict=True)]
    return pa.table(dict(zip(("feed", "source_key", "own_feed", "own_key"), texts, strict=True)))


def _judge(
    found: pa.Table, truth: Path, phones: pa.Table, beside: pa.Table
) -> tuple[list[tuple[object, ...]], list[Goal]]:
    with duckdb.connect() as engine:
        engine.register("found_rows", found)
        engine.register("phones", phones)
        engine.register("beside", beside)
        engine.execute(f"CREATE TABLE record AS FROM '{truth}'")
        engine.execute("CREATE TABLE answer (kind VARCHAR, pattern VARCHAR)")
        engine.executemany("INSERT INTO answer VALUES (?, ?)", patterns())
        engine.execute(_PREPARE)
        rows = engine.execute(_BY_KIND, [sorted(ANSWERS)]).fetchall()
        false_rows, clean = engine.execute(_FALSE).fetchall()[0]
        worst = engine.execute(_FALSE_BY_CODE).fetchall()
        unknown = engine.execute(
            "SELECT DISTINCT kind FROM planted WHERE kind NOT IN (SELECT kind FROM answer)"
        ).fetchall()
    left = {kind for (kind,) in unknown} - set(OUT_OF_DATE) - NO_DEFECT
    if left:
        raise RuntimeError(f"planted kinds that no answer is written down for: {sorted(left)}")
    goals = [Goal(f"defects.recall.{kind}", recall, "share", RECALL, at_most=False)
             for kind, planted, _, recall, _ in rows if planted >= FEWEST]  # fmt: skip
    goals.append(Goal("defects.false_alarms", false_rows / clean, "share of clean rows", FALSE_ALARMS, at_most=True))
    told = [tuple(row) for row in rows]
    told.append(
        (
            "clean rows with a false alarm",
            clean,
            false_rows,
            false_rows / clean,
            ", ".join(f"{c} {n}" for c, n in worst),
        )
    )
    return told, goals


# A line that fell apart has no key: it is sought in the text of the rejected lines by the last part of its key.
_PREPARE = """
    CREATE TABLE found AS SELECT DISTINCT feed, source_key, code, other_key FROM found_rows WHERE source_key IS NOT NULL;
    INSERT INTO found
    SELECT DISTINCT record.feed, record.source_key, lost.code, NULL FROM record JOIN found_rows AS lost
        ON lost.feed = record.feed AND lost.source_key IS NULL AND lost.received IS NOT NULL
        AND strpos(lost.received, split_part(record.source_key, '|', -1)) > 0
    WHERE list_contains(record.defects, 'columns_shifted');
    CREATE TABLE both_sides AS SELECT feed, source_key, code FROM found
    UNION SELECT split_part(other_key, ':', 1), other_key[strpos(other_key, ':') + 1:], code FROM found
        WHERE other_key IS NOT NULL;
    CREATE TABLE crowded AS SELECT phone FROM phones JOIN record USING (feed, source_key)
        GROUP BY feed, phone HAVING count(DISTINCT subject_id) > 5;
    CREATE TABLE planted AS SELECT feed, source_key, unnest(defects) AS kind FROM record;
    DELETE FROM planted WHERE kind = 'phone_shared' AND (feed, source_key) NOT IN (
        SELECT (feed, source_key) FROM phones SEMI JOIN crowded USING (phone));
    CREATE TABLE registered AS SELECT DISTINCT subject, subject_id FROM record WHERE feed IN ('ps_person', 'mr_entity');
    CREATE TABLE known AS SELECT feed, source_key, kind FROM planted
    UNION SELECT feed, source_key, 'not_registered' FROM record ANTI JOIN registered USING (subject, subject_id)
    UNION SELECT beside.feed, beside.source_key, 'not_registered' FROM beside
        JOIN record ON record.feed = own_feed AND record.source_key = own_key AND number_of IS NULL
        ANTI JOIN registered USING (subject, subject_id)
    UNION SELECT feed, source_key, 'phone_shared' FROM phones SEMI JOIN crowded USING (phone);
    CREATE TABLE means AS SELECT DISTINCT code, kind FROM (SELECT DISTINCT code FROM found)
        JOIN answer ON code LIKE pattern ESCAPE '\\';
    CREATE TABLE named AS SELECT DISTINCT feed, source_key, code, kind FROM both_sides JOIN means USING (code);
    CREATE TABLE explained AS SELECT found.* FROM found JOIN means USING (code) JOIN known USING (feed, source_key, kind)
    UNION SELECT found.* FROM found JOIN means USING (code)
        JOIN known ON known.kind = means.kind AND known.feed || ':' || known.source_key = found.other_key;
    CREATE TABLE wrong AS SELECT * FROM found
        SEMI JOIN (SELECT feed, source_key FROM record WHERE len(defects) = 0) AS clean USING (feed, source_key)
        WHERE NOT starts_with(code, 'review:') EXCEPT FROM explained;
"""
_BY_KIND = """
    WITH hit AS (SELECT kind, feed, source_key, list(code ORDER BY code) AS codes
                 FROM planted JOIN named USING (feed, source_key, kind) GROUP BY ALL),
    most AS (SELECT kind, arg_max(code, times) AS code FROM (
        SELECT kind, code, count(*) AS times FROM (SELECT kind, unnest(codes) AS code FROM hit) GROUP BY ALL) GROUP BY kind)
    SELECT planted.kind, count(*), count(hit.kind), count(hit.kind) / count(*), coalesce(any_value(most.code), '')
    FROM planted LEFT JOIN hit USING (kind, feed, source_key) LEFT JOIN most ON most.kind = planted.kind
    WHERE list_contains(?, planted.kind) GROUP BY planted.kind ORDER BY planted.kind"""
_FALSE = """
    SELECT (SELECT count(DISTINCT (feed, source_key)) FROM wrong), (SELECT count(*) FROM record WHERE len(defects) = 0)"""
_FALSE_BY_CODE = "SELECT code, count(*) FROM wrong GROUP BY code ORDER BY count(*) DESC, code LIMIT 5"
