"""The DAG file: it parses without the heavy libraries, every task says what it does, retries are where they belong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PROBE = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
before = set(sys.modules)
bag = DagBag(sys.argv[1], safe_mode=False)
heavy = [m for m in ("duckdb", "pandas", "great_expectations", "pyarrow", "scipy") if m in set(sys.modules) - before]
dag = bag.dags["yidang_nightly"]
print("PROBE" + json.dumps({
    "errors": {k: str(v) for k, v in bag.import_errors.items()}, "heavy": heavy, "doc": dag.doc_md,
    "params": sorted(dag.params), "max_active_runs": dag.max_active_runs, "catchup": dag.catchup,
    "tasks": {t.task_id: {
        "doc": t.doc_md or t.python_callable.__doc__, "retries": t.retries, "rule": t.trigger_rule.value,
        "name": getattr(t, "map_index_template", None), "outlets": [o.uri for o in t.outlets]} for t in dag.tasks},
    "at_once": {t.task_id: t.python_callable.__doc__ for t in bag.dags["yidang_at_once"].tasks},
}))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("airflow")
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(ROOT / "dags")],
        env=environment,
        capture_output=True,
        text=True,
        cwd=home,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("PROBE")]
    assert lines, done.stdout + done.stderr
    return dict(json.loads(lines[-1].removeprefix("PROBE")))


def test_it_imports_and_nothing_heavy_with_it(found: dict[str, Any]) -> None:
    assert found["errors"] == {}
    assert found["heavy"] == []


def test_the_dag_and_every_task_have_words(found: dict[str, Any]) -> None:
    assert "yesterday" in found["doc"]
    assert [name for name, task in found["tasks"].items() if not task["doc"]] == []


def test_gates_are_not_retried_and_reading_is(found: dict[str, Any]) -> None:
    retries = {name: task["retries"] for name, task in found["tasks"].items()}
    assert retries["by_feed.gate"] == retries["gate_masters"] == retries["report"] == 0
    assert retries["by_feed.receive"] >= 1
    assert retries["by_feed.extract"] >= 1


def test_feeds_and_subjects_are_mapped_by_name(found: dict[str, Any]) -> None:
    names = {name: task["name"] for name, task in found["tasks"].items() if name.startswith("by_")}
    assert all(template and "op_kwargs" in template for template in names.values())


def test_a_failed_feed_does_not_keep_the_others_from_being_matched(found: dict[str, Any]) -> None:
    rules = {name: task["rule"] for name, task in found["tasks"].items()}
    assert rules["by_subject.match"].endswith("all_done_min_one_success")
    assert rules["report"].endswith("all_done")
    assert rules["publish"].endswith("all_success")


def test_the_form_offers_date_feeds_rematch_and_dry_run(found: dict[str, Any]) -> None:
    assert found["params"] == ["date", "dry_run", "feeds", "full_rematch", "inbox"]
    assert found["max_active_runs"] == 1
    assert found["catchup"] is False


def test_what_is_published_is_announced_as_assets(found: dict[str, Any]) -> None:
    assert len(found["tasks"]["publish"]["outlets"]) == 3


def test_judgements_at_once_are_a_dag_of_their_own(found: dict[str, Any]) -> None:
    assert list(found["at_once"]) == ["apply_judgements"]
    assert found["at_once"]["apply_judgements"]
