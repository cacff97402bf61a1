"""A task whose worker was killed before it began is handed out again, so that the night does not wait for ever."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from runtime import airflow
from runtime.settings import ROOT, read_settings

PROBE = """
from types import SimpleNamespace
from airflow.executors.executor_loader import ExecutorLoader
from airflow.models.taskinstancekey import TaskInstanceKey
executor = ExecutorLoader.get_default_executor()
lost = TaskInstanceKey("dag", "receive", "run", 1, 3)
executor.running.add(lost)
executor.queued_tasks[lost] = object()
before = executor.slots_available
executor.revoke_task(ti=SimpleNamespace(key=lost))
print("PROBE", executor.slots_available - before, lost in executor.queued_tasks)
"""


def test_a_lost_task_gives_back_its_slot(tmp_path: Path) -> None:
    settings = read_settings({**os.environ, "YIDANG_HOME": str(tmp_path)})
    nowhere = "postgresql://yidang@127.0.0.1:1/none"
    environment = airflow.environment(settings, metadata_url=nowhere, warehouse_url=nowhere, port=1)
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        env={**environment, "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path}/a.db"},
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert "PROBE 2 False" in done.stdout, done.stdout + done.stderr
