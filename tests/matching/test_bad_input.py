"""Bad input: a clear error that names column and row (status 2, no traceback), or the right result; nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extractors import standardise
from matching.__main__ import main
from tests.matching.subjects import Row, citizen, enterprises, persons, shared

NUMBER = {"persons": ("id_number", citizen("510107", "19620305", 901)), "enterprises": ("uscc", "92510104MA6X90015E")}
MAKE: dict[str, Callable[[list[Row]], pa.Table]] = {"persons": persons, "enterprises": enterprises}
SUBJECTS = tuple(MAKE)
SURROGATE = "钱".encode() + b"\xed\xa0\x80"


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standardise, "connect", lambda **_: shared())


def rows_of(subject: str, count: int = 3) -> pa.Table:
    column, number = NUMBER[subject]
    return MAKE[subject]([{"record_key": f"k{n}", "name": "钱大海", column: number} for n in range(count)])


def put(table: pa.Table, name: str, values: Any) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


def wide(subject: str, count: int, **columns: pa.Array) -> pa.Table:
    """Many records: the given columns, all else null."""
    keys = pa.array([f"k{n}" for n in range(count)])
    names = MAKE[subject]([]).column_names
    return pa.table({n: keys if n == "record_key" else columns.get(n, pa.nulls(count, pa.string())) for n in names})


def always(value: str, count: int) -> pa.Array:
    return pa.array([value]).take(pa.array(np.zeros(count, np.int64)))


def raw_text(values: list[bytes]) -> pa.Array:
    """Text columns as a careless program writes them: bytes that are not UTF-8."""
    return pa.Array.from_buffers(pa.string(), len(values), pa.array(values, pa.binary()).buffers())


def resolve(table: pa.Table, subject: str, folder: Path) -> dict[str, str]:
    pq.write_table(table, folder / "in.parquet")
    given = ["resolve", subject, str(folder / "in.parquet"), "--out", str(folder / "out.parquet")]
    assert main([*given, "--as-of", "2026-11-01"]) == 0
    answer = pq.read_table(folder / "out.parquet")
    assert answer.column("record_key").to_pylist() == table.column("record_key").cast(pa.string()).to_pylist()
    return dict(zip(*(column.to_pylist() for column in answer.columns), strict=True))


def refused(command: str, subject: str, path: Path, capsys: Any) -> str:
    more = ["--pair", "k0", "k1"] if command == "explain" else ["--out", str(path.parent / "out.parquet")]
    assert main([command, subject, str(path), *more]) == 2
    assert not (path.parent / "out.parquet").exists()
    said: str = capsys.readouterr().err
    assert said.startswith("matching: ")
    assert "Traceback" not in said
    assert "钱大海" not in said
    return said


@pytest.mark.parametrize("command", ["resolve", "train", "explain"])
@pytest.mark.parametrize("subject", SUBJECTS)
def test_what_is_no_table_of_records(command: str, subject: str, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "in.parquet"
    assert "no file" in refused(command, subject, path, capsys)
    path.write_bytes(b"")
    assert "it is empty" in refused(command, subject, path, capsys)
    path.write_bytes(b"record_key,name\na,b\n")
    assert "not a Parquet file" in refused(command, subject, path, capsys)
    table = rows_of(subject)
    pq.write_table(table.drop_columns(["phone"]), path)
    assert "column 'phone' is missing" in refused(command, subject, path, capsys)
    pq.write_table(pa.concat_tables([table, table.slice(1, 1)]), path)
    assert "first repeated key in row 2" in refused(command, subject, path, capsys)
    pq.write_table(put(table, "record_key", pa.array(["a", None, "b"])), path)
    assert "'record_key' is empty in 1 row(s), first in row 2" in refused(command, subject, path, capsys)
    pq.write_table(put(table, "record_key", pa.array(["a", "b", ""])), path)
    assert "'record_key' is empty in 1 row(s), first in row 3" in refused(command, subject, path, capsys)
    pq.write_table(put(table, "record_key", raw_text([b"a", b"b", SURROGATE])), path)
    assert "column 'record_key' is not UTF-8 in row 3" in refused(command, subject, path, capsys)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_columns_of_the_wrong_type(subject: str, tmp_path: Path, capsys: Any) -> None:
    table, path = rows_of(subject), tmp_path / "in.parquet"
    number = NUMBER[subject][0]
    cases = {
        "'phone' is list<": put(table, "phone", pa.array([["a"]] * 3)),
        "'phone' is struct<": put(table, "phone", pa.array([{"a": 1}] * 3)),
        "'name' is not UTF-8 in row 2": put(table, "name", pa.array([b"a", b"\xff", None])),
        f"'{number}' is double and row 2": put(table, number, pa.array([None, 5.1e17, 1.0])),
    }
    for message, wrong in cases.items():
        pq.write_table(wrong, path)
        assert message in refused("resolve", subject, path, capsys)


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize(
    "values",
    [pa.nulls(3), pa.array([13800000000.0, None, float("nan")]), pa.array([13800000000, 1, 2]), pa.array([True] * 3)],
    ids=["null", "floating", "whole", "bool"],
)
def test_columns_that_can_be_read_as_text(subject: str, values: Any, tmp_path: Path) -> None:
    cluster = resolve(put(rows_of(subject), "phone", values), subject, tmp_path)
    assert cluster == {"k0": "k0", "k1": "k0", "k2": "k0"}


def test_numbers_held_as_floating_point_are_the_numbers_meant(tmp_path: Path) -> None:
    """A telephone that another program turned into 13800000000.0 still meets its text."""
    table = persons(
        [
            {"record_key": "a", "name": "钱大海", "phone": "13812345678", "birth_date": "19620305"},
            {"record_key": "b", "name": "钱大海", "phone": "13812345678", "birth_date": "19620305"},
        ]
    )
    expected = resolve(table, "persons", tmp_path)
    floating = put(table, "phone", pa.array([13812345678.0, 13812345678.0]))
    assert resolve(floating, "persons", tmp_path) == expected


@pytest.mark.parametrize("subject", SUBJECTS)
def test_none_one_and_nothing_said(subject: str, tmp_path: Path, capsys: Any) -> None:
    assert resolve(rows_of(subject, 0), subject, tmp_path) == {}
    assert resolve(rows_of(subject, 1), subject, tmp_path) == {"k0": "k0"}
    silent = wide(subject, 40)
    assert len(set(resolve(silent, subject, tmp_path).values())) == 40
    (tmp_path / "out.parquet").unlink()
    assert "nothing to learn weights from" in refused("train", subject, tmp_path / "in.parquet", capsys)
    pq.write_table(rows_of(subject, 1), tmp_path / "in.parquet")
    assert "nothing to learn weights from" in refused("train", subject, tmp_path / "in.parquet", capsys)
    assert "no record with record_key 'k1' among 1" in refused("explain", subject, tmp_path / "in.parquet", capsys)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_million_records_that_say_the_same(subject: str, tmp_path: Path) -> None:
    count = 1_000_000
    column, number = NUMBER[subject]
    table = wide(subject, count, **{"name": always("钱大海", count), column: always(number, count)})
    assert len(set(resolve(table, subject, tmp_path).values())) == 1


@pytest.mark.parametrize("subject", SUBJECTS)
def test_one_key_shared_by_a_hundred_thousand(subject: str, tmp_path: Path, capsys: Any) -> None:
    """One telephone under as many names, one name under as many telephones: nobody is merged by it, and that is told."""
    count = 100_000
    apart = pa.array([f"138{n:08d}" for n in range(count)])
    county = always("510107", count)
    table = wide(subject, count, name=always("钱大海", count), phone=apart, area_code=county)
    assert len(set(resolve(table, subject, tmp_path).values())) == count
    if subject == "persons":  # who tells no sex is not found by it
        told = "BLOCK_CAPPED: block name and county: 1 over-full key(s) skipped (100,000)"
        assert told in capsys.readouterr().out
    signs = pa.array([f"{chr(0x4E00 + n % 300)}{chr(0x5E00 + n // 300)}" for n in range(count)])
    table = wide(subject, count, name=signs, phone=always("13812345678", count))
    assert len(set(resolve(table, subject, tmp_path).values())) > 0.9 * count


@pytest.mark.parametrize("subject", SUBJECTS)
def test_one_number_shared_by_a_hundred_thousand_names(subject: str, tmp_path: Path, capsys: Any) -> None:
    """A number under that many names is nobody's: it says 'same' of no two of them, and the run tells of it."""
    count = 100_000
    signs = pa.array([f"{chr(0x4E00 + n % 300)}{chr(0x5E00 + n // 300)}" for n in range(count)])
    column, number = NUMBER[subject]
    table = wide(subject, count, **{"name": signs, column: always(number, count)})
    assert len(set(resolve(table, subject, tmp_path).values())) == count
    assert "NUMBER_OVERSHARED" in capsys.readouterr().out


