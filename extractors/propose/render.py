"""The proposed contract as YAML, with what was seen of each column as a comment beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from extractors.drafts import FILL_IN, is_open
from extractors.fields import Subject
from extractors.propose.columns import Match, suggest_key
from extractors.propose.sample import Sample

OPEN = {
    "title": "what the department calls the export, in Chinese",
    "title_english": "the same in English, one to four words",
    "owner": "full name of the department, in Chinese",
    "department": "short code of the department, the part of the feed before the first _",
    "purpose": "what the approval allows the rows to be used for",
    "sharing": "unconditional, conditional or not_shared, from the catalogue of government data",
    "approval_no": "number of the approval in the catalogue",
}
FREQUENCY = "how often it comes, such as daily delta, weekly full"
DEADLINE = "local time by which it arrives, HH:MM in quotation marks"
ALLOWANCE = 0.05  # how far below the sample's share a limit is set


def render(feed: str, file_name: str, sample: Sample, matched: tuple[Subject, list[Match]]) -> str:
    """The whole YAML."""
    return "\n".join(_lines(feed, file_name, sample, *matched)) + "\n"


def _lines(feed: str, file_name: str, sample: Sample, subject: Subject, matches: list[Match]) -> Iterator[str]:
    yield f"# First contract of {feed}, proposed from a sample of {sample.rows:,} rows ({sample.unreadable:,} unreadable)."
    yield f"# Every place that says {FILL_IN} is for a person; the comments tell what was seen. It loads when none is left."
    yield f"# At any time: python -m extractors check <this file> {file_name}"
    for note in sample.found.notes:
        yield f"# {note}"
    yield f"feed: {feed}"
    for name in ("title", "title_english", "owner"):
        yield f"{name}: {_open(OPEN[name])}"
    yield f"department: {feed.split('_')[0]}"
    yield f"subject: {subject}  # person or enterprise: whom a row is about"
    for name in ("purpose", "sharing", "approval_no"):
        yield f"{name}: {_open(OPEN[name])}"
    yield "authority: []  # fields this department is the lawful source of"
    yield f"frequency: {_open(FREQUENCY)}"
    yield f"deadline: {_open(DEADLINE)}"
    if sample.op:
        yield "modes: [delta]  # the sample is one; add full if complete files come too"
        yield f"op: {_text(sample.op)}"
    else:
        yield "modes: [full]  # the sample is one; add delta if changes come too, and op: the column that says I, U or D"
    yield f"form: {_text(_form(sample))}"
    key = suggest_key(sample, matches)
    yield from _key_lines(key)
    if any(match.field and match.field.name == "updated_at" for match in matches):
        yield "updated_column: updated_at"
    yield "columns:"
    for match in matches:
        yield from _column_lines(sample, match, is_key=match in key)
    yield "expectations:"
    for rule in _expectations(sample, matches):
        yield f"  - {_text(rule)}"
    missing = [match for match in key if match.field is None]
    if missing:
        yield from _new_fields(missing)


def _form(sample: Sample) -> dict[str, Any]:
    form = sample.found.form
    shown = form.model_dump(exclude_defaults=True)
    return {"kind": form.kind} | {name: value for name, value in shown.items() if name != "kind"}


def _key_lines(key: list[Match]) -> Iterator[str]:
    if not key:
        yield f"key: [{_open('fields that together name a row for good; no one or two columns do in the sample')}]"
        return
    names = [
        match.field.name if match.field else f"{FILL_IN}: name of the new field of {match.source}" for match in key
    ]
    yield f"key: {_text(names)}  # always filled and never repeated in the sample; ask the department if it names a row for good"


def _column_lines(sample: Sample, match: Match, *, is_key: bool) -> Iterator[str]:
    seen = f"filled {match.filled:.1%}, {match.distinct:,} different"
    if match.field:
        tested = f", {match.share:.1%} sound {match.field.kind}" if match.share else ""
        sure = f"  <- CHECK: by {match.how}" if match.how else ""
        yield f"  # {match.source}: {seen}{tested}{sure}"
    else:
        kind = f", {match.share:.1%} are like {match.kind}" if match.kind else ""
        yield f"  # {match.source}: {seen}{kind}; no standard field found by header or values"
    column: dict[str, Any] = {"source": match.source}
    if match.field is None:
        column["english"] = f"{FILL_IN}: English name"
        if is_key:
            column["field"] = f"{FILL_IN}: new field, see the end of this file"
        else:
            column["ignored"] = f"{FILL_IN}: why the duty does not need it, or put field: instead"
    else:
        column |= {"english": match.field.name, "field": match.field.name}
    if sample.found.widths:
        column["width"] = sample.found.widths[match.place]
    elif match.field and match.field.type == "text" and not match.source.startswith("@"):
        column["length"] = _round_up(max(match.longest, AT_LEAST.get(match.field.kind, 1)))
    if is_key or (match.field and match.field.name == "name" and match.filled == 1):
        column["required"] = True
    if match.filled == 0:
        column["optional"] = True
    if match.field and match.format:
        column["format"] = match.format
    if match.field and match.field.kind == "code":
        column["code_table"] = match.code_table or f"{FILL_IN}: table of reference/code.csv, or give codes"
    if match.codes:
        column["codes"] = match.codes
        if any(is_open(code) for code in match.codes) and match.field:
            yield f"  # one of {', '.join(f'{code} {name}' for code, name in match.field.values.items())}:"
    yield f"  - {_text(column)}"


# A sample rarely holds the longest name: fields of names take 50 characters at least (民委发〔2016〕33号).
AT_LEAST = {"person_name": 50, "company_name": 200, "address": 200, "phone": 20, "id": 30}


def _round_up(longest: int) -> int:
    steps = (1, 2, 4, 6, 8, 9, 11, 12, 16, 18, 20, 30, 50, 100, 200, 300, 500, 1000, 4000)
    return next((step for step in steps if step >= longest), longest)


def _expectations(sample: Sample, matches: list[Match]) -> Iterator[dict[str, Any]]:
    seen = f"proposed from a sample of {sample.rows} rows; set anew after a month of deliveries"
    yield {"rule": "unique_key", "limit": 1, "severity": "stop", "set_by": "a key names one row"}
    yield {
        "rule": "row_count_at_least",
        "limit": 1,
        "severity": "stop",
        "set_by": "an empty file is a fault; raise it when the size is known",
    }
    yield {
        "rule": "row_count_against_last",
        "limit": 0.3,
        "severity": "stop",
        "set_by": "a file 30 % short must not drop yesterday's records",
    }
    yield {
        "rule": "reject_rate",
        "limit": 0.02,
        "severity": "warn",
        "set_by": "as the other feeds; set anew after a month of deliveries",
    }
    yield {
        "rule": "reject_rate",
        "limit": 0.1,
        "severity": "stop",
        "set_by": "one row in ten unreadable is a fault of the export",
    }
    yield {
        "rule": "duplicate_rate",
        "limit": 0.02,
        "severity": "warn",
        "set_by": "exact duplicates 0.5 % in full extracts",
    }
    for match in matches:
        if match.field is None:
            continue
        if match.field.name in ("name", "id_number", "uscc") and match.filled > ALLOWANCE:
            limit = max(round(match.filled - ALLOWANCE, 2), 0.01)
            yield {
                "rule": "filled",
                "field": match.field.name,
                "limit": limit,
                "severity": "warn",
                "set_by": f"{match.filled:.1%} filled, {seen}",
            }
        if match.field.name in ("id_number", "uscc") and match.share > ALLOWANCE:
            limit = max(round(match.share - ALLOWANCE, 2), 0.01)
            yield {
                "rule": "valid_id",
                "field": match.field.name,
                "limit": limit,
                "severity": "warn",
                "set_by": f"{match.share:.1%} valid, {seen}",
            }
    yield {"rule": "arrived_in_time", "limit": 1, "severity": "warn", "set_by": "the deadline of the contract"}


def _new_fields(missing: list[Match]) -> Iterator[str]:
    yield "#"
    yield "# No standard field is described yet for the key. Describe it once in extractors/fields.yml, then name it above:"
    for match in missing:
        yield "#"
        yield "# english_name_with_underscores:"
        yield f"#   chinese: its Chinese name ({match.source})"
        yield "#   kind: number_text"
        yield "#   protection: identifier   # open, internal, personal, sensitive or identifier"
        yield "#   description: one sentence in English saying what the number is"
        yield "#   description_chinese: the same in Chinese, for the layout document of the department"


def _open(what: str) -> str:
    return _text(f"{FILL_IN}: {what}")


def _text(value: Any) -> str:
    """A value on one line of YAML."""
    shown = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10_000, sort_keys=False)
    return str(shown).removesuffix("\n").removesuffix("\n...").strip()
