"""Rows of XML that look like the first one, taken out of the text by one regular expression: ten times faster than a parser.

A row of plain elements, without attributes, is turned into a template. What stands between rows that fit it is left to a
parser, and so is the whole file if anything is unusual; so nothing is read here that a parser would read otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from lxml import etree

NAME = r"[^\s<>/&'\"=]+"
TAG = re.compile(rf"<(/?)({NAME})\s*(/?)>")
ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
ENTITY = re.compile("|".join(ENTITIES))


class Unusual(Exception):  # noqa: N818 - told by its name
    """The text is not what a template reads; a parser must look at all of it."""


@dataclass(frozen=True)
class Template:
    """What all rows share: the text before the first, the tags that end the file, the leaves by their path below the row."""

    steps: list[str]
    head: str
    tail: str
    end: str
    pattern: re.Pattern[str]
    paths: tuple[str, ...]
    tags: tuple[str, ...]  # as written, an empty element as two
    leaves: tuple[int, ...]  # the places of the tags that open one

    def split(self, text: str) -> list[str | None]:
        """What stands before each row and its leaves, one row after the other, and what stands behind the last row.

        Raises Unusual where a leaf holds what only a parser reads.
        """
        if "]]>" in text:
            raise Unusual
        parts: list[str | None] = self.pattern.split(text)  # a group that took no part gives None
        return [unescaped(part) if part and "&" in part else part for part in parts] if "&" in text else parts

    def between(self, text: str) -> etree._Element:
        """The element that holds the rows, parsed with only this text in it. Raises Unusual."""
        return parsed(self.head + text + self.tail)


def unescaped(text: str) -> str:
    """The text with entities read. Raises Unusual where it holds another reference, or an & by itself."""
    if "<" not in text and text.count("&") != len(ENTITY.findall(text)):
        raise Unusual
    return text if "<" in text else ENTITY.sub(lambda hit: ENTITIES[hit[0]], text)


def parsed(text: str) -> etree._Element:
    """The root of a document. Raises Unusual where it is not well-formed or brings a DTD."""
    try:
        parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, encoding="utf-8")
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError:
        raise Unusual from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unusual
    return root


def learn(text: str, steps: list[str]) -> Template:
    """The template of the first row in a text that begins a document; `steps` is the path to a row by local names.

    Raises Unusual where there is none, or the row is not made of plain elements that each have a path of their own.
    """
    start = re.search(rf"<((?:{NAME}:)?{re.escape(steps[-1])})>", text)
    if start is None:
        raise Unusual
    end = f"</{start[1]}>"
    behind = text.find(end, start.start()) + len(end)
    if behind < len(end):
        raise Unusual
    head, row = text[: start.start()], text[start.start() : behind]
    tail = "".join(f"</{_as_written(head, step)}>" for step in reversed(steps[:-1]))
    rows = parsed(head + row + tail)
    if etree.QName(rows).localname != steps[0]:
        raise Unusual
    for step in steps[1:]:
        below = [child for child in rows if isinstance(child.tag, str) and etree.QName(child).localname == step]
        if len(below) != 1:
            raise Unusual
        rows = below[0]
    pattern, paths = _pattern(row)
    return Template(steps, head, tail, end, re.compile(pattern), paths, *_tags(row))


def _as_written(head: str, step: str) -> str:
    found = re.findall(rf"<((?:{NAME}:)?{re.escape(step)})[\s>]", head)
    if not found:
        raise Unusual
    return str(found[-1])


def _tags(row: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The tags of a row, an empty element's as two, and the places of those that open a leaf."""
    found: list[str] = []
    for tag in TAG.finditer(row):
        closes, name, is_empty = tag.groups()
        found += [f"<{closes}{name}>"] + ([f"</{name}>"] if is_empty else [])
    leaves = (place for place, (tag, following) in enumerate(pairwise(found)) if following == f"</{tag[1:]}")
    return tuple(found), tuple(leaves)


def _pattern(row: str) -> tuple[str, tuple[str, ...]]:
    """A regular expression with a group for each leaf, and their paths."""
    pattern: list[str] = []
    paths: list[str] = []
    above: list[str] = []
    position = 0
    tags = list(TAG.finditer(row))
    for place, tag in enumerate(tags):
        closes, name, is_empty = tag.groups()
        between = row[position : tag.start()]
        position = tag.end()
        is_leaf_end = bool(closes) and tags[place - 1][2] == name and not tags[place - 1][1]
        if ("<" in between) or (between.strip() and not is_leaf_end):
            raise Unusual
        if closes:
            above.pop()
            pattern += [] if is_leaf_end else [rf"\s*</{re.escape(name)}\s*>"]
            continue
        follows = tags[place + 1] if place + 1 < len(tags) else None
        if is_empty or (follows is not None and follows[1] and follows[2] == name):
            written = re.escape(name)
            pattern.append(rf"\s*(?:<{written}>([^<]*)</{written}>|<{written}\s*/>)")
            paths.append("/".join(one.rpartition(":")[2] for one in [*above[1:], name]))
        else:
            pattern.append(rf"\s*<{re.escape(name)}>")
        if not is_empty:
            above.append(name)
    if len(set(paths)) < len(paths) or position != len(row):
        raise Unusual
    return "".join(pattern).removeprefix(r"\s*"), tuple(paths)
