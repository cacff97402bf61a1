"""Nested XML with a Chinese encoding declared; DTDs and entities refused."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from extractors.contract import Contract
from extractors.held import HeldFault
from extractors.readers import decoding, open_reading, xml, xml_bytes, xml_template
from tests.extractors.readers.contracts import contract, held, read


def of(encoding: str = "gb18030", declared: str = "GB18030") -> Contract:
    form = {"kind": "xml", "encoding": encoding, "declared": declared, "row": "root/body/row"}
    return contract(form, ("jb/xm", "kh", "dz"), op="op")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hrss_small_20261101_20261101-001.xml"


def document(*rows: str, declared: str = "GB18030", more: str = "") -> str:
    return f'<?xml version="1.0" encoding="{declared}"?>\n{more}<root><head><row>no row</row></head><body>{"".join(rows)}</body></root>\n'


def row(name: str, card: str, address: str = "", more: str = "") -> str:
    return f"<row><jb><xm>{name}</xm></jb><kh>{card}</kh><dz>{address}</dz>{more}</row>"


@pytest.mark.parametrize("declared", ["GB18030", "gb18030", "GBK", "GB2312", "gb2312"])
def test_any_gb_declaration_is_read_as_gb18030(file: Path, declared: str) -> None:
    """Characters outside GBK stand in files that declare GBK or GB2312."""
    rows, reading = read(
        of(declared=declared),
        file,
        document(row("王䶮", "A1", "誠路"), row("𬭚某", "A2"), declared=declared).encode("gb18030"),
    )
    assert rows == [(1, None, "王䶮", "A1", "誠路"), (2, None, "𬭚某", "A2", None)]
    assert sorted(reading.matched) == ["dz", "jb/xm", "kh"]


def test_order_blanks_comments_references_and_namespaces(file: Path) -> None:
    content = document(
        "\n  <!-- c --><row xmlns:a='urn:x'>\n<dz> 某路 &amp; &#19968;号<![CDATA[<x>]]></dz><a:kh>A1</a:kh><jb><!-- c --><xm>张某</xm></jb></row>"
    )
    assert read(of(), file, content.encode("gb18030"))[0] == [(1, None, "张某", "A1", " 某路 & 一号<x>")]


def test_rows_of_different_shape_find_their_columns(file: Path) -> None:
    short = "<row><kh>A2</kh><jb><xm>李某</xm></jb></row>"
    rows, reading = read(
        of(), file, document(row("张某", "A1", "x"), short, row("王某", "A3", "z", "<new>1</new>")).encode("gb18030")
    )
    assert rows == [(1, None, "张某", "A1", "x"), (2, None, "李某", "A2", None), (3, None, "王某", "A3", "z")]
    assert reading.new_columns == ["new"]


def test_an_element_twice_in_a_row_is_rejected(file: Path) -> None:
    rows, _ = read(
        of(), file, document(row("张某", "A1", "x", "<kh>A9</kh>"), row("李某", "A2", "y")).encode("gb18030")
    )
    assert [(line, fault) for line, fault, *_ in rows] == [(1, "ELEMENT_TWICE"), (2, None)]


def test_a_delta_has_its_operation(file: Path) -> None:
    content = document(row("张某", "A1", "x", "<op>U</op>")).encode("gb18030")
    assert read(of(), file, content, "delta")[0] == [(1, None, "U", "张某", "A1", "x")]
    assert held(of(), file, content).code == "DELTA_SENT_AS_FULL"


BOMB = '<!DOCTYPE root [<!ENTITY a "某某某"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
FILE = '<!DOCTYPE root [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("dtd", "text"),
    [(BOMB, "&c;"), (FILE, "&a;"), (BOMB, "x"), ("<!DOCTYPE root>", "x"), ('<!DOCTYPE root SYSTEM "x.dtd">', "x")],
)
def test_a_dtd_is_refused_whatever_it_says(file: Path, dtd: str, text: str) -> None:
    fault = held(of(), file, document(row(text, "A1"), more=dtd).encode("gb18030"))
    assert fault.code == "FILE_BROKEN"


@pytest.mark.parametrize(
    "content",
    [
        document(row("张某", "A1"))[:-20],
        document(row("张某", "A1")).replace("</kh>", ""),
        document(row("&unknown;", "A1")),
        document(row("张某", "A1")).replace("root", "tree"),
        "no markup",
    ],
)
def test_what_is_broken_is_refused_without_showing_it(file: Path, content: str) -> None:
    fault = held(of(), file, content.encode("gb18030"))
    assert fault.code == "FILE_BROKEN"
    assert "张某" not in fault.message


def test_layout_and_encoding(file: Path) -> None:
    assert held(of(), file, document("<row><jb><xm>x</xm></jb><kh>A1</kh></row>").encode()).code == "COLUMN_MISSING"
    assert (
        held(of(), file, document("<row><jb><xm>x</xm></jb><kh>A1</kh><addr/></row>").encode()).code == "COLUMN_RENAMED"
    )
    assert held(of(), file, document(row("张小明", "A1", "某路某号")).encode()).code == "ENCODING_WRONG"
    assert held(of(), file, b"").code == "EMPTY_FILE"
    assert read(
        of("utf-8", "UTF-8"), file, document(row("张小明", "A1", "某路"), declared="UTF-8").encode("utf-8-sig")
    )[0] == [(1, None, "张小明", "A1", "某路")]


def test_characters_xml_forbids_and_lost_ones_are_marked(file: Path) -> None:
    content = document(row("张\x01某", "A1", "CUT")).encode("gb18030").replace(b"CUT", "某路".encode("gb18030")[:3])
    rows, _ = read(of(), file, content)
    assert rows[0][2] == "张\ufffd某"
    assert "\ufffd" in rows[0][4]


def test_many_rows_in_small_blocks(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "BATCH_ROWS", 7)
    monkeypatch.setattr(decoding, "BLOCK_BYTES", 61)
    rows, _ = read(of(), file, document(*(row(f"张{n}", f"A{n}", "某路") for n in range(100))).encode("gb18030"))
    assert [(line, card) for line, _, _, card, _ in rows] == [(n + 1, f"A{n}") for n in range(100)]


def test_rows_of_one_shape_are_cut_at_once() -> None:
    row = "<r><a>1</a><g><b>{}</b></g><c/></r>\n"
    template = xml_template.learn("<d><l>" + row.format("某"), ["d", "l", "r"])
    rows = "".join(row.format(text) for text in ("张䶮", "", "a&lt;&amp;b", 'say "x", y')).encode("gb18030")
    cut = xml_bytes.cut_rows(template, rows, "gb18030")
    assert cut is not None
    assert [column.to_pylist() for column in cut.columns] == [
        ["1"] * 4,
        ["张䶮", None, "a<&b", 'say "x", y'],
        [None] * 4,
    ]
    assert xml_bytes.cut_rows(template, rows.replace(b"<c/>", b"<c></c>"), "gb18030") is not None
    assert xml_bytes.cut_rows(template, rows.replace(b"<c/>", b"<c>\n</c>"), "gb18030") is None
    assert xml_bytes.cut_rows(template, rows.replace(b"<c/>", b"<e/>"), "gb18030") is None


def test_no_row_at_all(file: Path) -> None:
    assert read(of(), file, document().encode("gb18030"))[0] == []


ROWS = {
    "plain": "<r><a>1</a><g><b>x</b></g></r>\n<r><a>2</a><g><b>y</b></g></r>",
    "entities": "<r><a>1</a><g><b>x</b></g></r><r><a>&lt;&amp;2</a><g><b>a&#66;c</b></g></r>",
    "empty elements": "<r><a>1</a><g><b>x</b></g></r><r><a/><g><b></b></g></r>\n <r><a>3</a><g><b/></g></r>",
    "text between": "<r><a>1</a><g><b>x</b></g></r><r>t<a>2</a><g><b>y</b></g></r>",
    "forbidden signs": "<r><a>1</a><g><b>x</b></g></r><r><a>2\x01</a><g><b>\ufffe\x1f</b></g></r>",
    "an attribute": "<r><a>1</a><g><b>x</b></g></r><r><a n='2'>2</a><g><b>y</b></g></r>",
    "a tag with a blank": "<r><a>1</a><g><b>x</b></g></r><r><a >2</a><g><b>y</b></g ></r>",
    "comment and siblings": "<r><a>1</a><g><b>x</b></g></r><!-- <r> --><other/><r><a>3</a><g><b>z</b></g></r>",
    "a row in a comment": "<r><a>1</a><g><b>x</b></g></r><!-- <r><a>2</a><g><b>y</b></g></r> --><r><a>3</a><g><b>z</b></g></r>",
    "another shape": "<r><a>1</a><g><b>x</b></g></r><r><g><b>y</b></g><a/></r><r><a>3</a><g><b/></g></r><r k='1'><a>4</a></r>",
    "cdata": "<r><a>1</a><g><b>x</b></g></r><r><a><![CDATA[<r>2]]></a><g><b>y</b></g></r>",
    "line ends": "<r>\r\n<a>1\r\n2</a>\r\n<g>\r\n<b>x</b></g></r>\r\n<r><a>2</a><g><b>y\rz</b></g></r>",
    "an element twice": "<r><a>1</a><g><b>x</b></g></r><r><a>2</a><a>3</a><g><b>y</b></g></r>",
    "not well-formed": "<r><a>1</a><g><b>x</b></g></r><r><a>2</b></r>",
    "a sign that must be written otherwise": "<r><a>1</a><g><b>x</b></g></r><r><a>2]]></a><g><b>&</b></g></r>",
}  # fmt: skip


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("block", [120, 4 << 20])
def test_a_template_reads_what_a_parser_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: str, block: int
) -> None:
    small = contract({"kind": "xml", "row": "d/l/r", "encoding": "utf-8", "declared": "UTF-8"}, ("g/b", "a"))
    file = tmp_path / "hrss_small_20261101_20261101-001.xml"
    file.write_bytes(f'<?xml version="1.0" encoding="UTF-8"?><d><l>{rows}</l></d>'.encode())
    monkeypatch.setattr(decoding, "BLOCK_BYTES", block)

    def seen() -> object:
        try:
            batches = list(open_reading(small, file, "full").batches)
        except HeldFault as fault:
            return fault.code, fault.message
        found = pa.Table.from_batches(batches).drop_columns(["suspect"])
        return sorted(found.to_pylist(), key=lambda row: row["line_no"])

    read = seen()

    def refuse(*_: object) -> None:
        raise xml_template.Unusual

    monkeypatch.setattr(xml, "learn", refuse)
    assert read == seen()
