"""Which standard field each column of a sample is: by what its header says and by what its values are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from extractors.contract import FEEDS_FOLDER, SHEET
from extractors.fields import Field, Subject, load_fields, read_yaml
from extractors.propose.codes import explains, guess_codes
from extractors.propose.sample import Sample
from extractors.readers.reading import clean_header
from extractors.standard_form import quote

SURE, FITS = 0.9, 0.5  # a share of values that shows a kind by itself; one that agrees with a header
ENOUGH = 5  # filled values
# What a sound value of a kind is, stricter than what is read later: here values have to tell kinds apart.
TESTS = {
    "id": "id_kind(std_id({r})) IN ('citizen18', 'citizen15', 'permit18', 'foreign18') "
    "AND len(id_reasons(std_id({r}), NULL::DATE, NULL::VARCHAR)) = 0",
    "uscc": "len(uscc_reasons(std_uscc({r}))) = 0",
    "organisation_code": "length({r}) BETWEEN 9 AND 10 AND len(org_code_reasons(std_org_code({r}))) = 0",
    "registration_no": "length({r}) = 15 AND len(registration_no_reasons(std_registration_no({r}))) = 0",
    "phone": "is_mobile(std_phone({r}))",
    "timestamp": r"std_timestamp({r}) IS NOT NULL AND regexp_matches({r}, '\d{14}|\d\D\d{1,2}:\d\d')",
    "date": r"std_date({r}) IS NOT NULL AND regexp_full_match({r}, '(19|20)\d\d\D?\d{1,2}\D?\d{1,2}日?')",
    "month": r"regexp_full_match({r}, '(19|20)\d\d[-/.年]?(0[1-9]|1[0-2])月?')",
    "bank_card": r"regexp_full_match({r}, '62\d{14,17}|[3-9]\d{15,18}') AND luhn_is_valid({r})",
    "sex": "std_sex({r}) IS NOT NULL",
    "ethnicity": "std_ethnicity({r}) IS NOT NULL",
    "area": r"std_area({r}) IS NOT NULL AND regexp_full_match({r}, '\d{6}|\p{Han}{2,}')",
    "person_name": r"regexp_full_match({r}, '\p{Han}{2,4}|\p{Han}+[·•．]\p{Han}+')",
    "company_name": r"regexp_matches({r}, '(公司|厂|店|合作社|部|中心|医院|学校|局|馆|所|社)$')",
    "address": r"regexp_matches({r}, '[省市州县区镇乡村路街].*[\d号村组栋室社]')",
    "amount": r"regexp_full_match({r}, '-?\d{1,12}\.\d{1,4}')",
}
# The field a column is if nothing but its values speaks; ({person field}, {enterprise field}).
BY_VALUE: dict[str, tuple[str | None, str | None]] = {
    "id": ("id_number", "legal_rep_id"),
    "uscc": (None, "uscc"),
    "phone": ("phone", "phone"),
    "bank_card": ("bank_card_number", None),
    "timestamp": ("updated_at", "updated_at"),
}
WITHOUT_HEADER: dict[str, tuple[str | None, str | None]] = {
    "person_name": ("name", "legal_rep_name"),
    "company_name": (None, "name"),
    "address": ("address", "address"),
    "ethnicity": ("ethnicity", None),
}
SUBJECTS: tuple[Subject, ...] = ("person", "enterprise")


@dataclass
class Match:
    """One column of the sample: what its values are like and which field it seems to be."""

    place: int
    source: str
    filled: float
    distinct: int
    longest: int
    shapes: str
    kind: str | None = None  # the kind its values show by themselves
    share: float = 0.0  # of filled values that fit the field's kind, or that kind
    field: Field | None = None
    how: str = ""
    codes: dict[str, list[str]] | None = None
    code_table: str | None = None
    format: str | None = None
    is_unique: bool = False


def match_columns(sample: Sample, subject: Subject | None) -> tuple[Subject, list[Match]]:
    """Every column with its best field, each field at most once: header and values first, then one alone."""
    matches = [_describe(sample, place, source) for place, source in enumerate(sample.sources)]
    shares = _shares(sample)
    subject = subject or _subject(matches, shares)
    known = load_fields(subject)
    claims = []
    for match in matches:
        fits = shares[match.place]
        for name, by_header in sorted(_by_header(match.source).items()):
            share = fits.get(known[name].kind)
            if known[name].kind == "choice" and not explains(sample, match.place, known[name]):
                continue
            untested = share is None
            score = by_header * (1.0 if untested else 0.3 + float(share or 0))
            if untested and by_header < 0.9 and any(fits.get(kind, 0) >= SURE for kind in BY_VALUE):
                score *= 0.5  # half a header does not gainsay values that tell what they are: a card that is the bank's
            how = "" if (by_header > 0.9 or not untested) and (untested or float(share or 0) >= FITS) else "header only"
            claims.append((score, match.place, name, how))
        by_value = BY_VALUE | (WITHOUT_HEADER if sample.found.widths else {})
        for kind, part in fits.items():
            alone = by_value.get(kind, (None, None))[subject == "enterprise"]
            if alone and part >= SURE:
                claims.append((0.4 * part, match.place, alone, "values only"))
    taken: set[str] = set()
    for _, place, name, how in sorted(claims, key=lambda claim: (-claim[0], claim[1])):
        match = matches[place]
        if match.field is None and name not in taken:
            taken.add(name)
            match.field, match.how = known[name], how
            match.share = shares[place].get(match.field.kind, 0.0)
    for match in matches:
        if match.field is None:
            fits = shares[match.place]
            best = max(fits, key=lambda kind: fits[kind], default=None)
            if best is not None and fits[best] >= SURE:
                match.kind, match.share = best, fits[best]
        guess_codes(sample, match)
    return subject, matches


def _describe(sample: Sample, place: int, source: str) -> Match:
    r = f"c{place}"
    filled, distinct, longest = sample.ask(f"SELECT count({r}), count(DISTINCT {r}), max(length({r})) FROM sample")
    match = Match(place, source, filled / max(sample.rows, 1), distinct, longest or 0, _shapes(sample, r))
    match.is_unique = filled == sample.rows == distinct
    return match


def _shapes(sample: Sample, r: str) -> str:
    shapes = sample.connection.execute(
        f"SELECT regexp_replace(regexp_replace(regexp_replace({r}, '\\p{{Han}}+', '汉', 'g'), '\\d', '9', 'g'),"
        f" '[A-Za-z]', 'A', 'g') AS shape, count(*) FROM sample WHERE {r} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 2"
    ).fetchall()
    return ", ".join(str(shape)[:30] for shape, _ in shapes)


def _shares(sample: Sample) -> list[dict[str, float]]:
    """For each column the share of filled values that are sound values of each kind; empty for too few values.

    One query over the distinct values of all columns: planning the macros takes longer than running them.
    """
    texts = " UNION ALL ".join(
        f"(SELECT {place} AS place, c{place} AS r, count(*) AS n FROM sample WHERE r IS NOT NULL GROUP BY r)"
        for place in range(len(sample.sources))
    )
    tests = ", ".join(f"sum(CASE WHEN {test.replace('{r}', 'r')} THEN n ELSE 0 END)" for test in TESTS.values())
    found = sample.connection.execute(
        f"WITH texts AS MATERIALIZED ({texts}) SELECT place, sum(n), {tests} FROM texts GROUP BY place"
    ).fetchall()
    shares: list[dict[str, float]] = [{} for _ in sample.sources]
    for place, filled, *counts in found:
        if filled >= min(ENOUGH, sample.rows):
            shares[place] = {kind: float(count / filled) for kind, count in zip(TESTS, counts, strict=True)}
    return shares


def _subject(matches: list[Match], shares: list[dict[str, float]]) -> Subject:
    persons = max((found.get("id", 0.0) for found in shares), default=0.0)
    codes = max((found.get("uscc", 0.0) for found in shares), default=0.0)
    named = any("company_name" in found and found["company_name"] > SURE for found in shares)
    is_enterprise = codes >= FITS and (named or persons < FITS)
    own = any(clean_header(match.source.rpartition("/")[2]) in ("姓名", "性别", "民族") for match in matches)
    return "enterprise" if is_enterprise and not own else "person"


@cache
def _words() -> dict[str, dict[str, float]]:
    """Header word -> fields it may mean with how surely: words.yml before the fields' own names and other feeds."""
    words: dict[str, dict[str, float]] = {}

    def add(word: str, name: str, sure: float) -> None:
        meant = words.setdefault(_plain(word), {})
        meant[name] = max(meant.get(name, 0.0), sure)

    for name, listed in read_yaml(Path(__file__).with_name("words.yml")).items():
        for word in listed:
            add(word, name, 1.0)
    for subject in SUBJECTS:
        for name, known in load_fields(subject).items():
            add(known.chinese, name, 0.97)
            add(name, name, 0.97)
    for path in sorted(FEEDS_FOLDER.glob("*.yml")):
        for column in read_yaml(path)["columns"]:
            if "field" in column and column["source"] != SHEET:
                add(column["source"], column["field"], 0.97)
    return words


