"""Command line: `python -m matching resolve|train|explain|evaluate ...`."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from matching import evaluate, explain
from matching.model import Model, Setting
from matching.profiles import InputError
from matching.resolve import load_model, prepare, run
from matching.train import train
from matching.weights import load, save, stored

SUBJECTS = {"persons": "person", "enterprises": "enterprise"}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 on success, 2 with a message that names the column or file at fault."""
    given = _parser().parse_args(arguments)
    try:
        done: int = given.run(given)
    except (InputError, FileNotFoundError, ValueError, pa.ArrowInvalid) as error:
        print(f"matching: {error}", file=sys.stderr)
        return 2
    return done


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m matching", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    one = commands.add_parser("resolve", help="records in, record_key and cluster_id out")
    _subject(one)
    one.add_argument("--out", type=Path, required=True, help="Parquet file to write: record_key, cluster_id")
    one.add_argument("--weights", type=Path, help="model file (default: the one shipped with the model)")
    one.add_argument("--judgements", type=Path, help="Parquet: left_key, right_key, verdict, source")
    one.add_argument("--links", type=Path, help="also write the links with their reasons")
    one.add_argument("--reviews", type=Path, help="also write the cases for a steward")
    one.set_defaults(run=_resolve)
    two = commands.add_parser("train", help="learn weights from records, without labels")
    _subject(two)
    two.add_argument("--out", type=Path, required=True, help="model file to write")
    two.set_defaults(run=_train)
    three = commands.add_parser("explain", help="why two records are, or are not, one subject")
    _subject(three)
    three.add_argument("--pair", nargs=2, required=True, metavar=("A", "B"), help="two record keys")
    three.add_argument("--weights", type=Path)
    three.set_defaults(run=_explain)
    four = commands.add_parser("evaluate", help="precision and recall of a result against a truth file")
    four.add_argument("clusters", type=Path)
    four.add_argument("truth", type=Path)
    four.set_defaults(run=_evaluate)
    return parser


def _subject(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("subject", nargs="?", choices=sorted(SUBJECTS), help="a model of ours")
    parser.add_argument("records", type=Path, nargs="+", help="Parquet or CSV file(s) of records")
    parser.add_argument("--model", type=Path, help="a Python file that declares MODEL (instead of a subject)")
    parser.add_argument("--as-of", type=date.fromisoformat, help="the day the records are judged for (default: today)")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--memory-limit", help="for example 4GB")


def _model(given: argparse.Namespace) -> Model:
    if given.model is not None:
        spec = importlib.util.spec_from_file_location("declared_model", given.model)
        if spec is None or spec.loader is None or not given.model.exists():
            raise FileNotFoundError(f"no model file {given.model}: expected a Python file that declares MODEL")
        module = importlib.util.module_from_spec(spec)
        sys.modules["declared_model"] = module
        spec.loader.exec_module(module)
    elif given.subject:
        return load_model(SUBJECTS[given.subject])
    else:
        raise ValueError("say what to match: persons, enterprises, or --model FILE.py")
    model: Model = module.MODEL
    return model


def _read(paths: list[Path]) -> pa.Table:
    tables = []
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"no file {path}: expected Parquet (or CSV) with the canonical columns")
        if path.suffix.lower() == ".csv":
            tables.append(_read_csv(path))
        else:
            tables.append(pq.read_table(path))
    return pa.concat_tables(tables, promote_options="default") if len(tables) > 1 else tables[0]


def _read_csv(path: Path) -> pa.Table:
    from pyarrow import csv

    with path.open(encoding="utf-8-sig") as lines:
        names = [name.strip().strip('"') for name in lines.readline().rstrip("\r\n").split(",")]
    convert = csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True)
    return csv.read_csv(path, convert_options=convert)


def _setting(given: argparse.Namespace) -> Setting:
    as_of = given.as_of or date.today()  # noqa: DTZ011 - the edge: only the command line may read the clock
    return Setting(as_of, given.threads, given.memory_limit)


def _resolve(given: argparse.Namespace) -> int:
    model, setting = _model(given), _setting(given)
    answer = run(
        _read(given.records),
        model,
        setting,
        load(given.weights, model) if given.weights else None,
        pq.read_table(given.judgements) if given.judgements else None,
    )
    pq.write_table(answer.clusters, given.out)
    if given.links:
        pq.write_table(answer.links(), given.links)
    if given.reviews:
        pq.write_table(answer.reviews(), given.reviews)
    print("; ".join(f"{name} {count:,}" for name, count in answer.counts.items()))
    print("; ".join(f"{name} {spent:.2f} s" for name, spent in answer.seconds.items()))
    for row in answer.findings().to_pylist():
        print(f"finding {row['code']}: {row['detail']} ({row['count']:,})")
    return 0


def _train(given: argparse.Namespace) -> int:
    model = _model(given)
    prepared = prepare(_read(given.records), model, _setting(given))
    weights = train(model, prepared.profiles, prepared.groups)
    save(weights, model, given.out)
    print(f"wrote weights of model {model.name} from {prepared.groups.count:,} subjects")
    return 0


def _explain(given: argparse.Namespace) -> int:
    model = _model(given)
    weights = load(given.weights, model) if given.weights else stored(model)
    print(explain.explain(_read(given.records), model, _setting(given), weights, *given.pair))
    return 0


def _evaluate(given: argparse.Namespace) -> int:
    clusters, truth = pq.read_table(given.clusters), pq.read_table(given.truth)
    quality = evaluate.measure(clusters, truth)
    print(f"precision {quality.precision:.6f}  recall {quality.recall:.6f}  F1 {quality.f1:.6f}")
    print(f"pairs: true {quality.true:,}, found {quality.found:,}, right {quality.right:,}")
    for column in evaluate.LABEL_COLUMNS:
        for label, records, precision, recall in evaluate.measure_by(clusters, truth, column):
            if label:
                print(
                    f"  {column:<8} {label:<20} {records:>9,} records  precision {precision:.5f}  recall {recall:.5f}"
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
