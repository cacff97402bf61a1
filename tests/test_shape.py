"""The repo's own shape: rooms, import directions, names and sizes that design.md fixes."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("extractors", "matching", "quality", "warehouse", "runtime", "demo", "benchmarks", "dags", "plugins")
# Who may import whom; a room may always import itself.
MAY_IMPORT = {
    "extractors": {"runtime.settings"},
    "matching": {"extractors", "runtime.settings"},
    "quality": {"extractors", "runtime.settings"},
    "warehouse": {"extractors", "matching", "runtime.settings"},
    "demo": {"extractors", "matching", "warehouse", "quality", "runtime.settings"},
    "runtime": {"extractors", "matching", "quality", "warehouse"},
    "benchmarks": {"extractors", "matching", "quality", "warehouse", "runtime", "demo"},
    "dags": {"extractors", "matching", "quality", "warehouse", "runtime"},
    "plugins": {"extractors", "matching", "quality", "warehouse", "runtime"},
}
ONLY_IN = {
    "airflow": {"dags", "plugins"},
    "great_expectations": {"quality"},
    # A department's database is any of five kinds: SQLAlchemy speaks to all of them, from here.
    "sqlalchemy": {"warehouse", "extractors/pull/database.py", "extractors/pull/dialects.py"},
    "psycopg": {"warehouse"},
    "alembic": {"warehouse"},
    "paramiko": {"extractors/pull/files.py"},
}
AVOIDED = re.compile(
    r"(^|_)(entity|item|data|info|object|manager|processor|handler|helper|helpers|util|utils|common|base)(_|$)"
)
LONGEST, LIMIT, RARE = 300, 400, 5


@cache
def modules() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    return [ROOT / name for name in listed if (ROOT / name).exists() and not name.startswith("tests/")]


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_every_module_stands_in_a_room() -> None:
    strays = [str(p.relative_to(ROOT)) for p in modules() if room_of(p) not in ROOMS]
    assert not strays


@pytest.mark.parametrize("room", ROOMS)
def test_imports_go_one_way(room: str) -> None:
    wrong = []
    for path in (p for p in modules() if room_of(p) == room):
        for name in imports_of(path):
            top = name.split(".")[0]
            if top not in ROOMS or top == room:
                continue
            allowed = MAY_IMPORT[room]
            if top not in allowed and not any(name == a or name.startswith(a + ".") for a in allowed if "." in a):
                if name == "runtime" and "runtime.settings" in allowed:
                    continue
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not wrong


@pytest.mark.parametrize("library", sorted(ONLY_IN))
def test_a_library_is_imported_only_in_its_room(library: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules()
        if not {room_of(path), str(path.relative_to(ROOT))} & ONLY_IN[library]
        for name in imports_of(path)
        if name.split(".")[0] == library
    ]
    assert not wrong


def test_a_file_is_one_idea() -> None:
    long = {str(p.relative_to(ROOT)): n for p in modules() if (n := len(p.read_text().splitlines())) > LONGEST}
    assert len(long) <= RARE, long  # typically under 150 lines, rarely over 300
    assert not {name: n for name, n in long.items() if n > LIMIT}


def test_file_names_say_what_is_inside() -> None:
    vague = [str(p.relative_to(ROOT)) for p in modules() if AVOIDED.search(p.stem) and p.stem != "mr_entity"]
    assert not vague


def test_public_functions_say_what_they_do() -> None:
    silent = []
    for path in (p for p in modules() if "versions" not in p.parts):  # a migration speaks through its file
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            if ast.get_docstring(node) is None:
                silent.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert not silent


def test_no_clock_is_read_in_the_rooms_of_the_pipeline() -> None:
    clock = re.compile(r"\b(datetime\.now|date\.today|datetime\.utcnow|time\.time\(|current_date|now\(\))")
    wrong = []
    for path in modules():
        if room_of(path) not in ("extractors", "matching", "quality", "demo"):
            continue
        if path.name == "__main__.py":  # the edge: a person's command may default to today
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if clock.search(line.split("#")[0]):
                wrong.append(f"{path.relative_to(ROOT)}:{number} {line.strip()}")
    assert not wrong


def test_the_pipeline_never_names_the_truth() -> None:
    """Only evaluation may know where the truth lies: the demo that writes it, benchmarks, and the summary's judge."""
    allowed = {"runtime/settings.py", "runtime/summary.py", "runtime/night.py"}
    wrong = []
    for path in modules():
        name = str(path.relative_to(ROOT))
        if room_of(path) in ("demo", "benchmarks") or name in allowed or name.startswith("matching/evaluat"):
            continue
        if re.search(r"\.truth\b|truth/|\"truth\"", path.read_text()) and path.name != "__main__.py":
            wrong.append(name)
    assert not wrong


def test_locks_and_texts_name_no_package_registry() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    hosts = re.compile(r"pypi\.org|pythonhosted|registry\.npmjs|deb\.debian", re.IGNORECASE)
    texts = (".txt", ".lock", ".toml", ".md", ".py", ".yml", ".cfg", "Makefile", "run")
    wrong = [
        name
        for name in tracked
        if name.endswith(texts)
        and name != "tests/test_shape.py"
        and hosts.search((ROOT / name).read_text(errors="replace"))
    ]
    assert not wrong
