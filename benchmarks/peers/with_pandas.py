"""The peer of `extract`: pandas reads the same file, parses the same dates and ids, and writes Parquet.

python -m benchmarks.peers.with_pandas FEED INBOX OUT prints rows, seconds and processor seconds as JSON. It does much
less: no names, addresses, codes or phones in standard form, no reasons, no received texts kept, no rejects, no keys.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.extract_file import delivery_of
from extractors.contract import SHEET, Contract, load_contracts

WEIGHTS = np.array((7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2))
CHECK = np.frombuffer(b"10X98765432", np.uint8)


def _csv(contract: Contract, path: Path, _: Path) -> pd.DataFrame:
    return pd.read_csv(
        path, dtype=str, encoding=contract.form.encoding, encoding_errors="replace", keep_default_na=False,
        on_bad_lines="skip",
    )  # fmt: skip


def _fixed_width(contract: Contract, path: Path, _: Path) -> pd.DataFrame:
    """Widths are bytes: cut as Latin-1, then each column decoded."""
    widths = [int(column.width or 0) for column in contract.columns]
    sources = [column.source for column in contract.columns]
    frame = pd.read_fwf(path, widths=widths, header=None, names=sources, dtype=str, encoding="latin-1")
    for source in sources:
        filled = frame[source].fillna("")
        frame[source] = filled.str.encode("latin-1").str.decode(contract.form.encoding, errors="replace")
    return frame


def _json_lines(_contract: Contract, path: Path, _: Path) -> pd.DataFrame:
    frame: pd.DataFrame = pd.read_json(path, lines=True, dtype=str)  # type: ignore[call-overload]
    return frame


def _xlsx(contract: Contract, path: Path, _: Path) -> pd.DataFrame:
    form: Any = contract.form
    above = form.title_rows + form.header_rows
    sheets = pd.read_excel(path, engine="calamine", sheet_name=None, header=None, skiprows=above, dtype=str)
    sources = [column.source for column in contract.columns if column.source != SHEET]
    for name, sheet in sheets.items():
        sheet.columns = pd.Index(sources[: sheet.shape[1]])
        sheet[SHEET] = name
    return pd.concat(sheets.values(), ignore_index=True)


def _xml(contract: Contract, path: Path, out: Path) -> pd.DataFrame:
    """pandas reads nested rows only from a file whose encoding its parser knows."""
    form: Any = contract.form
    plain = out / "plain.xml"
    text = path.read_bytes().decode(form.encoding, errors="replace")
    plain.write_text(text[text.index("?>") + 2 :], encoding="utf-8")
    leaves = [column.source.rsplit("/", 1)[-1] for column in contract.columns]
    frame = pd.read_xml(plain, iterparse={form.row.rsplit("/", 1)[-1]: leaves}, dtype=str)
    return frame.rename(columns=dict(zip(leaves, (column.source for column in contract.columns), strict=True)))


READERS: dict[str, Callable[[Contract, Path, Path], pd.DataFrame]] = {
    "csv": _csv, "fixed_width": _fixed_width, "json_lines": _json_lines, "xlsx": _xlsx, "xml": _xml,
}  # fmt: skip


def parse_ids(texts: pd.Series[str]) -> tuple[pd.Series[str], pd.Series[bool]]:
    """Identity numbers trimmed and in capitals, and whether layout, birth date and check character are right."""
    plain = texts.fillna("").str.normalize("NFKC").str.strip().str.upper()
    fits = plain.str.fullmatch(r"\d{17}[0-9X]")
    good = fits.to_numpy(copy=True)
    digits = np.frombuffer("".join(plain[fits]).encode("ascii", "replace"), np.uint8).reshape(-1, 18)
    total = (digits[:, :17] - 48).astype(np.int64) @ WEIGHTS
    born = pd.to_datetime(plain[fits].str[6:14], format="%Y%m%d", errors="coerce")
    good[good] = (CHECK[total % 11] == digits[:, 17]) & born.notna().to_numpy()
    return plain, pd.Series(good, index=texts.index)


def parse_dates(texts: pd.Series[str], usual: str | None) -> pd.Series[pd.Timestamp]:
    """Dates in the usual form, then in any other that pandas knows."""
    days = pd.to_datetime(texts, format=usual or "%Y-%m-%d", errors="coerce")
    rest = days.isna() & texts.fillna("").ne("")
    if rest.any():
        days[rest] = pd.to_datetime(texts[rest], format="mixed", errors="coerce")
    return days


def main(feed: str, inbox: str, out: str) -> None:
    """Read, parse dates and ids, write Parquet."""
    contract = load_contracts()[feed]
    delivery, _ = delivery_of(feed, Path(inbox))
    begun, used = time.monotonic(), time.process_time()
    frame = READERS[contract.form.kind](contract, delivery.file, Path(out))
    for column in contract.columns:
        if column.field is None or column.source not in frame:
            continue
        field = contract.field_of(column)
        if field.kind == "id":
            frame[column.source], frame[f"{column.source}/valid"] = parse_ids(frame[column.source])
        elif field.type in ("date", "timestamp"):
            frame[column.source] = parse_dates(frame[column.source], column.format)
    frame.to_parquet(Path(out) / "frame.parquet", compression="zstd")
    seconds = time.monotonic() - begun
    print(json.dumps({"rows": len(frame), "seconds": seconds, "processor": time.process_time() - used}))


if __name__ == "__main__":
    main(*sys.argv[1:])
