"""docs/feeds.md: every feed in one table, from the contracts."""

from __future__ import annotations

from collections.abc import Mapping

from extractors.contract import Contract

_HEAD = """# Feeds

Made by `python -m runtime docs` from the contracts in `extractors/feeds/`; do not edit by hand.
`python -m extractors layout FEED` writes the layout document of one feed for its department (Markdown and workbook):
columns, codes, form, checks with their limits, manifest.

*Matched*: its rows identify their subject and join its master file. The rows of the others are details of subjects that
another feed identifies (payments, officers, functions of a card, certificates that name two persons): they are landed with
history in `landing.<feed>`, and never matched.

| feed | title | department | form | how often | rows are known by | fields | matched |
|---|---|---|---|---|---|---|---|
"""


def describe_feeds(contracts: Mapping[str, Contract]) -> str:
    """The page as Markdown, feeds in order of their codes."""
    return _HEAD + "".join(_line(contracts[feed]) for feed in sorted(contracts))


def _line(contract: Contract) -> str:
    form = contract.form.kind.replace("_", " ") + ("" if contract.form.encoding == "utf-8" else ", GB18030")
    matched = f"details of `{contract.details_of}`" if contract.details_of else contract.subject
    key = ", ".join(f"`{field}`" for field in contract.key)
    return (
        f"| `{contract.feed}` | {contract.title} {contract.title_english} | {contract.owner} | {form} | "
        f"{contract.frequency} | {key} | {len(contract.fields)} | {matched} |\n"
    )
