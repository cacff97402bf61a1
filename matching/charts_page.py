"""Charts on paper: one folder with index.html, which needs no network, and a PNG of each chart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import vl_convert as vlc

FONT = "Noto Sans CJK SC, Noto Sans SC, Microsoft YaHei, PingFang SC, Helvetica, Arial, sans-serif"
"""The first one that the machine has and that can write Chinese."""


def save_all(charts: Mapping[str, Any], folder: Path, heading: str, text: str = "") -> list[Path]:
    """Write index.html (scripts inside, one copy; `text` below the charts) and NAME.png of each chart into the folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "index.html"]
    parts = []
    for name, chart in charts.items():
        spec = (
            chart.configure(font=FONT)
            .configure_view(stroke=None)
            .configure_axis(gridColor="#ececec")
            .to_json(indent=None)
        )
        path = folder / f"{name}.png"
        path.write_bytes(vlc.vegalite_to_png(spec, scale=2))
        written.append(path)
        safe = json.dumps(json.loads(spec)).replace("<", "\\u003c")
        parts.append(
            f'<figure id="{name}"></figure>\n<script>vegaEmbed("#{name}", {safe}, {{actions: false}});</script>'
        )
    style = f"body{{font-family:{FONT};margin:2rem auto;max-width:1000px;color:#222}}figure{{margin:2.5rem 0}}pre{{white-space:pre-wrap;line-height:1.5}}"
    head = f'<meta charset="utf-8"><title>{escape(heading)}</title><style>{style}</style>'
    script = vlc.javascript_bundle("window.vegaEmbed = vegaEmbed;").replace("</script", "<\\/script")
    body = f"<h1>{escape(heading)}</h1>\n" + "\n".join(parts)
    body += f"\n<pre>{escape(text)}</pre>" if text else ""
    page = (
        f'<!DOCTYPE html>\n<html lang="en"><head>{head}\n<script>{script}</script></head>\n<body>{body}</body></html>\n'
    )
    written[0].write_text(page, encoding="utf-8")
    return written
