"""The contract of a feed: everything the project knows about one kind of export, read from one YAML file.

A new feed of an existing form is one new file in feeds/ and no code. Loading is strict: an unknown key or field,
a key that is no column or a fixed-width column without a width is refused with the file and the place.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic import Field as Setting

from extractors.drafts import open_places, with_stand_ins
from extractors.fields import Field, Subject, load_fields, read_yaml
from extractors.forms import CsvForm, FixedWidthForm, JsonLinesForm, ParquetForm, XlsForm, XlsxForm, XmlForm
from extractors.reference import code_tables
from extractors.sources import AnySource, check_source

FEEDS_FOLDER = Path(__file__).with_name("feeds")
Mode = Literal["full", "delta"]
AnyForm = Annotated[
    CsvForm | FixedWidthForm | JsonLinesForm | ParquetForm | XlsForm | XlsxForm | XmlForm,
    Setting(discriminator="kind"),
]
Text = Annotated[str, Setting(min_length=1)]
Reason = Annotated[str, Setting(min_length=3)]  # why something is as it is, for the person who asks in a year
SHEET = "@sheet"  # source of a column that is filled with the name of the xlsx sheet
ABSENT = "@absent/"  # begins the source of a field that an earlier layout did not have; always empty


class ContractError(ValueError):
    """A contract file is wrong; the message names the file, the place and what was expected."""


class Column(BaseModel):
    """One source column: where it stands in the file and which standard field it becomes (or why it is ignored)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str  # CSV header · JSON key · XML path below the row · xlsx 'group/header' · name of a fixed-width column
    english: str
    field: str | None = None
    ignored: Reason | None = None  # the reason why the column is not taken
    width: int | None = Setting(default=None, ge=1)  # bytes, fixed width only
    length: int | None = Setting(default=None, ge=1)  # longest text in characters
    required: bool = False  # a row without it is rejected
    optional: bool = False  # the column may be absent from a file
    format: str | None = None  # usual form of a date or timestamp, e.g. %Y%m%d; other readable forms are taken and kept
    code_table: str | None = None  # national code table (extractors/reference)
    codes: dict[str, tuple[str, ...]] = {}  # standard value -> what the department sends for it, the usual one first

    @model_validator(mode="after")
    def _either_field_or_ignored(self) -> Column:
        if (self.field is None) == (self.ignored is None):
            raise ValueError(f"column {self.source}: give either 'field' or 'ignored' with the reason")
        if self.codes and self.code_table:
            raise ValueError(f"column {self.source}: give 'codes' or 'code_table', not both")
        sent = [text for texts in self.codes.values() for text in texts]
        twice = {text for text in sent if sent.count(text) > 1}
        if twice:
            raise ValueError(f"column {self.source}: {sorted(twice)} stand for two values each")
        return self


class Expectation(BaseModel):
    """One quality rule over a feed's records; `limit` is a share from 0 to 1 unless the rule says otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str
    field: str | None = None
    limit: float | None = None
    low: str | float | None = None
    high: str | float | None = None
    pattern: str | None = None
    severity: Literal["stop", "warn", "inform"]
    set_by: Reason  # how the limit was set


class EarlierLayout(BaseModel):
    """The columns of a feed before its present version, still read until the department sends the new ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Text  # schema_version of the manifests that announce it
    valid_until: dt.date  # last business date of which it is taken
    form: AnyForm | None = None  # where it was another
    op: str | None = None
    columns: tuple[Column, ...] = Setting(min_length=1)


def _is_private(code: str) -> bool:
    """Whether a text names a code point of the private use area, in hexadecimal."""
    return re.fullmatch(r"(E[0-9A-F]|F[0-8])[0-9A-F]{2}", code) is not None


