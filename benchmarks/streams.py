"""`streams`: peak memory of each reader over a large file beside a hundredth of it: readers stream, whatever the size.

The rows of the pretend province's first day are repeated until the file is as large as asked. Workbooks grow with the
number of rows, because a workbook of five gigabytes is none that a spreadsheet could have written.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.goal import Goal, Outcome
from benchmarks.watch import watch

DAY = "2026-11-01"
PERSONS = 60_000
LARGE_MIB = 5_120
MOST_GROWTH = 1.25  # times: what an allocator keeps in the course of a thousand blocks
MOST_MEMORY = 1.0
FORMS = {"csv": "hrss_card", "fixed": "ps_person", "json": "nhsa_insured", "xml": "tax_payer"}
WORKBOOK = "ca_assist"
HEAD_ROWS = 3  # title and two rows of headers
ROWS_A_MIB = 150  # rows of the large workbook for each MiB asked of the others: three quarters of a million


def run(scale: int = LARGE_MIB) -> Outcome:
    """Every form at `scale` MiB and at a hundredth of it."""
    rows: list[tuple[object, ...]] = []
    goals: list[Goal] = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        _deliver(folder / "inbox")
        for form, feed in FORMS.items():
            sample = next(path for path in (folder / "inbox").glob(f"{feed}_*") if path.suffix != ".json")
            make = partial(_repeat, sample, form)
            _measure(form, feed, folder, make, scale, rows, goals)
        book = next((folder / "inbox").glob(f"{WORKBOOK}_*.xlsx"))
        _measure("xlsx", WORKBOOK, folder, partial(_workbook, book), scale, rows, goals)
    return Outcome(
        f"streams: a file of {scale:,} MiB beside one of {max(1, scale // 100):,} MiB, read row by row",
        ("form", "feed", "MiB", "rows", "seconds", "peak GiB", "peak GiB of a hundredth"),
        tuple(rows),
        tuple(goals),
        "Peak memory of the whole process, the interpreter and its libraries among it.",
    )


def _measure(
    form: str, feed: str, folder: Path, make: Callable[[Path, int], None], scale: int, rows: list[tuple[object, ...]],
    goals: list[Goal],
) -> None:  # fmt: skip
    peaks: list[float] = []
    told: dict[str, float] = {}
    size = 0
    for mib in (max(1, scale // 100), scale):
        path = folder / f"{feed}.{form}"
        make(path, mib)
        size = path.stat().st_size
        seen = watch([sys.executable, "-m", "benchmarks.streams_file", feed, str(path)])
        path.unlink()
        if seen.status:
            raise RuntimeError(f"reading {form} ended with {seen.status}: {seen.output[-800:]}")
        told = json.loads(seen.output.splitlines()[-1])
        peaks.append(told["peak_bytes"] / 2**30)
    rows.append((form, feed, size / 2**20, told["rows"], told["seconds"], peaks[1], peaks[0]))
    goals += [
        Goal(f"streams.{form}.growth", peaks[1] / peaks[0], "times", MOST_GROWTH, at_most=True),
        Goal(f"streams.{form}.memory", peaks[1], "GiB", MOST_MEMORY, at_most=True),
    ]


def _deliver(inbox: Path) -> None:
    with tempfile.TemporaryDirectory() as truth:
        command = [sys.executable, "-m", "demo", "deliver", "--date", DAY, "--first", DAY, "--persons", str(PERSONS)]
        subprocess.run(
            [*command, "--seed", "7", "--inbox", str(inbox), "--truth", truth], check=True, stdout=subprocess.DEVNULL
        )


def _repeat(sample: Path, form: str, path: Path, mib: int) -> None:
    """The rows of a file again and again between its beginning and its end, until it has at least `mib` MiB."""
    content = sample.read_bytes()
    head = content.index(b"\n") + 1 if form == "csv" else content.index(b"\n", content.index(b"\n") + 1) + 1
    head = head if form in ("csv", "xml") else 0
    tail = content.rstrip().rindex(b"\n") + 1 if form == "xml" else len(content)
    with path.open("wb") as out:
        out.write(content[:head])
        while out.tell() < mib << 20:
            out.write(content[head:tail])
        out.write(content[tail:])


def _workbook(sample: Path, path: Path, mib: int) -> None:
    """The first sheet of a workbook, its rows again and again under new numbers: ROWS_A_MIB for each of `mib`."""
    rows = ROWS_A_MIB * mib
    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(sample) as book, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        text = book.read(part).decode()
        found = list(re.finditer(r'<row r="(\d+)".*?</row>', text))[HEAD_ROWS:]
        patterns = [re.sub(rf'r="([A-Z]*){hit[1]}"', r'r="\1#"', hit[0]) for hit in found]
        for name in book.namelist():
            if name != part:
                out.writestr(name, book.read(name))
        with out.open(part, "w", force_zip64=True) as sheet:
            sheet.write(text[: found[0].start()].encode())
            for first in range(0, rows, len(patterns)):
                numbered = enumerate(patterns[: rows - first], HEAD_ROWS + 1 + first)
                sheet.write("".join(pattern.replace("#", str(number)) for number, pattern in numbered).encode())
            sheet.write(text[found[-1].end() :].encode())