@pytest.mark.parametrize("subject", SUBJECTS)
def test_values_too_long_broken_or_of_nobodys_script(subject: str, tmp_path: Path, capsys: Any) -> None:
    table = rows_of(subject, 6)
    names = [name for name in table.column_names if name != "record_key"]
    for text in (
        ["钱" * 10_000, "9" * 10_000, None, "A" * 10_000, None, None],
        ["\ue000"] * 6,
    ):
        assert (
            len(
                resolve(
                    pa.table({n: text if n in names else table.column(n) for n in table.column_names}),
                    subject,
                    tmp_path,
                )
            )
            == 6
        )
    told = capsys.readouterr().out
    assert "VALUE_CUT: column name: of texts longer than 400 characters only these are compared (3)" in told
    broken = {n: raw_text([SURROGATE] * 6) if n in names else table.column(n) for n in table.column_names}
    assert len(resolve(pa.table(broken), subject, tmp_path)) == 6
    private = put(table, "name", pa.array(["钱\ue000海", "\U000f0000", "\ue123" * 5, "钱大海", None, "钱大海"]))
    cluster = resolve(private, subject, tmp_path)
    assert cluster["k3"] == cluster["k5"]


def test_csv_that_is_no_csv(tmp_path: Path, capsys: Any) -> None:
    names = persons([]).column_names
    head, row = ",".join(names), "k0,ps,钱大海" + "," * (len(names) - 3)
    path = tmp_path / "in.csv"
    cases = {
        "in.csv is empty": b"",
        "in.csv is not UTF-8": f"{head}\n{row}\n".encode("gb18030"),
        f"row 3 has 2 column(s), expected {len(names)}": f"{head}\n{row}\nk1,钱大海\n".encode(),
        "column 'record_key' is empty in 1 row(s), first in row 1": f"{head}\n{row[2:]}\n".encode(),
        "column 'name' stands there more than once": f"{head},name\n{row},x\n".encode(),
        "column 'phone' is missing": b"record_key,name,former_name,sex,ethnicity,birth_date,id_number\na,,,,,,\n",
    }
    for message, content in cases.items():
        path.write_bytes(content)
        assert message in refused("resolve", "persons", path, capsys)


