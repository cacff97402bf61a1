"""Command line: `python -m matching resolve|train|explain|evaluate ...`."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa

from matching import commands, evaluate_files
from matching.model import Model, Setting
from matching.profiles import InputError
from matching.resolve import load_model
from runtime.settings import read_settings

SUBJECTS = {"persons": "person", "enterprises": "enterprise"}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 on success, 2 with a message that names the column or file at fault."""
    given = _parser().parse_args(arguments)
    try:
        done: int = given.run(given)
    except (InputError, OSError, ValueError, pa.ArrowException) as error:
        print(f"matching: {error}", file=sys.stderr)
        return 2
    return done


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m matching", description=__doc__)
    commands_of = parser.add_subparsers(required=True, metavar="command")
    one = commands_of.add_parser("resolve", help="records in, record_key and cluster_id out")
    _subject(one)
    one.add_argument("--out", type=Path, required=True, help="Parquet file to write: record_key, cluster_id")
    one.add_argument("--weights", type=Path, help="model file (default: the one shipped with the model)")
    one.add_argument("--train", action="store_true", help="learn the weights from these very records first")
    one.add_argument("--judgements", type=Path, help="Parquet: left_key, right_key, verdict, source")
    one.add_argument("--links", type=Path, help="also write the links with their reasons")
    one.add_argument("--reviews", type=Path, help="also write the cases for a steward")
    _charts(one)
    one.set_defaults(run=_with_model(commands.resolve_files))
    two = commands_of.add_parser("train", help="learn weights from records, without labels")
    _subject(two)
    two.add_argument("--out", type=Path, required=True, help="model file to write")
    two.set_defaults(run=_with_model(commands.train_files))
    three = commands_of.add_parser("explain", help="why two records are, or are not, one subject")
    _subject(three)
    three.add_argument("--pair", nargs=2, metavar=("A", "B"), help="two record keys: why they are, or are not, one")
    three.add_argument("--cluster", metavar="KEY", help="any record key of a cluster: how it was built, step by step")
    three.add_argument("--weights", type=Path)
    three.add_argument("--judgements", type=Path, help="Parquet: left_key, right_key, verdict, source")
    three.add_argument("--json", action="store_true", help="the same as JSON")
    three.add_argument("--values", action="store_true", help="also print the received values, which are personal")
    _charts(three)
    three.set_defaults(run=_with_model(commands.explain_files))
    four = commands_of.add_parser("evaluate", help="precision and recall of a result against a truth file")
    four.add_argument("clusters", type=Path, help="what resolve wrote")
    four.add_argument("truth", type=Path, help="record_key, subject_id and optional lists groups, defects")
    four.add_argument("--records", type=Path, nargs="+", help="the records: also by threshold, and the worst explained")
    four.add_argument("--subject", choices=sorted(SUBJECTS), help="the model of --records")
    four.add_argument("--weights", type=Path)
    four.add_argument("--worst", type=int, default=5, help="how many false merges and misses to explain (default 5)")
    _run_options(four)
    _charts(four)
    four.set_defaults(run=_evaluate)
    return parser


def _subject(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("subject", nargs="?", choices=sorted(SUBJECTS), help="a model of ours")
    parser.add_argument("records", type=Path, nargs="+", help="Parquet or CSV file(s) of records")
    _run_options(parser)


def _charts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--charts", type=Path, metavar="FOLDER", help="write index.html (needs no network) and PNGs")


def _run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, help="a Python file that declares MODEL (instead of a subject)")
    parser.add_argument("--as-of", type=date.fromisoformat, help="the day the records are judged for (default: today)")
    parser.add_argument("--threads", type=int)
    parser.add_argument(
        "--memory-limit", help="for example 4GB; default: YIDANG_MEMORY_LIMIT, else half of the machine"
    )


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


def _setting(given: argparse.Namespace) -> Setting:
    as_of = given.as_of or date.today()  # noqa: DTZ011 - the edge: only the command line may read the clock
    settings = read_settings()
    return Setting(as_of, given.threads or settings.threads, given.memory_limit or f"{settings.memory_limit}B")


def _with_model(command: Callable[[argparse.Namespace, Model, Setting], int]) -> Callable[[argparse.Namespace], int]:
    return lambda given: command(given, _model(given), _setting(given))


def _evaluate(given: argparse.Namespace) -> int:
    if not given.records:
        return evaluate_files.evaluate_files(given)
    return evaluate_files.evaluate_model(given, _model(given), _setting(given))


if __name__ == "__main__":
    sys.exit(main())
