"""Airflow finds the console, and imports nothing else of its room."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LOOK = """
import airflow.plugins_manager as manager
apps, _ = manager.get_fastapi_plugins()
assert any(a["url_prefix"] == "/yidang" for a in apps), apps
assert not manager.get_import_errors() if hasattr(manager, "get_import_errors") else True
import sys
assert "plugins.console.app" not in sys.modules  # only when its first request comes
print("found")
"""


def test_airflow_finds_the_console(tmp_path: Path) -> None:
    environment = {
        "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"), "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", LOOK], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip().endswith("found"), done.stderr[-2000:]
