"""Texts and person names: display form, flags, match key, reading (domain.md section 3)."""

from __future__ import annotations

import duckdb

from extractors.reference.private_use import private_use_repairs
from extractors.standardise.lookup import create_character_lookup, create_character_map

# Zero-width and direction marks, BOM, soft hyphen: never part of a value.
INVISIBLE = r"[\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}\x{FEFF}\x{00AD}\x00-\x08\x0B\x0C\x0E-\x1F\x7F]"
BLANK = r"[\s\x{3000}\x{00A0}\x{2000}-\x{200A}]"
FULL = "".join(chr(0xFF01 + i) for i in range(94))
HALF = "".join(chr(0x21 + i) for i in range(94))
# Twelve ministries, 民委发〔2016〕33号: only U+00B7 is right; these come in its place.
DOTS = "•・･‧∙⋅．﹒●᛫ꞏ⸱·․"
HAN = r"[\x{3400}-\x{9FFF}\x{20000}-\x{3FFFF}\x{E000}-\x{F8FF}\x{F900}-\x{FAFF}〇]"
NOTE = r"[(（\[【〔][^()（）\[\]【】〔〕]*[)）\]】〕]"
EMPTY_WORD = r"无|不详|未知|暂无|没有|空|无名|无名氏|佚名|某某|测试|NULL|NONE|N/?A|-+|/+|0+"


def quote(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Create half_width, std_text, fold_text, std_name, name_flags, name_key and name_pinyin."""
    rows = connection.execute("SELECT ch, simplified, readings, surname_reading FROM ref_char").fetchall()
    variants = dict(connection.execute("SELECT variant, usual FROM ref_variant").fetchall())
    simplified = {ch: simple for ch, simple, _, _ in rows if simple and simple != ch and len(simple) == 1}
    folded = {ch: variants.get(simple, simple) for ch, simple in simplified.items()}
    folded |= {variant: simplified.get(usual, usual) for variant, usual in variants.items() if len(usual) == 1}
    create_character_map(connection, "fold_character", {c: u for c, u in folded.items() if u and u != c})
    create_character_lookup(
        connection, "character_reading", {ch: readings[0] for ch, _, readings, _ in rows if readings}
    )
    surname = {ch: reading for ch, _, _, reading in rows if reading}
    create_character_lookup(connection, "_surname_reading", surname)
    repairs = private_use_repairs()
    private, public = "".join(map(chr, repairs)), "".join(map(chr, repairs.values()))
    key_noise = quote(rf"{BLANK}|[·•。.\-_'’`,，0-9]")
    macros = {
        "half_width": f"translate(s, {quote(FULL + chr(0x3000))}, {quote(HALF + ' ')})",
        "_clean": f"regexp_replace(regexp_replace(s, {quote(INVISIBLE)}, '', 'g'), {quote('^' + BLANK + '+|' + BLANK + '+$')}, '', 'g')",
        "std_text": "CASE WHEN regexp_full_match(s, '[!-~]+') THEN s ELSE nullif(_clean(nfc_normalize(s)), '') END",
        "_fold_all": "array_to_string(list_transform(string_split(s, ''), lambda c: fold_character(c)), '')",
        "fold_text": "CASE WHEN s = '' THEN s ELSE _fold_all(s) END",
        "_repaired": f"CASE WHEN regexp_matches(s, '[\\x{{E000}}-\\x{{F8FF}}]') THEN translate(s, {quote(private)}, {quote(public)}) ELSE s END",
        "_dotted": f"regexp_replace(translate(s, {quote(DOTS)}, {quote('·' * len(DOTS))}), "
        + quote(rf"({HAN})[.。](?:{BLANK})*({HAN})")
        + r", '\1·\2', 'g')",
        "_name_display": "_dotted(half_width(_repaired(std_text(s))))",
        "_name_tight": f"CASE WHEN regexp_matches(s, {quote(HAN)}) THEN regexp_replace(s, {quote(BLANK)}, '', 'g') "
        f"ELSE regexp_replace(s, {quote(BLANK + '+')}, ' ', 'g') END",
        "std_name": f"CASE WHEN regexp_full_match(s, '[一-龥]+') THEN s WHEN regexp_full_match(std_text(s), {quote('(?i)' + EMPTY_WORD)}) "
        "THEN NULL ELSE nullif(_name_tight(_name_display(s)), '') END",
        "_without_note": f"coalesce(nullif(regexp_replace(regexp_replace(s, {quote(NOTE)}, '', 'g'), '[(（].*$', ''), ''), s)",
        "name_key": "CASE WHEN regexp_full_match(s, '[一-龥]{2,4}') THEN _fold_all(s) ELSE "
        f"nullif(upper(fold_text(regexp_replace(_without_note(std_name(s)), {key_noise}, '', 'g'))), '') END",
        "_reading_of": "list_transform(string_split(k, ''), lambda c, i: CASE WHEN i = 1 "
        "THEN coalesce(_surname_reading(c), character_reading(c), lower(c)) ELSE coalesce(character_reading(c), lower(c)) END)",
    }
    for name, body in macros.items():
        connection.execute(f"CREATE MACRO {name}({'k' if name == '_reading_of' else 's'}) AS {body}")
    connection.execute("CREATE MACRO name_pinyin(s) AS array_to_string(_reading_of(name_key(s)), ' ')")
    flags = {
        "MASKED": r"\*",
        "EMPTY_WORD": rf"(?i)^(?:{EMPTY_WORD})$",
        "PLACEHOLDER_CHAR": r"[?？□■\x{FFFD}○]",
        "LATIN": r"[A-Za-zĀ-ǜ]",
        "NOTE": NOTE,
        "DIGIT": r"[0-9０-９]",
        "PRIVATE_USE": r"[\x{E000}-\x{F8FF}]",
    }
    tests = ", ".join(
        f"CASE WHEN regexp_matches(_repaired(s), {quote(p)}) THEN '{code}' END" for code, p in flags.items()
    )
    connection.execute(
        "CREATE MACRO name_flags(s) AS CASE WHEN s IS NULL THEN NULL WHEN regexp_full_match(s, '[一-龥·]*') "
        f"THEN []::VARCHAR[] ELSE list_filter([{tests}], lambda f: f IS NOT NULL) END"
    )
