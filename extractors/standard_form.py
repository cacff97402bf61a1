"""From a received text to its standard form, as DuckDB expressions: one row of KINDS for each kind of field.

The macros (std_id, std_name, ...) come from extractors.standardise. Each kind says how the standard form is made, which
findings the received text gives, and when the received text is the usual form, so that nothing besides need be kept.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from extractors.contract import SHEET, Column, Contract
from extractors.fields import Field

CODED = ("code", "choice", "sex", "ethnicity", "area", "month")  # a name instead of a code may be longer than the code
SQL_TYPES = {"text": "VARCHAR", "date": "DATE", "timestamp": "TIMESTAMP", "decimal": "DECIMAL(18,2)"}
GLYPHED = ("person_name", "company_name", "address", "text")
TWO_PLACES = r"-?\d+(\.\d{1,2})?"


@dataclass(frozen=True)
class Form:
    """SQL of one kind: `{r}` is the received text (null if empty), `{s}` the standard form.

    `{b}` and `{x}` are the standard birth date and sex of the same person; `findings` is a list of codes, `reasons` the
    list of everything wrong with a number, `is_usual` a condition. `plain` is a condition that is quick to test, under
    which the standard form is `plain_form` and nothing is found; `{k}` in it is the answer of the check `sound`.
    """

    standard: str
    findings: str = ""
    is_usual: str = "{r} = {s}"
    reasons: str = ""
    is_by_value: bool = False  # worked out once a distinct text, because texts repeat or the form is dear
    is_endless: bool = False  # new texts never end, so that what was worked out is kept for one chunk only
    plain: str = ""
    plain_form: str = "{r}"
    sound: str = ""


def _unreadable(code: str) -> str:
    return "CASE WHEN {s} IS NULL AND std_text({r}) <> '' THEN ['" + code + "'] END"


def _prefixed(prefix: str, codes: str) -> str:
    return f"list_transform({codes}, lambda code: '{prefix}_' || code)"


def _listed(first: str, second: str) -> str:
    return f"list_concat({first}, {second})"


def _number(macro: str, reasons: str, prefix: str, plain: str, sound: str = "") -> Form:
    return Form(macro + "({r})", _prefixed(prefix, "{reasons}"), reasons=reasons, plain=plain, sound=sound)


_PRIVATE_USE = r"CASE WHEN regexp_matches({s}, '[\x{E000}-\x{F8FF}]') THEN ['PRIVATE_USE'] END"
_MONTH = (
    r"CASE WHEN regexp_full_match({r}, '(19|20)\d\d(0[1-9]|1[0-2])') THEN {r} "
    r"WHEN regexp_full_match(std_text({r}), '(19|20)\d\d\s*[-/.年]\s*(0?[1-9]|1[0-2])\s*月?') "
    r"THEN regexp_extract(std_text({r}), '\d{4}') "
    r"|| lpad(regexp_extract(std_text({r}), '[-/.年]\s*(\d{1,2})', 1), 2, '0') "
    r"ELSE strftime(std_date({r}), '%Y%m') END"
)
_AMOUNT = (
    r"coalesce(TRY_CAST({r} AS DECIMAL(18,2)), "
    r"TRY_CAST(regexp_replace(half_width({r}), '[,¥元\s]', '', 'g') AS DECIMAL(18,2)))"
)
_NUMBER_TEXT = (
    r"CASE WHEN regexp_full_match({r}, '[0-9A-Z]+') THEN {r} "
    r"ELSE nullif(upper(regexp_replace(half_width(std_text({r})), '^[''=]+|\s', '', 'g')), '') END"
)
_BANK_CARD = (
    "CASE WHEN {s} IS NULL THEN " + _unreadable("BANK_CARD_UNREADABLE") + " "
    "WHEN NOT luhn_is_valid({s}) THEN ['BANK_CARD_LUHN'] END"
)

_AGREES = (
    "({b} IS NULL OR strftime({b}, '%Y%m%d') = substr({r}, 7, 8)) AND ({x} IS NULL OR {x} NOT IN ('1', '2') "
    "OR (substr({r}, 17, 1) IN ('1', '3', '5', '7', '9')) = ({x} = '1'))"
)

KINDS: dict[str, Form] = {
    "id": _number("std_id", "id_reasons({s}, {b}, {x})", "ID", "{k} AND " + _AGREES, "id"),
    "uscc": _number("std_uscc", "uscc_reasons({s})", "USCC", "{k}", "uscc"),
    "organisation_code": _number(
        "std_org_code", "org_code_reasons({s})", "ORGANISATION_CODE", "org_code_is_valid({r})"
    ),
    "registration_no": _number(
        "std_registration_no", "registration_no_reasons({s})", "REGISTRATION_NO", "registration_no_is_valid({r})"
    ),
    "person_name": Form(
        "std_name({r})",
        _prefixed("NAME", "name_flags({r})"),
        is_by_value=True,
        is_endless=True,
        plain="is_usual_name({r})",
    ),
    "company_name": Form(
        "std_company_name({r})",
        _listed(_unreadable("NAME_EMPTY_WORD"), _PRIVATE_USE),
        is_by_value=True,
        is_endless=True,
        plain="is_usual_company_name({r})",
    ),
    "date": Form(
        "std_date({r})",
        _prefixed("DATE", "date_reasons_of({r}, {s})"),
        is_by_value=True,
    ),
    "timestamp": Form(
        "std_timestamp({r})",
        _unreadable("TIMESTAMP_UNREADABLE"),
        plain="usual_timestamp({r}) IS NOT NULL",
        plain_form="usual_timestamp({r})",
    ),
    "month": Form(_MONTH, _unreadable("MONTH_UNREADABLE"), is_by_value=True),
    "phone": Form(
        "std_phone({r})",
        _prefixed("PHONE", "phone_reasons({r})"),
        plain="is_mobile({r}) AND len(mobile_reasons({r})) = 0",
    ),
    "sex": Form("std_sex({r})", _unreadable("CODE_UNMAPPED"), is_by_value=True),
    "ethnicity": Form("std_ethnicity({r})", _unreadable("CODE_UNMAPPED"), is_by_value=True),
    "area": Form("std_area({r})", _unreadable("AREA_UNKNOWN"), is_by_value=True),
    "address": Form("std_address({r})", _PRIVATE_USE, plain="is_usual_address({r}) AND length({r}) > 8"),
    "bank_card": Form("std_bank_card({r})", _BANK_CARD, plain="{k}", sound="bank_card"),
    "amount": Form(
        _AMOUNT,
        _unreadable("NOT_A_NUMBER"),
        "regexp_full_match({r}, '" + TWO_PLACES + "')",
        plain=r"regexp_full_match({r}, '-?\d{1,15}(\.\d{1,2})?')",
        plain_form="TRY_CAST({r} AS DECIMAL(18,2))",
    ),
    "number_text": Form(_NUMBER_TEXT, plain="regexp_full_match({r}, '[0-9A-Z]+')"),
    "text": Form("std_text({r})", _PRIVATE_USE, is_by_value=True, is_endless=True, plain="is_plain({r})"),
}


@dataclass(frozen=True)
class Lookup:
    """A form worked out once a distinct received text `r`: standard form `s`, finding codes, and whether it is usual.

    Columns of one `table` share what was worked out, but not what is usual.
    """

    table: str
    type: str
    standard: str
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
    plain_form: str
    sound: str
    lookup: Lookup | None = None

    @property
    def is_repeating(self) -> bool:
        """Whether few distinct texts make up the column, so that a table of them is kept."""
        return self.lookup is not None and not self.lookup.is_endless

    @property
    def is_short(self) -> str:
        """A condition: the text is not longer than agreed; empty where that is not asked."""
        if self.column.length is None or self.field.type != "text" or self.field.kind in CODED:
            return ""
        return f"(strlen({self.received}) <= {self.column.length} OR length({self.received}) <= {self.column.length})"

    @property
    def oddities(self) -> list[tuple[str, str]]:
        """What may be wrong with a row's value besides lost characters: (condition, list of finding codes)."""
        odd = []
        if self.findings:
            listed = f"{self.field.name}_reasons" if self.reasons else self.findings
            odd.append((f"len({listed}) > 0", self.findings))
        if self.column.length is not None and self.field.type == "text" and self.field.kind not in CODED:
            text = f"s_{self.field.name}"
            odd.append(
                (f"strlen({text}) > {self.column.length} AND length({text}) > {self.column.length}", "['TOO_LONG']")
            )
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
            "k": f"is_sound_c{position}",
        }
        lookup = _lookup(column, field, form) if form.is_by_value else None
        codes = f"n_{field.name}" if lookup else form.findings
        found.append(
            FieldSql(
                field=field,
                column=column,
                received=names["r"],
                standard=names["s"] if lookup else _fill(form.standard, names),
                reasons=_fill(form.reasons, names),
                findings=_fill(codes, names | {"reasons": f"{field.name}_reasons"}),
                is_usual=_fill(form.is_usual, names),
                plain=_plain(form, names),
                plain_form=_fill(form.plain_form, names),
                sound=form.sound,
                lookup=lookup,
            )
        )
    return found


