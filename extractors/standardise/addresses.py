"""Addresses: display form, parsed parts, and a key without the leading levels that senders leave out (section 5)."""

from __future__ import annotations

import duckdb

NUMERALS = "零一二三四五六七八九"
EMPTY = "无|不详|未知|暂无|没有|空|同上|同户籍地址|NULL|NONE|N/?A|[-/]+"
LEVELS = (
    r"^(四川省?|川|重庆市|[^省市县区州]{2,6}省|[^省市县区州]{2,8}自治区)?"
    r"([^省市县区州]{2,4}市|[^省市县区州]{2,8}自治州|[^省市县区州]{2,4}州|[^省市县区州]{2,6}地区)?"
    r"([^省市县区镇乡村路街]{1,6}(?:自治县|县|区|市))?"
)
PARTS = (
    ("township", r"([^县区市镇乡街道办]{1,8}(?:街道办事处|街道|镇|乡))"),
    ("village", r"([^镇乡道]{1,8}?(?:村民委员会|居民委员会|村委会|居委会|社区|村))"),
    ("grp", r"(\d+|[^村区]{1,3}?)[组社](?:\d|$|附|号)"),
    ("road", r"([^镇乡道村区]{1,8}?(?:大道|路|街|巷|胡同|段))"),
    ("number", r"(?:路|街|巷|道|段|组|社|村)(?:附)?(\d+)号"),
    ("compound", r"([^号路街巷组]{2,10}?(?:小区|花园|苑|公寓|家园|新城|广场))"),
    ("building", r"(\d+)(?:栋|幢|座|号楼)"),
    ("unit", r"(\d+)单元"),
    ("room", r"(\d+)(?:号|室)?$"),
)


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Create std_address, address_parts and address_key."""
    tens = "regexp_replace(regexp_replace(regexp_replace({}, '([1-9])十([1-9])', '\\1\\2', 'g'), '([1-9])十', '\\1' || '0', 'g'), '十([1-9])', '1\\1', 'g')"
    plain = f"translate(half_width(std_text(s)), {_quote('〇' + NUMERALS + '－—')}, {_quote('00123456789--')})"
    macros = [
        (
            "std_address",
            f"CASE WHEN regexp_full_match(std_text(s), {_quote('(?i)' + EMPTY)}) THEN NULL ELSE "
            r"nullif(regexp_replace(half_width(std_text(s)), '\s+', '', 'g'), '') END",
        ),
        ("_address_numbers", tens.format(plain)),
        (
            "_address_plain",
            r"regexp_replace(regexp_replace(_address_numbers(fold_text(std_address(s))), '(\d+)-(\d+)-(\d+)(号|室)?$', '\1栋\2单元\3号'), "
            r"'(幢|座|号楼)', '栋', 'g')",
        ),
        ("_address_tail", f"regexp_replace(_address_plain(s), {_quote(LEVELS)}, '')"),
        (
            "address_key",
            r"CASE WHEN length(_address_tail(s)) >= 4 THEN regexp_replace(regexp_replace(_address_tail(s), '社', '组', 'g'), "
            r"'街道办事处|街道|居民委员会|村民委员会|居委会|村委会|社区|单元|栋|号|室|附|-|,|\.', '', 'g') END",
        ),
    ]
    for name, body in macros:
        connection.execute(f"CREATE MACRO {name}(s) AS {body}")
    fields = ", ".join(f"'{name}': nullif(regexp_extract(t, {_quote(pattern)}, 1), '')" for name, pattern in PARTS)
    head = (
        "'province': nullif(regexp_extract(h, {0}, 1), ''), 'prefecture': nullif(regexp_extract(h, {0}, 2), ''), "
        "'county': nullif(regexp_extract(h, {0}, 3), ''), 'county_code': NULL::VARCHAR"
    ).format(_quote(LEVELS))
    connection.execute(f"CREATE MACRO _parts_of(h, t) AS {{{head}, {fields}}}")
    connection.execute(
        "CREATE MACRO address_parts(s) AS CASE WHEN std_address(s) IS NOT NULL THEN _parts_of(std_address(s), _address_tail(s)) END"
    )
