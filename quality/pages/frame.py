"""What all pages share: frame, style, links to each other, small parts, and writing them whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from quality.verdict import State
from quality.wording import VERDICTS

PAGES = {
    "morning": "晨报",
    "scorecard": "评分",
    "data-docs": "检查明细",
    "coverage": "主档覆盖",
    "reconciliation": "部门比对",
}
"""Every page of a night: name of the file without its ending, and what it is called."""


def page(name: str, title: str, body: str) -> str:
    """A whole page as text: `name` is its key in `PAGES`, `body` is HTML."""
    style = Path(__file__).with_name("pages.css").read_text(encoding="utf-8")
    links = "".join(
        f'<a href="{key}.html"{" aria-current=page" if key == name else ""}>{label}</a>' for key, label in PAGES.items()
    )
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head>"
        f"<body><main><nav>{links}</nav>{body}</main></body></html>\n"
    )


def write_page(text: str, path: Path) -> None:
    """Write a page so that a reader sees all of it or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def chip(state: State | str | None, text: str | None = None) -> str:
    """A word in a round frame coloured by pass, warn, stop or none."""
    words = text or (VERDICTS.get(State(state), "—") if state else "—")
    return f'<span class="chip {state or "none"}">{escape(words)}</span>'


def section(title: str, *parts: str) -> str:
    """A framed part of a page."""
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def table(head: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str = "无") -> str:
    """A table: columns of numbers to the right with separators, None as a dash; an `Html` cell stays as it is."""
    lines = [list(row) for row in rows]
    if not lines:
        return f'<p class="soft">{escape(empty)}</p>'
    right = [any(_is_number(line[place]) for line in lines) for place in range(len(head))]
    align = [' class="number"' if numeric else "" for numeric in right]
    heads = "".join(f"<th{where}>{escape(name)}</th>" for name, where in zip(head, align, strict=True))
    body = "".join(
        f"<tr>{''.join(f'<td{where}>{_text(value)}</td>' for value, where in zip(line, align, strict=True))}</tr>"
        for line in lines
    )
    return f'<div class="scroll"><table><tr>{heads}</tr>{body}</table></div>'


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: object) -> str:
    if isinstance(value, Html):
        return value
    if _is_number(value):
        return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"
    return "—" if value is None else escape(str(value))


def bar(share: float | None, *, width: int = 100) -> Html:
    """A share from 0 to 1 as a bar."""
    if share is None:
        return Html("—")
    full = min(1.0, max(0.0, share)) * width
    return Html(
        f'<svg width="{width + 4}" height="14" viewBox="-2 0 {width + 4} 14" aria-hidden="true">'
        f'<rect class="base" x="0" y="4" width="{width}" height="6" rx="3"/>'
        f'<rect class="good" x="0" y="4" width="{full:.1f}" height="6" rx="3"/></svg>'
    )


def percent(share: float | None) -> str:
    """A share as people read it."""
    return "—" if share is None else f"{100 * share:.1f}%"
