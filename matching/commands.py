"""What the commands of `python -m matching` do, once the model and the setting are known."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from matching.explain import explain, told, values_told
from matching.explain_cluster import cluster_told, history
from matching.inputs import open_records, read_records, read_table
from matching.model import Model, Setting
from matching.profiles import InputError
from matching.resolve import prepare, run
from matching.train import train
from matching.weights import Weights, load, save, start, stored


def resolve_files(given: argparse.Namespace, model: Model, setting: Setting) -> int:
    """Records in, clusters out; links, reviews and charts when asked for."""
    begin = time.perf_counter()
    records, judgements = open_records(given.records, is_two_sided=model.two_sided), _judgements(given)
    learns = given.train or (given.model is not None and given.weights is None)
    weights = start(model) if learns else weights_of(given, model)
    for path in (given.out, given.links, given.reviews):
        _check_folder(path)
    answer = run(records, model, setting, weights, judgements, learns=learns)
    if answer.clusters.num_rows != len(records):
        raise RuntimeError(f"{len(records)} records in, {answer.clusters.num_rows} out: report this")
    written = time.perf_counter()
    pq.write_table(answer.clusters, given.out)
    answer.seconds["write"] = time.perf_counter() - written
    whole = time.perf_counter() - begin
    if given.links:
        pq.write_table(answer.links(), given.links)
    if given.reviews:
        pq.write_table(answer.reviews(), given.reviews)
    print("; ".join(f"{name} {count:,}" for name, count in answer.counts.items()))
    print("; ".join(f"{name} {spent:.2f} s" for name, spent in answer.seconds.items()))
    print(f"from file to clusters on disk: {whole:.2f} s")
    for row in answer.findings().to_pylist():
        print(f"finding {row['code']}: {row['detail']} ({row['count']:,})")
    if given.charts:
        from matching import charts

        pictures = {
            "sizes": charts.cluster_sizes(answer),
            "scores": charts.score_distribution(answer),
            "weights": charts.model_weights(weights, model),
        }
        save_charts(pictures, given.charts, f"Match of {answer.counts['records']:,} records, model {model.name}")
    return 0


def train_files(given: argparse.Namespace, model: Model, setting: Setting) -> int:
    """Weights learnt from records; InputError where there is nothing to learn from."""
    records = open_records(given.records, is_two_sided=model.two_sided)
    _check_folder(given.out)
    prepared = prepare(records, model, setting)
    if prepared.groups.count < 2:
        raise InputError(
            f"{prepared.groups.count} subject(s) in {len(records)} record(s): nothing to learn weights from"
        )
    if not any(bool(column.present.any()) for column in prepared.profiles.columns.values()):
        raise InputError(f"every column of the {len(records)} records is empty: nothing to learn weights from")
    weights = train(model, prepared.profiles, prepared.groups)
    save(weights, model, given.out)
    print(f"wrote weights of model {model.name} from {prepared.groups.count:,} subjects")
    return 0


def explain_files(given: argparse.Namespace, model: Model, setting: Setting) -> int:
    """Why two records are or are not one subject, or how a cluster was built."""
    if (given.pair is None) == (given.cluster is None):
        raise InputError("say either --pair A B or --cluster KEY")
    records, weights = read_records(given.records, is_two_sided=model.two_sided), weights_of(given, model)
    outcome = run(records, model, setting, weights, _judgements(given))
    said: dict[str, Any]
    pictures: dict[str, Any] = {}
    if given.pair:
        pair = explain(outcome, weights, *given.pair)
        said, text = asdict(pair), told(pair)
        without_values = text
        if given.values:
            text += "\nAs received:\n" + values_told(records, *given.pair)
            said["values"] = _rows(records, given.pair)
    else:
        cluster = history(outcome, given.cluster)
        said, text = asdict(cluster), cluster_told(cluster)
        without_values = text
        if given.values:
            said["values"] = _rows(records, cluster.records)
            text += "\nAs received:\n" + "\n".join(
                "  " + "  ".join(str(value) for value in row.values() if value is not None) for row in said["values"]
            )
    if given.charts:
        from matching import charts

        if given.pair:
            pictures = {"waterfall": charts.waterfall(pair)}
        elif cluster.steps:
            pictures = {"cluster": charts.build_up(cluster)}
    print(json.dumps(said, ensure_ascii=False, indent=2) if given.json else text)
    if given.charts:
        heading = "Why these records are, or are not, one subject"
        save_charts(pictures, given.charts, heading, without_values, is_quiet=given.json)
    return 0


def weights_of(given: argparse.Namespace, model: Model) -> Weights:
    """The weights named on the command line, else those shipped with the model."""
    return load(given.weights, model) if given.weights else stored(model)


def _judgements(given: argparse.Namespace) -> pa.Table | None:
    return read_table(given.judgements) if given.judgements else None


def _check_folder(path: Path | None) -> None:
    if path is not None and not path.resolve().parent.is_dir():
        raise InputError(f"no folder {path.parent} to write {path.name} into: make it first")


def _rows(records: pa.Table, keys: list[str]) -> list[dict[str, Any]]:
    """The received rows of these keys, in their order: for the owner of the file, when asked for."""
    import pyarrow.compute as pc

    chosen = records.filter(pc.is_in(records.column("record_key"), value_set=pa.array(keys, pa.string())))
    return sorted(chosen.to_pylist(), key=lambda row: keys.index(row["record_key"]))


def save_charts(
    pictures: dict[str, Any], folder: Path, heading: str, text: str = "", *, is_quiet: bool = False
) -> None:
    """Write the charts, and the text below them, into the folder and say where."""
    from matching.charts_page import save_all

    written = save_all(pictures, folder, heading, text)
    if not is_quiet:
        print(f"charts: {written[0]} and {len(written) - 1} PNG beside it")
