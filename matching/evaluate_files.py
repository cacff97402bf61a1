"""The command `evaluate`: a result against a truth file, and the matcher run anew on the records."""

from __future__ import annotations

import argparse
from typing import Any

from matching import evaluate, evaluate_run
from matching.commands import save_charts, weights_of
from matching.explain import told
from matching.inputs import read_records, read_table
from matching.model import Model, Setting
from matching.resolve import run


def evaluate_files(given: argparse.Namespace) -> int:
    """Quality of a result against a truth file, by group and by defect."""
    clusters, truth = read_table(given.clusters), read_table(given.truth)
    quality = evaluate.measure(clusters, truth)
    print(f"precision {quality.precision:.6f}  recall {quality.recall:.6f}  F1 {quality.f1:.6f}")
    print(f"pairs: true {quality.true:,}, found {quality.found:,}, right {quality.right:,}")
    found, subjects, whole = evaluate.measure_whole(clusters, truth)
    print(f"clusters: {found:,} for {subjects:,} subjects, {whole:,} are one whole subject and nothing else")
    labels: dict[str, list[tuple[str, int, float, float]]] = {}
    for column in evaluate.LABEL_COLUMNS:
        rows = [row for row in evaluate.measure_by(clusters, truth, column) if row[0]]
        labels |= {column: rows} if rows else {}
        for label, records, precision, recall in rows:
            print(f"  {column:<8} {label:<20} {records:>9,} records  precision {precision:.5f}  recall {recall:.5f}")
    if given.charts:
        from matching.charts_quality import quality_by_label

        pictures: dict[str, Any] = {column: quality_by_label(rows, quality, column) for column, rows in labels.items()}
        save_charts(pictures, given.charts, "Quality against the truth")
    return 0


def evaluate_model(given: argparse.Namespace, model: Model, setting: Setting) -> int:
    """The same with the matcher run anew: also quality by threshold and the worst errors as explained pairs."""
    truth, weights = read_table(given.truth), weights_of(given, model)
    outcome = run(read_records(given.records), model, setting, weights)
    evaluate_files(given)
    if outcome.clusters.sort_by("record_key") != read_table(given.clusters).sort_by("record_key"):
        print("note: these records and weights give other clusters than the file; what follows is of the new run")
    print("linked from   precision    recall        F1")
    sweep = evaluate_run.by_threshold(outcome, weights, truth)
    for accept, quality in sweep:
        mark = "  the model's own" if accept == model.thresholds.accept else ""
        print(f"{accept:<11g}   {quality.precision:.6f}   {quality.recall:.6f}   {quality.f1:.6f}{mark}")
    count, merges = evaluate_run.worst_merges(outcome, weights, truth, given.worst)
    print(f"\n{count:,} cluster(s) hold more than one subject; the worst:")
    _print_mistakes(merges)
    count, misses, reasons = evaluate_run.worst_misses(outcome, weights, truth, given.worst)
    print(f"\n{count:,} subject(s) are in more than one cluster; why, of the {sum(n for _, n in reasons):,} worst:")
    for reason, often in reasons:
        print(f"  {often:>5,}  {reason}")
    _print_mistakes(misses)
    if given.charts:
        from matching.charts_quality import quality_by_label, quality_curve

        quality = evaluate.measure(outcome.clusters, truth)
        pictures: dict[str, Any] = {"thresholds": quality_curve(sweep, model.thresholds.accept)}
        for column in evaluate.LABEL_COLUMNS:
            rows = [row for row in evaluate.measure_by(outcome.clusters, truth, column) if row[0]]
            if rows:
                pictures[column] = quality_by_label(rows, quality, column)
        save_charts(pictures, given.charts, f"Quality against the truth, model {model.name}")
    return 0


def _print_mistakes(mistakes: list[evaluate_run.Mistake]) -> None:
    for mistake in mistakes:
        print(f"\n[{mistake.pairs:,} wrong pair(s)] {told(mistake.explanation)}")
