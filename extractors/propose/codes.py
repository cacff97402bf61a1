"""Code tables and date forms of a sample's columns, guessed from their distinct values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.contract import FEEDS_FOLDER
from extractors.drafts import FILL_IN, is_open
from extractors.fields import Field, read_yaml
from extractors.propose.sample import Sample
from extractors.standardise.tables import code_variants

if TYPE_CHECKING:
    from extractors.propose.columns import Match

MOST_CODES = 40  # more distinct values than this are no list of codes
TABLE_FITS = 0.8
FORMATS = {
    "date": ("%Y%m%d", "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d"),
    "timestamp": ("%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %H:%M:%S"),
}


def guess_codes(sample: Sample, match: Match) -> None:
    """Fill in code_table, codes or format of a column as its field needs them."""
    field = match.field
    if field is None or field.kind not in ("choice", "code", "date", "timestamp"):
        return
    if field.kind in FORMATS:
        match.format = _format(sample, match.place, FORMATS[field.kind])
        return
    values = _values(sample, match.place)
    if field.kind == "code":
        match.code_table = _code_table(values, field)
    else:
        match.codes = _codes(values, field)


def _values(sample: Sample, place: int) -> list[str]:
    rows = sample.connection.execute(
        f"SELECT c{place} FROM sample WHERE c{place} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {MOST_CODES}"
    ).fetchall()
    return [str(value) for (value,) in rows]


def _format(sample: Sample, place: int, formats: tuple[str, ...]) -> str | None:
    counts = ", ".join(
        f"count(CASE WHEN strftime(try_strptime(c{place}, '{form}'), '{form}') = c{place} THEN 1 END)"
        for form in formats
    )
    found = sample.ask(f"SELECT {counts} FROM sample")
    best = max(range(len(formats)), key=lambda place: found[place])
    return formats[best] if found[best] else None


def _code_table(values: list[str], field: Field) -> str | None:
    """The table another feed uses for the field, else the one that knows most of the values."""
    used = _columns_of(field.name)
    for column in used:
        if column.get("code_table"):
            return str(column["code_table"])
    known: dict[str, set[str]] = {}
    for table, variant, _, _ in code_variants():
        known.setdefault(table, set()).add(variant)
    shares = {
        table: sum(value.upper() in texts for value in values) / max(len(values), 1) for table, texts in known.items()
    }
    best = max(shares, key=lambda table: shares[table])
    return best if shares[best] >= TABLE_FITS else None


def _codes(values: list[str], field: Field) -> dict[str, list[str]]:
    """Standard value -> texts found for it, by its Chinese name, itself, or what other departments send for it by name.

    A bare number says nothing about its meaning in another department, so numbers are for a person to fill in.
    """
    meanings = {text: code for code, text in field.values.items()} | {code: code for code in field.values}
    for column in _columns_of(field.name):
        for code, texts in column.get("codes", {}).items():
            meanings = {text: code for text in texts if not text.isascii()} | meanings
    codes: dict[str, list[str]] = {}
    unknown: list[str] = []
    for value in values:
        meant = meanings.get(value) or _contained(value, field)
        if meant is None:
            unknown.append(value)
        else:
            codes.setdefault(meant, []).append(value)
    for value in unknown:
        codes[f"{FILL_IN}: what is {value}"] = [value]
    return codes or {f"{FILL_IN}: the code of {code}": ["?"] for code in field.values}


def explains(sample: Sample, place: int, field: Field) -> bool:
    """Whether a column may be a choice field: half of its worded values are known ones, or it holds bare codes only."""
    worded = [value for value in _values(sample, place) if not value.isascii()]
    codes = _codes(worded, field) if worded else {}
    known = sum(len(texts) for code, texts in codes.items() if not is_open(code))
    return 2 * known >= len(worded)


def _contained(value: str, field: Field) -> str | None:
    """The only value whose Chinese name is part of the text, or the text of it: '1-正常', '正常使用'."""
    near = [code for code, name in field.values.items() if len(value) > 1 and (name in value or value in name)]
    return near[0] if len(near) == 1 and not value.isdigit() else None


def _columns_of(name: str) -> list[dict[str, dict[str, list[str]]]]:
    return [
        column
        for path in sorted(FEEDS_FOLDER.glob("*.yml"))
        for column in read_yaml(path)["columns"]
        if column.get("field") == name
    ]
