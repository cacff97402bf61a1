"""The expressions of every field of one feed: the forms of its kinds, with what the contract says of each column."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from extractors.contract import SHEET, Column, Contract
from extractors.fields import Field
from extractors.kinds import KINDS, Form, unreadable

CODED = ("code", "choice", "sex", "ethnicity", "area", "month")  # a name instead of a code may be longer than the code
SQL_TYPES = {"text": "VARCHAR", "date": "DATE", "timestamp": "TIMESTAMP", "decimal": "DECIMAL(18,2)"}
ISO_STAMP = "%Y-%m-%d %H:%M:%S"  # the usual form where the contract agrees none
GLYPHED = ("person_name", "company_name", "address", "text")


@dataclass(frozen=True)
class Lookup:
    """A form worked out once a distinct received text `r`: standard form `s`, finding codes, and whether it is usual.

    Columns of one `table` share what was worked out, but not what is usual.
    """

    table: str
    type: str
    standard: str
    reasons: str
    findings: str
    is_usual: str
    is_endless: bool


@dataclass(frozen=True)
class FieldSql:
    """The expressions of one field of one feed. Names: received c<position>, standard s_<field>.

    Of a field with `lookup` the rows hold the standard form and the codes n_<field> before any of them is asked for.
    """

    field: Field
    column: Column
    received: str
    standard: str
    reasons: str
    findings: str
    is_usual: str
    plain: str
    lookup: Lookup | None = None

    @property
    def is_repeating(self) -> bool:
        """Whether few distinct texts make up the column, so that a table of them is kept."""
        return self.lookup is not None and not self.lookup.is_endless

    @property
    def longest(self) -> int | None:
        """The characters a text may have; None where that is not asked."""
        return None if self.field.type != "text" or self.field.kind in CODED else self.column.length

    @property
    def oddities(self) -> list[tuple[str, str]]:
        """What may be wrong with a row's value besides lost characters: (condition, list of finding codes)."""
        odd = []
        if self.findings:
            listed = f"{self.field.name}_reasons" if self.reasons else self.findings
            odd.append((f"len({listed}) > 0", self.findings))
        if self.longest is not None:
            text = f"s_{self.field.name}"
            odd.append((f"strlen({text}) > {self.longest} AND length({text}) > {self.longest}", "['TOO_LONG']"))
        return odd


def field_sql(contract: Contract) -> list[FieldSql]:
    """The expressions of every taken column in file order."""
    fields = {field.name for field in contract.fields}
    birth = "s_birth_date" if "birth_date" in fields else "NULL::DATE"
    sex = "s_sex" if "sex" in fields else "NULL::VARCHAR"
    found = []
    for position, column in enumerate(contract.columns):
        if column.field is None:
            continue
        field = contract.field_of(column)
        form = _with_glyphs(_form_of(column, field), contract.glyphs if field.kind in GLYPHED else {})
        is_own = field.name == "id_number"  # only the person's own number can disagree with birth date and sex
        names = {
            "r": f"c{position}",
            "s": f"s_{field.name}",
            "b": birth if is_own else "NULL::DATE",
            "x": sex if is_own else "NULL::VARCHAR",
        }
        lookup = _lookup(column, field, form) if form.is_by_value and not is_own else None
        codes = f"n_{field.name}" if lookup else form.findings
        found.append(
            FieldSql(
                field=field,
                column=column,
                received=names["r"],
                standard=names["s"] if lookup else _unless_sound(_fill(form.standard, names), names["r"]),
                reasons=f"{field.name}_reasons"
                if lookup and form.reasons
                else _unless_sound(_fill(form.reasons, names), "[]::VARCHAR[]"),
                findings=_fill(codes, names | {"reasons": f"{field.name}_reasons"}),
                is_usual=_fill(form.is_usual, names),
                plain=f"timestamp {column.format or ISO_STAMP}" if form.plain == "timestamp" else form.plain,
                lookup=lookup,
            )
        )
    return found