def _plain(word: str) -> str:
    """A header as compared: IdNo, ID_NO and id_no are one word."""
    return clean_header(word).lower().replace("_", "")


def _by_header(source: str) -> dict[str, float]:
    """Fields a header may mean: 1 for the very word, less for its last part alone or for a word it contains."""
    if source == SHEET:
        return {"area_code": 1.0}
    whole = _plain(source)
    last = whole.rpartition("/")[2]
    found: dict[str, float] = {}
    for word, names in _words().items():
        if word == whole:
            score = 1.0
        elif word == last:
            score = 0.9
        elif len(word) > 1 and not word.isascii() and word in last:
            score = 0.5 + 0.2 * len(word) / len(last)
        else:
            continue
        for name, sure in names.items():
            found[name] = max(found.get(name, 0.0), score * sure)
    return found


def suggest_key(sample: Sample, matches: list[Match]) -> list[Match]:
    """The columns that name a row: one always filled and never repeated, else two together; empty if there are none.

    Own numbers of the department go before citizen numbers, which can be missing; names, dates and addresses never.
    """
    never = ("person_name", "company_name", "date", "timestamp", "month", "address", "phone", "amount", "sex", "text")
    fit = [
        match
        for match in matches
        if match.filled == 1
        and match.source != SHEET
        and (match.field.kind if match.field else match.kind) not in never
    ]
    single = [match for match in fit if match.is_unique]
    if single:
        return [
            min(
                single,
                key=lambda match: (
                    match.field is None,
                    match.field is not None and match.field.kind == "id",
                    match.place,
                ),
            )
        ]
    pairs = [
        (one, two) for one in fit for two in fit if one.place < two.place and one.distinct * two.distinct >= sample.rows
    ]
    for one, two in sorted(pairs, key=lambda pair: -pair[0].distinct * pair[1].distinct)[:50]:
        together = sample.ask(f"SELECT count(DISTINCT c{one.place} || {quote('|')} || c{two.place}) FROM sample")[0]
        if together == sample.rows:
            return [one, two]
    return []
