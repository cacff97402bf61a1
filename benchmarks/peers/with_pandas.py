"""The peer of `extract`: pandas reads the same file, parses the same dates and ids, and writes Parquet.

python -m benchmarks.peers.with_pandas FEED INBOX OUT prints rows, seconds and processor seconds as JSON. Of an id it tells
the same reasons, of a date the same forms, sound and usual ones first and the rest by themselves. It does much less:
no names, addresses, codes or phones in standard form, no received texts kept, no rejects, no keys.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.extract_file import delivery_of
from extractors.contract import SHEET, Contract, load_contracts
from extractors.reference import path_of

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
    frame: pd.DataFrame = pd.read_json(path, lines=True, dtype=str, convert_dates=False)  # type: ignore[call-overload]
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


def parse_ids(
    texts: pd.Series[str], beside: pd.DataFrame, ends: npt.NDArray[np.int64], as_of: pd.Timestamp
) -> tuple[pd.Series[str], pd.Series[str]]:
    """Identity numbers in standard form, and every reason against them, joined by a comma (domain 1.1).

    `beside` has the birth dates and sexes of the same persons, `ends` the last year in force of each division code.
    """
    plain = texts.fillna("").str.normalize("NFKC").str.replace(r"[\s\-'\"]+", "", regex=True).str.upper()
    reasons = pd.Series("", index=texts.index)

    def tell(rows: pd.Index, is_wrong: npt.NDArray[np.bool_], reason: str) -> None:
        if is_wrong.any():
            reasons[rows[is_wrong]] += f"{reason},"

    placeholder = plain.str.fullmatch(r"(\d)\1*|1234567890\d*|无|不详|暂无|未知|NULL|NONE").to_numpy()
    whole = plain[plain.str.fullmatch(r"\d{17}[0-9X]") & ~placeholder]
    old = plain[plain.str.fullmatch(r"\d{15}") & ~placeholder]
    cells = np.frombuffer("".join(whole).encode("ascii"), np.uint8).reshape(-1, 18)
    tell(whole.index, CHECK[(cells[:, :17] - 48).astype(np.int64) @ WEIGHTS % 11] != cells[:, 17], "CHECK")
    tell(whole.index, whole.str.endswith("000").to_numpy(), "EXCEL_000")
    for some, days, years, sexed in (
        (whole, whole.str[6:14], whole.str[6:10].astype(int).to_numpy(), whole.str[16]),
        (old, "19" + old.str[6:12], np.full(len(old), 1984), old.str[14]),
    ):
        born = pd.to_datetime(days, format="%Y%m%d", errors="coerce")
        birth, sex = beside["birth"].reindex(some.index), beside["sex"].reindex(some.index)
        tell(some.index, ends[some.str[:6].astype(int).to_numpy()] < years, "DIVISION")
        tell(some.index, born.isna().to_numpy(), "DATE")
        tell(some.index, (born > as_of).to_numpy(), "FUTURE")
        tell(some.index, (born <= as_of - pd.DateOffset(years=121)).to_numpy(), "AGE")
        tell(some.index, (birth.notna() & born.notna() & (birth != born)).to_numpy(), "DOB_MISMATCH")
        is_male = sexed.isin(list("13579"))
        tell(some.index, (sex.isin(["1", "2"]) & ((sex == "1") != is_male)).to_numpy(), "SEX_MISMATCH")
    rest = plain.drop(whole.index.union(old.index))
    rest = rest[rest != ""]
    tell(rest.index, placeholder[plain.index.get_indexer(rest.index)], "PLACEHOLDER")
    tell(rest.index, rest.str.contains("*", regex=False).to_numpy(), "MASKED")
    other = rest[~rest.str.contains("*", regex=False) & ~rest.str.fullmatch(r"[A-Z]{3}\d{12}")]
    other = other[~placeholder[plain.index.get_indexer(other.index)]]
    is_travel = other.str.fullmatch(
        r"[HM]\d{8}(\d{2})?|\d{8}|[A-Z]\d{9}|(?=.*[A-Z])(?=.*\d{4})[A-Z0-9]{6,9}"
    ).to_numpy()
    tell(other.index, is_travel, "TYPE_MISMATCH")
    tell(other.index, ~is_travel & ~other.str.len().isin([15, 18]).to_numpy(), "LEN")
    tell(other.index, ~is_travel & other.str.contains(r"[^0-9]").to_numpy(), "CHARS")
    return plain, reasons


def parse_dates(texts: pd.Series[str], usual: str | None) -> tuple[pd.Series[pd.Timestamp], pd.Series[str]]:
    """Dates in the usual form, then in any other that pandas or a department knows, and why there is none."""
    days = pd.to_datetime(texts, format=usual or "%Y-%m-%d", errors="coerce")
    reasons = pd.Series("", index=texts.index)
    rest = texts[days.isna() & texts.fillna("").ne("")].str.normalize("NFKC").str.strip()
    if len(rest):
        is_unknown = rest.str.fullmatch(r"1900-?0?1-?0?1|0+(-0+)*|无|不详|未知|NULL")
        is_open = rest.str.fullmatch(r"(9999|2999|2099)[-/.年]?12[-/.月]?31日?|长期|永久")
        serial = rest.str.fullmatch(r"\d{5}")
        written = rest.str.replace(r"[年月./]", "-", regex=True).str.removesuffix("日")
        found = pd.to_datetime(written.mask(serial | is_unknown | is_open), format="mixed", errors="coerce")
        counted = pd.to_timedelta(pd.to_numeric(rest.where(serial), errors="coerce"), unit="D")
        days[rest.index] = found.fillna(pd.Timestamp("1899-12-30") + counted)
        none = days[rest.index].isna()
        reasons[rest.index[none]] = np.where(is_unknown, "PLACEHOLDER", np.where(is_open, "NO_END", "UNREADABLE"))[none]
    return days, reasons


def last_years() -> npt.NDArray[np.int64]:
    """The last year in force of each division code, two years of grace; 0 for what is none."""
    divisions = pd.read_parquet(path_of("division.parquet"), columns=["code", "to_year"])
    ends = np.zeros(1_000_000, np.int64)
    newest = divisions.groupby("code")["to_year"].max() + 2
    ends[newest.index.astype(int)] = newest.to_numpy()
    return ends


def main(feed: str, inbox: str, out: str) -> None:
    """Read, parse dates and ids, write Parquet."""
    contract = load_contracts()[feed]
    delivery, manifest = delivery_of(feed, Path(inbox))
    begun, used = time.monotonic(), time.process_time()
    frame = READERS[contract.form.kind](contract, delivery.file, Path(out))
    kinds = {column.source: contract.field_of(column) for column in contract.columns if column.field is not None}
    taken = {source: field for source, field in kinds.items() if source in frame}
    beside = pd.DataFrame({"birth": pd.NaT, "sex": None}, index=frame.index)
    for column in contract.columns:
        if column.source in taken and taken[column.source].type in ("date", "timestamp"):
            days, frame[f"{column.source}/reasons"] = parse_dates(frame[column.source], column.format)
            frame[column.source] = days
            if taken[column.source].name == "birth_date":
                beside["birth"] = days
        elif column.source in taken and taken[column.source].name == "sex":
            beside["sex"] = frame[column.source]
    alone = pd.DataFrame({"birth": pd.NaT, "sex": None}, index=frame.index)
    for source, field in taken.items():
        if field.kind == "id":
            own = beside if field.name == "id_number" else alone
            found = parse_ids(frame[source], own, last_years(), pd.Timestamp(manifest.business_date))
            frame[source], frame[f"{source}/reasons"] = found
    frame.to_parquet(Path(out) / "frame.parquet", compression="zstd")
    seconds = time.monotonic() - begun
    print(json.dumps({"rows": len(frame), "seconds": seconds, "processor": time.process_time() - used}))


if __name__ == "__main__":
    main(*sys.argv[1:])