def _unless_sound(expression: str, sound: str) -> str:
    """An expression over the person's own number that rows whose number is sound (`is_sound_id`) need not be asked for."""
    return f"CASE WHEN is_sound_id THEN {sound} ELSE {expression} END" if expression else ""


def _with_glyphs(form: Form, glyphs: dict[str, str]) -> Form:
    """The form that reads a department's own characters as the real ones; the received text stays as it came."""
    if not glyphs:
        return form
    made, real = "".join(chr(int(code, 16)) for code in glyphs), "".join(glyphs.values())
    read = f"translate({{r}}, {quote(made)}, {quote(real)})"
    return replace(form, standard=form.standard.replace("{r}", read), findings=form.findings.replace("{r}", read))


def _lookup(column: Column, field: Field, form: Form) -> Lookup:
    """Columns of one kind (and code table) share one table; codes that the contract lists have a table of their own."""
    names = {"r": "r", "s": "s", "b": "NULL::DATE", "x": "NULL::VARCHAR", "reasons": "reasons"}
    table = f"form_{field.kind}{'_ahead' if field.ahead else ''}"
    if column.codes or column.code_table:
        table = f"form_of_{field.name}"
    if field.form:
        table = f"form_of_{field.name}"
    if field.kind == "timestamp":
        table = f"form_timestamp {column.format or ISO_STAMP}"
    findings = _fill(form.findings, names) or "NULL"
    is_usual = _fill(form.is_usual, names)
    standard, reasons = _fill(form.standard, names), _fill(form.reasons, names)
    return Lookup(table, SQL_TYPES[field.type], standard, reasons, findings, is_usual, form.is_endless)


def _form_of(column: Column, field: Field) -> Form:
    if column.codes:
        return _choice(column)
    if column.source == SHEET:
        return replace(KINDS[field.kind], is_usual="{s} IS NOT NULL")
    if field.kind == "code":
        standard = f"std_code('{column.code_table}', " + "{r})"
        return Form(standard, unreadable("CODE_UNMAPPED"), is_by_value=True)
    form = KINDS[field.kind]
    if field.form:
        form = _of_form(form, field.form)
    if field.ahead:
        form = replace(form, standard="std_date_ahead({r})")
    if column.format is not None:
        return replace(form, is_usual="{r} = strftime({s}, '" + column.format + "')")
    return form


def _of_form(form: Form, pattern: str) -> Form:
    """Numbers of one form; what has another is kept as it came, and told."""
    found = "CASE WHEN NOT regexp_full_match({s}, " + quote(pattern) + ") THEN ['NUMBER_FORM'] END"
    return replace(form, findings=found)


def _choice(column: Column) -> Form:
    """Codes the contract lists: exact texts first, then folded ones, also as 'code-name' of the same value."""
    exact, folded = {}, {}
    for value, texts in column.codes.items():
        for text in texts:
            exact[text] = value
            folded[_fold(text)] = value
            folded |= {f"{_fold(text)}-{_fold(other)}": value for other in texts if other != text}
    compared = r"upper(regexp_replace(half_width(std_text({r})), '\s*[-:. ]\s*', '-', 'g'))"
    read = f"list_transform([{compared}], lambda text_: CASE text_ {_whens(folded)} END)[1]"
    standard = "CASE {r} " + _whens(exact) + f" ELSE {read} END"
    usual = ", ".join(quote(texts[0]) for texts in column.codes.values())
    return Form(standard, unreadable("CODE_UNMAPPED"), "{r} IN (" + usual + ")", is_by_value=True)


def _whens(values: dict[str, str]) -> str:
    return " ".join(f"WHEN {quote(text)} THEN {quote(value)}" for text, value in values.items())


def _fill(template: str, names: dict[str, str]) -> str:
    for name, expression in names.items():
        template = template.replace("{" + name + "}", expression)
    return template


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper()


def quote(text: str) -> str:
    """A SQL text literal."""
    return "'" + text.replace("'", "''") + "'"