def test_csv_with_marks_of_other_programs(tmp_path: Path) -> None:
    names = persons([]).column_names
    path, out = tmp_path / "in.csv", tmp_path / "out.parquet"
    given = ["resolve", "persons", str(path), "--out", str(out), "--as-of", "2026-11-01"]
    path.write_bytes(",".join(names).encode())
    assert main(given) == 0
    assert pq.read_table(out).num_rows == 0
    rows = [f'"NA",ps,"钱,大\n海"{"," * (len(names) - 3)}', f"null,ps,钱{',' * (len(names) - 3)}"]
    path.write_bytes(("\ufeff" + "\r\n".join([",".join(names), *rows]) + "\r\n").encode())
    assert main(given) == 0
    assert pq.read_table(out).column("record_key").to_pylist() == ["NA", "null"]


def test_evaluate_refuses_what_it_cannot_measure(tmp_path: Path, capsys: Any) -> None:
    good = pa.table({"record_key": ["a", "b"], "cluster_id": ["a", "a"]})
    truth = pa.table({"record_key": ["a", "b"], "subject_id": ["1", "1"]})
    cases = [
        (good.drop_columns(["cluster_id"]), truth, "column 'cluster_id' is missing"),
        (good, truth.drop_columns(["subject_id"]), "truth needs record_key and one of"),
        (good, pa.concat_tables([truth, truth]), "truth: column 'record_key' repeats, first repeated key in row 1"),
        (good, truth.slice(0, 1), "1 record(s) of the clusters are not in the truth, first in row 2"),
        (good.slice(1), truth, "1 record(s) of the truth are not in the clusters, first in row 1"),
        (good, put(truth, "subject_id", pa.array(["1", None])), "truth: column 'subject_id' is empty, first in row 2"),
    ]
    for clusters, labelled, message in cases:
        pq.write_table(clusters, tmp_path / "c.parquet")
        pq.write_table(labelled, tmp_path / "t.parquet")
        assert main(["evaluate", str(tmp_path / "c.parquet"), str(tmp_path / "t.parquet")]) == 2
        assert message in capsys.readouterr().err
    assert main(["evaluate", str(tmp_path / "none.parquet"), str(tmp_path / "t.parquet")]) == 2
    assert "no file" in capsys.readouterr().err
    empty = good.slice(0, 0), truth.slice(0, 0)
    pq.write_table(empty[0], tmp_path / "c.parquet")
    pq.write_table(empty[1], tmp_path / "t.parquet")
    assert main(["evaluate", str(tmp_path / "c.parquet"), str(tmp_path / "t.parquet")]) == 0


def test_no_folder_to_write_into(tmp_path: Path, capsys: Any) -> None:
    pq.write_table(rows_of("persons"), tmp_path / "in.parquet")
    given = ["resolve", "persons", str(tmp_path / "in.parquet"), "--out", str(tmp_path / "none" / "out.parquet")]
    assert main(given) == 2
    assert "make it first" in capsys.readouterr().err
