"""`python -m matching`: canonical columns in, record_key and cluster_id out, and messages that say what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from extractors import standardise
from matching.__main__ import main
from tests.matching.subjects import ENTERPRISE, PERSON, Row, citizen, enterprises, persons, shared

NUMBER = citizen("510107", "19620305", 901)
ROWS: list[Row] = [
    {
        "record_key": "b",
        "department": "ps",
        "name": "钱大海",
        "id_number": NUMBER,
        "birth_date": "19620305",
        "sex": "1",
    },
    {"record_key": "a", "department": "hrss", "name": "钱大海", "id_number": NUMBER, "sex": "男"},
    {"record_key": "c", "department": "ca", "name": "冯桂花", "id_number": citizen("510107", "19640917", 902)},
    {"record_key": "d"},
]


@pytest.fixture(autouse=True)
def one_connection(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The standard form of all tests but the first, which makes its own as the command does."""
    if "records_in" not in request.node.name:
        monkeypatch.setattr(standardise, "connect", lambda **_: shared())


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """What was said of the error."""
    return capsys.readouterr().err


def resolve(table: pa.Table, folder: Path, subject: str = "persons", *more: str) -> dict[str, str]:
    source, out = folder / "in.parquet", folder / "out.parquet"
    pq.write_table(table, source)
    assert main(["resolve", subject, str(source), "--out", str(out), "--as-of", "2026-11-01", *more]) == 0
    answer = pq.read_table(out)
    assert answer.column_names == ["record_key", "cluster_id"]
    assert answer.schema.types == [pa.string(), pa.string()]
    return dict(zip(*(answer.column(name).to_pylist() for name in answer.column_names), strict=True))


def test_records_in_clusters_out(tmp_path: Path) -> None:
    table = persons(ROWS).drop_columns(["former_id_number"])
    assert resolve(table, tmp_path) == {"b": "a", "a": "a", "c": "c", "d": "d"}


def test_the_rows_keep_their_order_and_dictionaries_are_text(tmp_path: Path) -> None:
    table = persons(ROWS)
    coded = table.set_column(2, "name", table.column("name").dictionary_encode())
    assert list(resolve(coded, tmp_path)) == ["b", "a", "c", "d"]


def test_nothing_in_nothing_out(tmp_path: Path) -> None:
    assert resolve(persons([]), tmp_path) == {}
    assert resolve(enterprises([]), tmp_path, "enterprises") == {}


def test_no_value_at_all(tmp_path: Path) -> None:
    rows: list[Row] = [{"record_key": "x"}, {"record_key": "y"}]
    assert resolve(persons(rows), tmp_path) == {"x": "x", "y": "y"}
    assert resolve(enterprises(rows), tmp_path, "enterprises") == {"x": "x", "y": "y"}


def test_values_that_are_rubbish_are_no_error(tmp_path: Path) -> None:
    texts = ["", " ", "\x00", "?" * 500, "锟斤拷", "\ufeff", "'; DROP TABLE v; --", "𬭚䶮", "NULL", "=1+1", "9" * 40]
    for subject, columns, make in (("persons", PERSON, persons), ("enterprises", ENTERPRISE, enterprises)):
        rows: list[Row] = [{"record_key": f"k{n}", **dict.fromkeys(columns, text)} for n, text in enumerate(texts)]
        rows += [{"record_key": "null:1"}, {"record_key": "null:2"}]
        cluster = resolve(make(rows), tmp_path, subject)
        assert set(cluster) == {row["record_key"] for row in rows}
        assert cluster["null:1"] != cluster["null:2"]


def test_the_enterprises(tmp_path: Path) -> None:
    rows: list[Row] = [
        {"record_key": "one", "name": "成都麒麟阁餐饮有限公司", "uscc": "92510104MA6X90015E"},
        {"record_key": "two", "name": "成都市麒麟阁餐饮有限责任公司", "uscc": "92510104ma6x90015e"},
    ]
    assert resolve(enterprises(rows), tmp_path, "enterprises") == {"one": "one", "two": "one"}


