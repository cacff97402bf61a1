"""Whether a changed contract may replace the one in force: nothing already landed loses its meaning, no file its reader.

A change of meaning (a field gone, the key, a code that means something else) is never compatible. A change of layout
(columns renamed, added or moved, another form) is, if the version is raised and the old columns stand under `earlier`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.contract import Column, Contract

OVERLAP = "Raise 'version' and keep the old columns under 'earlier' with 'valid_until'"


@dataclass(frozen=True)
class Change:
    """One difference: where, what was and what is, and what to do if it is not compatible (empty: it is)."""

    place: str
    said: str
    do: str = ""

    @property
    def breaks(self) -> bool:
        """Whether it must not be put in force as it is."""
        return bool(self.do)

    def __str__(self) -> str:
        return (
            f"{'REFUSED ' if self.breaks else 'fine    '} {self.place}: {self.said}{'. ' if self.do else ''}{self.do}"
        )


def compare(old: Contract, new: Contract, *, as_of: dt.date) -> list[Change]:
    """Every difference between the contract in force and its successor, in the order of the contract."""
    return [
        *_whole(old, new),
        *_fields(old, new),
        *_layout(old, new),
        *_earlier(old, new, as_of),
        *_agreements(old, new),
    ]


def _whole(old: Contract, new: Contract) -> Iterator[Change]:
    if old.feed != new.feed:
        yield Change(
            "feed", f"{old.feed} -> {new.feed}", "A feed keeps its code; give the other one a contract of its own"
        )
    if old.subject != new.subject:
        yield Change("subject", f"{old.subject} -> {new.subject}", "Records of another subject are another feed")
    if old.details_of != new.details_of:
        do = "Records would join the files of their subjects, or leave them; make it a feed of its own"
        yield Change("details_of", f"{old.details_of} -> {new.details_of}", do)
    if set(old.key) != set(new.key):
        do = "Landed records are known by the old key; a new key is a new feed, or a full reload planned with the stewards"
        yield Change("key", f"{', '.join(old.key)} -> {', '.join(new.key)}", do)
    if old.updated_column != new.updated_column:
        do = "" if old.updated_column is None else "Keep it: late deliveries are settled by it"
        yield Change("updated_column", f"{old.updated_column} -> {new.updated_column}", do)
    for code, real in old.glyphs.items():
        if new.glyphs.get(code) != real:
            yield Change(
                "glyphs", f"{code} was {real}, now {new.glyphs.get(code)}", "Keep it: names already landed hold it"
            )
    for mode in old.modes:
        if mode not in new.modes:
            yield Change("modes", f"{mode} is no longer taken", f"Keep {mode}, or agree with the department first")


def _fields(old: Contract, new: Contract) -> Iterator[Change]:
    was = {column.field: column for column in old.columns if column.field}
    now = {column.field: column for column in new.columns if column.field}
    for field, column in was.items():
        if field not in now:
            do = f"Keep it, with 'optional: true' on column {column.source} if the department stops sending it"
            yield Change(field, f"field removed (column {column.source})", do)
        else:
            yield from _field(field, column, now[field])
    for field in now:
        if field not in was:
            yield Change(field, f"field added (column {now[field].source})")


def _field(field: str, old: Column, new: Column) -> Iterator[Change]:
    if new.length is not None and (old.length is None or new.length < old.length):
        longest = "any length" if old.length is None else f"length {old.length}"
        yield Change(
            field, f"{longest} -> {new.length}", "Values may be lost or found too long; keep the longer length"
        )
    elif new.length != old.length:
        yield Change(field, f"length {old.length} -> {new.length or 'any'}")
    if new.required and not old.required:
        yield Change(
            field, "became required", "Rows taken until now would be rejected; use the rule 'filled' with a limit"
        )
    if new.code_table != old.code_table:
        yield Change(
            field, f"code table {old.code_table} -> {new.code_table}", "Codes change their meaning; add a new field"
        )
    meant = {text: code for code, texts in old.codes.items() for text in texts}
    means = {text: code for code, texts in new.codes.items() for text in texts}
    for text, code in meant.items():
        if text not in means:
            yield Change(field, f"code {text} ({code}) is no longer known", "Keep it: old files and late rows hold it")
        elif means[text] != code:
            yield Change(
                field,
                f"code {text} meant {code}, now {means[text]}",
                "Landed rows keep the old meaning; add a new field",
            )
    added = [text for text in means if text not in meant]
    if added:
        yield Change(field, f"codes added: {', '.join(added)}")


def _layout(old: Contract, new: Contract) -> Iterator[Change]:
    """What a file of the old layout would stumble over, and whether the old layout is still read."""
    faults = list(_layout_faults(old, new))
    if not faults:
        return
    kept = {layout.version: layout for layout in new.earlier}.get(old.version)
    if old.version != new.version and kept is not None:
        form, op = kept.form or new.form, kept.op or new.op
        if _as_sent(kept.columns) == _as_sent(old.columns) and (form, op) == (old.form, old.op):
            for place, said in faults:
                yield Change(place, f"{said}; version {old.version} is read until {kept.valid_until}")
            return
        yield Change(f"earlier {old.version}", "is not the layout in force", "Copy form, op and columns as they were")
    for place, said in faults:
        yield Change(place, said, OVERLAP)


def _layout_faults(old: Contract, new: Contract) -> Iterator[tuple[str, str]]:
    if old.form != new.form:
        before, after = old.form.model_dump(), new.form.model_dump()
        differing = [key for key in {**before, **after} if before.get(key) != after.get(key)]
        said = ", ".join(f"{key} {before.get(key)} -> {after.get(key)}" for key in differing)
        yield "form", said
    if old.op != new.op:
        yield "op", f"{old.op} -> {new.op}"
    was, now = {c.source: c for c in old.columns}, {c.source: c for c in new.columns}
    for source, column in was.items():
        named = column.field or source
        if source not in now:
            other = next((c.source for c in new.columns if c.field and c.field == column.field), None)
            yield named, f"column {source} is gone" if other is None else f"column {source} -> {other}"
        elif column.field != now[source].field:
            yield named, f"column {source} was {column.field or 'ignored'}, now {now[source].field or 'ignored'}"
        elif column.width != now[source].width:
            yield named, f"column {source} had {column.width} bytes, now {now[source].width}"
        elif column.optional and not now[source].optional:
            yield named, f"column {source} might be absent, now it must be there"
    for source, column in now.items():
        is_renamed = column.field is not None and any(c.field == column.field for c in old.columns)
        if source not in was and not column.optional and not is_renamed:
            yield column.field or source, f"column {source} is new and must be there"
    common = [source for source in was if source in now]
    if old.form.kind == "fixed_width" and common != [source for source in now if source in was]:
        yield "columns", "stand in another order"


def _as_sent(columns: tuple[Column, ...]) -> list[tuple[object, ...]]:
    return [(c.source, c.field, c.width, c.optional, c.code_table, c.codes) for c in columns]


def _earlier(old: Contract, new: Contract, as_of: dt.date) -> Iterator[Change]:
    for layout in old.earlier:
        kept = {other.version: other for other in new.earlier}.get(layout.version)
        until = None if kept is None else kept.valid_until
        if until != layout.valid_until:
            is_cut = layout.valid_until >= as_of and (until is None or until < layout.valid_until)
            do = f"It was agreed until {layout.valid_until}; keep it till then" if is_cut else ""
            yield Change(f"earlier {layout.version}", f"valid until {layout.valid_until} -> {until}", do)


def _agreements(old: Contract, new: Contract) -> Iterator[Change]:
    """What may change at any time, told so that a reviewer sees it."""
    for name in (
        "title",
        "owner",
        "department",
        "purpose",
        "sharing",
        "approval_no",
        "frequency",
        "deadline",
        "authority",
        "canonical",
        "source",
    ):
        if getattr(old, name) != getattr(new, name):
            yield Change(name, f"{getattr(old, name)} -> {getattr(new, name)}")
    gone = [rule for rule in old.expectations if rule not in new.expectations]
    come = [rule for rule in new.expectations if rule not in old.expectations]
    for sign, rules in (("-", gone), ("+", come)):
        for rule in rules:
            yield Change(
                "expectations", f"{sign} {rule.rule} {rule.field or ''} {rule.limit} {rule.severity}: {rule.set_by}"
            )