class Contract(BaseModel):
    """One feed. `columns` are in file order; the operation column `op` follows them and stands in delta files only."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    feed: str = Setting(pattern=r"^[a-z]+(_[a-z]+)+$")
    version: Text = "1"  # of the layout: schema_version of the manifests
    title: Text
    title_english: Text
    owner: Text
    department: str = Setting(pattern=r"^[a-z]{2,6}$")  # the code before the first _ of its feeds
    subject: Subject
    details_of: str | None = None  # rows tell of a subject that this feed's records identify: landed, never matched
    purpose: Text
    sharing: Literal["unconditional", "conditional", "not_shared"]
    approval_no: Text
    authority: tuple[str, ...] = ()  # fields this department is the lawful source of
    frequency: Text
    deadline: str = Setting(pattern=r"^\d\d:\d\d$")  # local time of the business date's night
    modes: tuple[Mode, ...] = ("full", "delta")
    form: AnyForm
    source: AnySource | None = None  # where it is pulled from; without one its files are laid into the inbox
    key: tuple[str, ...] = Setting(min_length=1)
    updated_column: str | None = None
    op: str = "操作标志"
    glyphs: dict[str, str] = {}  # code point of a character the department made for itself (E000) -> the real character
    canonical: dict[str, str] = {}  # canonical matching column -> field of this feed, where the names differ
    columns: tuple[Column, ...]
    expectations: tuple[Expectation, ...] = ()
    earlier: tuple[EarlierLayout, ...] = ()

    @model_validator(mode="after")
    def _hangs_together(self) -> Contract:
        if not self.feed.startswith(f"{self.department}_"):
            raise ValueError(f"department: is {self.department}, but the feed's code begins {self.feed.split('_')[0]}_")
        wrong = [code for code, real in self.glyphs.items() if not _is_private(code) or len(real) != 1]
        if wrong:
            raise ValueError(
                f"glyphs: {wrong} are no code points of the private use area (E000) with one character each"
            )
        known = load_fields(self.subject)
        names = [column.field for column in self.columns if column.field]
        sources = [column.source for column in self.columns]
        for twice in (names, sources):
            repeated = {name for name in twice if twice.count(name) > 1}
            if repeated:
                raise ValueError(f"listed twice: {sorted(repeated)}")
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ValueError(f"columns: {unknown} are no standard fields; describe them once in fields.yml")
        mentioned = {
            "key": self.key,
            "updated_column": (self.updated_column,) if self.updated_column else (),
            "authority": self.authority,
            "canonical": tuple(self.canonical.values()),
            "expectations": tuple(e.field for e in self.expectations if e.field),
        }
        for place, fields in mentioned.items():
            absent = [name for name in fields if name not in names]
            if absent:
                raise ValueError(f"{place}: {absent} are no fields of this feed's columns")
        fixed = self.form.kind == "fixed_width"
        widths_wrong = [column.source for column in self.columns if (column.width is not None) != fixed]
        if widths_wrong:
            raise ValueError(f"columns {widths_wrong}: a width is given exactly for fixed-width feeds")
        for column in self.columns:
            self._check_codes(column, known)
        self._check_earlier(names)
        if self.source is not None:
            form = self.form
            check_source(self.source, form=form.kind, encoding=form.encoding, modes=self.modes, columns=sources)
        return self

    def _check_earlier(self, names: list[str]) -> None:
        """Earlier layouts are whole contracts of their own, and hold no field that is no longer one."""
        versions = [self.version, *(layout.version for layout in self.earlier)]
        if len(set(versions)) < len(versions):
            raise ValueError(f"earlier: versions {versions} must differ; raise 'version' with each new layout")
        for layout in self.earlier:
            gone = [column.field for column in layout.columns if column.field and column.field not in names]
            if gone:
                message = (
                    f"earlier {layout.version}: {gone} are no fields of the present columns; give them 'ignored' there"
                )
                raise ValueError(message)
            present = {column.field for column in layout.columns}
            unkeyed = [field for field in self.key if field not in present]
            if unkeyed:
                raise ValueError(
                    f"earlier {layout.version}: lacks {unkeyed} of the key, so its rows cannot be told apart"
                )
            own = self._layout(layout)
            kept = {name for name in present if name}
            Contract.model_validate(
                own.model_dump(exclude={"columns", "expectations", "authority", "canonical", "updated_column"})
                | {"columns": [column.model_dump() for column in layout.columns]}
                | {"expectations": [rule for rule in own.expectations if rule.field is None or rule.field in kept][:1]}
            )

    def _layout(self, earlier: EarlierLayout) -> Contract:
        by_field = {column.field: column for column in earlier.columns if column.field}
        absent = {
            column.field: Column(source=ABSENT + column.field, english=column.english, field=column.field,
                                 codes=column.codes, code_table=column.code_table, optional=True)
            for column in self.columns
            if column.field and column.field not in by_field
        }  # fmt: skip
        if (earlier.form or self.form).kind == "fixed_width":  # its columns stand where they stand
            columns = [*earlier.columns, *absent.values()]
        else:
            columns = [(by_field | absent)[column.field] for column in self.columns if column.field]
            columns += [column for column in earlier.columns if not column.field]
        changes = {"form": earlier.form or self.form, "op": earlier.op or self.op, "columns": tuple(columns)}
        return self.model_copy(update=changes | {"version": earlier.version, "earlier": ()})

    @property
    def schema_versions(self) -> tuple[str, ...]:
        """Versions a manifest may announce, the present one first."""
        return (self.version, *(layout.version for layout in self.earlier))

    def layout_of(self, version: str) -> Contract:
        """This contract as files of an agreed version are read: all present fields, those it lacked always empty.

        Raises KeyError for a version that is not agreed.
        """
        if version == self.version:
            return self
        return self._layout({layout.version: layout for layout in self.earlier}[version])

    def last_day_of(self, version: str) -> dt.date | None:
        """The last business date of which a version is taken; None for the present one. KeyError as in `layout_of`."""
        return None if version == self.version else {old.version: old.valid_until for old in self.earlier}[version]

    @staticmethod
    def _check_codes(column: Column, known: dict[str, Field]) -> None:
        if column.field is None:
            return
        field = known[column.field]
        if column.code_table is not None and column.code_table not in code_tables():
            raise ValueError(f"column {column.source}: no code table {column.code_table} in reference/code.csv")
        if field.kind == "choice":
            outside = [code for code in column.codes if code not in field.values]
            if outside or not column.codes:
                raise ValueError(f"column {column.source}: 'codes' must map to values of {field.name}, got {outside}")
        if field.kind == "code" and not column.codes and column.code_table is None:
            raise ValueError(f"column {column.source}: {field.name} is a code, give 'code_table' or 'codes'")

    @property
    def fields(self) -> tuple[Field, ...]:
        """The standard fields of this feed in file order."""
        known = load_fields(self.subject)
        return tuple(known[column.field] for column in self.columns if column.field)

    def field_of(self, column: Column) -> Field:
        """The standard field a taken column becomes; KeyError for an ignored one."""
        return load_fields(self.subject)[str(column.field)]


def load_contract(path: Path, *, draft: bool = False, any_name: bool = False) -> Contract:
    """Read one contract file. Raises ContractError naming the file and each fault, OSError.

    A contract with places that still say FILL IN is refused, each place named; as a `draft` it is loaded with stand-ins,
    to try it on a sample file. The file is named like its feed, unless it is a copy of `any_name`.
    """
    try:
        content = read_yaml(path)
    except yaml.YAMLError as fault:
        raise ContractError(f"{path.name}: not a valid contract. {fault}") from fault
    places = list(dict.fromkeys(open_places(content)))
    if places and not draft:
        message = (
            f"{path.name}: {len(places)} places still say FILL IN: {'; '.join(places)}. Replace each by what is right."
        )
        raise ContractError(message)
    try:
        contract = Contract.model_validate(with_stand_ins(content) if places else content)
    except ValidationError as fault:
        raise ContractError(f"{path.name}: not a valid contract. {_told(fault)}") from fault
    if contract.feed != path.stem and not any_name:
        raise ContractError(f"{path.name}: says feed {contract.feed!r}; the file must be named {contract.feed}.yml")
    if not contract.expectations:
        raise ContractError(
            f"{path.name}: expectations: there are none; write at least one, with how its limit was set"
        )
    return contract


def _told(fault: ValidationError) -> str:
    """Every fault with its place, one a line."""
    return "\n".join(
        f"{'.'.join(str(part) for part in error['loc']) or 'contract'}: {error['msg']}" for error in fault.errors()
    )


def load_contracts(folder: Path = FEEDS_FOLDER) -> dict[str, Contract]:
    """All contracts of a folder by feed code, sorted. Raises ContractError at the first faulty file."""
    return {path.stem: load_contract(path) for path in sorted(folder.glob("*.yml"))}