def test_files_side_by_side(tmp_path: Path) -> None:
    """Links and reviews of the run, a CSV among the inputs, and judgements that part two records."""
    paths = [
        tmp_path / name for name in ("one.parquet", "two.csv", "judged.parquet", "links.parquet", "reviews.parquet")
    ]
    pq.write_table(persons(ROWS[:1]), paths[0])
    csv.write_csv(persons(ROWS[1:]), paths[1])
    judged = {"left_key": ["a"], "right_key": ["b"], "verdict": ["not_same"], "source": ["steward"]}
    pq.write_table(pa.table(judged), paths[2])
    out = tmp_path / "out.parquet"
    given = ["resolve", "persons", str(paths[0]), str(paths[1]), "--out", str(out), "--as-of", "2026-11-01"]
    more = ["--links", str(paths[3]), "--reviews", str(paths[4])]
    assert main([*given, *more]) == 0
    assert pq.read_table(out).column("cluster_id").to_pylist() == ["a", "a", "c", "d"]
    assert pq.read_table(paths[3]).column_names == ["left_key", "right_key", "rule", "score", "reasons"]
    assert main([*given, *more, "--judgements", str(paths[2])]) == 0
    assert pq.read_table(out).column("cluster_id").to_pylist() == ["b", "a", "c", "d"]
    assert pq.read_table(paths[4]).column_names == ["review_kind", "left_key", "right_key", "score", "reason"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (persons(ROWS).drop_columns(["record_key"]), "column 'record_key' is missing"),
        (persons(ROWS).drop_columns(["name", "phone"]), r"column 'name' is missing .*also missing: ['phone']"),
        (persons([ROWS[0], ROWS[0]]), "column 'record_key' repeats: 1 row(s) too many, first repeated key in row 1"),
        (persons([ROWS[0], {"record_key": None}]), "column 'record_key' is empty in 1 row(s), first in row 2"),
        (persons(ROWS).set_column(2, "name", pa.array([["a"]] * 4)), "column 'name' is list<"),
    ],
)
def test_what_is_wrong_is_said(table: pa.Table, message: str, tmp_path: Path, capsys: Any) -> None:
    pq.write_table(table, tmp_path / "in.parquet")
    assert main(["resolve", "persons", str(tmp_path / "in.parquet"), "--out", str(tmp_path / "out.parquet")]) == 2
    said = told(capsys)
    for part in message.split(" .*"):
        assert part in said
    assert not (tmp_path / "out.parquet").exists()


def test_a_file_that_is_not_there(tmp_path: Path, capsys: Any) -> None:
    assert main(["resolve", "persons", str(tmp_path / "none.parquet"), "--out", str(tmp_path / "out.parquet")]) == 2
    assert "no file" in told(capsys)
    (tmp_path / "bad.parquet").write_bytes(b"not a parquet file")
    assert main(["resolve", "persons", str(tmp_path / "bad.parquet"), "--out", str(tmp_path / "out.parquet")]) == 2
    assert "matching:" in told(capsys)


def test_why_two_are_one(tmp_path: Path, capsys: Any) -> None:
    pq.write_table(persons(ROWS), tmp_path / "in.parquet")
    given = ["explain", "persons", str(tmp_path / "in.parquet"), "--as-of", "2026-11-01", "--pair"]
    assert main([*given, "a", "b"]) == 0
    said = capsys.readouterr().out
    assert "a and b: one subject" in said
    assert "The same identifying number" in said
    assert main([*given, "a", "c"]) == 0
    said = capsys.readouterr().out
    assert "a and c: two subjects" in said
    assert "never one subject" in said
    for value in ("钱大海", NUMBER, "19620305"):
        assert value not in said
    assert main([*given, "a", "nobody"]) == 2
    assert "no record with record_key 'nobody'" in told(capsys)


def test_how_good_a_result_is(tmp_path: Path, capsys: Any) -> None:
    clusters = {"record_key": ["a", "b", "c", "d"], "cluster_id": ["a", "a", "a", "d"]}
    truth = {"record_key": ["a", "b", "c", "d"], "subject_id": ["1", "1", "2", "2"], "groups": [["yi"], [], ["yi"], []]}
    pq.write_table(pa.table(clusters), tmp_path / "clusters.parquet")
    pq.write_table(pa.table(truth), tmp_path / "truth.parquet")
    assert main(["evaluate", str(tmp_path / "clusters.parquet"), str(tmp_path / "truth.parquet")]) == 0
    said = capsys.readouterr().out
    assert "precision 0.333333  recall 0.500000" in said
    assert "yi" in said


def test_weights_of_another_model_are_refused(tmp_path: Path, capsys: Any) -> None:
    pq.write_table(persons(ROWS), tmp_path / "in.parquet")
    wrong = Path(__file__).parents[2] / "matching" / "models" / "enterprise.weights.json"
    given = ["resolve", "persons", str(tmp_path / "in.parquet"), "--out", str(tmp_path / "out.parquet")]
    assert main([*given, "--weights", str(wrong)]) == 2
    assert "holds weights of model 'enterprise', expected 'person'" in told(capsys)
