"""The labelled public sets: how each is read from its files into the matcher's columns, and which pairs are true."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from matching.evaluate import Quality
from matching.model import Model
from matching.profiles import InputError

FOLDER = "YIDANG_BENCHMARK_DATA"
"""Environment variable: the folder that holds the public sets, or a folder `benchmarks` with them."""


@dataclass(frozen=True)
class PublicSet:
    """A set: its folder, one of its files (to see whether it is there), its model, and who reads it.

    `read(folder)` gives the records (text, `record_key`, and `side` where two tables are linked) and the true pairs,
    columns `left` and `right`.
    """

    name: str
    folder: str
    file: str
    model: str
    read: Callable[[Path], tuple[pd.DataFrame, pd.DataFrame]]

    def declared(self) -> Model:
        """The set's model."""
        model: Model = importlib.import_module(f"benchmarks.models.{self.model}").MODEL
        return model


def _febrl(number: int) -> Callable[[Path], tuple[pd.DataFrame, pd.DataFrame]]:
    def read(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
        found = _csv(folder / f"dataset{number}.csv").rename(columns={"rec_id": "record_key"})
        return found, pairs_of(found["record_key"], found["record_key"].str.extract(r"rec-(\d+)")[0])

    return read


def _dsgen(letter: str) -> Callable[[Path], tuple[pd.DataFrame, pd.DataFrame]]:
    def read(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
        found = _csv(folder / f"dataset_{letter}_10000.csv").rename(columns={"rec_id": "record_key"})
        return found, pairs_of(found["record_key"], found["record_key"].str[:-1])

    return read


def _fake_1000(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    found = _csv(folder / "fake_1000.csv").rename(columns={"unique_id": "record_key"})
    return found.drop(columns="cluster"), pairs_of(found["record_key"], found["cluster"])


def _transactions(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    one, two = (pd.read_parquet(folder / f"transactions_{side}.parquet") for side in ("origin", "destination"))
    return _two_tables(one, two, ["memo", "transaction_date", "amount"], "ground_truth")


def _abt_buy(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    one, two = (_csv(folder / f"AbtBuy_{shop}.csv") for shop in ("Abt", "Buy"))
    return _two_tables(one, two, ["title", "description", "price"], "unique_id")


def _restaurants(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    found = _csv(folder / "restaurant.csv")
    found["record_key"] = _numbered("r", len(found))
    return found.drop(columns="class"), pairs_of(found["record_key"], found["class"])


def _childcare(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    found = _csv(folder / "csv_example_input_with_true_ids.csv")
    found["record_key"] = _numbered("c", len(found))
    kept = found[["record_key", "Site name", "Address", "Zip", "Phone"]]
    return kept, pairs_of(found["record_key"], found["True Id"])


def _cora(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    found = pd.read_csv(folder / "cora.csv", dtype=str, sep="|").rename(columns={"Entity Id": "record_key"})
    true = pd.read_csv(folder / "cora_gt.csv", dtype=str, sep="|", header=None, names=["left", "right"])
    return found.loc[:, ~found.columns.str.startswith("Unnamed")], _ordered(true)


SETS = (
    PublicSet("febrl1", "febrl", "dataset1.csv", "febrl", _febrl(1)),
    PublicSet("febrl2", "febrl", "dataset2.csv", "febrl", _febrl(2)),
    PublicSet("febrl3", "febrl", "dataset3.csv", "febrl", _febrl(3)),
    PublicSet("dsgen_a", "febrl_dsgen", "dataset_A_10000.csv", "febrl_dsgen", _dsgen("A")),
    PublicSet("dsgen_c", "febrl_dsgen", "dataset_C_10000.csv", "febrl_dsgen", _dsgen("C")),
    PublicSet("fake_1000", "fake_1000", "fake_1000.csv", "fake_1000", _fake_1000),
    PublicSet("transactions", "transactions", "transactions_origin.parquet", "transactions", _transactions),
    PublicSet("abt_buy", "abt_buy", "AbtBuy_Abt.csv", "abt_buy", _abt_buy),
    PublicSet("restaurants", "restaurants", "restaurant.csv", "restaurants", _restaurants),
    PublicSet("childcare", "chicago_childcare", "csv_example_input_with_true_ids.csv", "chicago_childcare", _childcare),
    PublicSet("cora", "cora", "cora.csv", "cora", _cora),
)


def sets_here() -> list[tuple[PublicSet, Path]]:
    """The sets the folder of YIDANG_BENCHMARK_DATA holds. InputError, saying what to put there, if it holds none."""
    named = os.environ.get(FOLDER)
    expected = ", ".join(dict.fromkeys(f"{one.folder}/{one.file}" for one in SETS))
    if not named:
        raise InputError(f"{FOLDER} is not set: name a folder that holds public sets, any of {expected}")
    root = Path(named)
    if (root / "benchmarks").is_dir():
        root = root / "benchmarks"
    found = [(one, root / one.folder) for one in SETS if (root / one.folder / one.file).exists()]
    if not found:
        raise InputError(f"{FOLDER} names a folder without a public set: put any of {expected} there")
    return found


def pairs_of(keys: pd.Series, subjects: pd.Series) -> pd.DataFrame:
    """All pairs of keys (`left` < `right`) that share a subject."""
    named = pd.DataFrame({"key": keys.to_numpy(), "subject": subjects.to_numpy()}).dropna()
    both = named.merge(named, on="subject")
    both = both[both["key_x"] < both["key_y"]]
    return both[["key_x", "key_y"]].set_axis(["left", "right"], axis=1)


def quality_of(clusters: pa.Table, true: pd.DataFrame) -> Quality:
    """Pairs in one cluster against the true pairs."""
    named = clusters.to_pandas()
    found = pairs_of(named["record_key"], named["cluster_id"])
    return Quality(len(found), len(true), len(found.merge(true)))


def _ordered(pairs: pd.DataFrame) -> pd.DataFrame:
    low, high = pairs.min(axis=1), pairs.max(axis=1)
    return pd.DataFrame({"left": low, "right": high}).drop_duplicates()


def _csv(path: Path) -> pd.DataFrame:
    """Everything as text; blanks may follow the commas."""
    return pd.read_csv(path, dtype=str, skipinitialspace=True)


def _numbered(letter: str, count: int) -> list[str]:
    return [f"{letter}{number}" for number in range(count)]


def _two_tables(
    one: pd.DataFrame, two: pd.DataFrame, columns: list[str], truth: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    for table, letter, side in ((one, "a", "1"), (two, "b", "2")):
        table["record_key"] = _numbered(letter, len(table))
        table["side"] = side
    both = one.merge(two, on=truth)
    true = both[["record_key_x", "record_key_y"]].set_axis(["left", "right"], axis=1)
    records = pd.concat([one, two])[["record_key", "side", *columns]]
    return records.astype("string"), true