def _plain(form: Form, names: dict[str, str]) -> str:
    """The condition under which a received text is plain and also the usual form of its standard form; '' if never."""
    if not form.plain:
        return ""
    usual = _fill(form.is_usual, names | {"s": _fill(form.plain_form, names)})
    return " AND ".join([_fill(form.plain, names)] + ([f"({usual})"] if form.plain_form != "{r}" else []))


def _with_glyphs(form: Form, glyphs: dict[str, str]) -> Form:
    """The form that reads a department's own characters as the real ones; the received text stays as it came."""
    if not glyphs:
        return form
    made, real = "".join(chr(int(code, 16)) for code in glyphs), "".join(glyphs.values())
    read = f"translate({{r}}, {quote(made)}, {quote(real)})"
    return replace(form, standard=form.standard.replace("{r}", read), findings=form.findings.replace("{r}", read))


def _lookup(column: Column, field: Field, form: Form) -> Lookup:
    """Columns of one kind (and code table) share one table; codes that the contract lists have a table of their own."""
    names = {"r": "r", "s": "s"}
    table = f"form_{field.kind}{'_ahead' if field.ahead else ''}"
    if column.codes or column.code_table:
        table = f"form_of_{field.name}"
    findings = _fill(form.findings, names) or "NULL"
    is_usual = _fill(form.is_usual, names)
    return Lookup(table, SQL_TYPES[field.type], _fill(form.standard, names), findings, is_usual, form.is_endless)


def _form_of(column: Column, field: Field) -> Form:
    if column.codes:
        return _choice(column)
    if column.source == SHEET:
        return replace(KINDS[field.kind], is_usual="{s} IS NOT NULL")
    if field.kind == "code":
        standard = f"std_code('{column.code_table}', " + "{r})"
        return Form(standard, _unreadable("CODE_UNMAPPED"), is_by_value=True)
    form = KINDS[field.kind]
    if field.ahead:
        form = replace(form, standard="std_date_ahead({r})")
    if column.format is not None:
        return replace(form, is_usual="{r} = strftime({s}, '" + column.format + "')")
    return form


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
    return Form(standard, _unreadable("CODE_UNMAPPED"), "{r} IN (" + usual + ")", is_by_value=True)


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
