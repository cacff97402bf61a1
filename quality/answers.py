"""Read back a correction file with a department's answers: strictly, every fault named by sheet and row, no value quoted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from extractors.contract import Contract
from extractors.readers.workbook import BROKEN, Workbook
from quality.corrections import ABOUT, ANSWER, ANSWERS, DEPARTMENT, FILE_NO, NOTE, NUMBER, header_of

LARGEST_NOTE = 500
LARGEST_FILE = 200 << 20
SCHEMA = pa.schema([("finding_id", pa.int64()), ("answer", pa.string()), ("note", pa.string()), ("place", pa.string())])


class AnswerFault(ValueError):  # noqa: N818 - faults of a file, not of the program
    """The file cannot be taken; the message names each fault by sheet and row and says what to do."""


@dataclass(frozen=True)
class AnswerFile:
    """What an answer file says.

    `answers` has finding_id, answer (corrected, accepted or disputed), note, place (sheet and row). Rows without an
    answer are not among them: they stay sent.
    """

    export_id: int
    department: str
    answers: pa.Table
    unanswered: int


def read_answers(path: Path, contracts: Mapping[str, Contract]) -> AnswerFile:
    """Read an answer file of a department.

    Raises
    ------
    AnswerFault
        It is no correction file, its columns or sheets were changed, a finding's number is damaged or stands twice, an
        answer is none of the three, or a note is missing where one is needed.
    """
    if path.stat().st_size > LARGEST_FILE:
        raise AnswerFault(
            f"The file is larger than {LARGEST_FILE >> 20} MiB. Expected a correction file as it was sent."
        )
    try:
        book = Workbook(path)
        sheets = {
            page.name: [(n, texts) for rows in book.rows(page, 5_000) for n, texts in rows] for page in book.pages
        }
        book.close()
    except BROKEN as fault:
        raise AnswerFault(
            f"The file cannot be read as xlsx ({type(fault).__name__}). Save it as .xlsx, no password."
        ) from None
    about = {texts[0]: texts[1] for _, texts in sheets.pop(ABOUT, []) if len(texts) > 1}
    number, department = about.get(FILE_NO) or "", about.get(DEPARTMENT) or ""
    if not number.isdigit() or not department:
        raise AnswerFault(f"Sheet {ABOUT} does not say {FILE_NO} and {DEPARTMENT}. Answer in the file as it was sent.")
    own = {c.title[:31]: c for c in contracts.values() if c.department == department}
    faults: list[str] = []
    found: list[dict[str, object]] = []
    unanswered = 0
    for name, lines in sheets.items():
        if name not in own:
            faults.append(f"sheet {name}: is none of this department's")
            continue
        head = header_of(own[name])
        if not lines or [text or "" for text in lines[0][1]][: len(head)] != head or any(lines[0][1][len(head) :]):
            faults.append(f"sheet {name}: the columns are not those that were sent")
            continue
        for row in _rows(name, head, lines, faults):
            unanswered += row is None
            found += [row] if row else []
    numbers = [row["finding_id"] for row in found]
    if len(set(numbers)) < len(numbers):
        faults.append(f"{len(numbers) - len(set(numbers))} findings are answered more than once")
    if faults:
        more = f"; and {len(faults) - 20} more" if len(faults) > 20 else ""
        raise AnswerFault(
            f"{len(faults)} faults: {'; '.join(faults[:20])}{more}. Correct them and hand the file in again."
        )
    return AnswerFile(int(number), department, pa.Table.from_pylist(found, SCHEMA), unanswered)


def _rows(
    sheet: str, head: list[str], lines: list[tuple[int, list[str | None]]], faults: list[str]
) -> Iterator[dict[str, object] | None]:
    """Each answered row; None for one that is not answered."""
    for line, texts in lines[1:]:
        cells = dict(zip(head, [(text or "").strip() for text in texts] + [""] * len(head), strict=False))
        if not any(cells.values()):
            continue
        place = f"{sheet} row {line}"
        said, note = cells[ANSWER], cells[NOTE]
        if not cells[NUMBER].isdigit():
            faults.append(f"{place}: {NUMBER} is damaged")
        elif not said:
            if note:
                faults.append(f"{place}: a note without an answer")
            yield None
        elif said not in ANSWERS:
            faults.append(f"{place}: the answer is none of {'、'.join(ANSWERS)}")
        elif ANSWERS[said] != "corrected" and not note:
            faults.append(f"{place}: this answer needs a note that says why")
        elif len(note) > LARGEST_NOTE:
            faults.append(f"{place}: the note is longer than {LARGEST_NOTE} characters")
        else:
            yield {"finding_id": int(cells[NUMBER]), "answer": ANSWERS[said], "note": note or None, "place": place}
