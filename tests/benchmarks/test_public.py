"""`public`: sets are found by the environment variable, read as they are, measured without labels, and end in goal lines."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from benchmarks import __main__ as benchmarks
from benchmarks import public
from benchmarks.peers.place import PYTHON
from benchmarks.public_sets import FOLDER, SETS, pairs_of, quality_of, sets_here
from matching.profiles import InputError

NAMES = ("red lion", "old mill", "blue bear", "green man", "white swan", "black horse", "rose and crown", "star")
STREETS = (
    "park row",
    "high street",
    "station road",
    "church lane",
    "mill lane",
    "queen street",
    "castle hill",
    "the green",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `benchmarks` with one tiny set in the layout of the restaurants: 40 places, the first 12 written twice."""
    place = tmp_path / "benchmarks" / "restaurants"
    place.mkdir(parents=True)
    with (place / "restaurant.csv").open("w", newline="") as out:
        out.write("name, addr, city, phone, class\n")
        rows = csv.writer(out, quoting=csv.QUOTE_ALL)
        for n in range(40):
            name, street = f"{NAMES[n % 8]} {NAMES[n // 8].split()[0]}", f"{n + 10} {STREETS[n % 7]} {STREETS[n % 5]}"
            for copy in range(2 if n < 12 else 1):
                rows.writerow([name, street + (" w." if copy else ""), "york", f"01904/55{n:02}{n * 7 % 100:02}", n])
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv(PYTHON, "")
    return tmp_path


def test_without_the_variable_the_command_says_what_to_put_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(FOLDER, raising=False)
    with pytest.raises(SystemExit) as ended:
        public.run()
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert FOLDER in told
    assert "abt_buy/AbtBuy_Abt.csv" in told


def test_a_folder_without_sets_is_named_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    with pytest.raises(InputError, match=r"without a public set: put any of febrl/dataset1\.csv"):
        sets_here()


def test_a_set_is_matched_and_measured(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(public, "MEASURED", folder / "known.json")
    (folder / "known.json").write_text(json.dumps({"restaurants": 0.5}))
    monkeypatch.setattr("sys.argv", ["benchmarks", "public"])
    assert benchmarks.main() == 0
    lines = capsys.readouterr().out.splitlines()
    cells = [cell.strip() for cell in next(line for line in lines if "Yidang" in line).split("|")]
    assert cells[1:5] == ["restaurants", "52", "12", "Yidang"]
    assert float(cells[7]) > 0.8
    assert lines[-1].startswith("goal public.restaurants.f1 ")
    assert lines[-1].endswith(" share target 0.5 met")


def test_sets_larger_than_the_scale_are_left_out(folder: Path) -> None:
    assert [one.name for one, _ in sets_here()] == ["restaurants"]
    assert (folder / "benchmarks").is_dir()
    assert public.run(10).rows == ()


def test_pairs_and_quality() -> None:
    true = pairs_of(pd.Series(["b", "a", "c", "d"]), pd.Series(["1", "1", "1", None]))
    assert sorted(true.itertuples(index=False, name=None)) == [("a", "b"), ("a", "c"), ("b", "c")]
    found = pa.table({"record_key": ["a", "b", "c", "d"], "cluster_id": ["a", "a", "c", "c"]})
    quality = quality_of(found, true)
    assert (quality.found, quality.true, quality.right) == (2, 3, 1)


def test_every_set_has_a_model_and_a_goal() -> None:
    known = json.loads(public.MEASURED.read_text())
    for one in SETS:
        assert one.declared().thresholds.accept == 0.5
        assert one.name in known
    assert len({one.name for one in SETS}) == len(SETS)
